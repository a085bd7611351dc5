import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CloudError } from "../../shared/cloud/errors.ts";
import { eksTokens, signEksToken } from "../../shared/connect/eks.ts";
import { placeOf, withServer } from "../clouds/server.ts";

const KEYS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const CASES = [
  { cluster: "prod", region: "eu-central-1", now: Date.UTC(2026, 1, 3, 4, 5, 6), ...KEYS },
  { cluster: "a_b-c.D", region: "us-east-1", now: Date.UTC(2031, 11, 31, 23, 59, 59), ...KEYS, sessionToken: "IQoJb3JpZ2luX2VjE/+=a b*c'(d)!~e" },
  { cluster: "x".repeat(100), region: "ap-southeast-2", now: 0, ...KEYS, sessionToken: "/".repeat(900) },
];

withServer("python", () => {
  describe("the token of an EKS cluster", () => {
    it("is that of botocore, for the same time and credentials", async () => {
      const input = CASES.map((one) => JSON.stringify(one)).join("\n");
      const script = join(import.meta.dirname, "../clouds/eks-token.py");
      const botocore = execFileSync(placeOf("python"), [script], { input, encoding: "utf8" }).trim().split("\n");
      const ours = await Promise.all(CASES.map(({ cluster, region, now, ...credentials }) => signEksToken({ cluster, region }, credentials, now)));
      expect(botocore).toHaveLength(CASES.length);
      expect(ours).toEqual(botocore);
    });
  });
});

describe("tokens of EKS", () => {
  it("are kept for minutes, made anew before their end, with the credentials of then", async () => {
    const clock = { now: Date.UTC(2026, 0, 1) };
    let accessKeyId = "FIRST";
    const tokens = eksTokens({ cluster: "c", region: "eu-central-1" }, { now: () => clock.now, credentials: { get: async () => ({ ...KEYS, accessKeyId }), drop: () => undefined } });
    const first = await tokens.get();
    accessKeyId = "SECOND";
    clock.now += 11 * 60_000;
    await expect(tokens.get()).resolves.toBe(first);
    clock.now += 2 * 60_000;
    const second = await tokens.get();
    expect(Buffer.from(second.split(".")[1] ?? "", "base64url").toString()).toMatch(/X-Amz-Credential=SECOND%2F20260101%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20260101T001300Z&X-Amz-Expires=60/);
    clock.now += 1_000;
    tokens.drop(second);
    await expect(tokens.get()).resolves.not.toBe(second);
  });

  it("are used to their end where there are no credentials for others", async () => {
    const clock = { now: Date.UTC(2026, 0, 1) };
    let isGone = false;
    const gone = new CloudError("find credentials", { code: "NoCredentials", status: 0 });
    const get = async () => (isGone ? Promise.reject(gone) : KEYS);
    const tokens = eksTokens({ cluster: "c", region: "eu-central-1" }, { now: () => clock.now, credentials: { get, drop: () => undefined } });
    const first = await tokens.get();
    isGone = true;
    clock.now += 13 * 60_000;
    await expect(tokens.get()).resolves.toBe(first);
    await expect(tokens.get()).resolves.toBe(first);
    clock.now += 60_000;
    await expect(tokens.get()).rejects.toBe(gone);
    isGone = false;
    await expect(tokens.get()).resolves.not.toBe(first);
  });
});
