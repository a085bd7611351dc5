import { afterEach, describe, expect, it, vi } from "vitest";
import { gkeTokens } from "../../shared/connect/gke.ts";
import { type Peer, startPeer } from "../clouds/peer.ts";

let peer: Peer;
afterEach(async () => {
  vi.unstubAllEnvs();
  await peer.close();
});

describe("tokens of GKE", () => {
  it("are those of the function's service account", async () => {
    peer = await startPeer(() => ({ status: 200, body: '{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}' }));
    vi.stubEnv("GCE_METADATA_HOST", new URL(peer.origin).host);
    await expect(gkeTokens().get()).resolves.toBe("ya29.x");
  });
});
