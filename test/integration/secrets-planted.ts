import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { deriveToken } from "../../shared/access/token.ts";
import { gateway } from "../support/manifests.ts";

const certificates = join(import.meta.dirname, "../support/certificates");
const pem = (name: string): string => readFileSync(join(certificates, name), "utf8");
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const key = Buffer.from(`Planted-Key-${randomBytes(10).toString("hex")}`).toString("base64");
const { current } = parseKeyRing(key);

/** Each is found nowhere else. Characters that files and URLs write in their own ways are in none. */
export const SECRETS = {
  turnPassword: "Planted-TurnPassword1",
  newTurnPassword: "Planted-TurnPassword2",
  brokenPassword: "Planted-PasswordOfABrokenFile",
  oddPassword: "Planted-PasswordOfAnotherType",
  reviewedPassword: "Planted-PasswordOfAReview",
  sharedSecret: "Planted-SharedSecretOfTurn",
  listenerKey: pem("two.key"),
  tlsKey: pem("one.key"),
  tokenKey: key,
  eventsToken: deriveToken(current, { purpose: "events", cluster: "far" }),
  operatorToken: deriveToken(current, { purpose: "operator", cluster: "" }),
  nearToken: deriveToken(current, { purpose: "operator", cluster: "near" }),
  eventToken: "Planted-EventTokenOfTheWebhook",
  apiKey: "Planted-ApiKeyOfTheService",
  kubeToken: "Planted-TokenOfTheApiServer",
} as const;

export type SecretName = keyof typeof SECRETS;

/** The names of the secrets that a text holds, as they are, in base64, or a line of a key; `token`: any other token. */
export function secretsIn(text: string): (SecretName | "token")[] {
  const names = (Object.keys(SECRETS) as SecretName[]).filter((name) => formsOf(SECRETS[name]).some((form) => text.includes(form)));
  return /st1\.[a-z]+\.[\w-]{43}/.test(text) ? [...names, "token"] : names;
}

/** In base64 it begins at any of three places of a group: the middle is the same. */
function formsOf(secret: string): string[] {
  const lines = secret.split("\n").filter((line) => line.length > 12 && !line.startsWith("-----"));
  const encoded = [0, 1, 2].map((shift) => base64(" ".repeat(shift) + secret).slice(4, 4 + Math.floor((secret.length - 6) / 3) * 4));
  // What follows the purpose in a token is the secret in it.
  return [...lines.map((line) => line.replace(/^st1\.[a-z]+\./, "")), ...encoded];
}

const config = (name: string, spec: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: ${name} }
spec:
  controllerName: stunner.l7mp.io/gateway-operator
  parametersRef: { group: stunner.l7mp.io, kind: GatewayConfig, namespace: media, name: ${name} }
---
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: { namespace: media, name: ${name} }
spec: ${spec}
---
`;

export const platform = (password: string): string => `
${config("stunner", `{ authType: static, userName: alice, password: ${password} }`)}
${config("ephemeral", "{ authRef: { name: shared } }")}
apiVersion: v1
kind: Secret
metadata: { namespace: media, name: shared }
data: { type: ${base64("ephemeral")}, secret: ${base64(SECRETS.sharedSecret)} }
---
apiVersion: v1
kind: Secret
metadata: { namespace: media, name: certificate }
type: kubernetes.io/tls
data: { tls.crt: ${base64(pem("two.crt"))}, tls.key: ${base64(SECRETS.listenerKey)} }
---
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: { name: default }
spec: {}
---
${gateway("plain")}---${gateway("ephemeral", { className: "ephemeral" })}---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: media, name: secure }
spec:
  gatewayClassName: stunner
  addresses: [{ value: 203.0.113.10 }]
  listeners:
    - { name: tls, protocol: TURN-TLS, port: 443, tls: { mode: Terminate, certificateRefs: [{ name: certificate }] } }
    - { name: odd, protocol: SCTP, port: 444 }
`;

/** Files that say secrets in all the wrong ways. */
export const WRONG = {
  "broken.yaml": `kind: GatewayConfig\nmetadata: { name: broken, namespace: media }\nspec:\n  password: "${SECRETS.brokenPassword}\n   - [`,
  "odd.yaml": config("odd", `{ authType: static, userName: { x: ${SECRETS.oddPassword} }, password: [${SECRETS.oddPassword}] }`) + gateway("odd", { className: "odd" }),
  "undecoded.yaml": `apiVersion: v1\nkind: Secret\nmetadata: { namespace: media, name: undecoded }\ndata: { password: "${SECRETS.oddPassword}!" }\n`,
} as const;

export const FILES = { keys: key, "tls.crt": pem("one.crt"), "tls.key": SECRETS.tlsKey, "api-keys": SECRETS.apiKey } as const;

/** What an API server asks about a write that is wrong, of an object with secrets. */
export const REVIEWS: readonly object[] = [
  ["stunner.l7mp.io", "v1", "GatewayConfig", "gatewayconfigs", { spec: { authType: "static", password: SECRETS.reviewedPassword } }],
  ["stunner.l7mp.io", "v1", "GatewayConfig", "gatewayconfigs", { spec: { authType: SECRETS.reviewedPassword, password: [SECRETS.reviewedPassword] } }],
  ["", "v1", "Secret", "secrets", { data: { password: base64(SECRETS.reviewedPassword), "tls.key": base64(SECRETS.listenerKey) }, stringData: { secret: SECRETS.sharedSecret } }],
].map(([group, version, kind, resource, more]) => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  request: {
    uid: "u", operation: "CREATE", kind: { group, version, kind }, resource: { group, version, resource }, name: "x", namespace: "media",
    object: { apiVersion: group === "" ? version : `${String(group)}/${String(version)}`, kind, metadata: { namespace: "media", name: "x" }, ...(more as object) },
  },
}));
