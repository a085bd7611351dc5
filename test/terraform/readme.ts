// Compares the tables of inputs and outputs in a module's README with its code: `node test/terraform/readme.ts DIRECTORY
// [--write]`. Names, which inputs are required, and descriptions are those of the code; --write puts them in.
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Item {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
}

const [directory = "."] = process.argv.slice(2);
const code = globSync("*.tf", { cwd: directory }).sort().map((file) => readFileSync(join(directory, file), "utf8")).join("\n");
const path = join(directory, "README.md");
const readme = readFileSync(path, "utf8");
const wanted = section(section(readme, "inputs", tableOf("Input", items("variable"))), "outputs", tableOf("Output", items("output")));

if (wanted !== readme && process.argv.includes("--write")) writeFileSync(path, wanted);
else if (wanted !== readme) {
  process.stderr.write(`${path}: inputs and outputs are not those of the code: node test/terraform/readme.ts ${directory} --write\n`);
  process.exitCode = 1;
}

function items(kind: "variable" | "output"): readonly Item[] {
  return [...code.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)\\n\\}$`, "gm"))].map(([, name = "", body = ""]) => ({
    name,
    description: descriptionOf(body, name),
    isRequired: kind === "variable" && !/^ {2}default\s*=/m.test(body),
  }));
}

function descriptionOf(body: string, name: string): string {
  const [, line, text] = /^ {2}description\s*=\s*(?:"((?:[^"\\]|\\.)*)"|<<-EOT\n([\s\S]*?)\n\s*EOT$)/m.exec(body) ?? [];
  const found = line ?? text?.split("\n").map((one) => one.trim()).join(" ");
  if (found === undefined) throw new Error(`${name} has no description`);
  return found.replaceAll("|", "\\|").replaceAll('\\"', '"');
}

function tableOf(title: string, list: readonly Item[]): string {
  if (list.length === 0) return "None.";
  return [`| ${title} | |`, "|---|---|", ...list.map(({ name, description, isRequired }) => `| \`${name}\`${isRequired ? " (required)" : ""} | ${description} |`)].join("\n");
}

/** What stands between the two comments. */
function section(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`];
  const [start, end] = [text.indexOf(open), text.indexOf(close)];
  if (start === -1 || end === -1) throw new Error(`the README needs ${open.trim()} and ${close.trim()}`);
  return `${text.slice(0, start + open.length)}${content}${text.slice(end)}`;
}
