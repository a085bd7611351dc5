import { describe, expect, it } from "vitest";
import { gateway, gatewayConfig, grant, rendered, secret } from "./builders.ts";
import { acceptedMessage, classConditions, configOf, gatewayConditions, problemLines } from "./reading.ts";

const REF = { name: "turn-auth" };
const authOf = (configSpec: Record<string, unknown>, ...secrets: ReturnType<typeof secret>[]) =>
  configOf(rendered([gateway(), gatewayConfig(configSpec), ...secrets]))?.auth;
const failureOf = (configSpec: Record<string, unknown>, ...secrets: ReturnType<typeof secret>[]) => {
  const result = rendered([gateway(), gatewayConfig(configSpec), ...secrets]);
  expect(result.configs.size).toBe(0);
  expect(gatewayConditions(result)).toEqual(["Accepted=False/Pending", "Programmed=False/Invalid"]);
  // The class itself is in order in managed mode (spec/rendering.md 2.2, edge case 8).
  expect(classConditions(result)).toEqual(["Accepted=True/Accepted"]);
  return result;
};
const external = (data: Record<string, string>, type?: string) => secret("stunner-system/turn-auth", data, type);

const STATIC = { type: "static", realm: "stunner.l7mp.io", credentials: { password: "wonder", username: "alice" } };
const EPHEMERAL = { type: "ephemeral", realm: "stunner.l7mp.io", credentials: { secret: "s3cr3t" } };

// spec/rendering.md 4.4.
describe("inline credentials", () => {
  it.each(["static", "plaintext"])("authType %s is static", (authType) => {
    expect(authOf({ authType, userName: "alice", password: "wonder", sharedSecret: "no" })).toEqual(STATIC);
  });

  it.each(["ephemeral", "timewindowed", "longterm"])("authType %s is ephemeral", (authType) => {
    expect(authOf({ authType, sharedSecret: "s3cr3t", userName: "no", password: "no" })).toEqual(EPHEMERAL);
  });

  it("no authType is static, and an empty credential is one", () => {
    expect(authOf({ userName: "alice", password: "wonder" })).toEqual(STATIC);
    expect(authOf({ userName: "", password: "" })?.credentials).toEqual({ password: "", username: "" });
    expect(authOf({ authType: "ephemeral", sharedSecret: "" })?.credentials).toEqual({ secret: "" });
    expect(JSON.stringify(authOf({ userName: "alice", password: "wonder" }))).toBe(JSON.stringify(STATIC));
  });

  it.each([
    ["turn.example.com", "turn.example.com"],
    ["", "stunner.l7mp.io"],
    [undefined, "stunner.l7mp.io"],
  ])("realm %j is %s", (realm, wanted) => {
    expect(authOf({ userName: "a", password: "b", realm })?.realm).toBe(wanted);
  });

  it.each([
    ["no password", { userName: "alice" }, "spec.password", "static authentication needs password, which is not set"],
    ["no user name", { password: "wonder" }, "spec.userName", "static authentication needs userName, which is not set"],
    ["null", { userName: "alice", password: null }, "spec.password", "static authentication needs password, which is not set"],
    ["no shared secret", { authType: "longterm" }, "spec.sharedSecret", "ephemeral authentication needs sharedSecret, which is not set"],
  ])("fails for %s", (_, spec, field, message) => {
    expect(failureOf(spec).problems).toEqual([
      { severity: "error", object: "GatewayConfig stunner-system/conf", field, reason: "MissingCredential", message },
    ]);
  });

  it("fails without any spec", () => {
    const config = { ...gatewayConfig(), spec: undefined };
    expect(problemLines(rendered([gateway(), config]))).toEqual([
      "error GatewayConfig stunner-system/conf spec.userName MissingCredential",
    ]);
  });

  // I15: `none` is an error that names the accepted values.
  it.each(["none", "Static", "STATIC", "", "static\n", "oauth", "toString", "plaintextfoo"])("fails for authType %j", (authType) => {
    expect(failureOf({ authType, userName: "alice", password: "wonder" }).problems).toEqual([
      {
        severity: "error",
        object: "GatewayConfig stunner-system/conf",
        field: "spec.authType",
        reason: "InvalidAuthType",
        message: "unknown authentication type; accepted: static, plaintext, ephemeral, timewindowed, longterm",
      },
    ]);
  });
});

