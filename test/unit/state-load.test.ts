import { describe, expect, test } from "vitest";
import { loadManifests, type Manifests, type ManifestSource, parseManifests } from "../../shared/state/directory/load-manifests.ts";
import { formatProblem, type ManifestProblem } from "../../shared/state/problem.ts";

function secret(name: string, more = ""): string {
  return `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}, namespace: ns}\n${more}`;
}

function config(version: string): string {
  return `apiVersion: stunner.l7mp.io/${version}\nkind: GatewayConfig\nmetadata: {name: a}\n`;
}

function route(group: string): string {
  return `apiVersion: ${group}/v1\nkind: UDPRoute\nmetadata: {name: a}\nspec: {rules: [{}]}\n`;
}

function gateway(name: string): object {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: "ns", annotations: { "stunner.l7mp.io/enable-mixed-protocol-lb": "true", note: "x".repeat(100) } },
    spec: { gatewayClassName: "class", listeners: [{ name: "udp", port: 3478, protocol: "TURN-UDP" }] },
  };
}

function names({ objects }: Manifests): string[] {
  return objects.filter(({ kind }) => kind !== "Namespace").map(({ metadata }) => metadata.name);
}

function reasons({ problems }: Manifests): string[] {
  return problems.map(({ file, severity, object, reason }) => `${file} ${severity} ${object} ${reason}`);
}

const invalid = "type: [x]\n";
const malformed = "a: \"b\n";
const denied = { reason: "Unreadable", message: "access denied" };

describe("one bad document", () => {
  test("hides no other, whatever is wrong with it", () => {
    const bad = [malformed, "\t- x", "kind: Gateway", "5", secret("bad", invalid), "[[[", "a: *b", "a: 1\na: 2"];
    const text = bad.map((one, index) => `${secret(`good-${index}`)}---\n${one}\n---\n`).join("");
    const manifests = parseManifests(text, "f.yaml");
    expect(names(manifests)).toEqual(bad.map((_, index) => `good-${index}`));
    expect(manifests.problems.map(({ document, severity }) => [document, severity])).toEqual(bad.map((_, index) => [index * 2 + 2, "error"]));
  });

  test("in a list hides no other item, and is named by document, line and object", () => {
    const text = [
      "# a list",
      "---",
      "apiVersion: v1",
      "kind: List",
      "items:",
      "  - {apiVersion: v1, kind: Secret, metadata: {name: a}}",
      "  - {apiVersion: v1, kind: Secret, metadata: {name: b}, type: 5}",
      "  - {apiVersion: v1, kind: Secret, metadata: {name: c}}",
      "",
    ].join("\n");
    const manifests = parseManifests(text, "f.yaml");
    expect(names(manifests)).toEqual(["a", "c"]);
    expect(manifests.problems).toEqual([
      {
        severity: "error",
        file: "f.yaml",
        document: 1,
        line: 7,
        object: "Secret default/b",
        field: "type",
        reason: "InvalidField",
        message: "must be a text, not a number; put it in quotes",
      },
    ]);
  });
});

test("a here-document's end is pointed out, and ignored", () => {
  const manifests = parseManifests(`${secret("a")}---\n${secret("b")}EOF\n`, "f.yaml");
  expect(names(manifests)).toEqual(["a", "b"]);
  expect(manifests.problems).toMatchObject([{ severity: "warning", document: 2, line: 8, reason: "StrayText" }]);
});

