import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { loadDirectory } from "../../shared/state/directory/load-directory.ts";
import { childOf, listOf, textOf, toJson, toJsonObject } from "../support/json.ts";
import { flawsOfConfig } from "../support/stunnerd-schema.ts";
import { conditionLines, configLines, renderWithDefaults } from "./examples-support.ts";

const EXAMPLES = "infra/examples";
const CLUSTER = `${EXAMPLES}/cluster`;
const NODE = "198.51.100.4";

/** What each walk-through must come to, by the Gateways that it has. */
const WALKTHROUGHS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "headless-media-server.yaml": {
    "conference/media-gateway": [
      "TURN-UDP 3478 at 203.0.113.10:3478 to conference/media-server",
      "conference/media-server = 10.1.0.11 10.1.0.12",
    ],
  },
  "symmetric-udp-echo.yaml": {
    "one-to-one/call-gateway": [
      `TURN-UDP 3478 at ${NODE}:30478 to one-to-one/relay-to-relay`,
      "one-to-one/relay-to-relay = 10.1.3.7",
    ],
  },
  "tcp-and-tls.yaml": {
    "firewalled/tcp-gateway": [`TURN-TCP 3478 at ${NODE}:30479 to firewalled/echo`, "firewalled/echo = 10.1.1.21:<9001-9001>"],
    "firewalled/tls-gateway": [
      `TURN-TLS 8443 at ${NODE}:30443 to firewalled/echo`,
      `TURN-DTLS 8443 at ${NODE}:30443 to firewalled/echo`,
      "firewalled/echo = 10.1.1.21:<9001-9001>",
    ],
  },
  "ephemeral-auth.yaml": {
    "members/members-gateway": [`TURN-UDP 3478 at ${NODE}:30480 to members/echo`, "members/echo = 10.1.1.31"],
  },
  "static-service.yaml": {
    "branch-office/office-gateway": [
      "TURN-UDP 3478 at 203.0.113.20:3478 to branch-office/phones",
      "branch-office/phones = 192.0.2.0/24 198.51.100.17 2001:db8:7::/64",
    ],
  },
  "port-range.yaml": {
    "recording/recording-gateway": [
      `TURN-UDP 3478 at ${NODE}:30481 to recording/recorder`,
      "recording/recorder = 10.1.1.41:<20000-29999> 10.1.1.41:<9001-9001>",
    ],
  },
  "canary.yaml": {
    "calls/canary": [`TURN-UDP 3478 at ${NODE}:30483 to calls/echo`, "calls/echo = 10.1.1.51"],
    "calls/stable": [`TURN-UDP 3478 at ${NODE}:30482 to calls/echo`, "calls/echo = 10.1.1.51"],
  },
  "legacy": {
    "legacy/legacy-gateway": [`TURN-UDP 3478 at ${NODE}:30484 to legacy/echo`, "legacy/echo = 10.1.1.61"],
  },
};
/** Walk-throughs that do not need the platform beside them; in managed mode, which is not theirs, legacy does. */
const ALONE = new Set(["canary.yaml"]);

async function load(...paths: string[]) {
  const { objects, problems } = await loadDirectory(paths);
  expect(problems).toEqual([]);
  return objects;
}

/** Everything that ought to be True is, and nothing is in conflict. */
function expectAllGood(lines: readonly string[]): void {
  expect(lines.filter((line) => !line.endsWith("Conflicted=False/NoConflicts") && !/: (\w+)=True\/\1$/.test(line))).toEqual([]);
}

