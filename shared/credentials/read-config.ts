import { DEFAULT_PORT, isObject, portOf, textOf } from "./json-fields.ts";
import type { TurnAuth } from "./turn-credentials.ts";

/** What of a stunnerd configuration concerns clients. */
export interface IceConfig {
  /** `namespace/gateway`, by convention. */
  readonly id: string;
  readonly auth: TurnAuth;
  readonly listeners: readonly IceListener[];
}

export interface IceListener {
  readonly namespace: string;
  readonly gateway: string;
  readonly name: string;
  /** In upper case. */
  readonly protocol: string;
  /** Empty: it has none. */
  readonly publicAddress: string;
  /** Undefined: it has none. */
  readonly publicPort: number | undefined;
  /** As the configuration has it, placeholders included. */
  readonly address: string;
  readonly port: number;
}

/** Whether they need a certificate, by protocol: all that stunnerd takes (spec/stunnerd.md 3.4). */
const PROTOCOLS: ReadonlyMap<string, boolean> = new Map(
  ["UDP", "TCP", "TLS", "DTLS"].flatMap((name) => [name, `TURN-${name}`].map((one) => [one, name.endsWith("TLS")] as const)),
);

/**
 * Reads a configuration as stunnerd would (spec/stunnerd.md 3). Undefined where stunnerd takes none of it: the auth
 * service then knows nothing of it either (spec/cds.md 10.3). A listener whose name has not three parts is left out.
 */
export function readConfig(value: unknown): IceConfig | undefined {
  if (!isObject(value) || value["version"] !== "v1") return undefined;
  const auth = readAuth(value["auth"]);
  const listeners = listOf(value["listeners"])?.map(readListener);
  if (!auth || !listeners || listeners.includes("invalid")) return undefined;
  const admin = isObject(value["admin"]) ? value["admin"] : {};
  const id = textOf(admin["name"]) || "default-stunnerd";
  return { id, auth, listeners: listeners.filter((one) => typeof one === "object") };
}

function readAuth(value: unknown): TurnAuth | undefined {
  if (!isObject(value)) return undefined;
  const credentials = isObject(value["credentials"]) ? value["credentials"] : {};
  const [username, password, secret] = ["username", "password", "secret"].map((key) => credential(credentials[key]));
  switch (textOf(value["type"]) || "static") {
    case "static":
    case "plaintext":
      return username === undefined || password === undefined ? undefined : { type: "static", username, password };
    case "ephemeral":
    case "longterm":
      return secret === undefined ? undefined : { type: "ephemeral", secret };
    case "none":
      return { type: "none" };
    default:
      return undefined;
  }
}

/** A number becomes its text (spec/stunnerd.md 2.2). */
function credential(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

/** `unnamed`: the auth service passes it over (spec/stunnerd.md 14.2). */
function readListener(value: unknown): IceListener | "invalid" | "unnamed" {
  if (!isObject(value)) return "invalid";
  const title = textOf(value["name"]);
  const protocol = (textOf(value["protocol"]) || "TURN-UDP").toUpperCase();
  const needsCertificate = PROTOCOLS.get(protocol);
  const port = portOf(value["port"]);
  if (!title || needsCertificate === undefined || port === undefined) return "invalid";
  if (needsCertificate && !(textOf(value["cert"]) && textOf(value["key"]))) return "invalid";
  const [namespace, gateway, name, ...more] = title.split("/");
  if (!namespace || !gateway || !name || more.length > 0) return "unnamed";
  const [publicAddress, address] = [textOf(value["public_address"]), textOf(value["address"])];
  const publicPort = value["public_port"];
  return {
    namespace, gateway, name, protocol, publicAddress, address, port: port || DEFAULT_PORT,
    publicPort: typeof publicPort === "number" && portOf(publicPort) ? publicPort : undefined,
  };
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : undefined;
}
