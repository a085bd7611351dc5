import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { callAws } from "../../shared/aws/call.ts";
import { environmentCredentials, environmentRegion } from "../../shared/aws/credentials.ts";
import { noPauses, type Peer, startPeer } from "../clouds/peer.ts";

let peer: Peer | undefined;
afterEach(async () => {
  await peer?.close();
  peer = undefined;
});

describe("AWS credentials of the environment", () => {
  it("are read at every use, since they rotate", async () => {
    const env: Record<string, string> = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" };
    const source = environmentCredentials(env);
    await expect(source.get()).resolves.toEqual({ accessKeyId: "a", secretAccessKey: "s" });
    Object.assign(env, { AWS_ACCESS_KEY_ID: "b", AWS_SESSION_TOKEN: "t" });
    await expect(source.get()).resolves.toEqual({ accessKeyId: "b", secretAccessKey: "s", sessionToken: "t" });
  });

  it("are those of the container's agent, with its token, until they end or are refused", async () => {
    const directory = await mkdtemp(join(tmpdir(), "agent-"));
    const file = join(directory, "token");
    await writeFile(file, "secret token\n");
    const end = new Date(Date.now() + 3_600_000).toISOString();
    peer = await startPeer((_, number) => ({ status: 200, body: JSON.stringify({ AccessKeyId: `k${number}`, SecretAccessKey: "s", Token: "t", Expiration: end }) }));
    const source = environmentCredentials({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${peer.origin}/v1/credentials`, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file });
    const first = await source.get();
    expect(first).toEqual({ accessKeyId: "k1", secretAccessKey: "s", sessionToken: "t" });
    expect(peer.seen[0]?.headers.authorization).toBe("secret token");
    await expect(source.get()).resolves.toBe(first);
    source.drop(first);
    await expect(source.get()).resolves.toMatchObject({ accessKeyId: "k2" });
    await rm(directory, { recursive: true });
  });

  it("without an end are asked for again after an hour", async () => {
    peer = await startPeer(() => ({ status: 200, body: '{"AccessKeyId":"k","SecretAccessKey":"s"}' }));
    const source = environmentCredentials({ AWS_CONTAINER_CREDENTIALS_FULL_URI: peer.origin });
    const first = await source.get();
    expect(first).toEqual({ accessKeyId: "k", secretAccessKey: "s" });
    expect(peer.seen[0]?.headers.authorization).toBeUndefined();
    await expect(source.get()).resolves.toBe(first);
  });

  it("are missed in a line", async () => {
    await expect(environmentCredentials({}).get()).rejects.toMatchObject({ code: "NoCredentials", retryable: false, message: expect.stringMatching(/AWS_ACCESS_KEY_ID.*aws configure export-credentials/) as string });
    peer = await startPeer(() => ({ status: 200, body: '{"Code":"Failed","Message":"x"}' }));
    const agent = environmentCredentials({ AWS_CONTAINER_CREDENTIALS_FULL_URI: peer.origin, AWS_CONTAINER_AUTHORIZATION_TOKEN: "t" });
    await expect(agent.get()).rejects.toMatchObject({ name: "CloudError", message: expect.stringContaining("of the container") });
    expect(environmentRegion({ AWS_DEFAULT_REGION: "x" })).toBe("x");
  });
});

describe("a call of AWS", () => {
  const dropped: unknown[] = [];
  const options = { region: "x", credentials: { get: async () => ({ accessKeyId: "a", secretAccessKey: "sEcReT" }), drop: (one: unknown) => void dropped.push(one) } };
  const call = (answers: readonly (readonly [number, string])[]) => async () => {
    peer = await startPeer((_, number) => {
      const [status, type] = answers[number - 1] ?? [200, ""];
      return { status, body: JSON.stringify(type === "" ? { Done: true } : { ["__type"]: type, Message: "sEcReT" }) };
    });
    return callAws({ doing: "do it", service: "sqs", url: peer.origin, target: "AmazonSQS.Do", input: {} }, { ...options, sending: noPauses() });
  };

  it("is tried again where AWS says too much at a time, and once with other credentials", async () => {
    await expect(call([[400, "ThrottlingException"], [503, ""], [400, "com.amazonaws#ExpiredTokenException"]])()).resolves.toEqual({ Done: true });
    expect(peer?.seen).toHaveLength(4);
    expect(dropped).toHaveLength(1);
    await peer?.close();
    await expect(call([[400, "ExpiredTokenException"], [400, "ExpiredTokenException"]])()).rejects.toMatchObject({ code: "ExpiredTokenException", retryable: true });
  });

  it("is refused with AWS's word", async () => {
    await expect(call([[403, "AccessDeniedException"]])()).rejects.toMatchObject({ message: "cannot do it: AccessDeniedException (HTTP 403)", retryable: false });
    await peer?.close();
    await expect(call([[403, ""]])()).rejects.toMatchObject({ message: "cannot do it: Http403 (HTTP 403)" });
  });
});