describe("the examples as a whole", () => {
  it("load and render without a problem, and every condition is good", async () => {
    const result = renderWithDefaults(await load(EXAMPLES));
    expect(result.problems).toEqual([]);
    expectAllGood(conditionLines(result));
    expect(result.statuses.map(({ kind }) => kind).sort().join()).toBe(
      [...Array<string>(10).fill("Gateway"), ...Array<string>(5).fill("GatewayClass"), ...Array<string>(8).fill("UDPRoute")].join(),
    );
  });

  it("are the walk-throughs that are asked for and nothing else", async () => {
    expect(readdirSync(EXAMPLES).sort()).toEqual(["README.md", "cluster", "platform.yaml", ...Object.keys(WALKTHROUGHS)].sort());
    const { configs } = renderWithDefaults(await load(EXAMPLES));
    expect([...configs.keys()]).toEqual(Object.values(WALKTHROUGHS).flatMap(Object.keys).sort());
  });

  it("are listed in their README, with their Gateways", () => {
    const readme = readFileSync(join(EXAMPLES, "README.md"), "utf8");
    for (const [file, gateways] of Object.entries(WALKTHROUGHS)) {
      const row = readme.split("\n").find((line) => line.startsWith(`| [${file}`));
      for (const gateway of Object.keys(gateways)) expect(row).toContain(`\`${gateway}\``);
    }
  });

  it("give stunnerd configurations that it takes", async () => {
    for (const { config } of renderWithDefaults(await load(EXAMPLES)).configs.values()) {
      expect(flawsOfConfig(toJson(config), { certificates: "verify" })).toEqual([]);
    }
  });

  it("run the stunnerd that the specification was measured on, and none for the legacy Gateway", async () => {
    const workloads = renderWithDefaults(await load(EXAMPLES)).objects.filter(({ kind }) => kind === "Deployment" || kind === "DaemonSet");
    const images = workloads.map((one) => {
      const pod = childOf(childOf(childOf(toJsonObject(one), "spec"), "template"), "spec");
      return `${one.metadata.namespace}/${one.metadata.name} ${listOf(pod, "containers").map((container) => textOf(toJsonObject(container), "image")).join()}`;
    });
    const managed = Object.values(WALKTHROUGHS).flatMap(Object.keys).filter((gateway) => !gateway.startsWith("legacy/"));
    expect(images.sort()).toEqual(managed.map((gateway) => `${gateway} docker.io/l7mp/stunnerd:1.2.1`).sort());
  });

  it("ask for node ports that one cluster can give out", async () => {
    const services = renderWithDefaults(await load(EXAMPLES)).objects.filter(({ kind }) => kind === "Service");
    const ports = services.flatMap((one) => listOf(childOf(toJsonObject(one), "spec"), "ports").map(toJsonObject));
    const nodePorts = ports.filter((port) => "nodePort" in port).map((port) => `${String(port["nodePort"])}/${textOf(port, "protocol")}`);
    expect(nodePorts).toHaveLength(9);
    expect(new Set(nodePorts).size).toBe(nodePorts.length);
    expect(nodePorts.filter((port) => Number.parseInt(port, 10) < 30_000 || Number.parseInt(port, 10) > 32_767)).toEqual([]);
  });
});

describe.each(Object.entries(WALKTHROUGHS))("the walk-through %s", (file, gateways) => {
  const platform = ALONE.has(file) ? [] : [`${EXAMPLES}/platform.yaml`];

  it("works by itself, on nothing but the platform it asks for", async () => {
    const result = renderWithDefaults(await load(...platform, `${EXAMPLES}/${file}`, CLUSTER));
    expect(result.problems).toEqual([]);
    expectAllGood(conditionLines(result));
    expect(Object.fromEntries([...result.configs.keys()].map((gateway) => [gateway, configLines(result, gateway)]))).toEqual(gateways);
  });

  it("is accepted before a cluster has added anything", async () => {
    const result = renderWithDefaults(await load(...platform, `${EXAMPLES}/${file}`));
    expect(result.problems).toEqual([]);
    expectAllGood(conditionLines(result).filter((line) => !line.endsWith("Programmed=False/AddressNotAssigned")));
    expect([...result.configs.keys()]).toEqual(Object.keys(gateways));
  });

  it("has each namespace before what is in it, so that kubectl takes the file in one go", () => {
    const path = join(EXAMPLES, file);
    const files = path.endsWith(".yaml") ? [path] : readdirSync(path).map((name) => join(path, name));
    const known = new Set(platform.length > 0 ? ["stunner"] : []);
    const early: string[] = [];
    for (const document of files.flatMap((one) => parseAllDocuments(readFileSync(one, "utf8")))) {
      const object = toJsonObject(document.toJS());
      const { namespace, name } = childOf(object, "metadata");
      if (object["kind"] === "Namespace") known.add(String(name));
      if (namespace !== undefined && !known.has(String(namespace))) early.push(`${textOf(object, "kind")} ${String(name)}`);
    }
    expect(early).toEqual([]);
  });

  it("says how to apply it", () => {
    const path = join(EXAMPLES, file);
    const text = readFileSync(path.endsWith(".yaml") ? path : join(path, `${file}.yaml`), "utf8");
    const needed = platform.length > 0 && file !== "legacy" ? `-f ${EXAMPLES}/platform.yaml ` : "";
    expect(text).toContain(`kubectl apply ${needed}-f ${EXAMPLES}/${file}`);
  });
});

