import { describe, expect, test, vi } from "vitest";
import { openStore } from "../../shared/store/open.ts";
import { PLATFORM } from "../support/manifests.ts";
import { directoryOf, run, startServe } from "../support/running-serve.ts";
import { names } from "./store-bodies.ts";

export interface StoreOfPass {
  readonly url: string;
  readonly env: Record<string, string>;
}

const GATEWAY = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw, namespace: default }
spec:
  gatewayClassName: stunner
  listeners: [{ name: udp, port: 3478, protocol: TURN-UDP }]
`;

/** The command line on a store of a cloud: what one process publishes another one serves. */
export function passesOn(driver: string, get: () => StoreOfPass): void {
  describe(`the command line on ${driver}`, () => {
    test("publishes, serves what it has published, and is told in a line where the store fails", async () => {
      const { url, env } = get();
      const directory = await directoryOf({ "m/platform.yaml": PLATFORM + GATEWAY });
      const args = [`--manifests=${directory.path}/m`, `--out=${directory.path}/out`];
      const first = await run(["reconcile", ...args, `--store=${url}`], { env });
      expect([first.code, first.stderr]).toEqual([0, ""]);
      const again = await run(["reconcile", ...args, `--store=${url}`], { env });
      expect([again.code, again.stderr]).toEqual([0, ""]);
      const serve = await startServe([...args, `--store=${url}`], { env });
      const answer = await fetch(`${serve.origin}/api/v1/configs/default/gw`);
      expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ admin: expect.objectContaining({ name: "default/gw" }) })]);
      expect(await serve.stop()).toBe(0);
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
      const keys = await names(openStore(url), "clusters/default/");
      expect(keys.filter((key) => key.includes("/configs/default/gw/"))).toHaveLength(1);
      expect(keys).toContain("clusters/default/index.json");
      vi.unstubAllEnvs();

      const missing = await run(["reconcile", ...args, `--store=${url.replace(/:\/\/[^/]*/, "://missing")}`], { env });
      expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/^[^\n]*there is no such bucket[^\n]*\n$/)]);
      await directory.remove();
    });
  });
}
