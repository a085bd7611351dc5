import { describe, expect, it } from "vitest";
import { PARAMETERS_REF, configMap, gateway, gatewayClass, gatewayConfig, listener, rendered } from "./render/builders.ts";
import { classConditions, deletionKeys, objectKeys, objectOf, statusOf } from "./render/reading.ts";

describe("I11, I13: legacy mode", () => {
  const legacy = { mode: "legacy" } as const;
  const live = configMap("stunner-system/stunnerd-config", "{}", {
    labels: { "stunner.l7mp.io/owned-by": "stunner" },
    annotations: { "stunner.l7mp.io/related-gateway-name": "/turn" },
    ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "turn", uid: "uid-of-turn" }],
  });
  const lost = gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "gone" } });

  it("I11: hold keeps the ConfigMap of a class whose GatewayConfig is gone, and the class tells", () => {
    const result = rendered([lost, gateway(), live], legacy);
    expect([classConditions(result), objectKeys(result), deletionKeys(result)]).toEqual([["Accepted=False/InvalidParameters"], [], []]);
    expect([...result.held.objects]).toContain("ConfigMap/stunner-system/stunnerd-config");
  });

  it("I11: teardown empties it", () => {
    const result = rendered([lost, gateway(), live], { ...legacy, onInvalid: "teardown" });
    expect(objectOf(result, "ConfigMap", "stunner-system/stunnerd-config")).toMatchObject({ data: { "stunnerd.conf": "" } });
  });

  it("I11: bad credentials are the class's fault too", () => {
    expect(classConditions(rendered([gateway(), gatewayConfig({ userName: "a" })], legacy))).toEqual(["Accepted=False/InvalidParameters"]);
  });

  it("I11: under hold the class owns the ConfigMap, so that no garbage collector takes it with the GatewayConfig", () => {
    const map = objectOf(rendered([gateway()], legacy), "ConfigMap", "stunner-system/stunnerd-config");
    expect(map?.metadata.ownerReferences).toMatchObject([{ kind: "GatewayClass", name: "turn" }]);
  });

  it("I13: of two classes with one ConfigMap the older one owns it, and the other names it", () => {
    const older = gatewayClass({}, "zeta", { creationTimestamp: "2026-01-01T00:00:00Z" });
    const younger = gatewayClass({}, "turn", { creationTimestamp: "2026-01-02T00:00:00Z" });
    const objects = [older, younger, gateway([listener("a", 1, "UDP")], { gatewayClassName: "zeta" }, "media/old"), gateway()];
    const result = rendered(objects, legacy);
    expect([classConditions(result, "zeta"), classConditions(result, "turn")]).toEqual([
      ["Accepted=True/Accepted"],
      ["Accepted=False/InvalidParameters"],
    ]);
    expect(statusOf(result, "GatewayClass", "turn")?.conditions?.[0]?.message).toContain("zeta");
    const map = objectOf(result, "ConfigMap", "stunner-system/stunnerd-config");
    expect(map?.metadata.annotations).toMatchObject({ "stunner.l7mp.io/related-gateway-name": "/zeta" });
    expect(JSON.stringify(map)).toContain("media/old/a");
    expect(JSON.stringify(map)).not.toContain("media/gw/udp");
  });

  it("I13: of classes of one age the first by name", () => {
    const objects = [
      gatewayClass({}, "turn", { creationTimestamp: "2026-01-01T00:00:00Z" }),
      gatewayClass({}, "alpha", { creationTimestamp: "2026-01-01T00:00:00Z" }),
    ];
    expect(classConditions(rendered(objects, legacy), "alpha")).toEqual(["Accepted=True/Accepted"]);
  });
});
