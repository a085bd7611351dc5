import { DEFAULT_DATAPLANE, STUNNER_GROUP } from "../../shared/resources/constants.ts";

/** The release that the specification of this project was measured on. */
export const STUNNERD_IMAGE = "docker.io/l7mp/stunnerd:1.2.1";

/** The Dataplane of every GatewayConfig that names none, as the upstream's chart has it (spec/resources.md 8). */
export function defaultDataplane(image: string): object {
  return {
    apiVersion: `${STUNNER_GROUP}/v1`,
    kind: "Dataplane",
    metadata: { name: DEFAULT_DATAPLANE },
    spec: {
      image,
      imagePullPolicy: "IfNotPresent",
      command: ["stunnerd"],
      args: ["-w", "--udp-thread-num=16", "--log-format=text"],
      replicas: 1,
      resources: { requests: { cpu: "500m", memory: "128Mi" }, limits: { cpu: "2", memory: "512Mi" } },
      terminationGracePeriodSeconds: 3600,
      enableMetricsEndpoint: false,
      hostNetwork: false,
    },
  };
}
