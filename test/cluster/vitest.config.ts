import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { whyNoCluster } from "./binaries.ts";

// Without the servers there is nothing to run: one line says so. In CI that is a failure.
const missing = whyNoCluster();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  if (process.env["CI"] === "true") process.exit(1);
}

const isMeasured = process.argv.includes("--coverage");
// What no server gives out is tried in unit tests of the folders that are measured here.
const suites = ["test/cluster/**/*.cluster.ts", ...(isMeasured ? ["test/unit/{live,apply-live}-*.test.ts"] : [])];

export default defineConfig({
  test: {
    root: join(import.meta.dirname, "../.."),
    include: missing === undefined ? suites : [],
    passWithNoTests: missing !== undefined,
    // Each file has a cluster of its own; two at once are slower than one after the other.
    fileParallelism: false,
    // Relative to root: what processes say is kept, where CI asks for it, and searched for secrets.
    setupFiles: ["test/secrets/record.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // What talks to an API server; the rest of shared/ is measured in the other run.
    coverage: {
      provider: "v8",
      include: ["shared/apply/live/**/*.ts", "shared/state/live/**/*.ts"],
      reportsDirectory: "coverage/live",
      reporter: ["text-summary", "json-summary", "html"],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