test("what aliases share is mended for each object by itself", () => {
  const text = `
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Node, metadata: &m {name: a, namespace: ns}}
  - {apiVersion: v1, kind: Secret, metadata: *m}
`;
  const { objects } = parseManifests(text, "f.yaml");
  expect(objects.slice(0, 2).map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([["Node", undefined], ["Secret", "ns"]]);
});

describe("two manifests for one object", () => {
  test("the last one counts, and the warning names the other", () => {
    const manifests = loadManifests([
      { name: "a.yaml", text: `${secret("x", "type: first")}\n---\n${secret("y")}` },
      { name: "b.yaml", text: `\n${secret("x", "type: second")}` },
    ]);
    expect(manifests.objects.find(({ metadata }) => metadata.name === "x")).toMatchObject({ type: "second" });
    expect(manifests.problems.map(formatProblem)).toEqual([
      "b.yaml:2: warning: Secret ns/x: stands in a.yaml (line 1) too; this one, the last, counts",
    ]);
  });

  test("another version of the same kind is the same object, another group is not", () => {
    const documents = [config("v1"), config("v1alpha1"), route("stunner.l7mp.io"), route("gateway.networking.k8s.io")];
    const manifests = parseManifests(documents.join("---\n"), "f.yaml");
    expect(reasons(manifests)).toEqual(["f.yaml warning GatewayConfig default/a DuplicateObject"]);
    expect(names(manifests)).toEqual(["a", "a", "a"]);
  });
});

describe("namespaces that no manifest has", () => {
  test("are implied by their objects", () => {
    const text = [
      `${secret("a")}---`,
      "apiVersion: v1",
      "kind: Namespace",
      "metadata: {name: given, labels: {x: y}}",
      "---",
      "apiVersion: v1",
      "kind: Secret",
      "metadata: {name: b, namespace: given}",
      "---",
      "apiVersion: v1",
      "kind: Node",
      "metadata: {name: n}",
    ].join("\n");
    const namespaces = parseManifests(text, "f.yaml").objects.filter(({ kind }) => kind === "Namespace");
    expect(namespaces.map(({ metadata }) => [metadata.name, metadata.labels])).toEqual([
      ["given", { x: "y", "kubernetes.io/metadata.name": "given" }],
      ["ns", { "kubernetes.io/metadata.name": "ns" }],
    ]);
  });
});

describe("the next load", () => {
  const first = loadManifests([
    { name: "d/a.yaml", text: `${secret("a1", "type: old")}\n---\n${secret("a2")}` },
    { name: "d/b.yaml", text: secret("b") },
    { name: "e.yaml", text: secret("e") },
  ]);
  const next = (...sources: ManifestSource[]): Manifests => loadManifests(sources, first);
  const b = { name: "d/b.yaml", text: secret("b") };
  const e = { name: "e.yaml", text: secret("e") };

  test("reads no file again whose text is the same", () => {
    const again = next({ name: "d/a.yaml", text: "" }, b, e);
    expect(again.files.get("d/b.yaml")).toBe(first.files.get("d/b.yaml"));
    expect(names(again)).toEqual(["b", "e"]);
    expect(again.problems).toEqual([]);
  });

  test("an object that is gone from its file is gone", () => {
    expect(names(next({ name: "d/a.yaml", text: secret("a1") }, b, e))).toEqual(["a1", "b", "e"]);
    expect(names(next(b, e))).toEqual(["b", "e"]);
  });

  test("an object that is refused now stays as it was, as it does in a cluster", () => {
    const again = next({ name: "d/a.yaml", text: secret("a1", invalid) }, b, e);
    expect(again.objects.find(({ metadata }) => metadata.name === "a1")).toMatchObject({ type: "old" });
    expect(names(again)).toEqual(["b", "e", "a1"]);
    expect(reasons(again)).toEqual(["d/a.yaml error Secret ns/a1 InvalidField", "d/a.yaml warning Secret ns/a1 LastGoodKept"]);
  });

  test("an object that was refused from the start is not there", () => {
    expect(names(next({ name: "f.yaml", text: secret("f", invalid) }, b, e))).toEqual(["b", "e"]);
  });

  test("while a document is malformed, everything of its file stays that is nowhere else", () => {
    const again = next({ name: "d/a.yaml", text: `${malformed}---\n${secret("a1", "type: new")}` }, b, e);
    expect(again.objects.find(({ metadata }) => metadata.name === "a1")).toMatchObject({ type: "new" });
    expect(names(again).sort()).toEqual(["a1", "a2", "b", "e"]);
    expect(reasons(again)).toEqual(["d/a.yaml error  MalformedYAML", "d/a.yaml warning Secret ns/a2 LastGoodKept"]);
  });

  test("what stays, stays for as long as the file is not mended, then follows it", () => {
    const broken = { name: "d/a.yaml", text: malformed };
    const twice = loadManifests([broken, b, e], next(broken, b, e));
    expect(names(twice).sort()).toEqual(["a1", "a2", "b", "e"]);
    expect(names(loadManifests([{ name: "d/a.yaml", text: secret("a2") }, b, e], twice)).sort()).toEqual(["a2", "b", "e"]);
  });

  test("while a file or a folder cannot be read, its objects stay", () => {
    const file = next({ name: "d/a.yaml", unreadable: denied }, b, e);
    expect(names(file).sort()).toEqual(["a1", "a2", "b", "e"]);
    expect(file.problems[0]).toEqual<ManifestProblem>({
      severity: "error",
      file: "d/a.yaml",
      document: 0,
      line: 0,
      object: "",
      field: "",
      reason: "Unreadable",
      message: "access denied",
    });
    expect(names(next({ name: "d", unreadable: denied }, e)).sort()).toEqual(["a1", "a2", "b", "e"]);
    expect(names(next({ name: "dd", unreadable: denied }, e)).sort()).toEqual(["e"]);
  });

  test("the first load has nothing to keep", () => {
    expect(names(loadManifests([{ name: "d/a.yaml", unreadable: denied }, { name: "x", text: malformed }]))).toEqual([]);
  });
});

test("formatProblem", () => {
  const problem: ManifestProblem = {
    severity: "error",
    file: "f.yaml",
    document: 1,
    line: 3,
    object: "Gateway ns/a",
    field: "spec",
    reason: "InvalidField",
    message: "is required",
  };
  expect(formatProblem(problem)).toBe("f.yaml:3: error: Gateway ns/a: spec: is required");
  expect(formatProblem({ ...problem, line: 0, object: "", field: "" })).toBe("f.yaml: error: is required");
});

test("5 MB of YAML are read in a few seconds, 9 MB of JSON in less", () => {
  const yaml = Array.from({ length: 13_000 }, (_, i) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: gw-${i}
  namespace: ns
  annotations:
    stunner.l7mp.io/enable-mixed-protocol-lb: "true"
    note: ${"x".repeat(100)}
spec:
  gatewayClassName: class
  listeners:
    - name: udp
      port: 3478
      protocol: TURN-UDP
`).join("---\n");
  const json = JSON.stringify({ apiVersion: "v1", kind: "List", items: Array.from({ length: 30_000 }, (_, i) => gateway(`gw-${i}`)) });
  expect(yaml.length).toBeGreaterThan(4.9e6);
  expect(json.length).toBeGreaterThan(8.5e6);
  let before = process.cpuUsage();
  expect(names(parseManifests(yaml, "f.yaml"))).toHaveLength(13_000);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(8_000);
  before = process.cpuUsage();
  expect(names(parseManifests(json, "f.json"))).toHaveLength(30_000);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(6_000);
});
