import { disrupted } from "../reconcile/disruption.ts";
import { nameOf } from "../render/problems.ts";
import { render } from "../render/render.ts";
import type { DesiredObject, Problem, RenderOptions, RenderResult } from "../render/result.ts";
import type { KubeObject } from "../resources/meta.ts";
import { ownGateway, ownPlatform, withOwnParent } from "./ideal.ts";
import { asJudged, type Judged } from "./judged.ts";
import type { Review } from "./read-review.ts";
import type { World } from "./world.ts";

/** What a write does to the cluster, as far as is known. */
export interface Effects {
  readonly problems: readonly Problem[];
  /** What restarts, or is replaced: calls there end (improvements I50). */
  readonly disrupts: readonly string[];
}

/**
 * Renders what is around an object twice, with it as it was and as it will be. Told is what is wrong with the object
 * itself, or with what its Gateways need, and of others what this very write breaks.
 */
export function effectsOf({ after, before }: Review, world: World, options: RenderOptions): Effects {
  const seeds = [after, before].filter((one) => one !== undefined);
  const around = world.around(seeds, options);
  const renderWith = (object: Judged | undefined): RenderResult => {
    const routed = object?.kind === "UDPRoute" ? withOwnParent(object) : object;
    const support = seeds.some(({ kind }) => kind === "UDPRoute") ? [...ownPlatform(options.controllerName), ownGateway()] : [];
    const state = world.state([...support, ...around, ...(routed ? [routed] : [])], options);
    return render(state, { ...options, certificates: "trust", published: new Map(), released: new Set() });
  };
  const was = renderWith(before);
  const will = renderWith(after);
  const selects = [...seeds, ...around].some(hasSelector);
  const problems = will.problems.filter((one) => !selects || !isGuess(one, world));
  const own = after ? problems.filter((one) => isAbout(one, after)) : [];
  // What was broken before, or was not there, could not be seen to be right in the rest.
  const wasGood = before !== undefined && !was.problems.some((one) => isAbout(one, before) && one.severity === "error");
  const old = new Set([...was.problems, ...own].map(keyOf));
  const broken = wasGood ? problems.filter((one) => !old.has(keyOf(one))) : [];
  return { problems: [...own, ...broken], disrupts: before && after ? disruptions(was, will) : [] };
}

/** A Gateway is of no use without its class, credentials and Dataplane, and so is a class. */
function isAbout({ object }: Problem, reviewed: Judged): boolean {
  if (object === nameOf(reviewed)) return true;
  return (reviewed.kind === "Gateway" || reviewed.kind === "GatewayClass") && !/^(Gateway|UDPRoute) /.test(object);
}

function hasSelector(object: KubeObject): boolean {
  const judged = asJudged(object);
  return judged?.kind === "Gateway" && judged.spec.listeners.some(({ allowedRoutes }) => allowedRoutes?.namespaces?.from === "Selector");
}

/** Whether a selector admits a namespace is not known as long as the labels of the namespace are not. */
function isGuess({ object, reason }: Problem, world: World): boolean {
  const [, namespace = ""] = /^UDPRoute ([^/]*)/.exec(object) ?? [];
  return reason === "NotAllowedByListeners" && !world.wasRead(`/Namespace/${namespace}`);
}

const keyOf = ({ object, reason, message }: Problem): string => JSON.stringify([object, reason, message]);

function disruptions(was: RenderResult, will: RenderResult): string[] {
  const listeners = [...was.configs].flatMap(([key, { config }]) => {
    const next = will.configs.get(key);
    // What is held is not cut, and a deletion is what somebody asked for.
    return next ? disrupted(config, next.config) : [];
  });
  const templates = new Map(will.objects.map((one) => [nameOf(one), templateOf(one)]));
  const pods = was.objects.filter((one) => {
    const next = templates.get(nameOf(one));
    return next !== undefined && next !== templateOf(one);
  });
  return [...listeners.map((name) => `listener ${name} restarts`), ...pods.map((one) => `the pods of ${nameOf(one)} are replaced`)];
}

/** Undefined for what has no pods. */
function templateOf(object: DesiredObject): string | undefined {
  const { template } = (object["spec"] ?? {}) as { readonly template?: unknown };
  return template === undefined ? undefined : JSON.stringify(template);
}
