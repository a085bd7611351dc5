/** One JSON line of a log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The words of a language in which a cloud's filters are written. */
interface Language {
  readonly token: RegExp;
  readonly and: string;
  readonly or: string;
  /** What stands before the name of a field. */
  readonly root: string;
}

/** CloudWatch Logs, "Filter pattern syntax for metric filters", and Cloud Logging, "Logging query language": as much as the modules use. */
const LANGUAGES: Readonly<Record<"aws" | "gcp", Language>> = {
  aws: { token: /\s*(&&|\|\||[(){}]|!=|[=<>]|\*|"[^"]*"|[\w.$-]+)/y, and: "&&", or: "||", root: "$." },
  gcp: { token: /\s*(AND\b|OR\b|[()]|!=|[=<>]|"[^"]*"|[\w.-]+)/y, and: "AND", or: "OR", root: "jsonPayload." },
};

/**
 * Whether a filter matches a line. A text that is not understood throws: so does one that mixes `and` with `or` without
 * parentheses, which the two clouds bind differently.
 */
export function matchesLogFilter(cloud: "aws" | "gcp", filter: string, line: LogLine): boolean {
  const { and, or, root } = LANGUAGES[cloud];
  const tokens = tokensOf(cloud, filter);
  if (cloud === "aws") expectToken(tokens, "{");
  const matches = terms();
  if (cloud === "aws") expectToken(tokens, "}");
  if (tokens.length > 0) throw new Error(`${tokens.join(" ")} is left of ${filter}`);
  return matches;

  function terms(): boolean {
    const all = [term()];
    const joint = tokens[0] === or ? or : and;
    while (tokens[0] === joint) {
      tokens.shift();
      all.push(term());
    }
    if (tokens[0] === and || tokens[0] === or) throw new Error(`${and} and ${or} are mixed in ${filter}`);
    return joint === or ? all.some(Boolean) : all.every(Boolean);
  }

  function term(): boolean {
    const token = tokens.shift() ?? "";
    if (token === "(") {
      const inner = terms();
      expectToken(tokens, ")");
      return inner;
    }
    if (!token.startsWith(root)) throw new Error(`${token} is no field in ${filter}`);
    const value = token.slice(root.length).split(".").reduce<unknown>((at, name) => (at as LogLine | undefined)?.[name], line);
    const operator = tokens.shift() ?? "";
    return values().some((wanted) => compare(value, operator, wanted));
  }

  /** One, or in Cloud Logging several in parentheses. */
  function values(): string[] {
    if (cloud === "aws" || tokens[0] !== "(") return [tokens.shift() ?? ""];
    const all: string[] = [];
    do {
      tokens.shift();
      all.push(tokens.shift() ?? "");
    } while (tokens[0] === or);
    expectToken(tokens, ")");
    return all;
  }
}

function tokensOf(cloud: "aws" | "gcp", filter: string): string[] {
  const token = new RegExp(LANGUAGES[cloud].token);
  const tokens: string[] = [];
  while (token.lastIndex < filter.trimEnd().length) {
    const found = token.exec(filter)?.[1];
    if (found === undefined) throw new Error(`not understood: ${filter}`);
    tokens.push(found);
  }
  return tokens;
}

function expectToken(tokens: string[], wanted: string): void {
  const token = tokens.shift();
  if (token !== wanted) throw new Error(`${wanted} is missing, there is ${token}`);
}

function compare(value: unknown, operator: string, wanted: string): boolean {
  if (wanted === "*") return operator === "=" && value !== undefined;
  const isText = wanted.startsWith('"');
  if (isText ? typeof value !== "string" : typeof value !== "number") return false;
  const other = isText ? wanted.slice(1, -1) : Number(wanted);
  switch (operator) {
    case "=":
      return value === other;
    case "!=":
      return value !== other;
    case "<":
      return Number(value) < Number(other);
    case ">":
      return Number(value) > Number(other);
    default:
      throw new Error(`${operator} is no comparison`);
  }
}
