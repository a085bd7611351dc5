import { describe, expect, it } from "vitest";
import { proxyPorts } from "../../../shared/render/delivery/ports.ts";
import type { Gateway } from "../../../shared/resources/gateway.ts";
import { gateway, listener, theGateway, type Fields } from "./builders.ts";

const one = (name: string, meta: Fields = {}, ports: readonly number[] = [3478]): Gateway =>
  theGateway(gateway(ports.map((port, index) => listener(`l${index}`, port, "TURN-TCP")), {}, `media/${name}`, { uid: name, ...meta }));
const portOf = (gateways: readonly Gateway[], name: string): number | undefined => proxyPorts(gateways).get(`media/${name}`);
/** As many as there are ports, each of a second of its own. */
const crowd = (count: number): Gateway[] =>
  Array.from({ length: count }, (_, index) => one(`g${index}`, { creationTimestamp: new Date(index * 1000).toISOString() }));

// Issue 5: several dataplanes with `hostNetwork` on one node do not clash.
describe("the port of a proxy", () => {
  it("follows from the Gateway alone, below what systems give to clients and Kubernetes to Services", () => {
    const port = portOf([one("a")], "a");
    expect(port).toBe(portOf([one("a"), one("b"), one("c")], "a"));
    expect(port).not.toBe(portOf([one("a", { uid: "other" })], "a"));
    for (const found of proxyPorts(crowd(500)).values()) expect(found >= 14_000 && found < 30_000).toBe(true);
  });

  it("is each Gateway's own, also where thousands want the same", () => {
    const ports = [...proxyPorts(crowd(16_000)).values()];
    expect(new Set(ports).size).toBe(16_000);
  });

  it("is given although there are more Gateways than ports", () => {
    expect(proxyPorts(crowd(16_010)).size).toBe(16_010);
  });

  it("is moved by no Gateway that is added later, whatever its name", () => {
    const before = crowd(4_000);
    const added = Array.from({ length: 4_000 }, (_, index) => one(`0${index}`, { creationTimestamp: "2030-01-01T00:00:00Z" }));
    const [first, second] = [proxyPorts(before), proxyPorts([...added, ...before])];
    expect([...first].filter(([key, port]) => second.get(key) !== port)).toEqual([]);
  });

  it("is none on which stunnerd of any of them listens", () => {
    const wanted = portOf([one("a")], "a") ?? 0;
    const moved = portOf([one("a"), one("b", {}, [wanted])], "a");
    expect(moved).toBe(wanted + 1);
    const annotations = { "stunner.l7mp.io/targetport": JSON.stringify({ l0: wanted, l1: wanted + 1 }) };
    expect(portOf([one("a"), one("b", { annotations })], "a")).toBe(wanted + 2);
    expect(portOf([one("a"), one("b", { annotations: { "stunner.l7mp.io/targetport": "{" } })], "a")).toBe(wanted);
  });
});
