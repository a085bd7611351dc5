import { describe, expect, it } from "vitest";
import { secretBase64, secretText } from "../../../shared/render/secret.ts";
import type { Secret } from "../../../shared/resources/secret.ts";

const secret = (data?: Record<string, string>): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "s" },
  ...(data ? { data } : {}),
});

describe("secretText", () => {
  it("is the decoded value, as it is", () => {
    expect(secretText(secret({ type: "c3RhdGlj" }), "type")).toBe("static");
    expect(secretText(secret({ type: "c3RhdGljCg==" }), "type")).toBe("static\n");
    expect(secretText(secret({ password: "w6k=" }), "password")).toBe("é");
    expect(secretText(secret({ password: "" }), "password")).toBe("");
  });

  it("is undefined where YAML says null", () => {
    const data = JSON.parse('{"type":null}') as Record<string, string>;
    expect(secretText(secret(data), "type")).toBeUndefined();
    expect(secretBase64(secret(data), ["type"])).toBeUndefined();
  });

  it("is undefined where the key is absent", () => {
    expect(secretText(secret({}), "type")).toBeUndefined();
    expect(secretText(secret(), "type")).toBeUndefined();
  });
});

describe("secretBase64", () => {
  it("takes the first key that is there", () => {
    expect(secretBase64(secret({ cert: "Qw==", crt: "Qg==" }), ["tls.crt", "crt", "cert"])).toBe("Qg==");
    expect(secretBase64(secret({ "tls.crt": "", crt: "Qg==" }), ["tls.crt", "crt"])).toBe("Qg==");
    expect(secretBase64(secret({ other: "Qg==" }), ["tls.crt"])).toBeUndefined();
    expect(secretBase64(secret(), ["tls.crt"])).toBeUndefined();
  });

  // stunnerd takes padded standard base64 only (spec/stunnerd.md 6.3).
  it("is canonical", () => {
    expect(secretBase64(secret({ crt: "QUJD\nREVG\n" }), ["crt"])).toBe("QUJDREVG");
    expect(secretBase64(secret({ crt: "QUI" }), ["crt"])).toBe("QUI=");
  });
});
