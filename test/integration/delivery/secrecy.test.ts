import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { directoryOf, run } from "../../support/running-serve.ts";

const MANIFESTS = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: turn}
spec:
  controllerName: stunner.l7mp.io/gateway-operator
  parametersRef: {group: stunner.l7mp.io, kind: GatewayConfig, name: conf, namespace: media}
---
apiVersion: stunner.l7mp.io/v1
kind: GatewayConfig
metadata: {name: conf, namespace: media}
spec: {userName: alice, password: planted-password}
---
apiVersion: stunner.l7mp.io/v1
kind: Dataplane
metadata: {name: default}
spec: {}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: media}
spec:
  gatewayClassName: turn
  listeners: [{name: udp, port: 3478, protocol: TURN-UDP}]
`;

/** Everything that could be told of what a Secret holds. */
const SAID = /st1\.config\.|planted-password|[A-Za-z0-9+/]{60,}/;

describe("what passes say of Secrets", () => {
  let directory: Awaited<ReturnType<typeof directoryOf>>;
  beforeEach(async () => {
    directory = await directoryOf({ "manifests/all.yaml": MANIFESTS, "out/keep": "", keys: randomBytes(32).toString("base64") });
  });
  afterEach(() => directory.remove());
  const at = (name: string): string => join(directory.path, name);
  const verb = (name: string, ...args: string[]) =>
    run([name, `--manifests=${at("manifests")}`, `--out=${at("out")}`, `--store=file://${at("store")}`, ...args]);

  it.each([
    ["pull", [`--cds-url=https://cds.example.com`, "--token-keys=keys"]],
    ["configmap", []],
  ])("is that they change, and nothing of what is in them: %s", async (delivery, given) => {
    const args = [`--delivery=${delivery}`, ...given.map((one) => one.replace("=keys", `=${at("keys")}`))];
    const first = await verb("reconcile", ...args);
    expect([first.code, first.stdout]).toEqual([0, expect.stringContaining("Secret media/gw-stunner-delivery")]);
    const file = at("out/Secret/media/gw-stunner-delivery.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(at("keys"), randomBytes(32).toString("base64"));
    writeFileSync(at("manifests/all.yaml"), MANIFESTS.replace("planted-password", "planted-password-2"));
    const told = [await verb("diff", ...args), await verb("diff", "-o", "json", ...args), await verb("reconcile", ...args)];
    expect(told.map(({ code }) => code)).toEqual([2, 2, 0]);
    for (const { stdout } of told) expect(stdout).toContain("Secret media/gw-stunner-delivery");
    expect(told[0]?.stdout).toContain("data");
    for (const { stdout, stderr } of [first, ...told]) expect(stdout + stderr).not.toMatch(SAID);
    expect(readFileSync(file, "utf8")).not.toBe(before);
    const cluster = at("store/clusters/default");
    const stored = readdirSync(cluster).filter((name) => /^(report|applied|refs)\.json$/.test(name)).map((name) => readFileSync(join(cluster, name), "utf8"));
    expect(stored.length).toBeGreaterThan(1);
    expect(stored.join()).not.toMatch(/st1\.config\.|planted-password/);
  });

  it("direct removes what was made, and is refused together with tokens", async () => {
    await verb("reconcile", "--delivery=configmap");
    const { code, stdout } = await verb("reconcile");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Secret media/gw-stunner-delivery: deleted")]);
    const refused = await verb("reconcile", `--token-keys=${at("keys")}`);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("cluster default: delivery: direct cannot send tokens")]);
  });
});
