import type { IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventWebhook } from "../../infra/webhook/webhook.ts";
import { createWebhookKeeper, type WebhookKeeperOptions } from "../../shared/events/webhook-keeper.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { answer, kubeconfigFor, type Peer, startPeer } from "./kube-peer.ts";

const MINUTE = 60_000;
const live = eventWebhook({ url: "https://events.example.org", cluster: "c", token: "t", secrets: false });
const installed = { ...live, metadata: { name: "stunner-serverless-events", resourceVersion: "7" } };
const references = (...backends: string[]) => ({ backends: new Set(backends), secrets: new Set<string>() });

let peer: Peer;
let client: KubeClient;
/** Method and query of each request, in order. */
let asked: string[];
/** Statuses to be answered, one by one; then 200 with the webhook. */
let statuses: number[];
let permits: number;
let now: number;

beforeEach(async () => {
  [asked, statuses, permits, now] = [[], [], 0, 0];
  peer = await startPeer((request: IncomingMessage, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? "", peer.url).searchParams.get("dryRun") ?? ""}`.trim());
    const status = statuses.shift() ?? 200;
    answer(response, status, status === 200 ? installed : { kind: "Status", reason: status === 404 ? "NotFound" : "Whatever" });
  });
  client = createKubeClient(kubeconfigFor(peer.url));
});
afterEach(async () => {
  client.close();
  await peer.close();
});

function keeper(options: Partial<WebhookKeeperOptions> = {}) {
  const made = createWebhookKeeper({ client, cluster: "c", now: () => now, isExpected: true, ...options });
  const keep = (permit = async () => void (permits += 1)) => made.keep(permit);
  return { loaded: made.loaded, keep };
}

const UPDATED = { changes: [{ operation: "updated", object: "ValidatingWebhookConfiguration stunner-serverless-events", cause: "change" }], problems: [] };
const NOTHING = { changes: [], problems: [] };

describe("the event webhook", () => {
  it("is nobody's business before a load", async () => {
    expect(await keeper().keep()).toEqual(NOTHING);
    expect(asked).toEqual([]);
  });

  it("is read and written under the lease when what is referred to changes, and looked at now and then", async () => {
    const { loaded, keep } = keeper();
    loaded(references("media/a"));
    expect(await keep()).toEqual(UPDATED);
    expect([asked, permits]).toEqual([["GET", "PATCH"], 1]);
    loaded(references("media/a"));
    now = 4 * MINUTE;
    expect(await keep()).toEqual(NOTHING);
    expect(asked).toHaveLength(2);
    now = 5 * MINUTE;
    await keep();
    expect(asked).toHaveLength(4);
    loaded(references("media/a", "web/b"));
    await keep();
    expect(asked).toHaveLength(6);
  });

  it("costs one request where it is not installed or as it should be, for a while", async () => {
    const { loaded, keep } = keeper();
    statuses = [404];
    loaded(references("media/a"));
    for (let passes = 0; passes < 3; passes++) expect(await keep()).toEqual(NOTHING);
    // As it is installed it tells of nothing.
    loaded(references());
    for (let passes = 0; passes < 3; passes++) expect(await keep()).toEqual(NOTHING);
    expect([asked, permits]).toEqual([["GET", "GET"], 0]);
  });

  it("is read again where somebody changed it meanwhile", async () => {
    const { loaded, keep } = keeper();
    statuses = [200, 409, 200, 200];
    loaded(references("media/a"));
    expect(await keep()).toEqual(UPDATED);
    expect(asked).toEqual(["GET", "PATCH", "GET", "PATCH"]);
  });

  it.each([
    [[500], "the API server refused with status 500"],
    [[200, 403], "status 403, Whatever; the rights that `manifests` prints"],
    [[403], "status 403"],
    [[200, 409, 200, 409], "status 409"],
  ])("that cannot be kept is a problem, and tried again at the next pass: %j", async (answers, why) => {
    const { loaded, keep } = keeper();
    statuses = [...answers];
    loaded(references("media/a"));
    const { changes, problems } = await keep();
    expect(changes).toEqual([]);
    expect(problems).toEqual([expect.objectContaining({ severity: "warning", reason: "EventWebhook", message: expect.stringContaining(why) })]);
    expect(await keep()).toEqual(UPDATED);
  });

  it("that cannot be reached is a problem", async () => {
    const { loaded, keep } = keeper();
    loaded(references("media/a"));
    await peer.close();
    expect((await keep()).problems[0]?.message).toContain("no usable answer");
    peer = await startPeer((_, response) => answer(response, 200, {}));
  });

  it("that nobody expects may be out of bounds", async () => {
    const { loaded, keep } = keeper({ isExpected: false });
    statuses = [403];
    loaded(references("media/a"));
    expect(await keep()).toEqual(NOTHING);
  });

  it("is not kept in a dry run, nor without the lease", async () => {
    const dry = keeper({ dryRun: true });
    dry.loaded(references("media/a"));
    expect(await dry.keep()).toEqual(UPDATED);
    expect(asked).toEqual(["GET", "PATCH All"]);
    const { loaded, keep } = keeper();
    loaded(references("media/a"));
    await expect(keep(() => Promise.reject(new Error("the lease is over")))).rejects.toThrow("the lease is over");
    expect(asked).toEqual(["GET", "PATCH All", "GET"]);
  });
});
