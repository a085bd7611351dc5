/**
 * Mutation run over the renderer, by its unit tests and the golden recordings: `npm run mutation`. For a part of it:
 * `npx stryker run --mutate shared/render/address.ts`. Report: reports/mutation/mutation.html.
 * @type {import("@stryker-mutator/api/core").PartialStrykerOptions}
 */
export default {
  testRunner: "vitest",
  vitest: { configFile: "test/unit/render/vitest.config.ts", related: false },
  plugins: ["@stryker-mutator/vitest-runner"],
  mutate: ["shared/render/**/*.ts"],
  coverageAnalysis: "perTest",
  incremental: true,
  incrementalFile: "reports/stryker-incremental.json",
  concurrency: 2,
  thresholds: { high: 95, low: 90, break: 90 },
  reporters: ["clear-text", "progress", "html", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // TypeScript 7 has no API with which Stryker could rewrite tsconfig.json; nothing in the sandbox reads it either.
  tsconfigFile: "none",
  tempDirName: ".stryker-tmp",
  ignorePatterns: ["dist", "coverage", "reports", "docs", "infra", "terraform", "test/integration", "test/bench"],
  timeoutMS: 20_000,
};
