import { GATEWAY_GROUP } from "../../resources/constants.ts";
import { type AnyKubeObject, groupOf } from "../../resources/kinds.ts";
import type { UDPRoute } from "../../resources/udp-route.ts";
import type { Finding } from "./finding.ts";

/** What an API server would refuse and is accepted here, since it has no effect. */
export function adviceOn(object: AnyKubeObject): Finding[] {
  if (object.kind !== "UDPRoute" || groupOf(object.apiVersion) !== GATEWAY_GROUP) return [];
  const route = object as AnyKubeObject & UDPRoute;
  return route.spec.rules.flatMap((rule, r) =>
    (rule.backendRefs ?? []).flatMap(({ group, kind, port }, b) => {
      if (port !== undefined || group || (kind && kind !== "Service")) return [];
      const message = `is missing; an API server refuses a Service backend without it: give any port, or use ${NATIVE}`;
      return [{ severity: "warning", reason: "MissingPort", path: ["spec", "rules", r, "backendRefs", b, "port"], message }];
    }),
  );
}

const NATIVE = "UDPRoute of stunner.l7mp.io/v1, where it may be left out";
