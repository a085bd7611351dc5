import { describe, expect, it } from "vitest";
import { createPollInterval } from "../../shared/cds/poll-interval.ts";
import { configText, MemorySource } from "../integration/cds-source.ts";

const TWO_MINUTES = 120_000;
const [ONE, TWO] = ["ns/one", "ns/two"];
const PLACEHOLDER = "__node_address_placeholder";

function start(ready = true) {
  const source = new MemorySource();
  source.ready = ready;
  if (ready) source.set({ [ONE]: configText(ONE), [TWO]: configText(TWO, 3478, PLACEHOLDER) });
  let time = 5;
  const poll = createPollInterval(source, 10, () => time);
  const of = (id: string, node = "n", isNews = false): number => {
    const entry = source.entries.get(id);
    if (!entry) throw new Error(`no ${id}`);
    return poll.of(entry, node, isNews);
  };
  return { source, poll, of, pass: (milliseconds: number) => (time += milliseconds) };
}

describe("when a client that polls should ask again", () => {
  it("is every second for two minutes after its configuration has changed, and only it", () => {
    const { source, of, pass } = start();
    expect([of(ONE), of(TWO)]).toEqual([10, 10]);
    source.set({ [ONE]: configText(ONE, 3479) });
    expect([of(ONE), of(TWO)]).toEqual([1, 10]);
    pass(TWO_MINUTES - 1);
    expect(of(ONE)).toBe(1);
    pass(1);
    expect(of(ONE)).toBe(10);
  });

  it("begins anew with each change", () => {
    const { source, of, pass } = start();
    source.set({ [ONE]: configText(ONE, 3479) });
    pass(TWO_MINUTES - 1);
    source.set({ [ONE]: configText(ONE, 3480) });
    pass(TWO_MINUTES - 1);
    expect(of(ONE)).toBe(1);
  });

  it("is every second on a node whose address has changed, where the configuration has it in it", () => {
    const { source, of } = start();
    source.setNode("n", "203.0.113.1");
    expect([of(TWO), of(TWO, "m"), of(ONE)]).toEqual([1, 10, 10]);
  });

  it("is not every second because the server is new", () => {
    const { source, of } = start(false);
    source.ready = true;
    source.set({ [ONE]: configText(ONE), [TWO]: configText(TWO) });
    expect(of(ONE)).toBe(10);
    source.set({ [ONE]: configText(ONE, 3479) });
    expect([of(ONE), of(TWO)]).toEqual([1, 10]);
  });

  it("is every second for two minutes after a client has come with another tag: a server that is new did not see the change itself", () => {
    const { of, pass } = start();
    expect([of(ONE), of(ONE, "n", true), of(ONE), of(TWO)]).toEqual([10, 1, 1, 10]);
    pass(TWO_MINUTES);
    expect(of(ONE)).toBe(10);
  });

  it("ends with the server", () => {
    const { source, poll } = start();
    poll.stop();
    expect(source.subscribers).toBe(0);
  });
});
