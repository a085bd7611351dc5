import { expect, it } from "vitest";
import { createRetry } from "../../functions/local/retry-start.ts";

it("tries again until it is told no more, twice as late each time", async () => {
  const retry = createRetry(2, 4);
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    const run = async (): Promise<void> => {
      times.push(performance.now());
      if (times.length < 4) retry.later(run);
      else resolve();
    };
    void run();
  });
  expect(times).toHaveLength(4);
  // Timers may be late, and early by less than a millisecond.
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(3);
});

it("waits at its end for what is under way, and begins nothing after", async () => {
  const retry = createRetry(0);
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const events: string[] = [];
  retry.later(async () => {
    begin();
    await gate;
    events.push("run");
    retry.later(async () => void events.push("again"));
  });
  await begun;
  const stopped = retry.stop().then(() => events.push("stopped"));
  open();
  await stopped;
  expect(events).toEqual(["run", "stopped"]);
});
