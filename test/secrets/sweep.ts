import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FOUND } from "./places.ts";
import { secretsIn } from "./secrets.ts";

/** What was searched, and where a secret is, without the secret. */
interface Swept {
  readonly files: number;
  readonly found: readonly string[];
}

/**
 * Searches what a run of CI left in `reports`: `log/` has what each step printed, `record/` what the processes of the suites
 * said (test/secrets/record.ts), `*.json` the reports of the suites.
 */
export function sweep(reports: string): Swept {
  const below = ["log", "record"].flatMap((name) => namesIn(join(reports, name)).map((one) => join(name, one)));
  const files = [...below, ...namesIn(reports).filter((name) => name.endsWith(".json") && name !== "stryker-incremental.json")];
  const found = files.flatMap((name) => {
    const text = readFileSync(join(reports, name), "utf8");
    if (name === join("record", FOUND)) return text.trimEnd().split("\n");
    // The first line of a record is the command, which tests give secrets.
    const [command = "", ...said] = text.split("\n");
    const [of, lines] = name.endsWith(".said") ? [`${name}: ${command.slice(0, 160)}`, said] : [name, [command, ...said]];
    // Each line for itself, to say which, and all together, since a key has several.
    const inLines = lines.flatMap((line, index) => secretsIn(line).map((kind) => `${of}: line ${index + 1}: ${kind}`));
    return inLines.length > 0 ? inLines : secretsIn(lines.join("\n")).map((kind) => `${of}: ${kind}`);
  });
  return { files: files.length, found };
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);
  } catch {
    return [];
  }
}

if (process.argv[1] === import.meta.filename) {
  const reports = process.argv[2] ?? "reports";
  const { files, found } = sweep(reports);
  const isEmpty = ["log", "record"].some((name) => namesIn(join(reports, name)).length === 0);
  process.stdout.write([...found, `${files} files searched for secrets, ${found.length} found`, ""].join("\n"));
  if (found.length > 0 || isEmpty) process.exitCode = 1;
}
