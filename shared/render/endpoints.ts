import type { ClusterState } from "../resources/cluster.ts";

/**
 * All pod addresses behind a Service, ready or not, in no order; undefined where nothing says anything about it
 * (spec/rendering.md 6.5 rules 2, 3).
 * @param useSlices false: Endpoints are read in place of EndpointSlices
 */
export function podAddresses(state: ClusterState, service: string, useSlices: boolean): string[] | undefined {
  if (useSlices) {
    const slices = state.slicesByService.get(service);
    return slices?.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
  }
  const endpoints = state.endpoints.get(service);
  return endpoints?.subsets?.flatMap((subset) =>
    [...(subset.addresses ?? []), ...(subset.notReadyAddresses ?? [])].map((address) => address.ip),
  );
}
