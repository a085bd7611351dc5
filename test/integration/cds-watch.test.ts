import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configText } from "./cds-source.ts";
import { Watch, run, until } from "./cds-harness.ts";
import type { Running } from "./cds-harness.ts";

let running: Running;

beforeEach(async () => {
  running = await run();
});

afterEach(() => running.stop());

function open(path: string): Promise<Watch> {
  return Watch.open(running.port, path);
}

const PLACEHOLDER = "__node_address_placeholder";

/** The text that tells of a deletion, as recorded in spec/cds.md 4.2. */
function zero(id: string): string {
  const credentials = '{"password":"dummy-password","username":"dummy-username"}';
  return `{"version":"v1","admin":{"name":"${id}"},"auth":{"type":"static","realm":"stunner.l7mp.io","credentials":${credentials}}}`;
}

describe("the recording of spec/cds.md 4.2", () => {
  it("is what five subscribers see", async () => {
    const { source } = running;
    source.setNode("n-ip", "203.0.113.7");
    const paths = ["/ns1/gw1", "/ns1", "", "/ns1/gw1?node=n-ip", "/ns1?node=n-ip"];
    const watches = await Promise.all(paths.map((path) => open(`/api/v1/configs${path}${path.includes("?") ? "&" : "?"}watch=true`)));
    async function seen(): Promise<string[][]> {
      return await Promise.all(watches.map((watch) => watch.soFar()));
    }

    expect(await seen()).toEqual([[], [], [], [], []]);

    const [raw1, gw2] = [configText("ns1/gw1", 1, PLACEHOLDER), configText("ns2/gw2")];
    source.set({ "ns2/gw2": gw2, "ns1/gw1": raw1 });
    const fallback1 = configText("ns1/gw1", 1, "$STUNNER_ADDR");
    // The order of several in one change is the source's; one watch without `node` gets no placeholder either (11).
    const [one, ns, all, onNode, nsWithNode] = await seen();
    expect([one, ns, onNode, nsWithNode]).toEqual([[fallback1], [raw1], [configText("ns1/gw1", 1, "203.0.113.7")], [raw1]]);
    expect(new Set(all)).toEqual(new Set([raw1, gw2]));

    const raw2 = configText("ns1/gw1", 2, PLACEHOLDER);
    source.set({ "ns1/gw1": raw2 });
    expect(await seen()).toEqual([
      [configText("ns1/gw1", 2, "$STUNNER_ADDR")],
      [raw2],
      [raw2],
      [configText("ns1/gw1", 2, "203.0.113.7")],
      [raw2],
    ]);

    source.setNode("n-ip", "203.0.113.99");
    expect(await seen()).toEqual([[], [], [], [configText("ns1/gw1", 2, "203.0.113.99")], []]);

    const late = await open("/api/v1/configs?watch=true");
    expect(await late.soFar()).toEqual([raw2, gw2]);

    source.set({ "ns1/gw1": undefined });
    expect(await seen()).toEqual(watches.map(() => [zero("ns1/gw1")]));
    expect(await late.soFar()).toEqual([zero("ns1/gw1")]);

    source.set({ "ns1/gw1": raw2 });
    expect((await seen()).map((messages) => messages.length)).toEqual([1, 1, 1, 1, 1]);

    await running.cds.close();
    expect(watches.map(({ ws }) => ws.readyState)).toEqual(watches.map(() => 3));
  });
});

describe("a watch", () => {
  it("starts with everything that matches, ascending, one text message each", async () => {
    running.source.set(Object.fromEntries(["b/b", "a/z", "b/a", "ba/a"].map((id) => [id, configText(id)])));
    expect(await (await open("/api/v1/configs?watch=1")).soFar()).toEqual(["a/z", "b/a", "b/b", "ba/a"].map((id) => configText(id)));
    expect(await (await open("/api/v1/configs/b?watch=t")).soFar()).toEqual(["b/a", "b/b"].map((id) => configText(id)));
    expect(await (await open("/api/v1/configs/b/a?watch=TRUE")).soFar()).toEqual([configText("b/a")]);
  });

  it("of something that does not exist is silent until it does", async () => {
    const watch = await open("/api/v1/configs/%61b/c%2dd?watch=true");
    running.source.set({ "other/gw": configText("other/gw") });
    expect(await watch.soFar()).toEqual([]);
    running.source.set({ "ab/c-d": configText("ab/c-d") });
    expect(await watch.next()).toBe(configText("ab/c-d"));
  });

  it("is not told of what it has, nor of the end of what it never had", async () => {
    const { source } = running;
    source.set({ "ns/a": configText("ns/a"), "ns/b": configText("ns/b") });
    const [one, list] = [await open("/api/v1/configs/ns/a?watch=true"), await open("/api/v1/configs?watch=true")];
    await Promise.all([one.soFar(), list.soFar()]);
    source.set({ "ns/a": configText("ns/a") });
    source.tell({ changed: [...source.entries.values()], deleted: ["ns/c"], nodes: ["nobody"] });
    expect([await one.soFar(), await list.soFar()]).toEqual([[], []]);
    source.set({ "ns/a": undefined });
    source.set({ "ns/a": undefined });
    expect([await one.soFar(), await list.soFar()]).toEqual([[zero("ns/a")], [zero("ns/a")]]);
  });

  it("goes on after a deletion", async () => {
    const { source } = running;
    const watch = await open("/api/v1/configs/ns/a?watch=true");
    for (const port of [1, 2]) {
      source.set({ "ns/a": configText("ns/a", port) });
      expect(await watch.next()).toBe(configText("ns/a", port));
      source.set({ "ns/a": undefined });
      expect(await watch.next()).toBe(zero("ns/a"));
    }
  });

  it("gets thirty changes in a row in order", async () => {
    const watch = await open("/api/v1/configs/ns/a?watch=true");
    const ports = Array.from({ length: 30 }, (_, index) => index + 1);
    for (const port of ports) running.source.set({ "ns/a": configText("ns/a", port) });
    expect(await watch.soFar()).toEqual(ports.map((port) => configText("ns/a", port)));
  });

  it.each([125, 126, 65_535, 65_536, 2_400_000])("gets a configuration of %i bytes whole", async (size) => {
    const text = JSON.stringify(`é${"x".repeat(size - 4)}`);
    running.source.set({ "ns/a": text });
    const watch = await open("/api/v1/configs/ns/a?watch=true");
    expect(Buffer.byteLength(text)).toBe(size);
    expect(await watch.next()).toBe(text);
  });

  it("opened before the source is ready is served when it is", async () => {
    running.source.ready = false;
    const watch = await open("/api/v1/configs/ns/a?watch=true");
    expect(await watch.soFar()).toEqual([]);
    running.source.ready = true;
    running.source.set({ "ns/a": configText("ns/a") });
    expect(await watch.next()).toBe(configText("ns/a"));
  });
});

