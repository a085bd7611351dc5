// failures.mjs REPORT: the tests that failed by a JSON report of vitest, with the first lines of why: what is printed while
// a run goes on is far up, or cut off, by the time that one looks for it.
import { existsSync, readFileSync } from "node:fs";

const report = process.argv[2];
const { testResults } = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : { testResults: [] };
if (testResults.length === 0) tell(`no test ran: ${report} says nothing`);
for (const { name, status, message, assertionResults } of testResults) {
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (status === "failed" && failed.length === 0) tell(`${name}: ${message}`);
  for (const test of failed) {
    const why = test.failureMessages.join("\n").split("\n").slice(0, 12);
    tell([`${name}: ${test.fullName}`, ...why].join("\n    "));
  }
}

function tell(what) {
  process.stdout.write(`  ${what}\n`);
}
