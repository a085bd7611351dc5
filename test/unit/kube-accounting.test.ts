import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withAccounting, type Accounting } from "../../shared/kube/accounting.ts";
import type { KubeRequest } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/https-client.ts";
import { answer, kubeconfigFor, type Peer, startPeer } from "./kube-peer.ts";

let peer: Peer;
let accounting: Accounting;
beforeAll(async () => {
  peer = await startPeer((request, response) => {
    if (request.url?.includes("bad")) answer(response, 500, {});
    else if (request.url?.includes("absent")) answer(response, 404, { kind: "Status", reason: "NotFound" });
    else answer(response, 200, '{"a":"ü"}\n');
  });
});
afterAll(() => peer.close());

const count = async (requests: readonly Partial<KubeRequest>[]): Promise<string[]> => {
  accounting = withAccounting(createKubeClient(kubeconfigFor(peer.url)));
  for (const request of requests) await accounting.client.request({ method: "GET", path: "/", ...request }).catch(() => undefined);
  accounting.client.close();
  return accounting.counts().map(({ resource, verb, calls, failures, bytes }) => `${resource} ${verb} ${calls} ${failures} ${bytes}`);
};

describe("accounting", () => {
  test.each([
    [{ path: "/api/v1/services" }, "services list"],
    [{ path: "/api/v1/namespaces/x/services" }, "services list"],
    [{ path: "/api/v1/namespaces/x/services/y" }, "services get"],
    [{ path: "/api/v1/namespaces" }, "namespaces list"],
    [{ path: "/api/v1/namespaces/x" }, "namespaces get"],
    [{ path: "/api/v1/namespaces/x/status", method: "PUT" }, "namespaces/status update"],
    [{ path: "/apis/apps/v1/namespaces/x/deployments", method: "POST" }, "deployments create"],
    [{ path: "/apis/apps/v1/namespaces/x/deployments/y", method: "DELETE" }, "deployments delete"],
    [{ path: "/apis/g/v1/namespaces/x/gateways/y/status", method: "PUT" }, "gateways/status update"],
    [{ path: "/apis/g/v1/gatewayclasses/y", method: "PATCH", contentType: "application/apply-patch+yaml" }, "gatewayclasses apply"],
    [{ path: "/apis/g/v1/gatewayclasses/y", method: "PATCH", contentType: "application/json-patch+json" }, "gatewayclasses patch"],
    [{ path: "/apis/g/v1/gatewayclasses" }, "gatewayclasses list"],
    [{ path: "/apis/g/v1" }, "/apis/g/v1 get"],
    [{ path: "/apis" }, "/apis get"],
    [{ path: "/api/v1" }, "/api/v1 get"],
  ] as const)("names %o", async (request, name) => {
    expect(await count([request])).toEqual([`${name} 1 0 11`]);
  });

  test("adds up calls, failures and bytes, in one order", async () => {
    const counted = await count([
      { path: "/api/v1/services" },
      { path: "/api/v1/secrets/bad" },
      { path: "/api/v1/secrets/absent" },
      { path: "/api/v1/services" },
      { path: "/api/v1/services?bad" },
      { path: "/api/v1/pods" },
    ]);
    expect(counted).toEqual(["pods list 1 0 11", "secrets get 2 1 0", "services list 2 0 22", "services?bad list 1 1 0"]);
    accounting.reset();
    expect(accounting.counts()).toEqual([]);
  });

  test("counts what is sent, and nothing of what may not be", async () => {
    const { client, counts } = withAccounting(createKubeClient(kubeconfigFor(peer.url)));
    const path = "/api/v1/namespaces/x/services";
    for (const body of [{ a: "ü" }, { b: 1 }]) await client.request({ method: "POST", path, body, permit: async () => undefined });
    const refused = client.request({ method: "POST", path, body: {}, permit: () => Promise.reject(new Error("the lease is over")) });
    await expect(refused).rejects.toThrow("the lease is over");
    expect(counts()).toEqual([{ resource: "services", verb: "create", calls: 2, failures: 0, bytes: 22, sent: 17 }]);
    client.close();
  });

  test("does not take a mistake for an answer", async () => {
    const client = createKubeClient(kubeconfigFor(peer.url));
    const broken = withAccounting({ ...client, request: () => Promise.reject(new TypeError("a bug")) });
    await expect(broken.client.request({ method: "GET", path: "/api/v1/pods" })).rejects.toThrow("a bug");
    expect(broken.counts()).toMatchObject([{ calls: 1, failures: 0 }]);
    client.close();
  });

  test("counts watches", async () => {
    const { client, counts } = withAccounting(createKubeClient(kubeconfigFor(peer.url)));
    for (const path of ["/api/v1/pods", "/api/v1/pods", "/api/v1/bad"]) {
      const lines = async (): Promise<void> => {
        for await (const line of client.watch({ path })) expect(line).toEqual({ a: "ü" });
      };
      await lines().catch(() => undefined);
    }
    expect(counts()).toEqual([
      { resource: "bad", verb: "watch", calls: 1, failures: 1, bytes: 0, sent: 0 },
      { resource: "pods", verb: "watch", calls: 2, failures: 0, bytes: 0, sent: 0 },
    ]);
    client.close();
  });
});
