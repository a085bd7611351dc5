// The least that plays Lambda's runtime for Node (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), for benches that
// measure the bundle and nothing else; tests have Amazon's own. Nothing of the project is imported but the bundle.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

interface Context {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

const api = `http://${process.env["AWS_LAMBDA_RUNTIME_API"]}/2018-06-01/runtime`;
const [file = "", name = ""] = (process.env["_HANDLER"] ?? "").split(".");

const describe = (error: unknown): string =>
  JSON.stringify(error instanceof Error ? { errorType: error.name, errorMessage: error.message, stackTrace: error.stack?.split("\n") ?? [] } : { errorType: "Error", errorMessage: String(error) });

async function report(path: string, error: unknown): Promise<void> {
  await fetch(`${api}/${path}`, { method: "POST", headers: { "Lambda-Runtime-Function-Error-Type": "Unhandled" }, body: describe(error) });
}

async function load(): Promise<(event: unknown, context: Context) => Promise<unknown>> {
  const bundle = (await import(pathToFileURL(join(process.env["LAMBDA_TASK_ROOT"] ?? "", `${file}.mjs`)).href)) as Record<string, unknown>;
  const handler = bundle[name];
  if (typeof handler !== "function") throw new TypeError(`${file}.mjs exports no function ${name}`);
  return handler as (event: unknown, context: Context) => Promise<unknown>;
}

const handler = await load().catch(async (error: unknown) => {
  await report("init/error", error);
  process.exit(1);
});

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id") ?? "";
  const deadline = Number(next.headers.get("lambda-runtime-deadline-ms"));
  try {
    const result = await handler(await next.json(), { awsRequestId: id, getRemainingTimeInMillis: () => deadline - Date.now() });
    await fetch(`${api}/invocation/${id}/response`, { method: "POST", body: JSON.stringify(result) ?? "null" });
  } catch (error) {
    await report(`invocation/${id}/error`, error);
  }
}
