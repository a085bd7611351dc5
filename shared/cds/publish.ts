import { setTimeout as sleep } from "node:timers/promises";
import type { RenderedConfig } from "../render/result.ts";
import { serializeConfig } from "../resources/stunnerd-config.ts";
import { overRead } from "../store/condition.ts";
import { PreconditionFailed } from "../store/errors.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { inParallel } from "../store/parallel.ts";
import { configText, encodeConfigObject } from "./config-object.ts";
import { Contended, OtherCluster, StaleFence } from "./publish-errors.ts";
import { planPublication } from "./publish-plan.ts";
import type { NewConfig, Plan } from "./publish-plan.ts";
import { isConfigId, nextGeneration, readIndex, serializeIndex } from "./published-index.ts";
import type { PublishedIndex } from "./published-index.ts";
import { keysOf } from "./published-keys.ts";

export { collectGarbage } from "./collect-garbage.ts";
export { createPublishedCache, loadPublished } from "./load-published.ts";
export { publishNodes } from "./publish-nodes.ts";

/** Objects written at a time. */
const WIDTH = 16;
/** Lost races before giving up; who wins has made progress, so this means dozens of publishers. */
const ATTEMPTS = 16;

export interface Publication {
  readonly cluster: string;
  /** What is rendered, by `namespace/name` of the Gateway. */
  readonly configs: ReadonlyMap<string, RenderedConfig>;
  /** Ids whose published config stays as it is, or absent as it is (I10). */
  readonly held: ReadonlySet<string>;
  /**
   * Number of the lease; a pass with a smaller one than the index has is too late. A function is called before each
   * write and not at all where there is none.
   */
  readonly fence: number | (() => Promise<number>);
  /** The index moves even where nothing changed: a pass that did not end may be about to move the one that there is. */
  readonly anew?: boolean;
  /** UID of the kube-system namespace; absent: what the index says stays. */
  readonly clusterUid?: string | undefined;
  /** Milliseconds since the epoch; a function tells the time of each write. */
  readonly now: number | (() => number);
  /** Waits for so many milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
  /** Ids whose object is to be written even if the index names it already: those that `loadPublished` found damaged. */
  readonly repair?: ReadonlySet<string>;
}

export interface Published {
  /** Of the index as it is now. */
  readonly generation: number;
  /** Whether this publication moved the index. */
  readonly moved: boolean;
  /** Ids that are new or have another content, ascending. */
  readonly changed: readonly string[];
  /** Ids that are gone, ascending. */
  readonly deleted: readonly string[];
  /** Ids that cannot be stored because of their name, and were left out. */
  readonly refused: readonly string[];
  /** Configs served now. */
  readonly total: number;
  /** Objects written, the index included, and their bytes. */
  readonly writes: number;
  readonly bytes: number;
}

/**
 * Publishes what was rendered: the new config objects first, then, by a conditional write, the index that names them,
 * so that whoever reads sees the old or the new state. Writes nothing when nothing changed (the fence alone is no
 * change). Objects that the index does not name are written even if they exist, which keeps `collectGarbage` from
 * deleting them. Where the store wants a pause between two writes of the index, it is waited for, and what others have published
 * meanwhile is taken up.
 * @throws {StaleFence} a later pass has published
 * @throws {OtherCluster} the index is another cluster's
 * @throws {CorruptIndex} publishing over it would lose what is held; delete it to publish anew
 * @throws {Contended} lost the race too often
 * @throws {StoreError} the previous state is still served
 */
export async function publish(store: ObjectStore, publication: Publication): Promise<Published> {
  const { cluster, configs, wait = sleep } = publication;
  const now = (): number => (typeof publication.now === "number" ? publication.now : publication.now());
  const wanted = new Map<string, NewConfig>();
  const refused: string[] = [];
  for (const [id, { config, uid }] of configs) {
    if (isConfigId(id)) wanted.set(id, { ...configText(serializeConfig(config)), uid });
    else refused.push(id);
  }
  const written = { writes: 0, bytes: 0 };

  // Once: if somebody else was faster again, the store refuses for a while, and waits itself.
  let hasWaited = false;

  for (let attempt = 1; ; attempt += 1) {
    const read = await readIndex(store, cluster);
    const [old, etag] = read.status === "found" ? [read.index, read.etag] : [undefined, undefined];
    if (old !== undefined) checkCluster(publication, old);
    const plan = planPublication(old, wanted, publication);
    const pause = plan.moved && !hasWaited ? pauseBefore(store, old, now()) : 0;
    if (pause > 0) {
      hasWaited = true;
      await wait(pause);
      continue;
    }
    const fence = await fenceOf(publication, plan, old);
    await writeObjects(store, publication, plan, written);
    const generation = plan.moved ? nextGeneration(old?.generation, now()) : (old?.generation ?? 0);
    const { moved, changed, deleted } = plan;
    if (moved) {
      if (typeof publication.fence === "function") await publication.fence();
      const index = { generation, renderedAt: now(), fence, clusterUid: plan.clusterUid, configs: plan.configs };
      const lost = await moveIndex(store, cluster, index, etag, written);
      if (lost !== undefined && attempt === ATTEMPTS) throw new Contended(keysOf(cluster).index, lost);
      if (lost !== undefined) continue;
    }
    return { generation, moved, changed, deleted, refused, total: plan.configs.size, ...written };
  }
}

async function fenceOf({ cluster, fence }: Publication, plan: Plan, old: PublishedIndex | undefined): Promise<number> {
  const writes = plan.moved || plan.write.length > 0;
  const number = typeof fence === "number" ? fence : writes ? await fence() : Number.POSITIVE_INFINITY;
  if (old && number < old.fence) throw new StaleFence(keysOf(cluster).index, number, old.fence);
  return number;
}

function checkCluster({ cluster, clusterUid }: Publication, old: PublishedIndex): void {
  const key = keysOf(cluster).index;
  if (clusterUid === undefined || old.clusterUid === undefined || clusterUid === old.clusterUid) return;
  throw new OtherCluster(key, clusterUid, old.clusterUid);
}

/** The clock of who wrote last may be another: more than the whole pause is never waited. */
function pauseBefore({ writePause = 0 }: ObjectStore, old: PublishedIndex | undefined, now: number): number {
  return old === undefined ? 0 : Math.min(writePause, Math.max(0, old.renderedAt + writePause - now));
}

interface Written {
  writes: number;
  bytes: number;
}

async function writeObjects(store: ObjectStore, { cluster, fence }: Publication, { write }: Plan, written: Written): Promise<void> {
  await inParallel(write, WIDTH, async ({ id, text, digest }) => {
    const body = encodeConfigObject(text);
    if (typeof fence === "function") await fence();
    await store.put(keysOf(cluster).config(id, digest), body);
    written.writes += 1;
    written.bytes += body.length;
  });
}

/** Returns the lost race, if it was lost. */
async function moveIndex(
  store: ObjectStore,
  cluster: string,
  index: PublishedIndex,
  etag: string | undefined,
  written: Written,
): Promise<PreconditionFailed | undefined> {
  const body = serializeIndex(index);
  try {
    await store.put(keysOf(cluster).index, body, overRead(etag));
  } catch (error) {
    if (error instanceof PreconditionFailed) return error;
    throw error;
  }
  written.writes += 1;
  written.bytes += body.length;
  return undefined;
}
