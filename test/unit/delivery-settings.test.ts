import { describe, expect, it } from "vitest";
import { isDnsName, parseCdsEndpoint } from "../../shared/resources/delivery.ts";
import { deliveryOf, InvalidDelivery, type DeliveryContext } from "../../shared/settings/delivery.ts";
import { parseSettings, type Flags } from "../../shared/settings.ts";

const CA = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
const KEY = "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----";

const made = (flags: Flags, context: Partial<DeliveryContext> = {}) =>
  deliveryOf(parseSettings({ cluster: "prod", ...flags }), { url: "https://cds.example.com/base", ca: "", ...context });

describe("the address of CDS", () => {
  it.each([
    ["https://cds.example.com", { host: "cds.example.com", port: 443, path: "" }],
    ["https://CDS.example.com:8443/", { host: "cds.example.com", port: 8443, path: "" }],
    ["https://cds.example.com/a/b-c_d~e.f/", { host: "cds.example.com", port: 443, path: "/a/b-c_d~e.f" }],
    ["https://192.0.2.1:1/x", { host: "192.0.2.1", port: 1, path: "/x" }],
  ])("%s is taken apart", (text, parts) => {
    expect(parseCdsEndpoint(text)).toEqual(parts);
  });

  // Each of these would mean something to nginx, curl or a shell, or to somebody on the way.
  it.each([
    "", "http://h", "https://", "https://h:0", "https://h:65536", "https://h:1:2", "https://u@h", "https://u:p@h", "https://h?q", "https://h/#f",
    "https://h/a b", "https://h/a;b", "https://h/$x", "https://h/{a}", "https://h/'", 'https://h/"', "https://h/%24", "https://h/a\nb", "https://h/..",
    "https://h/a/../b", "https://h/./b", "https://h//b", "https://h;x", "https://$h", "https://h_h", "https://-h", "https://[::1]", "https://h/`x`", "https://h/\\",
    `https://${"a".repeat(64)}`,
  ])("%j is refused", (text) => {
    expect(parseCdsEndpoint(text)).toBeUndefined();
  });

  it("is a DNS name, or is not", () => {
    expect([isDnsName("cds.example.com"), isDnsName("1.example"), isDnsName("192.0.2.1")]).toEqual([true, true, false]);
  });
});

describe("the delivery of a cluster", () => {
  it("is direct where nothing is said", () => {
    expect(made({}, { url: "http://h:1" })).toEqual({ kind: "direct" });
  });

  it("is direct in legacy mode, whatever is said", () => {
    expect(made({ delivery: "pull", "dataplane-mode": "legacy" })).toEqual({ kind: "direct" });
  });

  it("has the path of the cluster, the images and the bounds", () => {
    expect(made({ delivery: "pull", "poll-interval": "30s" })).toMatchObject({
      kind: "pull",
      endpoint: { host: "cds.example.com", port: 443, path: "/base/c/prod" },
      image: "docker.io/curlimages/curl:8.16.0",
      imagePullPolicy: "IfNotPresent",
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "250m", memory: "64Mi" } },
      pollSeconds: 30,
    });
    expect(made({ delivery: "proxy", "sidecar-pull-policy": "always", "proxy-image": "r/nginx:1" })).toMatchObject({
      kind: "proxy", image: "r/nginx:1", imagePullPolicy: "Always",
    });
    expect(made({ delivery: "configmap" }, { url: "" })).toEqual({ kind: "configmap", object: "Secret" });
    expect(made({ delivery: "configmap", "delivery-object": "configmap" })).toEqual({ kind: "configmap", object: "ConfigMap" });
  });

  it("takes certificates out of what is given as authorities, and nothing else", () => {
    expect(made({ delivery: "pull" }, { ca: `${KEY}\nx\n${CA}\n${CA}` })).toMatchObject({ ca: `${CA}\n${CA}\n` });
    expect(made({ delivery: "pull" })).not.toHaveProperty("ca");
  });

  it("has the tokens that it is given, or none", () => {
    const gateway = { namespace: "media", name: "gw", uid: "u" };
    const given = made({ delivery: "pull" }, { token: ({ uid }) => `t-${uid}` });
    const none = made({ delivery: "pull" });
    expect([given, none].map((one) => (one.kind === "pull" ? one.token(gateway) : undefined))).toEqual(["t-u", ""]);
  });

  it.each([
    [{}, {}, "cluster prod: cds-url: stunnerd itself knows no TLS: give http://host:port, or delivery proxy or pull"],
    [{}, { url: "http://h:1", token: () => "t" }, "cluster prod: delivery: direct cannot send tokens, which are set: give proxy, pull or configmap, or do without tokens"],
    [{ delivery: "pull" }, { url: "http://h:1" }, "cluster prod: cds-url: delivery pull needs https://host[:port][/path]"],
    [{ delivery: "proxy" }, { url: "https://192.0.2.1" }, "cluster prod: cds-url: delivery proxy needs a DNS name: nginx does not find addresses in certificates"],
    [{ delivery: "pull" }, { ca: KEY }, "cluster prod: cds-ca: has no certificate in PEM"],
  ])("%j, %j is refused, with cluster and setting", (flags, context, message) => {
    expect(() => made(flags, context)).toThrow(new InvalidDelivery("prod", message.split(": ")[1] ?? "", message.split(": ").slice(2).join(": ")));
  });
});
