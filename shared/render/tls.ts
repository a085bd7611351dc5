import type { ClusterState } from "../resources/cluster.ts";
import { GATEWAY_GROUP } from "../resources/constants.ts";
import type { Gateway, Listener } from "../resources/gateway.ts";
import { certificateFlaw } from "./certificate.ts";
import { crossNamespace } from "./cross-namespace.ts";
import { failed, type Outcome } from "./outcome.ts";
import { nameOf } from "./problems.ts";
import type { Problem, RenderOptions } from "./result.ts";
import { secretBase64 } from "./secret.ts";

/** Data keys of a certificate and of its key, in order of preference (spec/rendering.md 5.3.4). */
const CERT_KEYS = ["tls.crt", "crt", "cert"];
const KEY_KEYS = ["tls.key", "key"];

export interface Certificate {
  /** Standard base64 of PEM. */
  readonly cert: string;
  readonly key: string;
  readonly warnings: readonly Problem[];
}

type CertificateRef = NonNullable<NonNullable<Listener["tls"]>["certificateRefs"]>[number];

/**
 * The certificate of a TLS or DTLS listener: the first of its `certificateRefs` that is usable (spec/rendering.md
 * 5.3). A listener without any cannot be served: stunnerd would reject the whole config (I4). The failure is that
 * of the first reference; its reason is that of the listener's ResolvedRefs.
 */
export function certificateOf(
  state: ClusterState,
  options: RenderOptions,
  gateway: Gateway,
  listener: Listener,
  field: string,
): Outcome<Certificate> {
  const object = nameOf(gateway);
  const tls = listener.tls;
  const refs = tls?.certificateRefs ?? [];
  if (!tls || (tls.mode ?? "Terminate") !== "Terminate" || refs.length === 0) {
    const message = "a TLS or DTLS listener needs tls.mode Terminate and a certificateRefs entry that names a Secret";
    return failed(object, `${field}.tls`, "InvalidCertificateRef", message);
  }
  let first: Outcome<Certificate> | undefined;
  for (const [index, ref] of refs.entries()) {
    const outcome = fromRef(state, options, gateway, ref, { object, field: `${field}.tls.certificateRefs[${index}]` });
    if (!outcome.failure) return outcome;
    first ??= outcome;
  }
  return first ?? failed(object, field, "InvalidCertificateRef", "no usable certificateRefs entry");
}

function fromRef(
  state: ClusterState,
  options: RenderOptions,
  gateway: Gateway,
  ref: CertificateRef,
  at: { readonly object: string; readonly field: string },
): Outcome<Certificate> {
  const invalid = (message: string, field = at.field) => failed(at.object, field, "InvalidCertificateRef", message);
  if (ref.group && ref.group !== "v1") return invalid(`group "${ref.group}" has no certificates; accepted: the core group, ""`, `${at.field}.group`);
  if (ref.kind && ref.kind !== "Secret") return invalid(`kind "${ref.kind}" has no certificates; accepted: Secret`, `${at.field}.kind`);
  const home = gateway.metadata.namespace ?? "";
  const namespace = ref.namespace || home;
  const crossing = crossNamespace(
    state,
    options,
    { group: GATEWAY_GROUP, kind: "Gateway", namespace: home },
    { group: "", kind: "Secret", namespace, name: ref.name },
    at,
  );
  if (crossing.failure) return crossing;
  const name = `Secret ${namespace}/${ref.name}`;
  const secret = state.secrets.get(`${namespace}/${ref.name}`);
  if (!secret) return invalid(`${name} does not exist`);
  const cert = secretBase64(secret, CERT_KEYS);
  const key = secretBase64(secret, KEY_KEYS);
  if (!cert) return invalid(`${name} has no certificate; accepted data keys: ${CERT_KEYS.join(", ")}`);
  if (!key) return invalid(`${name} has no private key; accepted data keys: ${KEY_KEYS.join(", ")}`);
  const flaw = options.certificates === "verify" ? certificateFlaw(cert, key, options.now) : undefined;
  if (flaw?.unusable) return invalid(`${name}: ${flaw.message}`);
  const warnings = [...crossing.value];
  if (flaw) warnings.push({ severity: "warning", ...at, reason: "CertificateNotValidNow", message: `${name}: ${flaw.message}` });
  return { value: { cert, key, warnings } };
}
