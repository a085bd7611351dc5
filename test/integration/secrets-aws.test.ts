import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSecret } from "../../shared/secrets/secret.ts";
import { readAwsSecret } from "../../shared/secrets/aws.ts";
import { type CloudServer, withServer } from "../clouds/server.ts";
import { callAws, startMoto } from "../support/moto.ts";
import { AWS_TEST_CREDENTIALS } from "../support/versitygw.ts";

withServer("moto", () => {
  describe("a secret in AWS Secrets Manager of moto", () => {
    let server: CloudServer;
    beforeAll(async () => {
      server = await startMoto();
    });
    afterAll(() => server.stop());

    const change = (verb: string, input: object) => callAws(server, "secretsmanager", `secretsmanager.${verb}`, input);
    const read = (id: string) =>
      readAwsSecret(id, { region: "us-east-1", endpoint: server.origin, credentials: { get: async () => AWS_TEST_CREDENTIALS, drop: () => undefined } });

    test("is kept, read again after a while, and at once where it is doubted", async () => {
      const clock = { now: 0 };
      await change("CreateSecret", { Name: "keys", SecretString: "one" });
      const secret = createSecret(() => read("keys"), { now: () => clock.now });
      await expect(secret.read()).resolves.toBe("one");
      await change("PutSecretValue", { SecretId: "keys", SecretString: "two" });
      await expect(secret.read()).resolves.toBe("one");
      clock.now += 20_000;
      secret.doubt();
      await expect(secret.read()).resolves.toBe("two");
      await change("PutSecretValue", { SecretId: "keys", SecretString: "three" });
      // Who sends wrong tokens does not make it read all the time.
      secret.doubt();
      await expect(secret.read()).resolves.toBe("two");
      clock.now += 300_000;
      await expect(secret.read()).resolves.toBe("three");
    });

    test("that is gone stays what it was, and one that never was is told of", async () => {
      const clock = { now: 0 };
      await change("CreateSecret", { Name: "gone", SecretString: "one" });
      const secret = createSecret(() => read("gone"), { now: () => clock.now });
      await secret.read();
      await change("DeleteSecret", { SecretId: "gone", ForceDeleteWithoutRecovery: true });
      clock.now += 300_000;
      await expect(secret.read()).resolves.toBe("one");
      await expect(createSecret(() => read("never")).read()).rejects.toMatchObject({
        code: "ResourceNotFoundException", retryable: false, message: expect.stringMatching(/^cannot read the secret never of AWS Secrets Manager: ResourceNotFoundException \(HTTP 40[04]\)$/),
      });
    });

    test("that holds bytes and no text is refused", async () => {
      await change("CreateSecret", { Name: "bytes", SecretBinary: "AAEC" });
      await expect(read("bytes")).rejects.toMatchObject({ code: "it holds no text", retryable: false });
    });
  });
});
