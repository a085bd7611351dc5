import { describe, expect, it } from "vitest";
import { certificateFlaw } from "../../../shared/render/certificate.ts";
import { NOW, pem } from "./fixtures.ts";

const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const flaw = (cert: string, key: string, now = NOW) => certificateFlaw(base64(cert), base64(key), now);
const der = (text: string): string => Buffer.from(text.replaceAll(/-----.*-----|\s/g, ""), "base64").toString("latin1");

/** OpenSSL reads these labels, stunnerd does not. */
const relabelled = (label: string): string => pem("ec.crt").replaceAll("CERTIFICATE", label);

// improvements I40; what stunnerd takes is in spec/stunnerd.md 6.3.
describe("certificateFlaw finds nothing wrong with", () => {
  it.each([
    ["an RSA pair", "rsa.crt", "rsa.key"],
    ["an EC pair", "ec.crt", "ec.key"],
    ["a PKCS#1 key", "rsa.crt", "rsa-pkcs1.key"],
    ["a SEC1 key", "ec.crt", "ec-sec1.key"],
    ["a SEC1 key after its parameters", "ec.crt", "ec-params.key"],
    ["a chain", "chain.crt", "chain.key"],
  ])("%s", (_, cert, key) => {
    expect(flaw(pem(cert), pem(key))).toBeUndefined();
  });

  it("text before the certificate", () => {
    expect(flaw(`subject=ec\n${pem("ec.crt")}`, pem("ec.key"))).toBeUndefined();
  });
});

describe("certificateFlaw makes unusable", () => {
  it.each([
    ["a certificate that is no PEM", "CERT", pem("ec.key"), "the certificate is no PEM certificate"],
    ["a certificate in DER", der(pem("ec.crt")), pem("ec.key"), "the certificate is no PEM certificate"],
    ["a key in the place of the certificate", pem("ec.key"), pem("ec.key"), "the certificate is no PEM certificate"],
    ["a broken certificate", pem("ec.crt").replace("MII", "AAA"), pem("ec.key"), "the certificate is no PEM certificate"],
    ["a trusted certificate", relabelled("TRUSTED CERTIFICATE"), pem("ec.key"), "the certificate is no PEM certificate"],
    ["a certificate under an old label", relabelled("X509 CERTIFICATE"), pem("ec.key"), "the certificate is no PEM certificate"],
    ["an empty certificate", "", pem("ec.key"), "the certificate is no PEM certificate"],
    ["a key that is no PEM", pem("ec.crt"), "KEY", "the private key is no unencrypted PEM private key"],
    ["a key in DER", pem("ec.crt"), der(pem("ec.key")), "the private key is no unencrypted PEM private key"],
    ["an encrypted key", pem("ec.crt"), pem("encrypted.key"), "the private key is no unencrypted PEM private key"],
    ["a certificate in the place of the key", pem("ec.crt"), pem("ec.crt"), "the private key is no unencrypted PEM private key"],
    ["a key of another pair", pem("ec.crt"), pem("other.key"), "the private key does not belong to the certificate"],
    ["a key of another type", pem("ec.crt"), pem("rsa.key"), "the private key does not belong to the certificate"],
    [
      "a chain in the wrong order",
      `${pem("rsa.crt")}${pem("ec.crt")}`,
      pem("ec.key"),
      "the private key does not belong to the certificate",
    ],
  ])("%s", (_, cert, key, message) => {
    expect(flaw(cert, key)).toEqual({ unusable: true, message });
  });
});

describe("certificateFlaw tells of, without making unusable,", () => {
  it("a certificate that expired", () => {
    const told = { unusable: false, message: "the certificate expired on 2021-01-01T00:00:00.000Z" };
    expect(flaw(pem("expired.crt"), pem("expired.key"))).toEqual(told);
    expect(flaw(pem("expired.crt"), pem("expired.key"), Date.UTC(2021, 0, 1) + 1)).toEqual(told);
    expect(flaw(pem("expired.crt"), pem("expired.key"), Date.UTC(2021, 0, 1))).toBeUndefined();
  });

  it("a certificate whose time has not come", () => {
    const told = { unusable: false, message: "the certificate is not valid before 2100-01-01T00:00:00.000Z" };
    expect(flaw(pem("future.crt"), pem("future.key"))).toEqual(told);
    expect(flaw(pem("future.crt"), pem("future.key"), Date.UTC(2100, 0, 1) - 1)).toEqual(told);
    expect(flaw(pem("future.crt"), pem("future.key"), Date.UTC(2100, 0, 1))).toBeUndefined();
  });
});

it("certificateFlaw never repeats what it reads", () => {
  expect(JSON.stringify(flaw(pem("ec.crt"), "hunter2"))).not.toContain("hunter2");
});
