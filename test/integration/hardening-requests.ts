import * as fc from "fast-check";
import { PLANTED } from "./hardening-server.ts";

/** A request as it is put on the wire. */
export interface Fuzzed {
  readonly bytes: Buffer;
}

/** One endpoint: what its requests are made of. A new endpoint is one more row. */
export interface FuzzedEndpoint {
  readonly name: string;
  readonly paths: readonly string[];
  readonly parameters: readonly string[];
  /** What most requests have, and what some have. */
  readonly always: readonly string[];
  readonly headers: readonly string[];
  /** What those who are let in may be answered. */
  readonly mayTell: readonly string[];
  readonly bodies: readonly string[];
}

const TOKENS = Object.values(PLANTED);
const REVIEW = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "u", operation: "CREATE", kind: { group: "", version: "v1", kind: "Secret" }, name: "s", namespace: "ns", object: { metadata: { name: "s" }, data: { password: PLANTED.password } } } };
const AUDIT = { apiVersion: "audit.k8s.io/v1", kind: "EventList", items: [{ verb: "create", objectRef: { resource: "secrets", name: "s" }, stage: "ResponseComplete", requestObject: { data: PLANTED.password } }] };
const CLOUD_EVENT = { specversion: "1.0", type: "dev.knative.apiserver.ref.update", source: PLANTED.password, id: "1", data: { apiVersion: "v1", kind: "Secret", name: "s" } };

