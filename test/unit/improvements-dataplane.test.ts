import { describe, expect, it } from "vitest";
import { childOf, isObject, listOf, toJsonObject, type JsonObject } from "../support/json.ts";
import { annotated, dataplane, gateway, rendered } from "./render/builders.ts";
import { listenersOf, objectOf, problemLines } from "./render/reading.ts";

const key = (name: string) => `stunner.l7mp.io/${name}`;
/** The pod template of the Deployment. */
const podOf = (result: ReturnType<typeof rendered>): JsonObject =>
  childOf(childOf(toJsonObject(objectOf(result, "Deployment") ?? {}), "spec"), "template");
const deploymentText = (spec: object) => JSON.stringify(objectOf(rendered([gateway(), dataplane({ ...spec })]), "Deployment"));

describe("I23, I33: the dataplane", () => {
  it("I23: a DaemonSet where it is asked for, in place of the Deployment", () => {
    const result = rendered([gateway(), dataplane({ dataplaneResource: "DaemonSet", replicas: 3 })]);
    expect([objectOf(result, "Deployment"), objectOf(result, "DaemonSet")?.["spec"]]).toEqual([
      undefined,
      expect.not.objectContaining({ replicas: 3 }),
    ]);
  });

  it("I23: relay-address discovery renders the placeholder of the node's address", () => {
    const result = rendered([annotated({ [key("enable-relay-address-discovery")]: "true" })]);
    expect(listenersOf(result)[0]?.address).toBe("__node_address_placeholder");
  });

  it("I23: in legacy mode nobody would replace it", () => {
    const result = rendered([annotated({ [key("enable-relay-address-discovery")]: "true" })], { mode: "legacy" });
    expect(JSON.stringify(objectOf(result, "ConfigMap", "stunner-system/stunnerd-config"))).not.toContain("placeholder");
    expect(problemLines(result)).toContain("warning Gateway media/gw metadata.annotations RelayAddressDiscovery");
  });

  it("I33: envFrom is rendered; what the Dataplane drops is not desired any more", () => {
    const full = {
      envFrom: [{ configMapRef: { name: "x" } }],
      affinity: {},
      securityContext: {},
      containerSecurityContext: {},
      imagePullSecrets: [{ name: "pull" }],
      tolerations: [],
    };
    const fields = /envFrom|affinity|ecurityContext|imagePullSecrets|tolerations/g;
    expect([deploymentText(full).match(fields)?.length, deploymentText({}).match(fields)]).toEqual([6, null]);
  });

  it("server-side apply refuses a list that names an item twice", () => {
    const spec = {
      env: [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
      imagePullSecrets: [{ name: "pull" }, { name: "pull" }],
    };
    const pod = childOf(podOf(rendered([gateway(), dataplane(spec)])), "spec");
    const container = listOf(pod, "containers").find(isObject);
    expect([pod["imagePullSecrets"], listOf(container, "env").slice(-1)]).toEqual([[{ name: "pull" }], [{ name: "A", value: "2" }]]);
  });
});
