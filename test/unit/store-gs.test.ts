import { afterEach, describe, expect, it } from "vitest";
import { createExpiring } from "../../shared/cloud/expiring.ts";
import { environmentTokens, metadataTokens } from "../../shared/google/token.ts";
import { PreconditionFailed } from "../../shared/store/errors.ts";
import { createGsStore } from "../../shared/store/gs.ts";
import { noPauses, type Peer, type PeerAnswer, type Seen, startPeer } from "../clouds/peer.ts";

const error = (status: number, reason: string): PeerAnswer => ({ status, body: JSON.stringify({ error: { code: status, errors: [{ reason }], message: "of secret" } }) });
const page = (items: readonly object[] = [], nextPageToken?: string): PeerAnswer => ({ status: 200, body: JSON.stringify({ items, nextPageToken }) });
const object = (name: string): object => ({ name, generation: "3", size: "2", updated: "2026-01-02T03:04:05.678Z" });
const written: PeerAnswer = { status: 200, body: '{"generation":"12"}' };

let peer: Peer;
afterEach(() => peer.close());

async function setUp(answer: (request: Seen, number: number) => PeerAnswer, clock = { now: 0 }) {
  peer = await startPeer(answer);
  const sending = noPauses();
  let issued = 0;
  const tokens = createExpiring(async () => ({ value: `token ${(issued += 1)}`, expires: Infinity }), { margin: 0 });
  const location = { name: "gs://bucket/in/", bucket: "bucket", prefix: "in/", origin: peer.origin };
  return { store: createGsStore(location, { sending, tokens, now: () => clock.now }), sending, location };
}

/** A bucket of which one object takes one write a second; time passes in pauses only. */
function slowObject(clock: { now: number }) {
  let last = -Infinity;
  return (): PeerAnswer => {
    if (clock.now - last < 1000) return error(429, "rateLimitExceeded");
    last = clock.now;
    return written;
  };
}

