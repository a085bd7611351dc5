/** What publishing costs after one Gateway among many has changed (issue 3). */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { publish } from "../../shared/cds/publish.ts";
import { render } from "../../shared/render/render.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import { openStore } from "../../shared/store/open.ts";
import { fleet } from "./fleet.ts";
import { figure, median, timed } from "./measure.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";

const SIZES = [1, 64, 512, 4_096];
const RUNS = 7;

for (const size of SIZES) {
  const directory = await mkdtemp(join(tmpdir(), "stunner-bench-"));
  const store = openStore(pathToFileURL(directory).href);
  let writes = 0;
  const pass = async (address: string): Promise<void> => {
    const objects = fleet(size);
    const slice = objects.find((one) => one.kind === "EndpointSlice");
    const state = clusterState([...objects, { ...slice, apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { ...slice?.metadata, name: "more" }, endpoints: [{ addresses: [address] }] }]);
    const { configs } = render(state, RENDER_OPTIONS);
    ({ writes } = await publish(store, { cluster: "bench", configs, held: new Set(), fence: 1, now: Date.now() }));
  };
  await pass("10.1.0.0");
  let run = 0;
  const times = await timed(RUNS, () => pass(`10.1.0.${++run}`));
  figure(`render and publish one changed of ${size}, median of ${RUNS}`, median(times), "ms");
  figure(`objects written for one changed of ${size}`, writes, "objects", 2);
  await pass(`10.1.0.${run}`);
  figure(`objects written for none changed of ${size}`, writes, "objects", 0);
  await rm(directory, { recursive: true });
}
