import { cp } from "node:fs/promises";
import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import { loadPublished } from "../../shared/cds/publish.ts";
import { render } from "../../shared/render/render.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import type { Flags, Settings } from "../../shared/settings.ts";
import { openStore } from "../../shared/store/open.ts";
import { CommandFailure, reasonOf } from "./fail.ts";
import { findPlaces } from "./places.ts";
import { renderOptions } from "./render-options.ts";
import { renderedConfigs } from "./rendered-configs.ts";

/**
 * The configurations that `ice` speaks of: those published in a store, or those that a directory of manifests gives. What
 * stands on the command line goes before the environment.
 * @throws {CommandFailure} naming the setting
 * @throws {StoreError} @throws {CorruptIndex} @throws {ClusterError}
 */
export async function iceConfigs(settings: Settings, flags: Flags): Promise<readonly StunnerdConfig[]> {
  const { store, manifests } = settings;
  const [fromStore, fromManifests] = [flags["store"] !== undefined, flags["manifests"] !== undefined];
  if (fromStore && fromManifests) throw new CommandFailure("give either --store or --manifests");
  if (manifests !== "" && (fromManifests || store === "")) return renderDirectory(settings);
  if (store === "") throw new CommandFailure("say where the configurations are: --store=URL, that of a control plane, or --manifests=DIR");
  if (store === "memory:") throw new CommandFailure("--store=memory: is another one in each process: nothing is in it here");
  const published = await loadPublished(openStore(store), settings.cluster);
  if (published.size === 0) throw new CommandFailure(`no valid listener found: nothing is published of cluster ${settings.cluster} in the store`, 1);
  return [...published.values()];
}

/** Nothing is written but to a copy: `--out` tells what a cluster would, such as the addresses of Services. */
async function renderDirectory(settings: Settings): Promise<readonly StunnerdConfig[]> {
  const places = await findPlaces({ manifests: settings.manifests, out: "", store: "memory:" });
  try {
    if (settings.out !== "") {
      await cp(settings.out, places.out, { recursive: true }).catch((error: unknown) => {
        throw new CommandFailure(`--out=${settings.out}: ${reasonOf(error)}`, 2, error);
      });
    }
    const { state, problems } = await createDirectoryCluster({ ...places, now: Date.now }).load();
    for (const { severity, object, message } of problems) if (severity === "error") process.stderr.write(`${object}: ${message}\n`);
    const options = renderOptions(settings, settings.configOrigin());
    return renderedConfigs(render(state, { ...options, published: new Map(), released: new Set(), now: Date.now() }));
  } finally {
    await places.discard();
  }
}