describe("a store in Cloud Storage", () => {
  it("asks with generations, a token, and its own metadata", async () => {
    const { store } = await setUp(() => written);
    await expect(store.put("a/b", Buffer.from("x\r\n--y"), { ifNoneMatch: "*" })).resolves.toEqual({ etag: "12" });
    await store.put("a", Buffer.from(""), { ifMatch: "7" });
    const [first, second] = peer.seen;
    expect(first?.path).toBe("/upload/storage/v1/b/bucket/o?uploadType=multipart&fields=generation&ifGenerationMatch=0");
    expect(second?.path).toContain("&ifGenerationMatch=7");
    expect(first?.headers).toMatchObject({ authorization: "Bearer token 1", "content-type": expect.stringMatching(/^multipart\/related; boundary=\S+$/) });
    expect(first?.body.toString()).toMatch(/"name":"in\/a\/b","cacheControl":"no-store".*\r\n\r\nx\r\n--y\r\n--\S+--\r\n$/s);
  });

  it("waits while an object takes no more writes", async () => {
    const clock = { now: 0 };
    const { location } = await setUp(slowObject(clock), clock);
    const store = createGsStore(location, { sending: { random: () => 0.5, wait: async (milliseconds) => void (clock.now += milliseconds) } });
    for (const body of ["one", "two", "three"]) await store.put("index.json", Buffer.from(body));
    expect(clock.now).toBeGreaterThanOrEqual(2000);
    expect(clock.now).toBeLessThan(5000);
  });

  it("takes another token once where this one is refused", async () => {
    const { store } = await setUp(({ headers }) => (headers.authorization === "Bearer token 1" ? error(401, "authError") : written));
    await store.put("a", Buffer.from("x"));
    expect(peer.seen).toHaveLength(2);
    await peer.close();
    const other = await setUp(() => error(401, "authError"));
    await expect(other.store.put("a", Buffer.from("x"))).rejects.toMatchObject({ retryable: true, message: expect.stringMatching(/authError \(HTTP 401\), the token is refused; one in GOOGLE_OAUTH_ACCESS_TOKEN lasts an hour$/) });
    expect(peer.seen).toHaveLength(2);
  });

  it("tells a missing object from a missing bucket, and asks again after a minute", async () => {
    const clock = { now: 0 };
    const bucket = { is: true };
    const { store } = await setUp(({ path }) => (path.includes("/o?") && bucket.is ? page() : error(404, "notFound")), clock);
    await expect(store.get("a")).resolves.toEqual({ status: "absent" });
    await expect(store.get("b")).resolves.toEqual({ status: "absent" });
    await expect(store.delete("b")).resolves.toBeUndefined();
    expect(peer.seen).toHaveLength(4);
    bucket.is = false;
    clock.now = 60_000;
    await expect(store.get("a")).rejects.toMatchObject({ code: "store-unavailable", message: expect.stringContaining("there is no such bucket") });
    await expect(store.list("")).rejects.toMatchObject({ code: "store-unavailable" });
  });

  it("knows its own write when the answer got lost, and that of another", async () => {
    const lost = new PreconditionFailed("a");
    for (const isOwn of [true, false]) {
      let own = "";
      const { store } = await setUp((request, number) => {
        if (number === 1) own = /"write":"([^"]+)"/.exec(request.body.toString())?.[1] ?? "";
        if (number === 1) return { status: 500 };
        if (request.method === "POST") return error(412, "conditionNotMet");
        return { status: 200, headers: { "x-goog-generation": "5", "x-goog-meta-write": isOwn ? own : "other" }, body: "x" };
      });
      const result = await store.put("a", Buffer.from("x"), { ifMatch: "4" }).catch((one: unknown) => one);
      expect(result).toEqual(isOwn ? { etag: "5" } : lost);
      await peer.close();
    }
  });

  it("deletes only the version that is asked for", async () => {
    const { store } = await setUp(({ path }) => (path.includes("ifGenerationMatch=7") ? { status: 204 } : path.includes("/o?") ? page() : error(412, "conditionNotMet")));
    await expect(store.delete("a", { ifMatch: "7" })).resolves.toBeUndefined();
    await expect(store.delete("a", { ifMatch: "6" })).rejects.toBeInstanceOf(PreconditionFailed);
    expect(peer.seen[0]).toMatchObject({ method: "DELETE", path: "/storage/v1/b/bucket/o/in%2Fa?ifGenerationMatch=7" });
  });

  it("has lost where a version to delete is gone, unless it was its own try", async () => {
    const gone = await setUp(({ path }) => (path.includes("/o?") ? page() : error(404, "notFound")));
    await expect(gone.store.delete("a", { ifMatch: "7" })).rejects.toBeInstanceOf(PreconditionFailed);
    await peer.close();
    const own = await setUp(({ path }, number) => (number === 1 ? "hang-up" : path.includes("/o?") ? page() : error(404, "notFound")));
    await expect(own.store.delete("a", { ifMatch: "7" })).resolves.toBeUndefined();
  });

  it("is not modified where the service says so", async () => {
    const { store } = await setUp(({ path }) => (path.includes("ifGenerationNotMatch=7") ? { status: 304 } : { status: 200, headers: { "x-goog-generation": "7" }, body: "x" }));
    await expect(store.get("a")).resolves.toMatchObject({ status: "found", etag: "7" });
    await expect(store.get("a", { ifNoneMatch: "7" })).resolves.toEqual({ status: "not-modified" });
  });

  it("lists page by page, without what is not its own, and refuses half a list", async () => {
    const pages = [page([object("in/b"), object("in/")], "more"), page([object("in/a")]), page([{ name: "in/a" }])];
    const { store } = await setUp((_, number) => pages[number - 1] ?? { status: 200, body: "<html>" });
    const rest = { etag: "3", size: 2, modified: Date.UTC(2026, 0, 2, 3, 4, 5, 678) };
    await expect(store.list("")).resolves.toEqual([{ key: "a", ...rest }, { key: "b", ...rest }]);
    expect(peer.seen[1]?.path).toContain("pageToken=more");
    await expect(store.list("")).rejects.toMatchObject({ code: "store-unavailable" });
    await expect(store.list("")).rejects.toMatchObject({ code: "store-unavailable" });
  });
});

