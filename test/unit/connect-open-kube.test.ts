import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { InvalidConnection } from "../../shared/connect/kube-config.ts";
import { openCloud, openKube } from "../../shared/connect/open-kube.ts";
import { createPki } from "../cluster/pki.ts";
import { answer, type Peer, startPeer, statusOf } from "./kube-peer.ts";

const directory = mkdtempSync(join(tmpdir(), "stunner-open-kube-"));
let peer: Peer;
let ca = "";
let good = "";
const given: string[] = [];

beforeAll(async () => {
  const pki = await createPki(directory);
  ({ ca } = pki);
  const tls = { cert: readFileSync(pki.files.serverCertificate, "utf8"), key: readFileSync(pki.files.serverKey, "utf8") };
  peer = await startPeer((request, response) => {
    given.push(request.headers.authorization ?? "");
    if (request.headers.authorization === `Bearer ${good}`) answer(response, 200, { kind: "Status" });
    else answer(response, 401, statusOf(401, "Unauthorized"));
  }, tls);
});
beforeEach(() => {
  good = "token-1";
  given.length = 0;
});
afterAll(async () => {
  await peer.close();
  rmSync(directory, { recursive: true });
});

/** Tokens that are numbered; each is kept until it is dropped. */
function tokens() {
  let number = 1;
  return { get: async () => `token-${number}`, drop: (token: string) => void (token === `token-${number}` && (number += 1)) };
}

test("a token that is refused in the middle is replaced, and the request made again", async () => {
  const client = openCloud({ type: "eks", server: peer.url, ca, cluster: "prod" }, tokens());
  const ask = () => client.request({ method: "GET", path: "/api" });
  expect(await ask()).toMatchObject({ status: 200 });
  good = "token-2";
  expect(await ask()).toMatchObject({ status: 200 });
  expect(await ask()).toMatchObject({ status: 200 });
  expect(given).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"]);
  client.close();
});

test("who has no right at all is told so after one more try", async () => {
  good = "nobody's";
  const client = openCloud({ type: "gke", server: peer.url, ca: Buffer.from(ca).toString("base64") }, tokens());
  await expect(client.request({ method: "GET", path: "/api" })).rejects.toMatchObject({ status: 401 });
  expect(given).toEqual(["Bearer token-1", "Bearer token-2"]);
  client.close();
});

test("the token of a list is sent as it is", async () => {
  const { client, server } = openKube({ type: "token", server: peer.url, ca, token: "token-1" }, "STUNNER_CLUSTERS");
  expect(server).toBe(peer.url);
  expect(await client.request({ method: "GET", path: "/api" })).toMatchObject({ status: 200 });
  client.close();
});

test("what cannot be used is told without a secret", () => {
  expect(() => openKube({ type: "kubeconfig", path: join(directory, "absent") }, "--kubeconfig=absent")).toThrow(InvalidConnection);
  expect(() => openKube({ type: "kubeconfig", path: join(directory, "absent") }, "--kubeconfig=absent")).toThrow(/^--kubeconfig=absent: /);
});
