import { describe, expect, it } from "vitest";
import { parseSettings, refuseExposure } from "../../shared/settings.ts";
import { SettingsError } from "../../shared/settings/settings-error.ts";
import { parseDuration } from "../../shared/settings/duration.ts";
import { isLoopback, isUnspecified, parseListenAddress } from "../../shared/settings/address.ts";

/** The message of the error that these settings give. */
function refused(flags: Record<string, string | boolean>, environment: Record<string, string> = {}): string {
  try {
    refuseExposure(parseSettings(flags, environment));
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("accepted");
}

describe("defaults", () => {
  const settings = parseSettings({});

  it("are those of the design", () => {
    expect(settings).toMatchObject({
      controllerName: "stunner.l7mp.io/gateway-operator",
      mode: "managed",
      endpointDiscovery: true,
      endpointSlices: true,
      onInvalid: "hold",
      referenceGrants: "permit",
      certificates: "verify",
      releaseAfter: 600_000,
      allowMassDelete: false,
      throttle: 250,
      resync: 300_000,
      listen: { host: "127.0.0.1", port: 13_478 },
      finalizer: false,
      insecure: false,
      cluster: "default",
      notes: [],
    });
  });

  it("filter the labels of applysets, Helm, Argo and Flux", () => {
    expect(settings.labelFilter).toEqual([
      "applyset.kubernetes.io/part-of",
      "applyset.k8s.io/part-of",
      "app.kubernetes.io/managed-by",
      "argocd.argoproj.io/instance",
      "kustomize.toolkit.fluxcd.io/name",
      "kustomize.toolkit.fluxcd.io/namespace",
    ]);
  });
});

describe("flags and environment", () => {
  it("lets the flag win over the variable", () => {
    const environment = { STUNNER_GATEWAY_OPERATOR_CONTROLLER_NAME: "example.org/b", STUNNER_ON_INVALID: "teardown" };
    expect(parseSettings({}, environment)).toMatchObject({ controllerName: "example.org/b", onInvalid: "teardown" });
    expect(parseSettings({ "controller-name": "example.org/a", "on-invalid": "hold" }, environment)).toMatchObject({
      controllerName: "example.org/a",
      onInvalid: "hold",
    });
  });

  it("lets the mode variable win over an explicit default, as upstream", () => {
    const environment = { STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE: "legacy" };
    expect(parseSettings({ "dataplane-mode": "managed" }, environment).mode).toBe("legacy");
    expect(parseSettings({ "dataplane-mode": "legacy" }, { STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE: "managed" }).mode).toBe("legacy");
  });

  it("reads Go's truth values", () => {
    expect(parseSettings({ "endpoint-discovery": "false" }).endpointDiscovery).toBe(false);
    expect(parseSettings({ "endpoint-discovery": "F" }).endpointDiscovery).toBe(false);
    expect(parseSettings({ "endpoint-discovery": "1" }).endpointDiscovery).toBe(true);
    expect(parseSettings({ "disable-endpontslice-controller": true }).endpointSlices).toBe(false);
    expect(refused({ "endpoint-discovery": "maybe" })).toBe(
      '--endpoint-discovery: "maybe" is not accepted; accepted: true, false',
    );
  });

  it("replaces the label filter, and empties it where the variable is set but empty", () => {
    expect(parseSettings({}, { STUNNER_GATEWAY_OPERATOR_LABEL_FILTER: " a/b , c," }).labelFilter).toEqual(["a/b", "c"]);
    expect(parseSettings({}, { STUNNER_GATEWAY_OPERATOR_LABEL_FILTER: "" }).labelFilter).toEqual([]);
  });

  it("takes an empty variable of a flag as unset", () => {
    expect(parseSettings({}, { STUNNER_THROTTLE_TIMEOUT: "", STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE: "" })).toMatchObject({
      throttle: 250,
      mode: "managed",
    });
  });

  it("takes modes and words in any case", () => {
    expect(parseSettings({ "dataplane-mode": "Legacy", certificates: "TRUST" })).toMatchObject({ mode: "legacy", certificates: "trust" });
  });

  it("accepts upstream's flags without meaning here, with a line each", () => {
    const { notes } = parseSettings(
      { "leader-elect": true, "metrics-bind-address": ":8080", "zap-devel": "false" },
      { CUSTOMER_KEY: "x", STUNNER_GATEWAY_OPERATOR_PPROF_BIND_ADDRESS: ":1" },
    );
    expect(notes.map((note) => note.split(" ")[0])).toEqual([
      "--metrics-bind-address",
      "--leader-elect",
      "--zap-devel",
      "STUNNER_GATEWAY_OPERATOR_PPROF_BIND_ADDRESS",
      "CUSTOMER_KEY",
    ]);
    expect(notes.every((note) => !note.includes("\n"))).toBe(true);
  });

  it("reads log levels as zap names them", () => {
    const levels = ["debug", "INFO", "error", "panic", "5"].map((text) => parseSettings({ "zap-log-level": text }).logLevel);
    expect(levels).toEqual(["debug", "info", "error", "fatal", "debug"]);
    expect(refused({ "zap-log-level": "0" })).toContain("accepted: debug, info, warn, error, panic");
  });
});

describe("upstream compatibility", () => {
  it("changes the defaults", () => {
    expect(parseSettings({ "upstream-compat": true })).toMatchObject({
      onInvalid: "teardown",
      certificates: "trust",
      referenceGrants: "permit",
      releaseAfter: 0,
      allowMassDelete: true,
    });
  });

  it("yields to what is set by itself", () => {
    expect(parseSettings({ "upstream-compat": true, certificates: "verify" }, { STUNNER_ON_INVALID: "hold" })).toMatchObject({
      onInvalid: "hold",
      certificates: "verify",
      releaseAfter: 0,
    });
  });

  it("is off when it says false, and refused when it says nonsense", () => {
    expect(parseSettings({ "upstream-compat": "false" }).onInvalid).toBe("hold");
    expect(refused({ "upstream-compat": "2" })).toContain("--upstream-compat");
  });
});

describe("errors", () => {
  it("name the setting, the value and what is accepted", () => {
    expect(refused({ "dataplane-mode": "manged" })).toBe('--dataplane-mode: "manged" is not accepted; accepted: managed, legacy');
  });

  it("name the variable where the value came from it", () => {
    expect(refused({}, { STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE: "x" })).toContain("STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE: ");
  });

  it("come all at once", () => {
    expect(refused({ "on-invalid": "x", resync: "soon", store: "ftp://x" }).split("\n")).toHaveLength(3);
  });

  it("hide the user of a URL and fold what is long", () => {
    expect(refused({ store: "s3://key:secret@bucket" })).not.toContain("secret");
    expect(refused({ "on-invalid": "x".repeat(500) }).length).toBeLessThan(220);
    expect(refused({ "on-invalid": "a\nb" })).not.toContain("\n");
  });

  it.each([
    ["throttle-timeout", "fast"],
    ["resync", "1ms"],
    ["release-after", "-1s"],
    ["controller-name", "no-slash"],
    ["cluster", "../up"],
    ["cds-url", "https://h:1/a?b"],
    ["cds-url", "https://h/a/../b"],
    ["cds-url", "https://h;/"],
    ["proxy-image", ""],
    ["pull-image", "a b"],
    ["sidecar-resources", "{"],
    ["sidecar-resources", '{"limits":{"memory":"much"}}'],
    ["sidecar-resources", '{"limts":{}}'],
    ["delivery", "push"],
    ["poll-interval", "500ms"],
    ["cds-url", "http://h:1/path"],
    ["cds-url", "http://u:p@h:1"],
    ["cds-url", "http://[::1:1"],
    ["config-discovery-address", "13478"],
    ["config-discovery-address", "h:99999"],
  ])("refuse --%s=%s", (flag, value) => {
    expect(refused({ [flag]: value })).toContain(`--${flag}: "`);
  });

  it("refuse a port in the advertised host", () => {
    expect(refused({}, { STUNNER_GATEWAY_OPERATOR_ADDRESS: "host:1" })).toContain("STUNNER_GATEWAY_OPERATOR_ADDRESS");
  });
});

describe("where configurations are served", () => {
  it("needs --insecure away from loopback (I48)", () => {
    expect(refused({ "config-discovery-address": "0.0.0.0:13478" })).toContain("--insecure");
    expect(refused({ "config-discovery-address": "[2001:db8::1]:1" })).toContain('"[2001:db8::1]:1"');
    const meant = parseSettings({ "config-discovery-address": "0.0.0.0:1", insecure: true });
    expect(meant.listen).toEqual({ host: "0.0.0.0", port: 1 });
    expect(() => refuseExposure(meant)).not.toThrow();
  });

  it("needs no --insecure where tokens are needed, and never tells their keys", () => {
    const keyed = { "config-discovery-address": "0.0.0.0:1", "token-keys": "c2VjcmV0" };
    expect(() => refuseExposure(parseSettings(keyed))).not.toThrow();
    expect(() => refuseExposure(parseSettings({ ...keyed, "tls-cert": "c" }))).toThrow('--tls-cert: "c" is not accepted; give --tls-key as well');
    expect(() => refuseExposure(parseSettings({ ...keyed, "tls-key": "k" }))).toThrow('--tls-key: "k" is not accepted; give --tls-cert as well');
    expect(() => refuseExposure(parseSettings({ ...keyed, "tls-key": "k", "tls-cert": "c" }))).not.toThrow();
    expect(() => parseSettings({ ...keyed, "dataplane-mode": "x" })).not.toThrow("c2VjcmV0");
  });

  it.each([":1", "127.0.0.1:1", "127.8.9.10:1", "localhost:1", "[::1]:1"])("takes %s for loopback", (address) => {
    const settings = parseSettings({ "config-discovery-address": address });
    expect(settings.listen.port).toBe(1);
    expect(() => refuseExposure(settings)).not.toThrow();
  });

  it("is advertised by --cds-url, else the address variable, else the address", () => {
    const address = { "config-discovery-address": "10.0.0.1:77", insecure: true };
    expect(parseSettings(address).configOrigin()).toBe("http://10.0.0.1:77");
    expect(parseSettings(address, { STUNNER_GATEWAY_OPERATOR_ADDRESS: "cds.example" }).configOrigin()).toBe("http://cds.example:77");
    expect(parseSettings(address, { STUNNER_GATEWAY_OPERATOR_ADDRESS: "2001:db8::2" }).configOrigin()).toBe("http://[2001:db8::2]:77");
    expect(parseSettings({ ...address, "cds-url": "http://h:5/" }, { STUNNER_GATEWAY_OPERATOR_ADDRESS: "x" }).configOrigin(9)).toBe("http://h:5");
  });

  it("is advertised as loopback where the address is none to be sent to", () => {
    expect(parseSettings({ "config-discovery-address": "[::]:5", insecure: true }).configOrigin()).toBe("http://127.0.0.1:5");
    expect(parseSettings({}).configOrigin()).toBe("http://127.0.0.1:13478");
  });

  it("is advertised with the port that the system chose", () => {
    expect(parseSettings({ "config-discovery-address": ":0" }).configOrigin(4711)).toBe("http://127.0.0.1:4711");
  });
});

describe("parseDuration", () => {
  it.each([
    ["250ms", 250], ["10s", 10_000], ["1h30m", 5_400_000], ["1.5h", 5_400_000], ["0", 0], ["+2m", 120_000], [".5s", 500],
    ["1m0.5s", 60_500], ["300us", 0.3], ["300µs", 0.3],
  ])("reads %s", (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  it.each(["", "5", "1x", "s", "-1s", "1h 2m", "ms5", "1.2.3s", "9000h", "Infinity"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("addresses", () => {
  it.each(["x", ":", "h:", "[::1]", "[h]:1", "::1:1", "a b:1", "-h:1", "h:1:2", ":65536"])("refuses %j", (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });

  it("knows loopback from what only looks like it", () => {
    expect(["127.0.0.1", "LOCALHOST", "::1"].map(isLoopback)).toEqual([true, true, true]);
    expect(["127.0.0.1.example.org", "localhost.example.org", "128.0.0.1", "::"].map(isLoopback)).toEqual([false, false, false, false]);
  });

  it("knows what is no destination", () => {
    expect(["0.0.0.0", "::", "0:0:0:0:0:0:0:0", "10.0.0.1"].map(isUnspecified)).toEqual([true, true, true, false]);
  });
});
