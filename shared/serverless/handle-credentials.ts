import { createCredentialsService, type CredentialsService } from "../credentials/service.ts";
import { parseTarget } from "../credentials/target.ts";
import { createSecret } from "../secrets/secret.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";
import { type FunctionAnswer, type FunctionRequest, wholeAnswer } from "./http.ts";
import { openKeys } from "./keys.ts";
import { createSources } from "./sources.ts";

const SHORTEST_KEY = 16;

/** The STUNner auth service over what is published (spec/stunnerd.md 14), for whoever has an API key or an operator's token. */
export function createCredentialsHandler(context: Context): (request: FunctionRequest) => Promise<FunctionAnswer> {
  const { cloud, settings, now } = context;
  const keys = openKeys(cloud, settings.tokenKeys, now);
  const id = cloud.env["STUNNER_API_KEYS_SECRET"] ?? "";
  const secret = createSecret(id === "" ? async () => "" : () => cloud.readSecret(id), { now });
  const sourceOf = createSources(context);
  let made: { readonly of: ReadonlyMap<string, FunctionCluster>; readonly text: string; readonly service: CredentialsService } | undefined;

  async function open(): Promise<CredentialsService> {
    const [access, clusters, text] = await Promise.all([keys.access(), context.clusters.read(), secret.read()]);
    if (made?.of === clusters && made.text === text) return made.service;
    const common = text.split(/[\s,]+/).filter((key) => key.length >= SHORTEST_KEY);
    const service = createCredentialsService({
      clusters: [...clusters.values()].map(({ name, settings: own }) => ({ name, source: sourceOf(name), apiKeys: [...new Set([...own.apiKeys, ...common])] })),
      authorize: access.operator,
      origins: settings.corsOrigins,
      perSecond: settings.credentialsRate,
      publicAddress: settings.publicAddress,
      publicPort: settings.publicPort,
      now,
    });
    made = { of: clusters, text, service };
    return service;
  }

  return async ({ method, url, headers, body, address }) => {
    const service = await open();
    const { cluster } = parseTarget(url) ?? {};
    const name = cluster ?? [...(made?.of.keys() ?? [])][0] ?? "";
    if (service.handles(url) && made?.of.has(name)) await sourceOf(name).refresh("all");
    const answer = service.answer({ method, url, headers, hasBody: body.length > 0, address });
    if (answer.status === 401 || answer.status === 403) {
      keys.doubt();
      secret.doubt();
    }
    return wholeAnswer(answer);
  };
}
