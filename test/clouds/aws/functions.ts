import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { placeOf } from "../server.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { routeOf } from "./routes.ts";

export const FUNCTIONS = ["event", "reconcile", "resync", "cds", "credentials"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
export type Lambdas = Readonly<Record<FunctionName, Lambda>>;

export interface FunctionsOptions {
  /** Where zips are built and unpacked. */
  readonly directory: string;
  /** What each is told. */
  readonly envOf: (name: FunctionName) => Readonly<Record<string, string>>;
  /** Milliseconds for a pass. */
  readonly timeout?: number;
}

/** The zips that build.mjs makes, unpacked and ready to be invoked. */
export async function startFunctions({ directory, envOf, timeout = 60_000 }: FunctionsOptions): Promise<Lambdas> {
  execFileSync(process.execPath, ["build.mjs", "--quiet", "--only=aws", `--out=${directory}`], { stdio: "inherit" });
  const started = await Promise.all(FUNCTIONS.map(async (name) => {
    const code = join(directory, "code", name);
    execFileSync(placeOf("python"), ["-m", "zipfile", "-e", join(directory, "aws", `${name}.zip`), code]);
    return [name, await startLambda({ directory: code, env: envOf(name), timeout: name === "reconcile" ? timeout : 10_000 })] as const;
  }));
  return Object.fromEntries(started) as Record<FunctionName, Lambda>;
}

/**
 * Which function API Gateway gives a request to, such as `GET /c/prod/ice`, as terraform/modules/aws routes it.
 * @throws {NoRoute}
 */
export function functionOf(request: string): FunctionName {
  const { name } = routeOf(request);
  const found = FUNCTIONS.find((one) => one === name);
  if (found === undefined) throw new Error(`a route leads to ${name}`);
  return found;
}
