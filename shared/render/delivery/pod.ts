import type { Delivery, RemoteDelivery } from "../../resources/delivery.ts";
import type { Gateway } from "../../resources/gateway.ts";
import { deliveryName } from "./names.ts";
import { CONFIG_DIR, CONFIG_FILE, RUN_DIR, SETTINGS_DIR, SIDECAR, TOKEN_DIR } from "./paths.ts";

/** What a delivery adds to the pods of a Gateway. */
export interface DeliveryPod {
  /** Value of STUNNER_CONFIG_ORIGIN. */
  readonly origin: string;
  readonly initContainers?: readonly object[];
  readonly volumes?: readonly object[];
  /** Of the container of stunnerd. */
  readonly volumeMounts?: readonly object[];
}

/** In memory: what is in it is on no disk of the node. */
const CONFIG_VOLUME = { name: "stunner-config", emptyDir: { medium: "Memory", sizeLimit: "32Mi" } };
const FILE_ORIGIN = `file://${CONFIG_DIR}/${CONFIG_FILE}`;
const READ_CONFIG = { name: "stunner-config", mountPath: CONFIG_DIR, readOnly: true };

/** Neither the user's nor root: there is nothing on the pods' volumes that belongs to somebody. */
const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsGroup: 65_532,
  runAsNonRoot: true,
  runAsUser: 65_532,
  seccompProfile: { type: "RuntimeDefault" },
};

/**
 * Nothing in it depends on keys, tokens, authorities or the address of CDS: those are in the Secret and the ConfigMap,
 * which change without the pods (DESIGN.md 4.3, rule I29).
 * @param node the variable with the name of the node, as stunnerd has it
 * @param port of the proxy
 */
export function deliveryPod(delivery: Delivery | undefined, gateway: Gateway, direct: string, node: object, port: number): DeliveryPod {
  const name = deliveryName(gateway.metadata.name);
  switch (delivery?.kind) {
    case "proxy":
      return {
        origin: `http://127.0.0.1:${port}`,
        initContainers: [sidecar(delivery, `${SETTINGS_DIR}/proxy.sh`, { name: "stunner-run", mountPath: RUN_DIR })],
        volumes: [...sidecarVolumes(name), { name: "stunner-run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
      };
    case "pull":
      return {
        origin: FILE_ORIGIN,
        initContainers: [sidecar(delivery, `${SETTINGS_DIR}/pull.sh`, { name: "stunner-config", mountPath: CONFIG_DIR }, [node])],
        volumes: [...sidecarVolumes(name), CONFIG_VOLUME],
        volumeMounts: [READ_CONFIG],
      };
    case "configmap": {
      // As a directory: in a file that is mounted by itself changes never arrive.
      const source = delivery.object === "Secret" ? { secret: { secretName: name } } : { configMap: { name } };
      return { origin: FILE_ORIGIN, volumes: [{ name: "stunner-config", ...source }], volumeMounts: [READ_CONFIG] };
    }
    default:
      return { origin: direct };
  }
}

/** A native sidecar: starts before stunnerd, and ends after its last call. */
function sidecar({ image, imagePullPolicy, resources }: RemoteDelivery, script: string, work: object, env: readonly object[] = []): object {
  return {
    name: SIDECAR,
    image,
    imagePullPolicy,
    restartPolicy: "Always",
    command: ["/bin/sh", script],
    ...(env.length > 0 ? { env } : {}),
    resources,
    securityContext: UNPRIVILEGED,
    volumeMounts: [
      { name: "stunner-delivery", mountPath: SETTINGS_DIR, readOnly: true },
      { name: "stunner-token", mountPath: TOKEN_DIR, readOnly: true },
      work,
    ],
  };
}

function sidecarVolumes(name: string): object[] {
  return [
    { name: "stunner-delivery", configMap: { name } },
    { name: "stunner-token", secret: { secretName: name } },
  ];
}
