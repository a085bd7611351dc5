import { afterEach, describe, expect, it } from "vitest";
import { CloudError } from "../../shared/cloud/errors.ts";
import { send } from "../../shared/cloud/send.ts";
import { noPauses, type Peer, startPeer } from "../clouds/peer.ts";

let peer: Peer;
afterEach(() => peer.close());
const retryable = (status: number) => new CloudError("do it", { code: "x", status }).retryable;
const get = () => send(async () => ({ method: "GET", url: peer.origin }), { ...noPauses(), timeout: 50, budget: 60 });

describe("a request to a cloud", () => {
  it("ends where nobody answers, after its budget and not after all tries", async () => {
    peer = await startPeer(() => "silence");
    const answer = await get();
    expect(answer).toMatchObject({ status: 0, body: new Uint8Array() });
    expect(answer.cause).toMatchObject({ name: "TimeoutError" });
    expect(peer.seen.length).toBeLessThanOrEqual(2);
  });

  it("follows no redirection: it would take its credentials elsewhere", async () => {
    peer = await startPeer(() => ({ status: 307, headers: { location: "/elsewhere" } }));
    await expect(get()).resolves.toMatchObject({ status: 307, isRepeated: false });
    expect(peer.seen).toHaveLength(1);
  });

  it("is told by its error whether it may succeed later", async () => {
    peer = await startPeer(() => ({ status: 200 }));
    expect([0, 200, 400, 403, 404, 408, 409, 412, 429, 500, 503].filter(retryable)).toEqual([0, 408, 429, 500, 503]);
    expect(new CloudError("do it", { code: "unreachable", status: 0 }).message).toBe("cannot do it: unreachable");
  });
});
