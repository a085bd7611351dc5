import type { Access } from "../access/access.ts";
import { answerTo } from "../cds/answer-to.ts";
import { createGuard, type CdsGuard } from "../cds/guard.ts";
import { createPollInterval, type PollInterval } from "../cds/poll-interval.ts";
import { unavailable } from "../cds/refusals.ts";
import { Renditions } from "../cds/rendition.ts";
import { type CdsRequest, parseRequest, type Refused } from "../cds/request.ts";
import type { ConfigSource } from "../cds/source.ts";
import { clusterPrefix } from "./cluster-prefix.ts";
import type { Context } from "./context.ts";
import { type FunctionAnswer, type FunctionRequest, wholeAnswer } from "./http.ts";
import type { IndexSource } from "./index-source.ts";
import { type Keys, openKeys } from "./keys.ts";
import { createSources } from "./sources.ts";

interface ServedCluster {
  readonly source: IndexSource;
  readonly guard: CdsGuard;
  readonly renditions: Renditions;
  readonly poll: PollInterval;
}

/** Stands for a cluster that there is not: who may see nothing cannot tell the difference. */
const NOWHERE: ConfigSource = { ready: true, entries: new Map(), nodeAddress: () => undefined, subscribe: () => () => undefined };

/**
 * CDS without watches (spec/cds.md 2, DESIGN.md 4.3): `GET /c/<cluster>/api/v1/configs/…` with entity tags, for
 * `delivery: pull`; without the prefix, of the first cluster.
 */
export function createCdsHandler(context: Context): (request: FunctionRequest) => Promise<FunctionAnswer> {
  const keys: Keys = openKeys(context.cloud, context.settings.tokenKeys, context.now);
  const sourceOf = createSources(context);
  const served = new Map<string, ServedCluster>();

  function open(access: Access, name: string, pollSeconds: number): ServedCluster {
    const known = served.get(name);
    if (known) return known;
    const source = sourceOf(name);
    const one = { source, guard: createGuard(access, name, source), renditions: new Renditions(), poll: createPollInterval(source, pollSeconds) };
    served.set(name, one);
    return one;
  }

  return async ({ method, url, headers }) => {
    const [access, clusters] = await Promise.all([keys.access(), context.clusters.read()]);
    const { prefix, name = [...clusters.keys()][0] ?? "" } = clusterPrefix(url);
    const request = parseRequest(method, url, prefix);
    const cluster = clusters.get(name);
    const { source, guard, renditions, poll } = cluster
      ? open(access, name, cluster.settings.pollInterval / 1000)
      : { source: undefined, guard: createGuard(access, name, NOWHERE), renditions: new Renditions(), poll: undefined };
    // Strangers cost one look at the index, and no more.
    await source?.refresh([]);
    if (request.kind === "config" || request.kind === "list") {
      const { refusal } = guard.admit(headers.authorization, request);
      if (refusal?.status === 403) keys.doubt();
      if (refusal) return wholeAnswer(refusal);
    }
    await source?.refresh(wantedBy(request));
    if (source && isMissing(request, source)) return wholeAnswer(unavailable("The configurations are not loaded yet"));
    return wholeAnswer(answerTo(request, source ?? NOWHERE, renditions, headers["if-none-match"], poll ?? createPollInterval(NOWHERE, 0)));
  };
}

function wantedBy(request: CdsRequest | Refused): readonly string[] | "all" {
  if (request.kind === "list") return "all";
  return request.kind === "config" ? [request.id] : [];
}

/** Whether something is published that could not be read: it is not absent. */
function isMissing(request: CdsRequest | Refused, source: IndexSource): boolean {
  if (request.kind === "config") return source.entries.has(request.id) && !source.has(request.id);
  return request.kind === "list" && [...source.entries.keys()].some((id) => !source.has(id));
}
