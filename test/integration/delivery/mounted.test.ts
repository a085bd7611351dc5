import { describe, expect, it } from "vitest";
import { eventually } from "../../support/running-serve.ts";
import { dataplane, gateway, gatewayConfig, rendered } from "../../unit/render/builders.ts";
import type { Delivery } from "../../../shared/resources/delivery.ts";
import type { RenderResult } from "../../../shared/render/result.ts";
import { freePort } from "./fixture.ts";
import { startPod } from "./pod.ts";
import { stunnerdCommand } from "./programs.ts";

const stunnerd = stunnerdCommand();

/** The configuration that the renderer wrote, told apart by the password. */
function render(delivery: Delivery, mark: string): RenderResult {
  const config = gatewayConfig({ userName: "alice", password: mark });
  return rendered([gateway(), config, dataplane({ command: ["stunnerd"], args: ["-w"] })], { delivery });
}

async function passwordAt(health: number): Promise<string | undefined> {
  try {
    const { auth } = (await (await fetch(`http://127.0.0.1:${health}/status`)).json()) as { auth?: { credentials?: { password?: string } } };
    return auth?.credentials?.password;
  } catch {
    return undefined;
  }
}

describe.each(["Secret", "ConfigMap"] as const)("a configuration that is mounted as a %s", (object) => {
  it("arrives, and so does what the kubelet puts in its place", async () => {
    const delivery: Delivery = { kind: "configmap", object };
    const health = await freePort();
    const pod = startPod(render(delivery, "first"), { nameServer: "", stunnerd, health });
    try {
      await eventually(async () => (await passwordAt(health)) === "first");
      pod.update(render(delivery, "second$FOO${"));
      await eventually(async () => (await passwordAt(health)) === "second$FOO${");
      expect(Object.keys(pod.running())).toEqual(["stunner-daemon"]);
      expect(pod.output()).not.toContain("first");
    } finally {
      await pod.stop();
    }
  });
});
