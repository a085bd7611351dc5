import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { whyNoCluster } from "../cluster/binaries.ts";
import { placeOf } from "./server.ts";

// Without the servers there is nothing to run: one line says so. In CI that is a failure.
const absent = (["moto", "fake-gcs-server", "aws-lambda-ric"] as const).filter((program) => !existsSync(placeOf(program)));
const missing = whyNoCluster() ?? (absent.length > 0 ? `test clouds: ${absent.join(", ")} not installed; run test/clouds/install.sh (minutes, once)` : undefined);
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  if (process.env["CI"] === "true") process.exit(1);
}

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: missing === undefined ? ["test/clouds/**/*.clouds.ts"] : [],
    passWithNoTests: missing !== undefined,
    // Each file has a cluster and a cloud of its own; two at once are slower than one after the other.
    fileParallelism: false,
    // Relative to root: what processes say is kept, where CI asks for it, and searched for secrets.
    setupFiles: ["test/secrets/record.ts"],
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
