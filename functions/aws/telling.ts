import { createFunctionLog } from "../../shared/serverless/log.ts";
import { isOurs } from "../../shared/reconcile/failure.ts";

/**
 * A handler whose failures are told in a line. They stay failures of the function, which Lambda counts, repeats and answers
 * with 500; but it logs what is thrown with its stack, and of what is ours code and message say everything.
 */
export function telling<Rest extends readonly unknown[], Result>(handler: (...given: Rest) => Promise<Result>): (...given: Rest) => Promise<Result> {
  return async (...given) => {
    try {
      return await handler(...given);
    } catch (err) {
      createFunctionLog("error").error("a call failed", { err });
      if (isOurs(err)) err.stack = `${err.name}: ${err.message}`;
      throw err;
    }
  };
}
