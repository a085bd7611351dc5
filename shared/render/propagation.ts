import { LAST_APPLIED_ANNOTATION } from "../resources/constants.ts";
import type { Gateway } from "../resources/gateway.ts";

type Entries = Readonly<Record<string, string>>;

/** Annotations of a Gateway, then those of its `spec.infrastructure`, that go on to what it owns (I28, I41). */
export function propagatedAnnotations(gateway: Gateway, filter: readonly string[]): Record<string, string> {
  return without({ ...gateway.metadata.annotations, ...gateway.spec.infrastructure?.annotations }, filter);
}

/** Labels of a Gateway and its infrastructure for the Deployment or DaemonSet (spec/resources.md 3.1; I28, I41). */
export function propagatedLabels(gateway: Gateway, filter: readonly string[]): Record<string, string> {
  return without({ ...gateway.metadata.labels, ...gateway.spec.infrastructure?.labels }, filter);
}

/** Labels and annotations of `spec.infrastructure` alone, for the Service and the pods (I41). */
export function infrastructure(gateway: Gateway, filter: readonly string[]): { labels: Record<string, string>; annotations: Record<string, string> } {
  const { labels, annotations } = gateway.spec.infrastructure ?? {};
  return { labels: without(labels ?? {}, filter), annotations: without(annotations ?? {}, filter) };
}

function without(entries: Entries, filter: readonly string[]): Record<string, string> {
  const kept = Object.entries(entries).filter(([key]) => key !== LAST_APPLIED_ANNOTATION && !filter.includes(key));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}
