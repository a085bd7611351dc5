import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Cluster } from "../../shared/apply/cluster.ts";
import { createDirectoryCluster } from "../../shared/apply/directory.ts";
import { createManifestReader } from "../../shared/apply/directory/manifest-reader.ts";
import type { Changed } from "../../shared/apply/directory/manifest-reader.ts";
import type { DesiredObject } from "../../shared/render/result.ts";
import { clusterState } from "../../shared/state/cluster-state.ts";
import type { Manifests } from "../../shared/state/directory/load-manifests.ts";
import { gateway, PLATFORM } from "../support/manifests.ts";
import { directoryOf } from "../support/running-serve.ts";

let root = "";
let remove: () => Promise<void>;
let cluster: Cluster;

beforeEach(async () => {
  ({ path: root, remove } = await directoryOf({ "m/platform.yaml": PLATFORM, "m/gw.yaml": gateway("gw") }));
  cluster = await loaded();
});
afterEach(() => remove());

async function loaded(): Promise<Cluster> {
  const made = createDirectoryCluster({ manifests: join(root, "m"), out: join(root, "out"), now: () => Date.parse("2026-01-01T00:00:00Z") });
  await made.load();
  return made;
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function read(path: string): Promise<Record<string, unknown>> {
  return parse(await readFile(join(root, path), "utf8")) as Record<string, unknown>;
}

const FILE = "out/Service/media/gw.yaml";

function service(fields: object = {}, metadata: object = {}): DesiredObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "gw", namespace: "media", ...metadata }, spec: { type: "ClusterIP", ports: [{ port: 1 }], ...fields } };
}

function deployment(image: string, replicas: number): DesiredObject {
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image }] } };
  const spec = { replicas, selector: { matchLabels: { a: "b" } }, template };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "gw", namespace: "media" }, spec };
}

/** A Service as the user has it. */
function manifest(type: string): string {
  const metadata = "{ namespace: media, name: gw, labels: { team: video } }";
  return `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec: { type: ${type}, internalTrafficPolicy: Local, ports: [{ name: p, port: 1, appProtocol: x }, { name: other, port: 9 }] }\n`;
}

function status(message: string) {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway" as const,
    namespace: "media",
    name: "gw",
    status: { conditions: [{ type: "Accepted", status: "True" as const, reason: "Accepted", message }], listeners: [] },
  };
}

/** Port of the Gateway `x`. */
function port(manifests: Manifests): number | undefined {
  return clusterState(manifests.objects).gateways.get("media/x")?.spec.listeners[0]?.port;
}

/** Names of the Gateways. */
function names(manifests: Manifests): string[] {
  return [...clusterState(manifests.objects).gateways.values()].map(({ metadata }) => metadata.name).sort();
}

async function uidOfGateway(): Promise<string> {
  const { state } = await cluster.load();
  return state.gateways.get("media/gw")?.metadata.uid ?? "";
}

async function owned(name = "gw"): Promise<object> {
  const owner = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", name, uid: await uidOfGateway() };
  return { labels: { "stunner.l7mp.io/owned-by": "stunner" }, ownerReferences: [owner] };
}

