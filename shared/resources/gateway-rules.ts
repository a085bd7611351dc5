import type * as z from "zod/mini";

interface ListenerLike {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly hostname?: string | undefined;
  readonly tls?: object | undefined;
}

type Payload<T> = z.core.ParsePayload<T>;

/** The CEL rules of Gateway API on the listeners of one Gateway; each finding carries its listener's path. */
export function checkListeners(payload: Payload<ListenerLike[]>): void {
  const names = new Set<string>();
  const triples = new Set<string>();
  payload.value.forEach((listener, index) => {
    const report = (field: string, message: string): void => {
      payload.issues.push({ code: "custom", input: payload.value, path: [index, field], message });
    };
    const { name, port, protocol, hostname, tls } = listener;
    if (names.has(name)) report("name", "must be unique within the Gateway");
    names.add(name);
    const triple = JSON.stringify([port, protocol, hostname]);
    if (triples.has(triple)) report("port", "must be unique: another listener has the same port, protocol and hostname");
    triples.add(triple);
    if (tls && ["HTTP", "TCP", "UDP"].includes(protocol)) {
      report("tls", `must not be given for protocol ${protocol}; use TURN-TLS or TURN-DTLS for an encrypted listener`);
    }
    if (hostname && ["TCP", "UDP"].includes(protocol)) report("hostname", `must not be given for protocol ${protocol}`);
  });
}

interface AddressLike {
  readonly type: string;
  readonly value?: string | undefined;
}

/** An IP address or host name may be asked for once. */
export function checkAddresses(payload: Payload<AddressLike[]>): void {
  const seen = new Set<string>();
  payload.value.forEach(({ type, value }, index) => {
    if (value === undefined || (type !== "IPAddress" && type !== "Hostname")) return;
    const key = `${type} ${value}`;
    if (seen.has(key)) {
      payload.issues.push({ code: "custom", input: payload.value, path: [index, "value"], message: "must be unique within addresses" });
    }
    seen.add(key);
  });
}
