import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually } from "../../support/running-serve.ts";
import { createWorld } from "./fixture.ts";
import { hasPrograms, stunnerdCommand } from "./programs.ts";

const has = hasPrograms();

/** A `sleep` that hardly waits and notes for how long it was asked to: it waits between polls, and nothing else does. */
function quickSleep(): { directory: string; asked: () => number[] } {
  const directory = mkdtempSync(join(tmpdir(), "stunner-sleep-"));
  const [file, log] = [join(directory, "sleep"), join(directory, "asked")];
  writeFileSync(log, "");
  writeFileSync(file, `#!/bin/sh\necho "$1" >>"${log}"\nexec /bin/sleep 0.02\n`);
  for (const path of [directory, file]) chmodSync(path, 0o755);
  chmodSync(log, 0o666);
  return { directory, asked: () => readFileSync(log, "utf8").split("\n").filter(Boolean).map(Number) };
}

describe.runIf(has)("pull", () => {
  it("never installs a body that ends at any of its braces and is said to be whole", async () => {
    const world = await createWorld(stunnerdCommand());
    const { directory, asked } = quickSleep();
    try {
      world.set(1);
      const pod = world.startPod(world.delivery("pull"), directory);
      await world.arrives(1);
      const file = pod.path("/stunner/config/stunnerd.conf");
      const before = readFileSync(file, "utf8");

      const whole = `${world.config(2)}\n`;
      const sent = createHash("sha256").update(whole).digest("hex");
      const ends = [...whole.matchAll(/\}/g)].map(({ index }) => index + 1).slice(0, -1);
      expect(ends.length).toBeGreaterThan(3);
      // What CDS said of it is handed on, is lost, or is of nothing.
      const cuts = ends.flatMap((end) => [sent, undefined, ""].flatMap((digest) => ["", "\n"].map((last) => ({ body: whole.slice(0, end) + last, digest }))));
      let taken = 0;
      const installed = new Set<string>();
      world.cds.override = (_req, res) => {
        installed.add(readFileSync(file, "utf8"));
        const { body, digest } = cuts[taken % cuts.length] ?? { body: "", digest: "" };
        taken += 1;
        res.writeHead(200, { ETag: `"${taken}"`, "Content-Type": "application/json", "Content-Length": body.length, ...(digest === undefined ? {} : { "Stunner-Body-Sha256": digest }) }).end(body);
      };
      await eventually(() => taken > cuts.length, 60_000);
      expect([...installed]).toEqual([before]);
      world.cds.override = undefined;
      world.set(3);
      await world.arrives(3);
      // Every wait has its own ten per cent, up or down.
      expect(new Set(asked()).size).toBeGreaterThan(asked().length / 2);
    } finally {
      await world.close();
      rmSync(directory, { recursive: true });
    }
  }, 90_000);

  it("varies how quickly it asks over one connection too", async () => {
    const world = await createWorld(stunnerdCommand());
    const { directory } = quickSleep();
    // curl waits by itself there: what it is told to is noted, and it ends.
    const curl = join(directory, "curl");
    writeFileSync(curl, `#!/bin/sh\nfor word in "$@"; do case $word in */h) echo "$word" >>"${directory}/rates"; exit 22 ;; esac; done\nexec /usr/bin/curl "$@"\n`);
    chmodSync(curl, 0o755);
    writeFileSync(join(directory, "rates"), "");
    chmodSync(join(directory, "rates"), 0o666);
    try {
      world.set(1);
      world.startPod(world.delivery("pull"), directory);
      const rates = (): number[] => readFileSync(join(directory, "rates"), "utf8").split("\n").filter(Boolean).map((word) => Number.parseInt(word, 10));
      await eventually(() => rates().length >= 12, 60_000);
      // A second each, ten per cent more or less, per hour.
      for (const rate of rates()) expect(Math.abs(3_600_000 / rate - 1000)).toBeLessThanOrEqual(101);
      expect(new Set(rates()).size).toBeGreaterThan(3);
    } finally {
      await world.close();
      rmSync(directory, { recursive: true });
    }
  }, 90_000);
});
