import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, expect, test } from "vitest";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { kubeconfigFor } from "./kube-peer.ts";

const CERTIFICATES = join(import.meta.dirname, "../support/certificates");
const file = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
const directory = mkdtempSync(join(tmpdir(), "agent-"));
const user = { "client-certificate": join(directory, "user.crt"), "client-key": join(directory, "user.key") };

/** Who asked, and over which connection. */
const seen: { readonly who: string; readonly port: number | undefined }[] = [];
const server = createServer({ cert: file("one.crt"), key: file("one.key"), requestCert: true, rejectUnauthorized: false }, ({ socket }, response) => {
  seen.push({ who: (socket as TLSSocket).getPeerCertificate().subject.CN as string, port: socket.remotePort });
  response.end("{}");
});

function become(name: "one" | "two"): void {
  copyFileSync(join(CERTIFICATES, `${name}.crt`), user["client-certificate"]);
  copyFileSync(join(CERTIFICATES, `${name}.key`), user["client-key"]);
}

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

test("a connection is used again by whom it was made for, and by nobody else", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = kubeconfigFor(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, user, { "insecure-skip-tls-verify": true });
  const client = createKubeClient(config);
  for (const name of ["one", "one", "two", "two"] as const) {
    become(name);
    await client.request({ method: "GET", path: "/version" });
  }
  client.close();
  const [one, two] = [seen[0]?.port, seen[2]?.port];
  expect(seen).toEqual(["one.turn.example", "one.turn.example", "two.turn.example", "two.turn.example"].map((who, i) => ({ who, port: i < 2 ? one : two })));
  expect(two).not.toBe(one);
});
