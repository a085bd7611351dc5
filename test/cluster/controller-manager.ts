import type { ClusterClient } from "./client.ts";
import { startProgram, type Program } from "./program.ts";
import { reference } from "./resource.ts";

/**
 * Controllers that act on what a control plane writes. Without kubelets the others only add noise; the one of namespaces, 5 s
 * after a deletion, would empty the next namespace of that name, since `reset` does not wait for it.
 */
export const CONTROLLERS: readonly string[] = [
  "garbage-collector-controller",
  "serviceaccount-controller",
  "deployment-controller",
  "replicaset-controller",
  "daemonset-controller",
];

export interface ControllerManagerOptions {
  readonly command: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly client: ClusterClient;
  readonly controllers: readonly string[];
  readonly serviceAccountKey: string;
}

/**
 * Starts a controller manager. Its garbage collector learns of new kinds only every 30 s, so the CRDs must be there
 * before. Ready when it has collected an object whose owner is gone.
 */
export async function startControllerManager(options: ControllerManagerOptions): Promise<Program> {
  const { command, directory, kubeconfig, client, controllers, serviceAccountKey } = options;
  const program = startProgram("kube-controller-manager", {
    command,
    directory,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${controllers.join(",")}`,
      `--service-account-private-key-file=${serviceAccountKey}`,
      "--leader-elect=false",
      "--secure-port=0",
      "--concurrent-gc-syncs=5",
    ],
  });
  if (controllers.includes("garbage-collector-controller")) await garbageIsCollected(program, client);
  return program;
}

async function garbageIsCollected(program: Program, client: ClusterClient): Promise<void> {
  const orphan = reference("v1", "ConfigMap", "test-cluster-orphan", "default");
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "gone", uid: "00000000-0000-4000-8000-000000000000" };
  await client.create({ ...orphan, metadata: { ...orphan.metadata, ownerReferences: [owner] } });
  await program.ready(async () => (await client.get(orphan)) === undefined, 60_000);
}
