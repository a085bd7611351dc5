import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createSnapshotStore } from "../../shared/admission/snapshot-store.ts";
import { openStore } from "../../shared/store/open.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf, run, type Ended } from "../support/running-serve.ts";
import { gatewayApiOr, startCluster, type Cluster } from "./cluster.ts";
import { reference, type Manifest } from "./resource.ts";

/** A scheduled `reconcile` leaves for whoever judges what a `serve` would (docs/admission.md). */
describe("what writes are judged by, after one pass", () => {
  let cluster: Cluster;
  let directory: Awaited<ReturnType<typeof directoryOf>>;
  const store = (name: string): string => `file://${directory.path}/${name}`;
  const file = (name: string): string => `${directory.path}/${name}/clusters/default/judge.json`;
  const reconcile = (name: string, ...args: string[]): Promise<Ended> =>
    run(["reconcile", `--kubeconfig=${cluster.kubeconfig}`, `--store=${store(name)}`, "--cds-url=http://192.0.2.1:13478", ...args]);

  beforeAll(async () => {
    [cluster, directory] = await Promise.all([startCluster({ gatewayApi: gatewayApiOr("newest") }), directoryOf({})]);
    for (const namespace of ["stunner", "media"]) await cluster.apply(reference("v1", "Namespace", namespace));
    for (const document of parseAllDocuments([PLATFORM, gateway("one")].join("---\n"))) await cluster.apply(document.toJS() as Manifest);
  });
  afterAll(async () => {
    await cluster.stop();
    await directory.remove();
  });

  test("a pass stores the snapshot, without secrets, and the next one leaves it as it is", async () => {
    expect(await reconcile("a")).toMatchObject({ code: 0, stderr: "" });
    const snapshot = await createSnapshotStore(openStore(store("a")), "default").read();
    const names = typeof snapshot === "object" ? snapshot.objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`) : [];
    expect(names).toEqual(expect.arrayContaining(["Gateway/one", expect.stringMatching(/^GatewayClass\//), expect.stringMatching(/^GatewayConfig\//)]));
    const text = await readFile(file("a"), "utf8");
    expect(await reconcile("a")).toMatchObject({ code: 0 });
    expect(await readFile(file("a"), "utf8")).toBe(text);
  });

  test("a dry run and --admission=off store none, and neither does a diff", async () => {
    await reconcile("b", "--dry-run");
    await reconcile("b", "--admission=off");
    await run(["diff", `--kubeconfig=${cluster.kubeconfig}`, `--store=${store("b")}`, "--cds-url=http://192.0.2.1:13478"]);
    expect(existsSync(file("b"))).toBe(false);
  });
});
