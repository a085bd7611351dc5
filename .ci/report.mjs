// report.mjs REPORT: what a JSON report of vitest says. First `PASSED FAILED`, which is `0 1` where no report can be read; then
// the tests that failed, with the first lines of why: what is printed while a run goes on is far up, or cut off, by the time that
// one looks for it.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests, testResults } = read(process.argv[2]);
process.stdout.write(`${numPassedTests} ${numFailedTests}\n`);
for (const { name, status, message, assertionResults } of testResults) {
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (status === "failed" && failed.length === 0) tell(`${name}: ${message}`);
  for (const test of failed) {
    const why = test.failureMessages.join("\n").split("\n").slice(0, 12);
    tell([`${name}: ${test.fullName}`, ...why].join("\n    "));
  }
}

function read(report) {
  try {
    return JSON.parse(readFileSync(report, "utf8"));
  } catch {
    const none = { name: report, status: "failed", message: "no report: it ended before its tests did", assertionResults: [] };
    return { numPassedTests: 0, numFailedTests: 1, testResults: [none] };
  }
}

function tell(what) {
  process.stdout.write(`  ${what}\n`);
}