describe("tokens of the environment", () => {
  it("come before those of the metadata server, at every use", async () => {
    peer = await startPeer(() => ({ status: 200, body: JSON.stringify({ access_token: "of-the-server", expires_in: 3600 }) }));
    const env: Record<string, string> = { GCE_METADATA_HOST: new URL(peer.origin).host, GOOGLE_OAUTH_ACCESS_TOKEN: "of-gcloud" };
    const tokens = environmentTokens(env);
    expect(await tokens.get()).toBe("of-gcloud");
    tokens.drop("of-gcloud");
    env["GOOGLE_OAUTH_ACCESS_TOKEN"] = "newer";
    expect(await tokens.get()).toBe("newer");
    expect(peer.seen).toEqual([]);
    env["GOOGLE_OAUTH_ACCESS_TOKEN"] = "";
    expect(await tokens.get()).toBe("of-the-server");
  });

  it("are missed in a line that says how to get one", async () => {
    peer = await startPeer(() => ({ status: 404 }));
    const tokens = environmentTokens({ GCE_METADATA_HOST: new URL(peer.origin).host });
    const store = createGsStore({ name: "gs://b/", bucket: "b", prefix: "", origin: peer.origin }, { tokens });
    await expect(store.get("a")).rejects.toMatchObject({
      code: "store-unavailable", retryable: false,
      message: expect.stringMatching(/GOOGLE_OAUTH_ACCESS_TOKEN is not set.*gcloud auth print-access-token/) as string,
    });
  });

  it("are told of where they are refused, without what they are", async () => {
    peer = await startPeer(() => ({ status: 401 }));
    const tokens = environmentTokens({ GOOGLE_OAUTH_ACCESS_TOKEN: "sEcReT" });
    const store = createGsStore({ name: "gs://b/", bucket: "b", prefix: "", origin: peer.origin }, { tokens, sending: noPauses() });
    const failure = await store.get("a").catch(String);
    expect(peer.seen[0]?.headers.authorization).toBe("Bearer sEcReT");
    expect(failure).toMatch(/GOOGLE_OAUTH_ACCESS_TOKEN lasts an hour/);
    expect(failure).not.toContain("sEcReT");
  });
});

describe("tokens of the metadata server", () => {
  it("are kept until shortly before their end, and asked for once", async () => {
    const clock = { now: 0 };
    peer = await startPeer((_, number) => ({ status: 200, body: JSON.stringify({ access_token: `t${number}`, expires_in: 3600 }) }));
    const tokens = metadataTokens({ GCE_METADATA_HOST: new URL(peer.origin).host }, () => clock.now);
    await expect(Promise.all([tokens.get(), tokens.get()])).resolves.toEqual(["t1", "t1"]);
    expect(peer.seen[0]).toMatchObject({ path: "/computeMetadata/v1/instance/service-accounts/default/token", headers: { "metadata-flavor": "Google" } });
    clock.now = 3_300_000;
    await expect(tokens.get()).resolves.toBe("t1");
    clock.now = 3_400_000;
    await expect(tokens.get()).resolves.toBe("t2");
    tokens.drop("t1");
    await expect(tokens.get()).resolves.toBe("t2");
    tokens.drop("t2");
    await expect(tokens.get()).resolves.toBe("t3");
  });

  it("say in a line where there are none", async () => {
    peer = await startPeer(() => ({ status: 404, body: "<html>" }));
    const tokens = metadataTokens({ GCE_METADATA_HOST: new URL(peer.origin).host });
    const store = createGsStore({ name: "gs://b/", bucket: "b", prefix: "", origin: peer.origin }, { tokens });
    await expect(store.get("a")).rejects.toMatchObject({
      code: "store-unavailable",
      message: "cannot get a token of the service account from Google's metadata server: Http404 (HTTP 404)",
    });
  });
});
