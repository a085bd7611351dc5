import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { whyNoCluster } from "./binaries.ts";

// Without the servers there is nothing to run: one line says so. In CI that is a failure.
const missing = whyNoCluster();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  if (process.env["CI"] === "true") process.exit(1);
}

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: missing === undefined ? ["test/cluster/**/*.cluster.ts"] : [],
    passWithNoTests: missing !== undefined,
    // Each file has a cluster of its own; two at once are slower than one after the other.
    fileParallelism: false,
    // Relative to root: what processes say is kept, where CI asks for it, and searched for secrets.
    setupFiles: ["test/secrets/record.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
