import { describe, expect, it } from "vitest";
import { render } from "../../../shared/render/render.ts";
import { clusterState } from "../../../shared/state/cluster-state.ts";
import {
  configMap,
  dataplane,
  gateway,
  gatewayClass,
  gatewayConfig,
  listener,
  options,
  ownedService,
  PARAMETERS_REF,
  rendered,
  route,
  service,
  UDP,
  workload,
} from "./builders.ts";
import { acceptedMessage, configOf, gatewayConditions, objectKeys, problemLines } from "./reading.ts";

const two = [
  gatewayClass({}, "b"),
  gatewayClass({ parametersRef: { ...PARAMETERS_REF, name: "other" } }, "a"),
  gatewayConfig({ userName: "bob", password: "x" }, "stunner-system/other"),
  gateway(undefined, { gatewayClassName: "a" }, "media/z"),
  gateway(undefined, { gatewayClassName: "b" }, "media/y"),
  gateway(undefined, { gatewayClassName: "b" }, "a/x"),
];

const rendering = () => rendered(two);

// improvements I19; spec/rendering.md 9.2.
describe("order", () => {
  it("of configs, objects and statuses is that of kinds and names", () => {
    const result = rendering();
    expect([...result.configs.keys()]).toEqual(["a/x", "media/y", "media/z"]);
    expect(objectKeys(result)).toEqual([
      "Deployment/a/x",
      "Deployment/media/y",
      "Deployment/media/z",
      "Service/a/x",
      "Service/media/y",
      "Service/media/z",
    ]);
    expect(result.statuses.map((one) => `${one.kind} ${one.name}`)).toEqual([
      "GatewayClass a",
      "Gateway z",
      "GatewayClass b",
      "Gateway x",
      "Gateway y",
      "GatewayClass turn",
    ]);
  });

  it("of the input does not matter", () => {
    const objects = [gatewayClass(), gatewayConfig(), dataplane(), ...two, gateway(), route(), service("media/sfu")];
    const text = (given: typeof objects) => {
      const { configs, held, ...rest } = render(clusterState(given), options());
      return JSON.stringify([...configs, [...held.configs], [...held.objects], rest]);
    };
    expect(text([...objects].reverse())).toBe(text(objects));
  });

  it("each class has its own GatewayConfig", () => {
    const result = rendering();
    expect(["a/x", "media/y", "media/z"].map((key) => configOf(result, key)?.auth.credentials.username)).toEqual(["alice", "alice", "bob"]);
  });
});

describe("a rendering", () => {
  it("of nothing is empty", () => {
    expect(render(clusterState([]), options())).toEqual({
      configs: new Map(),
      objects: [],
      statuses: [],
      problems: [],
      held: { configs: new Set(), objects: new Set() },
      deletions: [],
      orphans: [],
    });
  });

  it("does not change its input", () => {
    const state = clusterState([
      gatewayClass(),
      gatewayConfig(),
      dataplane(),
      ...two,
      gateway([listener("a", 1, "UDP")]),
      ownedService(),
      route([{ name: "x" }]),
    ]);
    const before = structuredClone(state);
    render(state, options());
    expect(state).toEqual(before);
  });

  it("does not hold what it wants", () => {
    const result = rendered([gateway(), ownedService(), workload("Deployment")]);
    expect(result.held).toEqual({ configs: new Set(), objects: new Set() });
  });

  it("has its held keys ascending", () => {
    const gone = ["z/a", "a/z"].map((key) => ownedService({}, undefined, key));
    const result = rendered([
      ...gone,
      gateway(undefined, { gatewayClassName: "gone" }, "z/a"),
      gateway(undefined, { gatewayClassName: "gone" }, "a/z"),
    ]);
    expect([...result.held.configs]).toEqual(["a/z", "z/a"]);
    expect([...result.held.objects]).toEqual([
      "DaemonSet/a/z",
      "DaemonSet/z/a",
      "Deployment/a/z",
      "Deployment/z/a",
      "Service/a/z",
      "Service/z/a",
    ]);
  });

  it("has them ascending too where they are held for several reasons", () => {
    const invalid = gateway(
      [UDP],
      { infrastructure: { parametersRef: { group: "stunner.l7mp.io", kind: "Dataplane", name: "none" } } },
      "z/a",
    );
    const gone = gateway(undefined, { gatewayClassName: "gone" }, "a/z");
    expect([...rendered([invalid, gone, ownedService({}, undefined, "a/z")]).held.configs]).toEqual(["a/z", "z/a"]);
  });

  it("has its orphans ascending, Gateways and classes together", () => {
    const marks = {
      labels: { "stunner.l7mp.io/owned-by": "stunner" },
      annotations: { "stunner.l7mp.io/related-gateway-name": "/old" },
      ownerReferences: [{ apiVersion: "gateway.networking.k8s.io/v1", kind: "GatewayClass", name: "old", uid: "x" }],
    };
    const gone = gateway(undefined, { gatewayClassName: "gone" }, "a/z");
    const result = rendered([gone, ownedService({}, undefined, "a/z"), configMap("x/stunnerd-config", "{}", marks)], { mode: "legacy" });
    expect(result.orphans).toEqual(["/old", "a/z"]);
  });

  it("tells each problem once, in order", () => {
    const bad = gatewayConfig({ userName: "x" });
    expect(
      problemLines(rendered([bad, gateway(), gateway(undefined, {}, "media/other")])),
    ).toEqual(["error GatewayConfig stunner-system/conf spec.password MissingCredential"]);
  });
});

// spec/rendering.md 5.8; improvements I38.
describe("the Accepted condition of a Gateway", () => {
  it("is plain where all is well", () => {
    const result = rendered([gateway()]);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/Accepted");
    expect(acceptedMessage(result)).toBe("accepted by controller stunner.l7mp.io/gateway-operator");
  });

  it("names the listeners that are not valid", () => {
    expect(acceptedMessage(rendered([gateway([listener("a", 1, "HTTP"), listener("b", 1, "UDP"), listener("c", 1, "UDP")])]))).toBe(
      "listener a, c is not valid; its conditions tell why",
    );
  });

  it("says each thing worth knowing once, and only warnings", () => {
    const gw = gateway(
      [listener("a", 1, "HTTP"), listener("b", 1, "UDP")],
      {},
      "media/gw",
      { annotations: { "stunner.l7mp.io/enable-mixed-protocol-lb": "yes" } },
    );
    expect(acceptedMessage(rendered([gw]))).toBe(
      'listener a is not valid; its conditions tell why; ' +
        'metadata.annotations[stunner.l7mp.io/enable-mixed-protocol-lb]: "yes" counts as false; accepted: true, false',
    );
  });

  it("has addresses first, then listeners", () => {
    const gw = gateway([listener("a", 1, "HTTP")], { addresses: [{ type: "Named", value: "x" }] });
    expect(gatewayConditions(rendered([gw]))[0]).toBe("Accepted=False/UnsupportedAddress");
  });
});

it("a Gateway without listeners is Programmed, and has no listeners key (edge case 21)", () => {
  const result = rendered([gateway([])]);
  expect(gatewayConditions(result)).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
  expect(configOf(result)).not.toHaveProperty("listeners");
  expect(objectKeys(result)).toEqual(["Deployment/media/gw"]);
});
