import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Change } from "../../shared/events/change.ts";
import { createWatchBridge, type WatchBridge, type WatchBridgeOptions } from "../../shared/events/watch-bridge.ts";
import type { Target } from "../../shared/events/watch/targets.ts";
import { begin, json, line, list, metadata, startScriptedApi, type Handler, type ScriptedApi } from "./events-api.ts";

const GATEWAYS: Target = {
  id: "gateways",
  kind: { group: "gateway.networking.k8s.io", kind: "Gateway", plural: "gateways", namespaced: true },
  apiVersion: "gateway.networking.k8s.io/v1",
  whole: false,
};
const SECRET: Target = {
  id: "secret",
  kind: { group: "", kind: "Secret", plural: "secrets", namespaced: true },
  apiVersion: "v1",
  namespace: "media",
  name: "cert",
  fieldSelector: "metadata.name=cert",
  whole: false,
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Setup {
  readonly api: ScriptedApi;
  readonly bridge: WatchBridge;
  /** `operation name version`, in order. */
  readonly told: string[];
  readonly changes: Change[];
  readonly troubles: string[];
}

async function setup(handler: Handler, options: Partial<WatchBridgeOptions> = {}): Promise<Setup> {
  const api = await startScriptedApi(handler);
  const told: string[] = [];
  const changes: Change[] = [];
  const troubles: string[] = [];
  const bridge = createWatchBridge({
    client: api.client,
    retry: { first: 10, longest: 40 },
    onChange(change) {
      changes.push(change);
      told.push(`${change.operation} ${change.name} ${change.resourceVersion ?? "-"}`);
    },
    onTrouble: ({ id }, error) => troubles.push(`${id} ${error === undefined ? "is watched again" : (error as Error).name}`),
    ...options,
  });
  closing.push(() => api.close(), () => bridge.close());
  return { api, bridge, told, changes, troubles };
}

/** A server with one Gateway whose watches are answered in turn; more watches than answers stay open. */
function scripted(watches: readonly ((res: ServerResponse) => void)[], lists: readonly object[] = []): Handler {
  let listed = 0;
  let watched = 0;
  return (_req, res, query) => {
    if (query.get("watch") !== "true") return json(res, 200, lists[listed++] ?? list(10, [metadata("gw", 5)]));
    const answer = watches[watched++] ?? begin;
    answer(res);
  };
}

const watchesOf = (api: ScriptedApi): (string | null)[] =>
  api.requests.filter((one) => one.includes("watch=true")).map((one) => new URLSearchParams(one.split("?")[1]).get("resourceVersion"));

const forbidden: Handler = (_req, res) => json(res, 403, { kind: "Status", code: 403, reason: "Forbidden", message: "no" });

describe("a watch", () => {
  it("goes on from the list, and tells what has changed since", async () => {
    const { api, bridge, told } = await setup(scripted([(res) => begin(res, line("ADDED", metadata("new", 11)), line("MODIFIED", metadata("gw", 12)), line("DELETED", metadata("new", 13)))]));
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["create new 11", "update gw 12", "delete new 13"]);
    expect(watchesOf(api)).toEqual(["10"]);
  });

  it("tells what is there, too, where nobody has read it", async () => {
    const { bridge, told } = await setup(scripted([], [list(10, [metadata("a", 1)], { continue: "more" }), list(10, [metadata("b", 2)])]));
    await bridge.follow([GATEWAYS]);
    expect(told).toEqual(["create a 1", "create b 2"]);
  });

  it("asks for metadata alone, with bookmarks and an end", async () => {
    const accepts: (string | undefined)[] = [];
    const { api, bridge } = await setup((req, res, query) => {
      accepts.push(req.headers.accept);
      if (query.get("watch") === "true") begin(res);
      else json(res, 200, list(1, []));
    });
    await bridge.follow([{ ...GATEWAYS, labelSelector: "a=b" }], true);
    await expect.poll(() => api.requests).toHaveLength(2);
    expect(accepts).toEqual(["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]);
    expect(api.requests[0]).toBe("GET /apis/gateway.networking.k8s.io/v1/gateways?labelSelector=a%3Db&limit=500");
    expect(api.requests[1]).toMatch(/\?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=(2[4-9]|3|4[0-7])\d/);
  });

  it("tells a status from the rest, by what the metadata has", async () => {
    const own = { managedFields: [{ manager: "x" }] };
    const { bridge, changes } = await setup(
      scripted([
        (res) => begin(res, line("MODIFIED", metadata("gw", 11, own)), line("MODIFIED", metadata("gw", 12, { labels: { a: "b" } })), line("MODIFIED", metadata("gw", 13, { labels: { a: "b" }, generation: 2 }))),
      ]),
    );
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => changes.length).toBe(3);
    expect(changes.map(({ subresource, labels }) => [subresource, labels])).toEqual([
      ["status", [{}, {}]],
      [undefined, [{}, { a: "b" }]],
      [undefined, [{ a: "b" }, { a: "b" }]],
    ]);
  });

  it("tells an object that was made anew under its name as gone and come", async () => {
    const { bridge, changes } = await setup(scripted([(res) => begin(res, line("MODIFIED", metadata("gw", 11, { uid: "another" })))]));
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => changes.map(({ operation, uid }) => [operation, uid])).toEqual([["delete", "uid-of-gw"], ["create", "another"]]);
  });

  it("goes on where it was cut, bookmarks included, and tells nothing twice", async () => {
    const { api, bridge, told } = await setup(
      scripted([
        (res) => {
          begin(res, line("MODIFIED", metadata("gw", 11)), line("BOOKMARK", { metadata: { resourceVersion: "20" } }));
          setTimeout(() => res.destroy(), 20);
        },
        (res) => begin(res, line("MODIFIED", metadata("gw", 11)), line("MODIFIED", metadata("gw", 21))),
      ]),
    );
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["update gw 11", "update gw 21"]);
    expect(watchesOf(api)).toEqual(["10", "20"]);
  });

  it("goes on after half a line, and after a line that is no event", async () => {
    const { api, bridge, told } = await setup(
      scripted([
        (res) => {
          begin(res, line("MODIFIED", metadata("gw", 11)), '{"type":"MODIF');
          res.end();
        },
        (res) => begin(res, '{"no":"event"}\n'),
        (res) => begin(res, line("MODIFIED", { metadata: {} })),
        (res) => begin(res, line("MODIFIED", metadata("gw", 12))),
      ]),
    );
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["update gw 11", "update gw 12"]);
    expect(watchesOf(api)).toEqual(["10", "11", "11", "11"]);
  });

  it("lists anew where the version is forgotten, and tells what is different", async () => {
    const gone = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
    const lists = [list(10, [metadata("a", 1), metadata("b", 2), metadata("c", 3)]), list(30, [metadata("a", 1), metadata("b", 25), metadata("d", 26)])];
    const { api, bridge, told, troubles } = await setup(scripted([(res) => begin(res, line("ERROR", gone))], lists));
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["update b 25", "create d 26", "delete c 3"]);
    await expect.poll(() => watchesOf(api)).toEqual(["10", "30"]);
    expect(troubles).toEqual([]);
  });

  it("does the same where the answer itself says so", async () => {
    const { api, bridge } = await setup(scripted([(res) => json(res, 410, { kind: "Status", code: 410, reason: "Gone" })], [list(10, []), list(30, [])]));
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => watchesOf(api)).toEqual(["10", "30"]);
  });

  it("says once when versions are forgotten again and again", async () => {
    const { api, bridge, troubles } = await setup(scripted(Array.from({ length: 5 }, () => (res: ServerResponse) => json(res, 410, {}))));
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => watchesOf(api).length).toBe(6);
    expect(troubles).toEqual(["gateways KubeError"]);
  });

  it("takes a silent connection for dead", async () => {
    const { api, bridge, told } = await setup(
      scripted([(res) => begin(res, line("MODIFIED", metadata("gw", 11))), (res) => begin(res, line("MODIFIED", metadata("gw", 12)))]),
      { stall: 50 },
    );
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["update gw 11", "update gw 12"]);
    expect(watchesOf(api).slice(0, 2)).toEqual(["10", "11"]);
  });

  it("does not take one for dead on which bookmarks come", async () => {
    let bookmarks: NodeJS.Timeout | undefined;
    const { api, bridge } = await setup(
      scripted([
        (res) => {
          begin(res);
          bookmarks = setInterval(() => res.write(line("BOOKMARK", { metadata: { resourceVersion: "11" } })), 20);
        },
      ]),
      { stall: 200 },
    );
    await bridge.follow([GATEWAYS], true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    clearInterval(bookmarks);
    expect(watchesOf(api)).toEqual(["10"]);
  });

  it("does not ask without end where watches end at once", async () => {
    const { api, bridge } = await setup(
      scripted(Array.from({ length: 1000 }, () => (res: ServerResponse) => {
        begin(res);
        res.end();
      })),
      { retry: { first: 100, longest: 200 } },
    );
    await bridge.follow([GATEWAYS], true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(watchesOf(api).length).toBeLessThanOrEqual(8);
  });

  it("says once that it is refused, goes on trying, and says when it is not any more", async () => {
    const { api, bridge, told, troubles } = await setup(forbidden);
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => api.requests.length).toBeGreaterThan(3);
    expect(troubles).toEqual(["gateways KubeError"]);
    api.answer(scripted([(res) => begin(res, line("MODIFIED", metadata("gw", 11)))]));
    await expect.poll(() => troubles).toEqual(["gateways KubeError", "gateways is watched again"]);
    // Nobody knows what happened meanwhile, so what is there is news.
    expect(told).toEqual(["create gw 5", "update gw 11"]);
  });

  it("takes an answer that is no list for a failure", async () => {
    const { api, bridge, told } = await setup((_req, res) => json(res, 200, { items: "none" }));
    await bridge.follow([GATEWAYS], true);
    api.answer(scripted([]));
    await expect.poll(() => told).toEqual(["create gw 5"]);
  });

  it("does not read a list that never ends", async () => {
    const { api, bridge, told, troubles } = await setup((_req, res) => json(res, 200, list(1, [], { continue: "again" })));
    await bridge.follow([GATEWAYS], true);
    expect(troubles).toEqual(["gateways KubeError"]);
    api.answer(scripted([]));
    await expect.poll(() => told).toEqual(["create gw 5"]);
  });

  it("leaves out objects without a name", async () => {
    const { bridge, told } = await setup(
      scripted([(res) => begin(res, line("ADDED", { metadata: { resourceVersion: "11" } }), line("DELETED", { metadata: { resourceVersion: "12" } }), line("ADDED", metadata("b", 13)))]),
    );
    await bridge.follow([GATEWAYS], true);
    await expect.poll(() => told).toEqual(["create b 13"]);
  });
});

