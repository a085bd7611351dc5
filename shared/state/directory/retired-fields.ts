/** Fields of `spec` that stunner.l7mp.io/v1 no longer has, by kind, each with what to do instead. */
const RETIRED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GatewayConfig: {
    stunnerConfig: "remove it; the legacy ConfigMap is always called stunnerd-config",
    minPort: "remove it; a port range is given by port and endPort in the backendRefs of a UDPRoute",
    maxPort: "remove it; a port range is given by port and endPort in the backendRefs of a UDPRoute",
    metricsEndpoint: "remove it and set enableMetricsEndpoint: true in the Dataplane; metrics are then at :8080/metrics",
    healthCheckEndpoint: "remove it; health checks are at :8086, and disableHealthCheck: true in the Dataplane switches them off",
  },
  StaticService: {
    ports: "remove it; a port range is given by port and endPort in the backendRefs of a UDPRoute",
  },
  Dataplane: {
    healthCheckPort: "remove it; health checks are at :8086, and disableHealthCheck: true switches them off",
  },
};

/** The remedy for a field of `spec` that a kind no longer has; undefined where the field is none of those. */
export function retiredRemedy(kind: string, field: string): string | undefined {
  const fields = RETIRED[kind];
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
}