describe("writing", () => {
  it("creates, updates, and leaves what is as it should be", async () => {
    expect(await cluster.write(service())).toMatchObject({ operation: "created" });
    await cluster.load();
    const { mtimeMs } = await stat(join(root, FILE));
    expect(await cluster.write(service())).toMatchObject({ operation: "unchanged" });
    expect(await cluster.write(service())).toMatchObject({ operation: "unchanged" });
    expect((await stat(join(root, FILE))).mtimeMs).toBe(mtimeMs);
    expect(await cluster.write(service({ type: "NodePort" }))).toMatchObject({ operation: "updated" });
    expect(await read(FILE)).toMatchObject({ spec: { type: "NodePort" } });
  });

  it("removes what was applied last and is no longer wanted, over a restart, and keeps what others have", async () => {
    await cluster.write(service({ loadBalancerIP: "192.0.2.1" }, { annotations: { ours: "1" } }));
    const text = await readFile(join(root, FILE), "utf8");
    await put(FILE, text.replace("annotations:\n", "annotations:\n    theirs: '2'\n"));
    cluster = await loaded();
    expect(await cluster.write(service())).toMatchObject({ operation: "updated" });
    const { metadata, spec } = await read(FILE);
    expect(metadata).toMatchObject({ annotations: { theirs: "2" } });
    expect([JSON.stringify(metadata), spec]).toEqual([expect.not.stringContaining("ours"), expect.not.objectContaining({ loadBalancerIP: "192.0.2.1" })]);
  });

  it("removes nothing where it is not known what was applied last", async () => {
    await cluster.write(service({ loadBalancerIP: "192.0.2.1" }));
    for (const damage of ["remove", "spoil"]) {
      if (damage === "spoil") await put("out/.applied/Service/media/gw.json", "{");
      else await rm(join(root, "out/.applied"), { recursive: true });
      cluster = await loaded();
      await cluster.write(service());
      expect(await read(FILE)).toMatchObject({ spec: { loadBalancerIP: "192.0.2.1" } });
      await rm(join(root, "out/.applied"), { recursive: true });
    }
  });

  it("takes away what no longer fits the type of a Service, as an API server does", async () => {
    await cluster.write(service({ type: "LoadBalancer", externalTrafficPolicy: "Local" }));
    const text = await readFile(join(root, FILE), "utf8");
    await put(FILE, text.replace("port: 1", "port: 1\n      nodePort: 30001\n      appProtocol: x").replace("spec:", "spec:\n  sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } }"));
    await cluster.load();
    await cluster.write(service({ type: "NodePort" }));
    expect(await read(FILE)).toMatchObject({ spec: { sessionAffinityConfig: {}, ports: [{ nodePort: 30_001 }] } });
    await cluster.load();
    await cluster.write(service({ type: "ClusterIP", sessionAffinity: "None" }));
    const { spec } = await read(FILE);
    expect(spec).toEqual({ type: "ClusterIP", sessionAffinity: "None", ports: [expect.objectContaining({ port: 1, appProtocol: "x" })] });
    expect(JSON.stringify(spec)).not.toContain("nodePort");
  });

  it("does not write over what somebody changed meanwhile", async () => {
    await cluster.write(service());
    await cluster.load();
    await put(FILE, "apiVersion: v1\n");
    await expect(cluster.write(service({ type: "NodePort" }))).rejects.toMatchObject({ code: "Conflict", retryable: true });
    expect(await readFile(join(root, FILE), "utf8")).toBe("apiVersion: v1\n");
  });

  it.each(["{", "apiVersion: v1\nkind: Service\nmetadata: { name: gw, namespace: media }\nspec: { type: Wrong }\n"])(
    "does not write over what it does not understand: %j",
    async (text) => {
      await put(FILE, text);
      cluster = await loaded();
      const { problems, unread, unknown } = await cluster.load();
      expect([unread, unknown]).toEqual([["--out/Service/media/gw.yaml"], ["--out/Service/media/gw.yaml"]]);
      expect(problems).toContainEqual(expect.objectContaining({ severity: "error", message: expect.stringMatching(/^Service\/media\/gw\.yaml:\d/) }));
      await expect(cluster.write(service())).rejects.toMatchObject({ code: "Unread" });
      expect(await readFile(join(root, FILE), "utf8")).toBe(text);
    },
  );

  it("refuses what could not be read back", async () => {
    await put(FILE, "apiVersion: v1\nkind: Service\nmetadata: { name: gw, namespace: media }\nspec: { clusterIP: None }\n");
    await cluster.load();
    await expect(cluster.write(service({ ports: [{ port: 70_000 }] }))).rejects.toMatchObject({ code: "Invalid", message: expect.stringMatching(/^spec\.ports\[0\]\.port /) });
    expect(await read(FILE)).toMatchObject({ spec: { clusterIP: "None" } });
  });

  it("tells which file cannot be written, and leaves no half of one", async () => {
    await put("out/Service", "a file where a folder should be");
    await expect(cluster.write(service())).rejects.toMatchObject({ code: "NotWritten", retryable: true, message: expect.stringContaining("gw.yaml cannot be written") });
    await rm(join(root, "out"), { recursive: true });
    await put("out/Service/media/gw.yaml/in-the-way", "");
    await expect(cluster.write(service())).rejects.toMatchObject({ code: "NotWritten" });
    expect(await readdir(join(root, "out/Service/media"))).toEqual(["gw.yaml"]);
    await expect(cluster.remove({ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw" })).rejects.toMatchObject({ code: "NotWritten" });
  });

  it.each(["../../up", "a/b", "..", "", "a\u0000b"])("refuses the name %j", async (name) => {
    await expect(cluster.write(service({}, { name }))).rejects.toMatchObject({ code: "InvalidName", retryable: false });
    await expect(cluster.remove({ apiVersion: "v1", kind: "Service", namespace: name || "..", name: "x" })).rejects.toMatchObject({ code: "InvalidName" });
  });

  it("says when pods are replaced", async () => {
    expect(await cluster.write(deployment("a", 1))).toEqual({ operation: "created", rollsPods: false });
    await cluster.load();
    expect(await cluster.write(deployment("a", 2))).toEqual({ operation: "updated", rollsPods: false });
    await cluster.load();
    expect(await cluster.write(deployment("b", 2))).toEqual({ operation: "updated", rollsPods: true });
  });
});

describe("an object that the user's manifests have as well", () => {
  it("has its status from the one and everything else from the other", async () => {
    await put("m/service.yaml", manifest("NodePort"));
    await cluster.load();
    await cluster.write(service());
    expect(await read(FILE)).toMatchObject({ metadata: { labels: { team: "video" } }, spec: { type: "ClusterIP", ports: [{ port: 1, appProtocol: "x" }] } });
    const text = await readFile(join(root, FILE), "utf8");
    await put(FILE, `${text}status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }\n`);
    const { state } = await cluster.load();
    expect(state.services.get("media/gw")).toMatchObject({ spec: { type: "NodePort" }, status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } });
    expect(await cluster.write(service())).toMatchObject({ operation: "unchanged" });
    await put("m/service.yaml", manifest("LoadBalancer").replace("video", "audio"));
    await cluster.load();
    expect(await cluster.write(service())).toMatchObject({ operation: "updated" });
    expect(await read(FILE)).toMatchObject({ metadata: { labels: { team: "audio" } }, status: { loadBalancer: {} } });
  });

  it("stays when ours goes", async () => {
    await put("m/service.yaml", manifest("NodePort"));
    await cluster.load();
    await cluster.write(service());
    await cluster.load();
    await cluster.remove({ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw" });
    expect((await cluster.load()).state.services.get("media/gw")).toMatchObject({ spec: { type: "NodePort" } });
  });
});

describe("statuses", () => {
  it("are written with the object they belong to, and only when they change", async () => {
    expect(await cluster.writeStatus(status("a"))).toEqual({ operation: "created" });
    expect(await read("out/Gateway/media/gw.yaml")).toMatchObject({
      spec: { gatewayClassName: "stunner" },
      status: { conditions: [{ message: "a", lastTransitionTime: "2026-01-01T00:00:00Z" }] },
    });
    await cluster.load();
    expect(await cluster.writeStatus(status("a"))).toEqual({ operation: "unchanged" });
    expect(await cluster.writeStatus(status("a"))).toEqual({ operation: "unchanged" });
    expect(await cluster.writeStatus(status("b"))).toEqual({ operation: "updated" });
  });

  it("follow the object's other fields without counting as a change", async () => {
    await cluster.writeStatus(status("a"));
    await put("m/gw.yaml", gateway("gw", { port: 5000 }));
    await cluster.load();
    expect(await cluster.writeStatus(status("a"))).toEqual({ operation: "unchanged" });
    expect(await read("out/Gateway/media/gw.yaml")).toMatchObject({ spec: { listeners: [{ port: 5000 }] } });
  });

  it("of objects that do not exist are not written, and those of objects that are gone go", async () => {
    expect(await cluster.writeStatus({ ...status("a"), name: "absent" })).toEqual({ operation: "unchanged" });
    await cluster.writeStatus(status("a"));
    await rm(join(root, "m/gw.yaml"));
    const { state } = await cluster.load();
    expect(state.gateways.size).toBe(0);
    await cluster.tidy?.();
    expect(await readdir(join(root, "out"))).toEqual([]);
  });

  it("of the two kinds of UDPRoute are in different files", async () => {
    const spec = "metadata: { namespace: media, name: r }\nspec: { rules: [{ backendRefs: [{ name: s }] }] }\n";
    await put("m/r.yaml", `apiVersion: stunner.l7mp.io/v1\nkind: UDPRoute\n${spec}---\napiVersion: gateway.networking.k8s.io/v1alpha2\nkind: UDPRoute\n${spec}`);
    await cluster.load();
    for (const apiVersion of ["stunner.l7mp.io/v1", "gateway.networking.k8s.io/v1alpha2"]) {
      await cluster.writeStatus({ apiVersion, kind: "UDPRoute", namespace: "media", name: "r", status: { parents: [] } });
    }
    expect(await read("out/UDPRoute/media/r.yaml")).toMatchObject({ apiVersion: "stunner.l7mp.io/v1" });
    expect(await read("out/UDPRoute.gateway.networking.k8s.io/media/r.yaml")).toMatchObject({ apiVersion: "gateway.networking.k8s.io/v1alpha2" });
  });
});

describe("garbage", () => {
  it("is what has owners of which none is left", async () => {
    await cluster.write(service({}, await owned()));
    expect((await cluster.load()).garbage).toEqual([]);
    await rm(join(root, "m/gw.yaml"));
    const { garbage, state } = await cluster.load();
    expect(garbage).toEqual([{ apiVersion: "v1", kind: "Service", namespace: "media", name: "gw" }]);
    expect(state.services.size).toBe(0);
    for (const deletion of garbage) await cluster.remove(deletion);
    await cluster.tidy?.();
    expect(await readdir(join(root, "out"))).toEqual([".applied"]);
    expect(await readdir(join(root, "out/.applied"))).toEqual([]);
  });

  it("is not what has another owner, an owner that is not read here, or none", async () => {
    const ours = (await owned()) as { ownerReferences: object[] };
    const foreign = { apiVersion: "example.org/v1", kind: "App", name: "app", uid: "1" };
    await cluster.write(service({}, { ...ours, ownerReferences: [...ours.ownerReferences, foreign] }));
    await cluster.write({ ...service(), metadata: { name: "free", namespace: "media" } });
    await rm(join(root, "m/gw.yaml"));
    const { garbage, state } = await cluster.load();
    expect([garbage, [...state.services.keys()]]).toEqual([[], ["media/free", "media/gw"]]);
  });

  it("is what belongs to an earlier object of the same name", async () => {
    await cluster.write(service({}, await owned()));
    await put("m/gw.yaml", gateway("gw").replace("name: gw }", "name: gw, uid: other }"));
    expect((await cluster.load()).garbage).toHaveLength(1);
  });
});

describe("loading", () => {
  it("rejects while a directory cannot be read, and takes hints that were not followed for lost", async () => {
    let changed: Changed = "all";
    const hinted = createDirectoryCluster({ manifests: join(root, "m"), out: join(root, "out"), now: Date.now, changed: () => changed });
    await hinted.load();
    await rename(join(root, "m"), join(root, "gone"));
    await put("out/ConfigMap/media/theirs.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: theirs, namespace: media }\n");
    changed = new Set([join(root, "out/ConfigMap/media/theirs.yaml")]);
    await expect(hinted.load()).rejects.toMatchObject({ code: "Unreadable", retryable: true });
    await rename(join(root, "gone"), join(root, "m"));
    changed = new Set();
    const { state } = await hinted.load();
    expect([...state.configMaps.keys()]).toEqual(["media/theirs"]);
    expect([...state.gateways.keys()]).toEqual(["media/gw"]);
  });

  it("rejects where the directory for what is written cannot be made", async () => {
    await put("file", "");
    const impossible = createDirectoryCluster({ manifests: join(root, "m"), out: join(root, "file/out"), now: Date.now });
    await expect(impossible.load()).rejects.toMatchObject({ code: "NotWritten" });
  });

  it("tells what could not be read, relative to the directory, and leaves out what needs no mending", async () => {
    await put("m/deep/bad.yaml", "{");
    const { problems, unread } = await cluster.load();
    expect(unread).toEqual(["deep/bad.yaml"]);
    expect(problems).toEqual([expect.objectContaining({ severity: "error", object: "File deep/bad.yaml", message: expect.stringMatching(/^deep\/bad\.yaml:1: /) })]);
  });
});

describe("the manifest reader", () => {
  it("reads only what it is told has changed", async () => {
    const reader = createManifestReader(join(root, "m"));
    expect(names(await reader("all"))).toEqual(["gw"]);
    await put("m/two.yaml", gateway("two"));
    await put("m/deep/three.yaml", gateway("three"));
    await put("m/gw.yaml", gateway("renamed"));
    expect(names(await reader(new Set()))).toEqual(["gw"]);
    expect(names(await reader(new Set([join(root, "m/two.yaml"), join(root, "elsewhere")])))).toEqual(["gw", "two"]);
    expect(names(await reader(new Set([join(root, "m/deep"), join(root, "m/gw.yaml")])))).toEqual(["renamed", "three", "two"]);
    await rm(join(root, "m/deep"), { recursive: true });
    await rm(join(root, "m/two.yaml"));
    expect(names(await reader(new Set([join(root, "m/deep"), join(root, "m/two.yaml")])))).toEqual(["renamed"]);
  });

  it("leaves out what is no manifest, and keeps what breaks", async () => {
    const reader = createManifestReader(join(root, "m"));
    await reader("all");
    await put("m/notes.txt", gateway("txt"));
    await put("m/gw.yaml", "{");
    const manifests = await reader(new Set([join(root, "m/notes.txt"), join(root, "m/gw.yaml")]));
    expect(names(manifests)).toEqual(["gw"]);
    expect(manifests.problems.map(({ reason }) => reason)).toContain("LastGoodKept");
  });

  it("gives the later of two manifests for one object, whichever changed", async () => {
    await put("m/a/x.yaml", gateway("x", { port: 1 }));
    await put("m/b.yaml", gateway("x", { port: 2 }));
    const reader = createManifestReader(join(root, "m"));
    expect(port(await reader("all"))).toBe(2);
    await put("m/a/x.yaml", gateway("x", { port: 3 }));
    expect(port(await reader(new Set([join(root, "m/a/x.yaml")])))).toBe(2);
    await put("m/a.yaml", gateway("x", { port: 4 }));
    expect(port(await reader(new Set([join(root, "m/a.yaml")])))).toBe(2);
    expect(port(await reader("all"))).toBe(2);
    await rm(join(root, "m/b.yaml"));
    const incremental = port(await reader(new Set([join(root, "m/b.yaml")])));
    expect(incremental).toBe(port(await createManifestReader(join(root, "m"))("all")));
  });

  it("reads everything where the directory was replaced, and looks again at what it could not read", async () => {
    const reader = createManifestReader(join(root, "m"));
    await symlink(join(root, "m", "loop.yaml"), join(root, "m", "loop.yaml"));
    const manifests = await reader("all");
    expect(manifests.problems).toContainEqual(expect.objectContaining({ reason: "Unreadable", file: join(root, "m", "loop.yaml") }));
    const again = await reader(new Set([join(root, "m", "loop.yaml")]));
    expect(again.problems).toContainEqual(expect.objectContaining({ reason: "Unreadable", file: join(root, "m", "loop.yaml") }));
    await rm(join(root, "m", "loop.yaml"));
    await put("m/loop.yaml", gateway("loop"));
    expect(names(await reader(new Set()))).toEqual(["gw", "loop"]);
    await rename(join(root, "m"), join(root, "old"));
    await put("m/other.yaml", gateway("other"));
    expect(names(await reader(new Set()))).toEqual(["other"]);
    await rm(join(root, "m"), { recursive: true });
    await expect(reader(new Set())).rejects.toMatchObject({ code: "MANIFEST_UNREADABLE" });
    await put("m/back.yaml", gateway("back"));
    expect(names(await reader(new Set()))).toEqual(["back"]);
  });
});
