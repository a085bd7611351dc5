import { Socket } from "node:net";
import { WebSocket } from "ws";
import { describe, expect, it } from "vitest";
import { parseRequest } from "../../shared/cds/request.ts";
import { newWatcher, noteSent, sentTag } from "../../shared/cds/watcher.ts";
import { Watchers } from "../../shared/cds/watchers.ts";
import type { Watcher } from "../../shared/cds/watcher.ts";

function watcher(path: string): Watcher {
  const scope = parseRequest("GET", `/api/v1/configs${path}`);
  if (scope.kind !== "config" && scope.kind !== "list") throw new Error(`${path} is no watch`);
  // An empty address is what ws itself makes server-side sockets with; its types have it only in the shorter form.
  const socket: WebSocket = Reflect.construct(WebSocket, [null, undefined, {}]);
  return newWatcher(socket, new Socket(), scope);
}

describe("the index of watchers", () => {
  const all = watcher("");
  const namespace = watcher("/ns1");
  const other = watcher("/ns2");
  const one = watcher("/ns1/gw1");
  const onNode = watcher("/ns1/gw1?node=a");
  const elsewhere = watcher("/ns1/gw2?node=a");

  function filled(): Watchers {
    const watchers = new Watchers();
    for (const each of [all, namespace, other, one, onNode, elsewhere]) watchers.add(each);
    return watchers;
  }

  it("finds those of a configuration", () => {
    const watchers = filled();
    expect(watchers.size).toBe(6);
    expect([...watchers]).toEqual([all, namespace, other, one, onNode, elsewhere]);
    expect(new Set(watchers.ofConfig("ns1/gw1"))).toEqual(new Set([one, onNode, namespace, all]));
    expect(new Set(watchers.ofConfig("ns1/gw2"))).toEqual(new Set([elsewhere, namespace, all]));
    expect(new Set(watchers.ofConfig("ns3/gw1"))).toEqual(new Set([all]));
    // A namespace is not the beginning of another.
    expect(new Set(watchers.ofConfig("ns/gw1"))).toEqual(new Set([all]));
  });

  it("finds those of a node", () => {
    const watchers = filled();
    expect([...watchers.ofNode("a")]).toEqual([onNode, elsewhere]);
    expect([...watchers.ofNode("b")]).toEqual([]);
    expect([...watchers.ofNode("")]).toEqual([]);
  });

  it("forgets", () => {
    const watchers = filled();
    for (const each of [all, namespace, onNode]) watchers.delete(each);
    expect([...watchers.ofConfig("ns1/gw1")]).toEqual([one]);
    expect([...watchers.ofNode("a")]).toEqual([elsewhere]);
    // Left: configurations ns1/gw1 and ns1/gw2, namespace ns2, node a.
    expect(watchers.groups).toBe(4);
    for (const each of [one, other, elsewhere]) watchers.delete(each);
    watchers.delete(one);
    expect([watchers.size, watchers.groups]).toEqual([0, 0]);
    expect([...watchers.ofConfig("ns1/gw1")]).toEqual([]);
  });

  it("looks at no watcher of another configuration", () => {
    const watchers = filled();
    for (let index = 0; index < 5_000; index += 1) {
      const stranger = watcher(`/ns9/gw${index}?node=n${index}`);
      watchers.add(stranger);
    }
    expect([...watchers.ofConfig("ns1/gw1")]).toHaveLength(4);
  });
});

describe("what a watcher has", () => {
  it.each(["/ns1/gw1", "/ns1", ""])("is remembered (%s)", (path) => {
    const each = watcher(path);
    expect(sentTag(each, "ns1/gw1")).toBeUndefined();
    noteSent(each, "ns1/gw1", "t1");
    noteSent(each, "ns1/gw1", "t2");
    expect(sentTag(each, "ns1/gw1")).toBe("t2");
    noteSent(each, "ns1/gw1", undefined);
    expect(sentTag(each, "ns1/gw1")).toBeUndefined();
  });

  it("takes no collection where it is one configuration", () => {
    const each = watcher("/ns1/gw1");
    noteSent(each, "ns1/gw1", "t1");
    expect(each.sent).toBe("t1");
  });

  it("is told apart by id", () => {
    const each = watcher("/ns1");
    noteSent(each, "ns1/a", "t1");
    noteSent(each, "ns1/b", "t2");
    noteSent(each, "ns1/a", undefined);
    expect(each.sent).toEqual(new Map([["ns1/b", "t2"]]));
    expect([sentTag(each, "ns1/a"), sentTag(each, "ns1/b")]).toEqual([undefined, "t2"]);
  });
});
