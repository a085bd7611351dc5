import { Command } from "commander";
import { refuseExposure } from "../../shared/settings.ts";
import { withApiKeys } from "./api-keys.ts";
import { createLog } from "./log.ts";
import { addSettings, givenFlags } from "./options.ts";
import { untilStopped } from "./signals.ts";
import { serve } from "./serve.ts";
import { servedClusters } from "./served-clusters.ts";
import { refuseUnreachable, settingsOfCluster } from "./which-cluster.ts";

/** An orderly stop that takes longer is cut short. Kubernetes kills 30 s after it has asked. */
const PATIENCE_MS = 2_800;
const FINALIZER_PATIENCE_MS = 25_000;

/** Runs until it is told to stop by SIGINT or SIGTERM, of which the first is `signalled`, past or to come. */
export function serveCommand(signalled: Promise<NodeJS.Signals>): Command {
  const command = new Command("serve").description(
    "serve a cluster in one process: watches an API server or a directory of manifests, renders, publishes, serves CDS, probes and metrics",
  );
  return addSettings(command, "serve").action(() =>
    untilStopped(signalled, async (isStopped) => {
      const flags = givenFlags(command);
      const settings = await withApiKeys(settingsOfCluster(flags, process.env));
      const clusters = await servedClusters(settings, flags);
      if (!settings.clusters) refuseUnreachable(settings);
      refuseExposure(settings);
      const log = createLog(settings);
      if (await isStopped()) return undefined;
      return { log, stop: await serve(settings, clusters, log), patience: settings.finalizer ? FINALIZER_PATIENCE_MS : PATIENCE_MS };
    }),
  );
}
