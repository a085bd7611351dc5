import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { DesiredObject, RenderResult } from "../../../shared/render/result.ts";
import { directoryOf, eventually, startServe } from "../../support/running-serve.ts";
import { createAuthority } from "./certificates.ts";
import { freePort, HOST } from "./fixture.ts";
import { startNameServer } from "./name-server.ts";
import { startPod, type Pod } from "./pod.ts";
import { hasPrograms, stunnerdCommand } from "./programs.ts";

const has = hasPrograms();
const stunnerd = has ? stunnerdCommand() : [];

const manifests = (port: number): string => `
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
spec: {command: [stunnerd], args: [-w]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: media}
spec:
  gatewayClassName: turn
  listeners: [{name: udp, port: ${port}, protocol: TURN-UDP}]
`;

/** What `serve` has written, as a rendering. */
function written(out: string): RenderResult {
  const objects = ["ConfigMap", "Deployment", "Secret"].flatMap((kind) =>
    // What is under way has another name.
    readdirSync(join(out, kind, "media")).filter((file) => file.endsWith(".yaml")).map((file) => parse(readFileSync(join(out, kind, "media", file), "utf8")) as DesiredObject),
  );
  return { objects } as unknown as RenderResult;
}

// From manifests to stunnerd: `serve` over TLS with tokens, and the pod that it writes.
describe.runIf(has).each(["proxy", "pull"] as const)("serve with delivery %s", (delivery) => {
  it("writes a pod that gets its configuration, of its own cluster, with its own token", async () => {
    const [port, names] = [await freePort(), await startNameServer()];
    const directory = await directoryOf({ "manifests/all.yaml": manifests(3478), "out/keep": "", keys: randomBytes(32).toString("base64") });
    const { cert, key, ca } = createAuthority(directory.path, "authority").sign(HOST);
    for (const [name, text] of Object.entries({ cert, key, ca })) writeFileSync(join(directory.path, `${name}.pem`), text);
    const at = (name: string): string => join(directory.path, name);
    const serve = await startServe(
      [
        `--manifests=${at("manifests")}`, `--out=${at("out")}`, `--config-discovery-address=127.0.0.1:${port}`, `--token-keys=${at("keys")}`,
        `--tls-cert=${at("cert.pem")}`, `--tls-key=${at("key.pem")}`, "--cluster=edge", `--delivery=${delivery}`, `--cds-url=https://${HOST}:${port}`,
        `--cds-ca=${at("ca.pem")}`, "--poll-interval=1s",
      ],
      { ready: false },
    );
    let pod: Pod | undefined;
    try {
      await eventually(() => {
        try {
          return written(at("out")).objects.length === 3;
        } catch {
          return false;
        }
      });
      pod = startPod(written(at("out")), { nameServer: names.address, stunnerd });
      // Of a configuration that stunnerd has taken.
      const taken = (): number => (pod?.output() ?? "").split(/reconciliation ready/i).length - 1;
      await eventually(() => taken() === 1);
      writeFileSync(at("manifests/all.yaml"), manifests(3479));
      await eventually(() => taken() === 2);
      const said = serve.lines.join("\n") + pod.output();
      expect(said).not.toContain("planted-password");
      expect(said).not.toContain("st1.config.");
    } finally {
      await pod?.stop();
      await serve.stop();
      names.stop();
      await directory.remove();
    }
  });
});
