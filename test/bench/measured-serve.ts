import { type RunningServe, startServe } from "../support/running-serve.ts";
import type { Measure } from "./measured.ts";

/** A `serve` that tells what it needs. */
export interface MeasuredServe extends RunningServe {
  measure(): Promise<Measure>;
}

export async function startMeasuredServe(args: readonly string[], { ready = true }: { ready?: boolean } = {}): Promise<MeasuredServe> {
  const env = { NODE_OPTIONS: `--expose-gc --import=${new URL("measured.ts", import.meta.url).href}` };
  const serve = await startServe(args, { ready, env });
  let measured = 0;
  return {
    ...serve,
    async measure() {
      measured += 1;
      serve.child.kill("SIGUSR2");
      return JSON.parse(await serve.line(new RegExp(`^{"measured":${measured},`))) as Measure;
    },
  };
}
