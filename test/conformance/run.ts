import { spawn } from "node:child_process";
import { once } from "node:events";
import { startCluster, type Cluster } from "../cluster/cluster.ts";
import { freePorts } from "../cluster/ports.ts";
import { startServe } from "../support/running-serve.ts";

/** Usage: node run.ts BINARY [FLAG…]. Runs the suite on fresh clusters: without and with its optional tests, or once with the flags given. */
const [binary = "", ...flags] = process.argv.slice(2);
const runs = flags.length > 0 ? [flags] : [[], ["-extended"]];
let code = 0;
for (const run of runs) code = Math.max(code, await suite(run));
process.exitCode = code;

async function suite(args: readonly string[]): Promise<number> {
  const cluster = await startCluster({ gatewayApi: "newest-experimental" });
  try {
    return await against(cluster, args);
  } finally {
    await cluster.stop();
  }
}

async function against(cluster: Cluster, args: readonly string[]): Promise<number> {
  const [port = 0] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const serve = await startServe([
    "--reference-grants=enforce",
    `--kubeconfig=${cluster.kubeconfig}`,
    `--cds-url=http://${address}`,
    `--config-discovery-address=${address}`,
  ]);
  try {
    const child = spawn(binary, args, { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, stdio: "inherit" });
    const [ended] = (await once(child, "exit")) as [number | null];
    return ended ?? 1;
  } finally {
    await serve.stop();
  }
}
