import { describe, expect, it } from "vitest";
import { ACCEPTED_PROTOCOLS, parseProtocol } from "../../../shared/render/protocol.ts";

// spec/rendering.md 5.1; improvements I14, I36.
describe("parseProtocol", () => {
  it.each([
    ["UDP", "TURN-UDP", "UDP", false],
    ["TURN-UDP", "TURN-UDP", "UDP", false],
    ["TCP", "TURN-TCP", "TCP", false],
    ["TURN-TCP", "TURN-TCP", "TCP", false],
    ["TLS", "TURN-TLS", "TCP", true],
    ["TURN-TLS", "TURN-TLS", "TCP", true],
    ["DTLS", "TURN-DTLS", "UDP", true],
    ["TURN-DTLS", "TURN-DTLS", "UDP", true],
    ["turn-udp", "TURN-UDP", "UDP", false],
    ["Turn-Tcp", "TURN-TCP", "TCP", false],
    ["tls", "TURN-TLS", "TCP", true],
    ["dTls", "TURN-DTLS", "UDP", true],
  ])("%s is %s over %s", (text, name, transport, tls) => {
    expect(parseProtocol(text)).toEqual({ name, transport, tls });
  });

  it.each([
    "HTTP",
    "HTTPS",
    "SCTP",
    "dummy",
    "",
    "TURN-",
    "TURN",
    "TURN-TURN-UDP",
    "UDP-TURN-",
    "XTURN-UDP",
    "TURN-HTTP",
    "toString",
    "UDP ",
  ])(
    "%j is no protocol of TURN",
    (text) => {
      expect(parseProtocol(text)).toBeUndefined();
    },
  );

  it("names what it accepts", () => {
    expect(ACCEPTED_PROTOCOLS.split(", ").map((one) => parseProtocol(one)?.name)).toEqual([
      "TURN-UDP",
      "TURN-TCP",
      "TURN-TLS",
      "TURN-DTLS",
      "TURN-UDP",
      "TURN-TCP",
      "TURN-TLS",
      "TURN-DTLS",
    ]);
  });
});
