import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { openLease } from "../../shared/store/lease.ts";
import { openStore } from "../../shared/store/open.ts";
import { directoryOf, run } from "../support/running-serve.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;

beforeEach(async () => {
  directory = await directoryOf({ "m/platform.yaml": PLATFORM, "m/one.yaml": `${gateway("one")}---${route("app", "one", "192.0.2.1")}` });
});
afterEach(() => directory.remove());

const at = (...path: string[]): string => join(directory.path, ...path);

function verb(name: string, ...args: string[]): ReturnType<typeof run> {
  return run([name, `--manifests=${at("m")}`, `--out=${at("out")}`, `--store=file://${at("store")}`, ...args]);
}

/** Every file below a directory with its content, but for leases and reports. */
async function filesOf(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await readFile(file, "utf8")] as const)));
}

const objectsLeft = async (): Promise<string[]> =>
  Object.keys(await filesOf(at("out"))).map((file) => file.slice(at("out").length + 1)).filter((file) => !/^(GatewayClass|Gateway|UDPRoute)\//.test(file));

describe("reconcile", () => {
  it("makes one pass, says what it did, and nothing a second time", async () => {
    const first = await verb("reconcile");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain("Deployment media/one: created\n");
    expect(first.stdout).toMatch(/^done: 6 created; 1 configurations served, 0 held; 0 problems; \d+ ms\n$/m);
    expect(await readFile(at("out", "Service", "media", "one.yaml"), "utf8")).toContain("type: LoadBalancer");
    const second = await verb("reconcile", "-o", "json");
    expect([second.code, JSON.parse(second.stdout)]).toMatchObject([0, { outcome: "done", changes: [], counts: { configs: 1 } }]);
  });

  it("keeps nothing of a dry run", async () => {
    await verb("reconcile");
    await writeFile(at("m", "two.yaml"), gateway("two"));
    const before = await filesOf(directory.path);
    const { code, stdout } = await verb("reconcile", "--dry-run");
    expect(code).toBe(0);
    expect(stdout).toMatch(/Service media\/two: created\n[\s\S]*this was a dry run: nothing was kept\n$/);
    expect(await filesOf(directory.path)).toEqual(before);
  });

  it("exits with 1 where something is not done, and tells it and the problems", async () => {
    await verb("reconcile");
    const file = at("out", "Service", "media", "one.yaml");
    await writeFile(file, `${await readFile(file, "utf8")}spec: [\n`);
    const { code, stdout } = await verb("reconcile");
    expect([code, stdout]).toEqual([1, expect.stringMatching(/Service\/media\/one\.yaml:\d+/)]);
    expect(stdout).toMatch(/^incomplete: /m);
  });

  it("stops at the mass-delete brake", async () => {
    await writeFile(at("m", "more.yaml"), ["a", "b", "c", "d"].map((name) => gateway(name)).join("---"));
    await verb("reconcile", "--release-after=0");
    await writeFile(at("m", "more.yaml"), ["a", "b", "c", "d"].map((name) => gateway(name, { className: "other" })).join("---"));
    const stopped = await verb("reconcile", "--release-after=0");
    expect([stopped.code, stopped.stdout]).toEqual([1, expect.stringContaining("stopped: MassDelete: this pass would delete 4 of 5")]);
    const diff = await verb("diff", "--release-after=0");
    expect(diff.code).toBe(2);
    expect(diff.stdout).toMatch(/Service media\/d would be deleted\n[\s\S]*MassDelete: /);
  });
});

describe("a pass of somebody else", () => {
  it("keeps reconcile and teardown out, but not what keeps nothing", async () => {
    const store = openStore(`file://${at("store")}`);
    const now = Date.now();
    await (await openLease(store, { cluster: "default", holder: "another-process", duration: 3_600_000, now: () => now })).acquire();
    const [reconcile, teardown, dry, diff] = await Promise.all([verb("reconcile"), verb("teardown", "--yes"), verb("reconcile", "--dry-run"), verb("diff")]);
    expect([reconcile.code, teardown.code, dry.code, diff.code]).toEqual([1, 1, 0, 2]);
    for (const { stdout } of [reconcile, teardown]) expect(stdout).toContain("failed: lease-held: cluster default is being written to by another-process\n");
    expect(await objectsLeft()).toEqual([]);
  });
});

describe("diff", () => {
  it("exits with 0 where nothing differs", async () => {
    await verb("reconcile");
    expect(await verb("diff")).toEqual({ code: 0, stdout: "nothing would change\n", stderr: "" });
  });

  it("tells each field, listeners whose calls end, drift and change apart, and changes nothing itself", async () => {
    await verb("reconcile");
    const file = at("out", "Service", "media", "one.yaml");
    await writeFile(file, (await readFile(file, "utf8")).replace("type: LoadBalancer", "type: NodePort"));
    const drifted = await verb("diff");
    expect([drifted.code, drifted.stdout.split("\n").slice(0, 2)]).toEqual([
      2,
      ["Service media/one would be updated, drift", '  spec.type: "NodePort" → "LoadBalancer"'],
    ]);
    await writeFile(at("m", "one.yaml"), gateway("one", { port: 3479 }));
    const before = await filesOf(directory.path);
    const changed = await verb("diff");
    expect(changed.code).toBe(2);
    expect(changed.stdout).toContain("config media/one would be updated; ends the calls of media/one/udp\n  listeners[media/one/udp].port: 3478 → 3479\n");
    expect(changed.stdout).toContain("Service media/one would be updated\n");
    expect(changed.stdout).toContain("  spec.ports[udp].port: 3478 → 3479\n");
    expect(await filesOf(directory.path)).toEqual(before);
  });

  it.each(["managed", "legacy"])("tells of secrets only that they differ, mode %s", async (mode) => {
    await verb("reconcile", `--dataplane-mode=${mode}`);
    await writeFile(at("m", "platform.yaml"), PLATFORM.replace("pass-1", "pass-2").replace("user-1", "user-2"));
    const [text, json] = await Promise.all([verb("diff", `--dataplane-mode=${mode}`), verb("diff", `--dataplane-mode=${mode}`, "-o", "json")]);
    expect([text.code, json.code]).toEqual([2, 2]);
    expect(text.stdout).toContain("(changed, not shown)");
    expect(text.stdout + json.stdout).not.toMatch(/pass-[12]|user-[12]/);
    const { differences } = JSON.parse(json.stdout) as { differences: { fields: { hidden?: boolean }[] }[] };
    expect(differences.flatMap(({ fields }) => fields).filter(({ hidden }) => hidden).length).toBeGreaterThan(0);
  });

  it("exits with 1 where it cannot be told", async () => {
    await verb("reconcile");
    await rm(at("m"), { recursive: true });
    for (const { code } of [await verb("diff"), await verb("diff", "--no-such-flag"), await verb("diff", "--drift=x"), await run(["diff"])]) expect(code).toBe(1);
  });

  it("says that it does not know what is served, without a store", async () => {
    await verb("reconcile");
    const { code, stdout } = await run(["diff", `--manifests=${at("m")}`, `--out=${at("out")}`]);
    expect([code, stdout]).toEqual([0, "configurations were not compared: give the --store that serve uses\nnothing would change\n"]);
  });
});

describe("teardown", () => {
  it.each(["managed", "legacy"])("removes what is ours when it is told to, mode %s", async (mode) => {
    const legacy = `--dataplane-mode=${mode}`;
    await verb("reconcile", legacy);
    const before = await filesOf(directory.path);
    const asked = await verb("teardown", legacy);
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringContaining("Service media/one would be deleted\n")]);
    expect(asked.stdout).toMatch(/nothing was done: give --yes to do it\n$/);
    expect(await filesOf(directory.path)).toEqual(before);

    const done = await verb("teardown", legacy, "--yes");
    expect([done.code, await objectsLeft()]).toEqual([0, []]);
    expect(await readFile(at("out", "GatewayClass", "stunner.yaml"), "utf8")).toMatch(/reason: InvalidParameters/);
    expect(await readFile(at("out", "Gateway", "media", "one.yaml"), "utf8")).toContain("removed by stunner-serverless teardown");
    expect(await readFile(at("out", "UDPRoute", "media", "app.yaml"), "utf8")).toMatch(/type: Accepted\n +status: "True"/);
  });

  it("leaves what another controller made", async () => {
    const theirs = (PLATFORM.split("---")[0] ?? "").replace("name: stunner }", "name: theirs }").replace("stunner.l7mp.io/gateway-operator", "example.org/other");
    await writeFile(at("m", "theirs.yaml"), `${theirs}---${gateway("two", { className: "theirs" })}`);
    await verb("reconcile", "--controller-name=example.org/other", "--cluster=other");
    await verb("reconcile");
    expect((await verb("teardown", "--yes")).code).toBe(0);
    expect((await objectsLeft()).filter((file) => !file.startsWith("."))).toEqual(["Deployment/media/two.yaml", "Service/media/two.yaml"]);
  });
});