describe("the address of a node", () => {
  it("reaches only the watchers on that node whose text it changes", async () => {
    const { source } = running;
    source.set({ "ns/a": configText("ns/a", 1, PLACEHOLDER), "ns/b": configText("ns/b") });
    const [here, plain, there, list] = await Promise.all(
      ["/ns/a?node=here&", "/ns/b?node=here&", "/ns/a?node=there&", "?node=here&"].map((path) => open(`/api/v1/configs${path}watch=true`)),
    );
    const watches = [here, plain, there, list].filter((watch) => watch !== undefined);
    async function seen(): Promise<string[][]> {
      return await Promise.all(watches.map((watch) => watch.soFar()));
    }
    await seen();
    source.setNode("here", "203.0.113.1");
    expect(await seen()).toEqual([[configText("ns/a", 1, "203.0.113.1")], [], [], []]);
    source.setNode("here", "203.0.113.1");
    expect(await seen()).toEqual([[], [], [], []]);
    source.setNode("here", "not-an-address.example.com");
    expect(await seen()).toEqual([[configText("ns/a", 1, "$STUNNER_ADDR")], [], [], []]);
    source.setNode("here", undefined);
    expect(await seen()).toEqual([[], [], [], []]);
  });
});

describe("connections", () => {
  it("are counted, and forgotten when they go", async () => {
    const { cds } = running;
    const watches = await Promise.all([1, 2, 3].map(() => open("/api/v1/configs?watch=true")));
    expect(cds.stats()).toMatchObject({ watchers: 3, accepted: 3 });
    watches[0]?.ws.close();
    watches[1]?.ws.terminate();
    await until(() => cds.stats().watchers === 1);
    running.source.set({ "ns/a": configText("ns/a") });
    expect(await watches[2]?.next()).toBe(configText("ns/a"));
    expect(cds.stats()).toMatchObject({ accepted: 3, pushed: 1, slow: 0, silent: 0, noisy: 0 });
  });

  it("beyond the limit are answered 503", async () => {
    const small = await run({ limits: { watchers: 1 } });
    const first = await Watch.open(small.port, "/api/v1/configs?watch=true");
    const second = new Watch(small.port, "/api/v1/configs?watch=true");
    const [, response] = await once(second.ws, "unexpected-response");
    expect(response).toMatchObject({ statusCode: 503, headers: { "retry-after": "1" } });
    first.ws.close();
    await until(() => small.cds.stats().watchers === 0);
    await Watch.open(small.port, "/api/v1/configs?watch=true");
    await small.stop();
  });

  it("below a path prefix", async () => {
    const prefixed = await run({ prefix: "/c/east" });
    prefixed.source.set({ "ns/a": configText("ns/a") });
    const watch = await Watch.open(prefixed.port, "/c/east/api/v1/configs/ns/a?watch=true");
    expect(await watch.next()).toBe(configText("ns/a"));
    expect([prefixed.cds.handles("/c/east/api/v1/configs"), prefixed.cds.handles("/api/v1/configs")]).toEqual([true, false]);
    await prefixed.stop();
  });

  it("negotiate neither subprotocol nor compression", async () => {
    const headers = { "Sec-WebSocket-Protocol": "a, b" };
    const watch = new Watch(running.port, "/api/v1/configs?watch=true", { perMessageDeflate: true, headers });
    const [response] = await once(watch.ws, "upgrade");
    expect(Object.keys(response.headers).sort()).toEqual(["connection", "sec-websocket-accept", "upgrade"]);
  });
});