describe("the example of", () => {
  it("legacy mode gives one ConfigMap, a Service, and no dataplane", async () => {
    const result = renderWithDefaults(await load(`${EXAMPLES}/legacy`, CLUSTER), { mode: "legacy" });
    expect(result.problems).toEqual([]);
    expectAllGood(conditionLines(result));
    expect(result.objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      "ConfigMap legacy/stunnerd-config",
      "Service legacy/legacy-gateway",
    ]);
    const text = textOf(childOf(toJsonObject(result.objects[0]), "data"), "stunnerd.conf");
    const config = JSON.parse(text) as StunnerdConfig;
    expect(flawsOfConfig(toJson(config), { certificates: "verify" })).toEqual([]);
    expect(config.auth).toEqual({ type: "static", realm: "turn.example.com", credentials: { username: "example-user", password: "change-me" } });
    expect(config.listeners).toEqual([
      {
        name: "legacy/legacy-gateway/udp",
        protocol: "TURN-UDP",
        public_address: NODE,
        public_port: 30_484,
        address: "$STUNNER_ADDR",
        port: 3478,
        routes: ["legacy/echo"],
      },
    ]);
  });

  it("ephemeral authentication serves the secret and no user", async () => {
    const { configs } = renderWithDefaults(await load(EXAMPLES));
    expect(configs.get("members/members-gateway")?.config.auth).toEqual({
      type: "ephemeral",
      realm: "turn.example.com",
      credentials: { secret: "change-me-to-something-long-and-random" },
    });
  });

  it("TLS brings a certificate for turn.example.com that will do for many years", async () => {
    const { configs } = renderWithDefaults(await load(EXAMPLES));
    const listeners = configs.get("firewalled/tls-gateway")?.config.listeners ?? [];
    expect(listeners.map(({ cert }) => cert === undefined)).toEqual([false, false]);
    const certificate = new X509Certificate(Buffer.from(listeners[0]?.cert ?? "", "base64"));
    expect(certificate.checkHost("turn.example.com")).toBe("turn.example.com");
    expect(certificate.subject).toMatch(/example.*do not use/);
    expect(certificate.validToDate.getFullYear()).toBeGreaterThanOrEqual(2046);
  });

  it("a canary differs from the stable class in what the dataplane runs, and in nothing that clients see", async () => {
    const { configs } = renderWithDefaults(await load(EXAMPLES));
    const canary = configs.get("calls/canary")?.config;
    const stable = configs.get("calls/stable")?.config;
    expect(canary?.auth).toEqual(stable?.auth);
    expect(canary?.clusters).toEqual(stable?.clusters);
    expect([canary?.admin.loglevel, stable?.admin.loglevel]).toEqual(["all:DEBUG", "all:INFO"]);
    expect([canary?.admin.metrics_endpoint, stable?.admin.metrics_endpoint]).toEqual(["http://:8080/metrics", undefined]);
  });
});
