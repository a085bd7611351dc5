import { describe, expect, it } from "vitest";
import { parseSettings } from "../../shared/settings.ts";
import { SettingsError } from "../../shared/settings/settings-error.ts";

describe("settings of the auth service", () => {
  it("by default ask for nothing, let no page read, and leave addresses alone", () => {
    expect(parseSettings({})).toMatchObject({ apiKeys: [], apiKeysFile: "", corsOrigins: [], credentialsRate: 20, publicAddress: "", publicPort: 0 });
  });

  it("have the variables of the original", () => {
    expect(parseSettings({}, { STUNNER_PUBLIC_ADDR: "[2001:db8::1]", STUNNER_PUBLIC_PORT: "443" })).toMatchObject({ publicAddress: "2001:db8::1", publicPort: 443 });
  });

  it("take several keys and origins", () => {
    const settings = parseSettings({ "cors-origins": "https://A.example/, http://b.example:8080" }, { STUNNER_API_KEYS: " one-key-of-several , another-of-them," });
    expect(settings).toMatchObject({ apiKeys: ["one-key-of-several", "another-of-them"], corsOrigins: ["https://a.example", "http://b.example:8080"] });
    expect(parseSettings({ "cors-origins": "*" }).corsOrigins).toEqual(["*"]);
  });

  it.each(["0", "0.5", ".5", "20", "1000000"])("take %s for a rate", (rate) => {
    expect(parseSettings({ "credentials-rate": rate }).credentialsRate).toBe(Number(rate));
  });

  it.each([
    ["cors-origins", "app.example.com"],
    ["cors-origins", "https://a.example/path"],
    ["cors-origins", "https://*.example"],
    ["cors-origins", "ftp://a.example"],
    ["cors-origins", "https://user@a.example"],
    ["credentials-rate", "-1"],
    ["credentials-rate", "1e3"],
    ["credentials-rate", "1000001"],
    ["credentials-rate", ""],
    ["credentials-rate", "."],
    ["public-port", "65536"],
    ["public-port", "http"],
    ["public-addr", "https://turn.example.com"],
  ])("--%s=%s is refused", (flag, value) => {
    expect(() => parseSettings({ [flag]: value })).toThrow(SettingsError);
  });
});
