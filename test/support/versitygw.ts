import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type CloudServer, startServer } from "../clouds/server.ts";

/** Of all servers in tests. */
export const AWS_TEST_CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "test-secret" };

/** S3 on a directory: honours conditions on writes and deletes, one after the other. Buckets are made with `makeBucket`. */
export function startVersitygw(): Promise<CloudServer> {
  const { accessKeyId, secretAccessKey } = AWS_TEST_CREDENTIALS;
  return startServer({
    program: "versitygw",
    args(port, directory) {
      const root = join(directory, "root");
      mkdirSync(root, { recursive: true });
      return ["--port", `127.0.0.1:${port}`, "--access", accessKeyId, "--secret", secretAccessKey, "--region", "us-east-1", "--quiet", "--keep-alive",
        "posix", root];
    },
  });
}
