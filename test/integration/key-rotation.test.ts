import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccess } from "../../shared/access/access.ts";
import { parseKeyRing } from "../../shared/access/key-ring.ts";
import { KEY } from "../bench/fleet-cloud.ts";
import { member, namespaceOf } from "../bench/fleet-objects.ts";
import { createWorld, type World } from "../bench/fleet-world.ts";
import { childOf, textOf } from "../support/json.ts";

const NEXT = Buffer.alloc(32, 9).toString("base64");
/** Functions read secrets again after so long. */
const KEPT_MS = 300_000;

/** What docs/key-rotation.md says of functions, with their own code. */
describe("keys of functions are rotated", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld({ clusters: 1, env: { STUNNER_DELIVERY: "pull", STUNNER_LOG_LEVEL: "error" } });
    for (const object of member(0)) world.clusters.get("c0")?.put(object);
    await pass();
    await pass();
    world.counter.take();
  });
  afterEach(() => world.stop());

  async function pass(): Promise<void> {
    await world.resync();
    await world.settle();
  }

  /** Status of a poll with the token that a key makes. */
  async function polledWith(key: string): Promise<number> {
    const [namespace, name] = [namespaceOf(0), "gw-0"];
    const gateway = world.clusters.get("c0")?.get({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", namespace, name });
    const token = createAccess(() => parseKeyRing(key)).configToken("c0", { namespace, name, uid: textOf(childOf(gateway, "metadata"), "uid") });
    const { status } = await world.poll({ url: `/c/c0/api/v1/configs/${namespace}/${name}`, headers: { authorization: `Bearer ${token}` } });
    return status;
  }

  it("both open while both are there; the next pass writes new Secrets and no pod; then the old one opens nothing", async () => {
    expect([await polledWith(KEY), await polledWith(NEXT)]).toEqual([200, 403]);
    world.rotate(`${NEXT}\n${KEY}`);
    world.later(KEPT_MS);
    expect([await polledWith(KEY), await polledWith(NEXT)]).toEqual([200, 200]);

    world.counter.take();
    await pass();
    const counts = world.counter.take();
    const writes = Object.keys(counts).filter((name) => /^api (?:create|apply|patch|update|delete) /.test(name));
    expect(writes).toEqual(["api apply secrets"]);

    world.rotate(NEXT);
    world.later(KEPT_MS);
    expect([await polledWith(KEY), await polledWith(NEXT)]).toEqual([403, 200]);
  });

  it("one key put in the place of the other shuts pods out until the next pass has reached them", async () => {
    world.rotate(NEXT);
    world.later(KEPT_MS);
    expect([await polledWith(KEY), await polledWith(NEXT)]).toEqual([403, 200]);
  });
});
