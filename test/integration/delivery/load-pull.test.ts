import { describe, expect, it } from "vitest";
import { eventually } from "../../support/running-serve.ts";
import { createWorld } from "./fixture.ts";
import { hasPrograms, stunnerdCommand } from "./programs.ts";

const has = hasPrograms();
const POLLS = 9;

// A handshake costs CDS more than all else about a poll: test/bench/pull-clients.ts.
describe.runIf(has)("pull, after a change", () => {
  it("asks over one connection, and notices the next change as soon", async () => {
    const world = await createWorld(stunnerdCommand());
    try {
      world.set(1);
      world.startPod(world.delivery("pull", { pollSeconds: 10 }));
      await world.arrives(1);
      const sockets = new Map<object, number>();
      let polls = 0;
      world.cds.override = ({ socket }, res) => {
        polls += 1;
        sockets.set(socket, (sockets.get(socket) ?? 0) + 1);
        res.writeHead(304, { "Stunner-Poll-Interval": "1" }).end();
      };
      await eventually(() => polls >= POLLS);
      // At most: the poll that is told to hurry, those over one connection, the next of that kind.
      expect(sockets.size).toBeLessThanOrEqual(3);
      expect(Math.max(...sockets.values())).toBeGreaterThanOrEqual(POLLS / 2);
      const before = performance.now();
      world.cds.override = undefined;
      world.set(2);
      await world.arrives(2);
      process.stdout.write(`a change arrived after ${Math.round(performance.now() - before)} ms\n`);
    } finally {
      await world.close();
    }
  });
});