describe("what is out of order", () => {
  it.each(["reconcile", "diff", "teardown"])("is told by %s in a line, the store", async (name) => {
    await verb("reconcile");
    await writeFile(at("store", "clusters", "default", "index.json"), "{");
    const before = await filesOf(at("out"));
    const { code, stdout, stderr } = await verb(name, ...(name === "teardown" ? ["--yes"] : []));
    expect([code, stdout, stderr]).toEqual([1, "", expect.stringMatching(/^[^\n]+\n$/)]);
    expect(stderr).not.toMatch(/this should not have happened/);
    expect(await filesOf(at("out"))).toEqual(before);
  });

  it("is told in a line, the kubeconfig", async () => {
    await writeFile(at("k"), JSON.stringify({ clusters: [{ name: "c", cluster: { server: "no url" } }], contexts: [{ name: "c", context: { cluster: "c", user: "u" } }], users: [{ name: "u", user: {} }], "current-context": "c" }));
    const [bad, none] = await Promise.all([at("k"), "/k"].map((path) => run(["reconcile", `--kubeconfig=${path}`, "--cds-url=http://192.0.2.1:1"])));
    expect([bad?.code, bad?.stderr]).toEqual([1, expect.stringMatching(/^[^\n]*server\n$/)]);
    expect([none?.code, none?.stderr]).toEqual([2, expect.stringMatching(/^--kubeconfig=\/k: cannot be read as a kubeconfig: [^\n]+\n$/)]);
  });
});

describe("a cluster", () => {
  it.each(["reconcile", "diff", "teardown"])("must be named for %s", async (name) => {
    const { code, stderr } = await run([name, "--store=memory:"]);
    expect([code, stderr]).toEqual([name === "diff" ? 1 : 2, "say which cluster is meant: --kubeconfig=FILE, or --manifests=DIR and --out=DIR\n"]);
  });
});
