import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // What the processes of the suites say is kept, where CI asks for it, and searched for secrets.
    setupFiles: ["test/secrets/record.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest leaves a core to itself, which on two cores would be half the machine.
    maxWorkers: 2,
    coverage: {
      provider: "v8",
      include: ["shared/**/*.ts"],
      // These talk to an API server, and are measured where there is a real one: test/cluster/vitest.config.ts.
      exclude: ["shared/apply/live/**", "shared/state/live/**"],
      reporter: ["text-summary", "json-summary", "html"],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
