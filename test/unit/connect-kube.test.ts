import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type CloudConnect, InvalidConnection, kubeConfigOfFile, kubeConfigOfToken } from "../../shared/connect/kube-config.ts";
import { openCloud, openKube } from "../../shared/connect/open-kube.ts";
import { createPki } from "../cluster/pki.ts";
import { answer, type Handler, type Peer, startPeer } from "./kube-peer.ts";

let directory: string;
let authority: string;
let tls: { readonly cert: string; readonly key: string };
let peer: Peer | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "connect-kube-"));
  const { ca, files } = await createPki(directory);
  authority = ca;
  tls = { cert: readFileSync(files.serverCertificate, "utf8"), key: readFileSync(files.serverKey, "utf8") };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await peer?.close();
  peer = undefined;
});
afterAll(() => rmSync(directory, { recursive: true }));

const listen = async (handler: Handler): Promise<string> => {
  peer = await startPeer(handler, tls);
  return peer.url;
};
const NAMES = { kind: "Status", items: [] };
const GET = { method: "GET", path: "/apis" } as const;
const CONFIG = JSON.stringify({
  clusters: [{ name: "c", cluster: { server: "https://192.0.2.1" } }], users: [{ name: "u", user: {} }],
  contexts: [{ name: "x", context: { cluster: "c", user: "u" } }], "current-context": "x",
});

describe("a kubeconfig", () => {

  it("is opened at the context that is asked for", () => {
    const path = write(CONFIG);
    expect(openKube({ type: "kubeconfig", path }, "clusters[0]").server).toBe("https://192.0.2.1");
    expect(openKube({ type: "kubeconfig", path, context: "x" }, "clusters[0]").server).toBe("https://192.0.2.1");
  });

  it("that cannot be used is refused, with where it comes from", () => {
    expect(refused(join(directory, "none"))).toMatchObject({ code: "InvalidConnection", message: expect.stringMatching(/^clusters\[0\]: cannot be read as a kubeconfig: /) });
    expect(refused(write(CONFIG), "other")).toMatchObject({ message: 'clusters[0]: has no cluster for its current context "other"', retryable: false });
    expect(refused(write(CONFIG), "other")).toBeInstanceOf(InvalidConnection);
  });
});

describe("a token", () => {
  it("is sent to the server whose certificate the authority has signed, be that PEM or base64", async () => {
    const seen: unknown[] = [];
    const server = await listen((request, response) => {
      seen.push(request.headers.authorization);
      answer(response, 200, NAMES);
    });
    for (const ca of [authority, Buffer.from(authority).toString("base64")]) {
      const { client } = openKube({ type: "token", server, ca, token: "s3cret" }, "clusters[0]");
      await client.request(GET);
      client.close();
    }
    expect(seen).toEqual(["Bearer s3cret", "Bearer s3cret"]);
    const { client } = openKube({ type: "token", server, token: "s3cret" }, "clusters[0]");
    await expect(client.request(GET)).rejects.toMatchObject({ status: 0 });
    client.close();
  });

  it("is read from a file where one is named", () => {
    const path = join(directory, "token");
    writeFileSync(path, "of-the-file");
    const user = kubeConfigOfToken({ type: "token", server: "https://192.0.2.1", tokenFile: path }).getCurrentUser();
    expect(user?.authProvider).toEqual({ name: "tokenFile", config: { tokenFile: path } });
    expect(user?.token).toBeUndefined();
  });
});

describe("a cloud's tokens", () => {

  it("are replaced once where the server does not take one", async () => {
    const seen: unknown[] = [];
    const server = await listen((request, response) => {
      seen.push(request.headers.authorization);
      const isGood = request.headers.authorization === "Bearer new";
      answer(response, isGood ? 200 : 401, NAMES);
    });
    const client = openCloud(eks(server), tokens("old", "new"));
    await expect(client.request(GET)).resolves.toMatchObject({ status: 200 });
    await expect(client.request(GET)).resolves.toMatchObject({ status: 200 });
    client.close();
    expect(seen).toEqual(["Bearer old", "Bearer new", "Bearer new"]);
  });

  it("that no server takes are tried twice, and other refusals once", async () => {
    let status = 401;
    const server = await listen((_request, response) => answer(response, status, NAMES));
    const client = openCloud(eks(server), tokens("a", "b", "c"));
    await expect(client.request(GET)).rejects.toMatchObject({ status: 401 });
    expect(peer?.heard).toHaveLength(2);
    status = 403;
    await expect(client.request(GET)).rejects.toMatchObject({ status: 403 });
    expect(peer?.heard).toHaveLength(3);
    client.close();
  });

  it("of EKS need a region, its own or that of the function", () => {
    const connect = { type: "eks", server: "https://192.0.2.1", ca: authority, cluster: "prod" } as const;
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    expect(() => openKube(connect, "clusters[0]")).toThrow("EKS cluster prod: give its region");
    vi.stubEnv("AWS_REGION", "eu-north-1");
    expect(openKube(connect, "clusters[0]").server).toBe("https://192.0.2.1");
    expect(openKube({ type: "gke", server: "https://192.0.2.2", ca: authority }, "clusters[0]").server).toBe("https://192.0.2.2");
  });
});

function write(text: string): string {
  const path = join(directory, "kubeconfig");
  writeFileSync(path, text);
  return path;
}

function refused(path: string, context?: string): unknown {
  try {
    return kubeConfigOfFile({ type: "kubeconfig", path, ...(context === undefined ? {} : { context }) }, "clusters[0]");
  } catch (error) {
    return error;
  }
}

function eks(server: string): CloudConnect {
  return { type: "eks", server, ca: authority, cluster: "prod", region: "eu-north-1" };
}

/** Gives out the next one when the one before was refused. */
function tokens(...all: string[]): Parameters<typeof openCloud>[1] {
  return { get: async () => all[0] ?? "", drop: (token) => void (token === all[0] && all.shift()) };
}
