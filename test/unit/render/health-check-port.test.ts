import { describe, expect, it } from "vitest";
import { healthCheckPort } from "../../../shared/render/health-check-port.ts";

const PREFIX = "service.beta.kubernetes.io";
const aws = (port: string, protocol: string) => ({
  [`${PREFIX}/aws-load-balancer-healthcheck-port`]: port,
  [`${PREFIX}/aws-load-balancer-healthcheck-protocol`]: protocol,
});

// spec/resources.md 2.5 and edge cases 8, 10.
describe("healthCheckPort", () => {
  it.each([
    ["8080", "HTTP", 8080],
    ["8086", "http", 8086],
    ["8086", "TCP", 8086],
    ["8086", "tcp", 8086],
    ["8086", "Tcp", 8086],
    ["1", "TCP", 1],
    ["65535", "TCP", 65_535],
    ["+8080", "TCP", 8080],
  ])("%s with %s is %d", (port, protocol, wanted) => {
    expect(healthCheckPort(aws(port, protocol))).toBe(wanted);
  });

  it.each([
    ["eighty", "HTTP"],
    ["8080", "UDP"],
    ["8080", "HTTPS"],
    ["8080", ""],
    ["", "TCP"],
    ["0", "TCP"],
    ["-1", "TCP"],
    ["8080.5", "TCP"],
    ["8080x", "TCP"],
    ["x8080", "TCP"],
    ["65536", "TCP"],
    [" 8080", "TCP"],
  ])("%j with %j is none", (port, protocol) => {
    expect(healthCheckPort(aws(port, protocol))).toBeUndefined();
  });

  it("needs both roles", () => {
    expect(healthCheckPort({})).toBeUndefined();
    expect(healthCheckPort({ [`${PREFIX}/aws-load-balancer-healthcheck-port`]: "8080" })).toBeUndefined();
    expect(healthCheckPort({ [`${PREFIX}/aws-load-balancer-healthcheck-protocol`]: "TCP" })).toBeUndefined();
  });

  it("knows the keys of other clouds by their pattern", () => {
    expect(
      healthCheckPort({
        [`${PREFIX}/do-loadbalancer-healthcheck-port`]: "8086",
        [`${PREFIX}/do-loadbalancer-healthcheck-protocol`]: "http",
      }),
    ).toBe(8086);
    expect(healthCheckPort({ [`${PREFIX}/health-port`]: "1", [`${PREFIX}/x-health-protocol`]: "TCP" })).toBe(1);
  });

  it.each([
    ["another prefix", { "example.com/health-port": "8080", "example.com/health-protocol": "TCP" }],
    ["another prefix with the known one inside", { [`x${PREFIX}/health-port`]: "8080", [`x${PREFIX}/health-protocol`]: "TCP" }],
    ["keys without health", { [`${PREFIX}/aws-port`]: "8080", [`${PREFIX}/aws-protocol`]: "TCP" }],
    ["other letter case", { [`${PREFIX}/HEALTH-port`]: "8080", [`${PREFIX}/HEALTH-protocol`]: "TCP" }],
    ["something after the role", { [`${PREFIX}/health-port-x`]: "8080", [`${PREFIX}/health-protocol-x`]: "TCP" }],
  ])("ignores %s", (_, annotations) => {
    expect(healthCheckPort(annotations)).toBeUndefined();
  });

  it("is not confused by other keys of the same kind", () => {
    expect(
      healthCheckPort({ ...aws("8080", "HTTP"), [`${PREFIX}/aws-load-balancer-healthcheck-path`]: "/live", [`${PREFIX}/z-health-x`]: "9" }),
    ).toBe(8080);
  });

  it("takes the first key in ascending order where several match", () => {
    expect(
      healthCheckPort({
        [`${PREFIX}/b-health-port`]: "2",
        [`${PREFIX}/a-health-port`]: "1",
        [`${PREFIX}/a-health-protocol`]: "TCP",
        [`${PREFIX}/b-health-protocol`]: "UDP",
      }),
    ).toBe(1);
  });
});
