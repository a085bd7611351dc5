import type { KubeClient } from "./client.ts";

/** A client whose every request and watch ends when `signal` aborts; begun after that, they fail at once. */
export function withSignal(client: KubeClient, signal: AbortSignal): KubeClient {
  const both = (own: AbortSignal | undefined): AbortSignal => (own ? AbortSignal.any([own, signal]) : signal);
  return {
    ...client,
    request: (request) => client.request({ ...request, signal: both(request.signal) }),
    watch: (request) => client.watch({ ...request, signal: both(request.signal) }),
  };
}
