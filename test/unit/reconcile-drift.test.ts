import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InProcess } from "../support/in-process.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";

const SERVICE = "Service/media/gw.yaml";
let one: InProcess;
beforeEach(async () => {
  one = await InProcess.start({ "a.yaml": PLATFORM, "b.yaml": gateway("gw") });
  await one.pass();
});
afterEach(() => one.remove());

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(one.path, "out", file), "utf8");
  expect(text).toContain(from);
  await one.writeAt(join("out", file), text.replace(from, to));
}

const pass = async () => (await one.pass({ drift: "report" })).report;

describe("drift in a directory that is only to be reported", () => {
  it("is told, field by field, and left, pass after pass", async () => {
    await edit(SERVICE, "type: LoadBalancer", "type: NodePort");
    await edit("Deployment/media/gw.yaml", "stunnerd:1.2.1", "stunnerd:0");
    const before = await readFile(join(one.path, "out", SERVICE), "utf8");
    for (let passes = 0; passes < 2; passes++) {
      const { changes, outcome } = await pass();
      expect(outcome).toBe("done");
      // Nothing is written, so no pod is replaced and nobody's call ends.
      expect(changes).toEqual([
        { operation: "drifted", object: "Deployment media/gw", cause: "drift", fields: [{ field: expect.stringMatching(/^spec\.template.*\.image$/) }] },
        { operation: "drifted", object: "Service media/gw", cause: "drift", fields: [{ field: "spec.type" }] },
      ]);
    }
    expect(await readFile(join(one.path, "out", SERVICE), "utf8")).toBe(before);
    expect((await one.pass({ drift: "correct" })).report.changes.map(({ object, operation, disrupts }) => [object, operation, disrupts])).toEqual([
      ["Deployment media/gw", "updated", ["media/gw/udp"]],
      ["Service media/gw", "updated", undefined],
    ]);
    expect(await one.out(SERVICE)).toMatchObject({ spec: { type: "LoadBalancer" } });
  });

  it("is not made again where it was removed", async () => {
    await rm(join(one.path, "out", SERVICE));
    expect((await pass()).changes).toEqual([expect.objectContaining({ operation: "drifted", object: "Service media/gw", cause: "drift" })]);
    expect(await one.out(SERVICE)).toBeUndefined();
  });

  it("does not stand in the way of a change", async () => {
    await edit(SERVICE, "type: LoadBalancer", "type: NodePort");
    await one.write("b.yaml", gateway("gw", { port: 5000 }));
    await pass();
    expect(await one.out(SERVICE)).toMatchObject({ spec: { type: "LoadBalancer", ports: [{ port: 5000 }] } });
  });
});
