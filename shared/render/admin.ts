import { DEFAULT_LOG_LEVEL, HEALTH_CHECK_ENDPOINT, METRICS_ENDPOINT, STUNNER_DAEMON } from "../resources/constants.ts";
import type { Dataplane } from "../resources/dataplane.ts";
import type { GatewayConfig } from "../resources/gateway-config.ts";
import type { StunnerdAdmin } from "../resources/stunnerd-config.ts";
import { failed, type Outcome } from "./outcome.ts";
import { nameOf } from "./problems.ts";

const OFFLOAD_ENGINES = ["None", "XDP", "TC", "Auto"] as const;

/** The `admin` section of a Gateway in managed mode (spec/rendering.md 4.2, 4.3). */
export function managedAdmin(name: string, gatewayConfig: GatewayConfig, dataplane: Dataplane): Outcome<StunnerdAdmin> {
  const spec = dataplane.spec ?? {};
  const text = spec.offloadEngine || "None";
  const engine = OFFLOAD_ENGINES.find((one) => one.toLowerCase() === text.toLowerCase());
  if (!engine) {
    return failed(
      nameOf(dataplane),
      "spec.offloadEngine",
      "InvalidOffloadEngine",
      `unknown offload engine "${text}"; accepted: ${OFFLOAD_ENGINES.join(", ")}`,
    );
  }
  const interfaces = [...(spec.offloadInterfaces ?? [])].sort();
  return {
    value: {
      name,
      loglevel: gatewayConfig.spec?.logLevel || DEFAULT_LOG_LEVEL,
      ...(spec.enableMetricsEndpoint ? { metrics_endpoint: METRICS_ENDPOINT } : {}),
      healthcheck_endpoint: spec.disableHealthCheck ? "" : HEALTH_CHECK_ENDPOINT,
      offload_engine: engine,
      ...(interfaces.length > 0 ? { offload_interfaces: interfaces } : {}),
    },
  };
}

/** The `admin` section in legacy mode, where no Dataplane is read (spec/rendering.md 4.3). */
export function legacyAdmin(gatewayConfig: GatewayConfig): StunnerdAdmin {
  return {
    name: STUNNER_DAEMON,
    loglevel: gatewayConfig.spec?.logLevel || DEFAULT_LOG_LEVEL,
    healthcheck_endpoint: HEALTH_CHECK_ENDPOINT,
    offload_engine: "None",
  };
}
