import { nameOf } from "../render/problems.ts";
import { render } from "../render/render.ts";
import type { Problem, RenderOptions } from "../render/result.ts";
import { clusterState } from "../state/cluster-state.ts";
import { idealWorld, STAND_IN } from "./ideal.ts";
import type { Judged } from "./judged.ts";

/** Reason of an annotation that means nothing: rendering goes on without it, but nobody writes one on purpose. */
const INVALID_ANNOTATION = "InvalidAnnotation";

/** What is wrong with an object whatever else there is: the renderer finds it with everything around it flawless. */
export function provenProblems(object: Judged, options: RenderOptions): Problem[] {
  const state = clusterState(idealWorld(object, options.controllerName));
  // What a setting forbids, the object does not prove.
  const { problems } = render(state, { ...options, endpointDiscovery: true, certificates: "trust", published: new Map(), released: new Set() });
  const name = nameOf(object);
  const about = object.kind === "StaticService" ? `UDPRoute ${object.metadata.namespace ?? ""}/${STAND_IN}` : name;
  const found = problems.filter(({ object: one, severity, reason }) => one === about && (severity === "error" || reason === INVALID_ANNOTATION));
  return object.kind === "StaticService" ? found.map((one) => ({ ...one, object: name, field: "spec.prefixes" })) : found;
}