describe("credentials in a Secret", () => {
  it.each([
    ["static", { type: "static", username: "alice", password: "wonder", secret: "no" }, STATIC],
    ["no type", { username: "alice", password: "wonder", secret: "no" }, STATIC],
    ["longterm", { type: "longterm", secret: "s3cr3t", username: "no" }, EPHEMERAL],
    ["timewindowed with sharedSecret", { type: "timewindowed", sharedSecret: "s3cr3t" }, EPHEMERAL],
    ["both names of the secret", { type: "ephemeral", sharedSecret: "no", secret: "s3cr3t" }, EPHEMERAL],
    [
      "an empty secret before sharedSecret",
      { type: "ephemeral", sharedSecret: "no", secret: "" },
      { ...EPHEMERAL, credentials: { secret: "" } },
    ],
    ["empty values", { username: "", password: "" }, { ...STATIC, credentials: { password: "", username: "" } }],
  ])("%s", (_, data, wanted) => {
    expect(authOf({ authRef: REF }, external(data))).toEqual(wanted);
  });

  it("wins over all inline fields but the realm", () => {
    const spec = {
      authRef: REF,
      authType: "ephemeral",
      sharedSecret: "inline",
      userName: "bob",
      password: "inline",
      realm: "turn.example.com",
    };
    expect(
      authOf(spec, external({ username: "alice", password: "wonder", realm: "no" })),
    ).toEqual({ ...STATIC, realm: "turn.example.com" });
  });

  it("may have any type of Secret, in the GatewayConfig's namespace by default", () => {
    expect(authOf({ authRef: REF }, external({ username: "alice", password: "wonder" }, "kubernetes.io/basic-auth"))).toEqual(STATIC);
    expect(authOf({ authRef: { ...REF, namespace: "" } }, external({ username: "alice", password: "wonder" }))).toEqual(STATIC);
    expect(
      authOf({ authRef: { ...REF, namespace: "stunner-system" } }, external({ username: "alice", password: "wonder" })),
    ).toEqual(STATIC);
  });

  it.each([{}, { group: "" }, { group: "v1" }, { kind: "Secret" }, { kind: "" }])("takes the reference %j", (more) => {
    expect(authOf({ authRef: { ...REF, ...more } }, external({ username: "alice", password: "wonder" }))).toEqual(STATIC);
  });

  it.each([
    ["group", { group: "apps" }, 'group "apps" cannot hold credentials; accepted: the core group, ""'],
    ["kind", { kind: "ConfigMap" }, 'kind "ConfigMap" cannot hold credentials; accepted: Secret'],
  ])("fails for another %s", (field, more, message) => {
    const result = failureOf(
      { authRef: { ...REF, ...more }, userName: "a", password: "b" },
      external({ username: "alice", password: "wonder" }),
    );
    expect(result.problems).toEqual([
      { severity: "error", object: "GatewayConfig stunner-system/conf", field: `spec.authRef.${field}`, reason: "InvalidAuthRef", message },
    ]);
  });

  it("fails where it is missing, without falling back to the inline fields", () => {
    expect(failureOf({ authRef: REF, userName: "alice", password: "wonder" }).problems).toEqual([
      {
        severity: "error",
        object: "GatewayConfig stunner-system/conf",
        field: "spec.authRef",
        reason: "AuthSecretNotFound",
        message: "Secret stunner-system/turn-auth does not exist",
      },
    ]);
  });

  it.each([
    ["static", "data.password", { username: "alice" }, "static authentication needs password, which is not set"],
    ["static", "data.username", { password: "wonder" }, "static authentication needs username, which is not set"],
    [
      "ephemeral",
      "data.secret",
      { type: "ephemeral", username: "a", password: "b" },
      "ephemeral authentication needs secret, which is not set",
    ],
  ])("fails where %s lacks %s", (_, field, data, message) => {
    expect(failureOf({ authRef: REF }, external(data)).problems).toEqual([
      { severity: "error", object: "Secret stunner-system/turn-auth", field, reason: "MissingCredential", message },
    ]);
  });

  it.each(["none", "static\n", "STATIC", ""])("fails for type %j and does not repeat it", (type) => {
    const result = failureOf({ authRef: REF }, external({ type: type || "", username: "alice", password: "wonder" }));
    expect(problemLines(result)).toEqual(["error Secret stunner-system/turn-auth data.type InvalidAuthType"]);
  });

  it("never shows a value of the Secret", () => {
    const result = failureOf({ authRef: REF }, external({ type: "hunter2", password: "hunter3" }));
    expect(JSON.stringify([result.problems, result.statuses])).not.toMatch(/hunter/);
  });
});

// improvements I20, I49: GatewayConfig's authRef follows the rule of TLS Secrets.
describe("credentials in a Secret of another namespace", () => {
  const objects = [
    gateway(),
    gatewayConfig({ authRef: { ...REF, namespace: "vault" } }),
    secret("vault/turn-auth", { username: "alice", password: "wonder" }),
  ];
  const allowed = grant(
    "vault/g",
    [{ group: "stunner.l7mp.io", kind: "GatewayConfig", namespace: "stunner-system" }],
    [{ group: "", kind: "Secret" }],
  );
  const remedy = "a ReferenceGrant in namespace vault from GatewayConfig of stunner-system to Secret allows it";

  it("work and are reported under permit", () => {
    const result = rendered(objects);
    expect(configOf(result)?.auth).toEqual(STATIC);
    const message = `Secret vault/turn-auth of another namespace is used without a ReferenceGrant; ${remedy}`;
    expect(result.problems).toEqual([
      { severity: "warning", object: "GatewayConfig stunner-system/conf", field: "spec.authRef", reason: "CrossNamespaceSecret", message },
    ]);
    expect(acceptedMessage(result)).toContain(message);
    expect(gatewayConditions(result)[0]).toBe("Accepted=True/Accepted");
  });

  it("are refused under enforce", () => {
    const result = rendered(objects, { referenceGrants: "enforce" });
    expect(result.configs.size).toBe(0);
    expect(result.problems).toEqual([
      {
        severity: "error",
        object: "GatewayConfig stunner-system/conf",
        field: "spec.authRef",
        reason: "RefNotPermitted",
        message: `Secret vault/turn-auth is in another namespace and no ReferenceGrant allows its use; ${remedy}`,
      },
    ]);
  });

  it.each(["permit", "enforce"] as const)("are in order with a ReferenceGrant under %s", (referenceGrants) => {
    const result = rendered([...objects, allowed], { referenceGrants });
    expect(configOf(result)?.auth).toEqual(STATIC);
    expect(result.problems).toEqual([]);
  });
});
