import { configAnswer, isNews, licenseAnswer, listAnswer } from "./answer.ts";
import { entriesOf } from "./entries.ts";
import { NOT_WEBSOCKET } from "./handshake.ts";
import { relayAddress } from "./patch.ts";
import { badHandshake, configNotFound, unavailable } from "./refusals.ts";
import type { Answer } from "./answer.ts";
import type { PollInterval } from "./poll-interval.ts";
import type { Renditions } from "./rendition.ts";
import type { CdsRequest, Refused } from "./request.ts";
import type { ConfigSource } from "./source.ts";

/** The answer to a request that does not become a watch (spec/cds.md 2). */
export function answerTo(
  request: CdsRequest | Refused,
  source: ConfigSource,
  renditions: Renditions,
  ifNoneMatch: string | undefined,
  poll: PollInterval,
): Answer {
  if (request.kind === "refused") return request.answer;
  if (request.kind === "license") return licenseAnswer();
  if (request.watch) return badHandshake(NOT_WEBSOCKET);
  if (!source.ready) return unavailable("The configurations are not loaded yet");
  if (request.kind === "list") return listAnswer(entriesOf(source.entries, request.namespace));
  const entry = source.entries.get(request.id);
  if (entry === undefined) return configNotFound(request.id);
  const rendition = renditions.of(entry, relayAddress(source, request.node));
  return configAnswer(rendition, ifNoneMatch, poll.of(entry, request.node, isNews(rendition, ifNoneMatch)));
}
