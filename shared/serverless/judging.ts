import type { Access } from "../access/access.ts";
import { type Admission, createAdmission } from "../admission/admission.ts";
import { renderOptionsOf } from "../settings/render-options.ts";
import type { AdmissionMode } from "../admission/verdict.ts";
import type { FunctionCluster } from "./cluster-list.ts";
import type { Context } from "./context.ts";

/** Judges the writes to a cluster by what its last pass left. */
export type Judging = Admission;

/** @throws {InvalidDelivery} */
export function openJudging({ name, settings }: FunctionCluster, access: Access, { store, log, now }: Context): Judging {
  const options = renderOptionsOf(settings, { url: settings.configOrigin(), ca: settings.cdsCa, token: (gateway) => access.configToken(name, gateway) });
  const mode: AdmissionMode = settings.admission === "deny" ? "deny" : "warn";
  const onError = (error: unknown): void => log.warn("writes are not judged, or by what was known before", { cluster: name, err: error });
  const render = { ...options, published: new Map(), released: new Set<string>(), now: now() };
  return createAdmission({ store, cluster: name, mode, render, now: () => performance.now(), onError });
}