describe("the bridge", () => {
  it("watches what it is told to, from then on, and nothing else", async () => {
    const open = new Set<string>();
    const { api, bridge, told } = await setup((req, res, query) => {
      const path = (req.url ?? "").split("?")[0] ?? "";
      if (query.get("watch") !== "true") return json(res, 200, list(1, path.includes("secrets") ? [metadata("cert", 1)] : []));
      open.add(path);
      res.on("close", () => open.delete(path));
      begin(res);
    });
    await bridge.follow([GATEWAYS], true);
    await bridge.follow([GATEWAYS, SECRET]);
    await expect.poll(() => [...open]).toEqual(["/apis/gateway.networking.k8s.io/v1/gateways", "/api/v1/namespaces/media/secrets"]);
    expect(api.requests).toContain("GET /api/v1/namespaces/media/secrets?fieldSelector=metadata.name%3Dcert&limit=500");
    expect(told).toEqual(["create cert 1"]);
    await bridge.follow([SECRET]);
    await expect.poll(() => [...open]).toEqual(["/api/v1/namespaces/media/secrets"]);
    await bridge.close();
    await expect.poll(() => [...open]).toEqual([]);
    await bridge.follow([GATEWAYS]);
    expect(open.size).toBe(0);
  });

  it("says of an object that is referred to and not there that it may have gone", async () => {
    const { bridge, changes } = await setup(scripted([], [list(1, [])]));
    await bridge.follow([SECRET]);
    expect(changes).toEqual([{ group: "", kind: "Secret", apiVersion: "v1", namespace: "media", name: "cert", operation: "delete" }]);
  });

  it("is ready when everything was tried, be it in vain", async () => {
    const { bridge, troubles } = await setup((_req, res) => res.destroy());
    await bridge.follow([GATEWAYS, SECRET], true);
    expect(troubles).toEqual(expect.arrayContaining(["gateways KubeError", "secret KubeError"]));
  });

  it("ends while it waits to try again, and while a list hangs", async () => {
    const { bridge } = await setup((_req, res) => res.destroy(), { retry: { first: 60_000, longest: 60_000 } });
    await bridge.follow([GATEWAYS], true);
    await bridge.close();
    const hanging = await setup(() => undefined);
    const following = hanging.bridge.follow([GATEWAYS]);
    await expect.poll(() => hanging.api.requests.length).toBe(1);
    await hanging.bridge.close();
    await following;
    expect(hanging.told).toEqual([]);
  });
});
