import { afterEach, describe, expect, it } from "vitest";
import { createExpiring } from "../../shared/cloud/expiring.ts";
import { readGoogleSecret } from "../../shared/secrets/google.ts";
import { noPauses, type Peer, type PeerAnswer, type Seen, startPeer } from "../clouds/peer.ts";

let peer: Peer;
afterEach(() => peer.close());

async function read(name: string, answer: (request: Seen, number: number) => PeerAnswer) {
  peer = await startPeer(answer);
  let issued = 0;
  const tokens = createExpiring(async () => ({ value: `token ${(issued += 1)}`, expires: Infinity }), { margin: 0 });
  return readGoogleSecret(name, { tokens, endpoint: peer.origin, sending: noPauses() });
}

const found: PeerAnswer = { status: 200, body: JSON.stringify({ payload: { data: Buffer.from("schlüssel").toString("base64") } }) };

describe("a secret in Google Secret Manager", () => {
  it("is that of the newest version, or of the one that is named", async () => {
    await expect(read("projects/p-1/secrets/s_2", () => found)).resolves.toBe("schlüssel");
    expect(peer.seen[0]).toMatchObject({ path: "/v1/projects/p-1/secrets/s_2/versions/latest:access", headers: { authorization: "Bearer token 1" } });
    await peer.close();
    await read("projects/p-1/secrets/s_2/versions/7", () => found);
    expect(peer.seen[0]?.path).toBe("/v1/projects/p-1/secrets/s_2/versions/7:access");
  });

  it("is read through a throttle and with another token", async () => {
    await expect(read("projects/p/secrets/s", ({ headers }, number) =>
      number === 1 ? { status: 429 } : headers.authorization === "Bearer token 1" ? { status: 401 } : found)).resolves.toBe("schlüssel");
    expect(peer.seen).toHaveLength(3);
  });

  it("is refused with Google's word, and nothing of the answer", async () => {
    const denied = { status: 403, body: JSON.stringify({ error: { status: "PERMISSION_DENIED", message: "schlüssel" } }) };
    await expect(read("projects/p/secrets/s", () => denied)).rejects.toMatchObject({
      code: "PERMISSION_DENIED", retryable: false, message: "cannot read the secret projects/p/secrets/s of Google Secret Manager: PERMISSION_DENIED (HTTP 403)",
    });
    await peer.close();
    await expect(read("projects/p/secrets/s", () => ({ status: 200, body: "<html>" }))).rejects.toMatchObject({ code: "it holds no text" });
    await peer.close();
    await expect(read("s", () => found)).rejects.toMatchObject({ code: "its name is not projects/P/secrets/S" });
    expect(peer.seen).toHaveLength(0);
  });
});