export const ENDPOINTS: readonly FuzzedEndpoint[] = [
  {
    name: "CDS",
    paths: ["/api/v1/configs", "/api/v1/configs/ns", "/api/v1/configs/ns/a", "/c/one/api/v1/configs/ns/a", "/api/v1/license", "//api/v1//configs/ns/a"],
    parameters: ["watch=true", "watch=1", "watch=", "node=n1", "node=%00", "key="],
    always: [],
    headers: ["If-None-Match: *", 'If-None-Match: W/"x", "y"', "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    mayTell: [],
    bodies: ["", "x"],
  },
  {
    name: "CDS, let in",
    paths: ["/api/v1/configs", "/api/v1/configs/ns", "/api/v1/configs/ns/a", "/c/one/api/v1/configs/ns/a", "//api/v1//configs/ns/a"],
    parameters: ["watch=true", "watch=1", "node=n1", "node=%ff", `node=${"n".repeat(300)}`],
    always: [`Authorization: Bearer ${PLANTED.operator}`],
    headers: ["If-None-Match: *", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    mayTell: [PLANTED.password],
    bodies: [""],
  },
  {
    name: "events",
    paths: [`/v1/clusters/one/events/${PLANTED.events}`, `/v1/clusters/one/events/${PLANTED.eventToken}`, "/v1/clusters/one/events/wrong", "/v1/clusters/two/events/x", "/v1/clusters/"],
    parameters: ["timeout=1s"],
    always: ["Content-Type: application/json"],
    headers: ["Content-Type: application/cloudevents+json", "Content-Encoding: gzip", "ce-type: dev.knative.apiserver.ref.add", "ce-specversion: 1.0", "Expect: 100-continue"],
    mayTell: [],
    bodies: [JSON.stringify(REVIEW), JSON.stringify(AUDIT), JSON.stringify(CLOUD_EVENT), JSON.stringify([CLOUD_EVENT]), "{}", "[".repeat(5_000), '{"__proto__":{"a":1}}'],
  },
  {
    name: "probes and metrics",
    paths: ["/healthz", "/readyz", "/metrics", "/metrics/", "/"],
    parameters: ["x=1"],
    always: [],
    headers: ["Accept: */*", "Accept-Encoding: gzip"],
    mayTell: [],
    bodies: ["", "x"],
  },
  {
    name: "credentials",
    paths: ["/", "/ice", "/c/one/", "/c/one/ice", "/c/two/ice"],
    parameters: ["service=turn", "username=u", "ttl=60", "ttl=-1", "namespace=ns", "gateway=a", "listener=udp", "public-addr=203.0.113.9", "iceTransportPolicy=relay", "key=wrong"],
    always: [],
    headers: ["Origin: https://app.example", "Origin: null", "X-API-Key: wrong", "Access-Control-Request-Method: GET"],
    mayTell: [],
    bodies: ["", "x"],
  },
  {
    name: "credentials, let in",
    paths: ["/", "/ice", "/c/one/", "/c/one/ice"],
    parameters: ["service=turn", "username=u", "username=%F0%9F%98%80", "ttl=60", "ttl=1e99", "namespace=ns", "gateway=a", "listener=udp", "public-addr=203.0.113.9", "public-port=0"],
    always: [`X-API-Key: ${PLANTED.apiKey}`],
    headers: ["Origin: null", "Origin: https://app.example"],
    mayTell: [PLANTED.password],
    bodies: [""],
  },
];

/** Requests to an endpoint, most of them near to right ones, with secrets in all the wrong places. */
export function requestsTo({ paths, parameters, always, headers, bodies }: FuzzedEndpoint): fc.Arbitrary<Fuzzed> {
  const secret = fc.constantFrom(...TOKENS);
  const raw = fc.string({ unit: "binary", maxLength: 20 });
  const text = fc.string({ unit: "grapheme", maxLength: 20 }).map(encodeURIComponent);
  const odd = fc.oneof({ weight: 1, arbitrary: raw }, { weight: 9, arbitrary: text }, { weight: 9, arbitrary: fc.constantFrom("%00", "..", "%2e%2e", "%ff", "__proto__", "\\", "a".repeat(300), "%c3%a9") });
  const path = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...paths) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...paths), fc.oneof(odd, secret)).map(([one, more]) => `${one}/${more}`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...paths), odd, fc.nat(40)).map(([one, more, at]) => one.slice(0, at) + more + one.slice(at)) },
  );
  // In `key` a secret would be in its place.
  const parameter = fc.oneof(fc.constantFrom(...parameters), fc.tuple(fc.constantFrom("watch", "node", "token", "Key", "access_token", "username"), fc.oneof(secret, odd)).map((pair) => pair.join("=")), odd);
  const query = fc.array(parameter, { maxLength: 3 }).map((all) => (all.length === 0 ? "" : `?${all.join("&")}`));
  const header = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...headers) },
    { weight: 1, arbitrary: secret.map((one) => `X-Secret: ${one}`) },
    { weight: 1, arbitrary: secret.map((one) => `Cookie: session=${one}`) },
    { weight: 1, arbitrary: secret.map((one) => `Authorization: Basic ${Buffer.from(`u:${one}`).toString("base64")}`) },
    { weight: 1, arbitrary: fc.constantFrom(PLANTED.key, PLANTED.password, PLANTED.events).map((one) => `Authorization: Bearer ${one}`) },
    { weight: 1, arbitrary: fc.oneof(fc.tuple(odd, odd), fc.tuple(fc.constantFrom("X-Odd", "Accept", "If-None-Match", "Origin"), odd)).map(([name, value]) => `${name}: ${value}`) },
  );
  const usual = bodies.includes("") ? "GET" : "POST";
  const method = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(usual, usual, usual, "GET", "POST") }, { weight: 1, arbitrary: fc.oneof(fc.constantFrom("HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PRI"), fc.string({ maxLength: 5 })) });
  const framing = fc.constantFrom("length", "length", "length", "length", "length", "length", "chunked", "chunked", "short", "long", "none", "both");
  const flips = fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 2 });
  const body = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...bodies) }, { weight: 1, arbitrary: fc.oneof(secret, fc.json(), odd) });
  return fc
    .record({ method, path, query, lines: fc.array(header, { maxLength: 4 }), body, framing, flips, luck: fc.integer({ min: 0, max: 9 }) })
    .map(({ luck, flips: some, lines, ...parts }) => ({ bytes: flip(write({ ...parts, lines: luck < 8 ? [...always, ...lines] : lines }), luck === 0 ? some : []) }));
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly lines: readonly string[];
  readonly body: string;
  readonly framing: string;
}

function write({ method, path, query, lines, body, framing }: Parts): Buffer {
  const size = Buffer.byteLength(body);
  const length = { length: size, both: size, short: Math.max(0, size - 3), long: size + 10 }[framing];
  const isChunked = framing === "chunked" || framing === "both";
  const framed = [...(length === undefined ? [] : [`Content-Length: ${length}`]), ...(isChunked ? ["Transfer-Encoding: chunked"] : [])];
  const head = [`${method} ${path}${query} HTTP/1.1`, "Host: fuzz", "Connection: close", ...lines, ...(size > 0 ? framed : []), "", ""].join("\r\n");
  return Buffer.from(head + (isChunked ? `${size.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body));
}

/** Changes single bytes, as a bad wire would. */
function flip(bytes: Buffer, flips: readonly (readonly [number, number])[]): Buffer {
  for (const [at, value] of flips) if (bytes.length > 0) bytes[at % bytes.length] = value;
  return bytes;
}
