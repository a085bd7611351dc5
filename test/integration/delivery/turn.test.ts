import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { eventually } from "../../support/running-serve.ts";
import { createWorld } from "./fixture.ts";
import { hasPrograms } from "./programs.ts";

const { STUNNERD_BIN = "", TURNCAT_BIN = "" } = process.env;
const has = STUNNERD_BIN !== "" && TURNCAT_BIN !== "" && hasPrograms();
if (STUNNERD_BIN === "" || TURNCAT_BIN === "") process.stdout.write("skipped: UDP through TURN needs STUNNERD_BIN and TURNCAT_BIN\n");

describe.runIf(has).each(["proxy", "pull"] as const)("%s, with the real stunnerd", (kind) => {
  it("has media relayed to a peer, and to no peer that a later configuration leaves out", async () => {
    const [world, echo, client] = [await createWorld([STUNNERD_BIN]), await udp(), await udp()];
    const local = await udp();
    const { port } = local.address();
    local.close();
    const clusters = [{ name: "ns/route", type: "STATIC", protocol: "UDP", endpoints: ["127.0.0.1"] }];
    echo.on("message", (data, from) => echo.send(`echo:${data.toString()}`, from.port, from.address));
    world.set(1, { clusters });
    world.startPod(world.delivery(kind));
    try {
      await world.arrives(1);
      const { listeners: [listener] = [], auth } = JSON.parse(world.config(1)) as {
        listeners?: readonly { port: number }[];
        auth: { credentials: { username: string; password: string } };
      };
      const server = `turn://${auth.credentials.username}:${auth.credentials.password}@127.0.0.1:${listener?.port}?transport=udp`;
      const turncat = spawn(TURNCAT_BIN, [`udp://127.0.0.1:${port}`, server, `udp://127.0.0.1:${echo.address().port}`], { stdio: "ignore" });
      try {
        let answer = "";
        client.on("message", (data) => (answer = data.toString()));
        await eventually(() => {
          client.send("Hello STUNner", port, "127.0.0.1");
          return answer !== "";
        });
        expect(answer).toBe("echo:Hello STUNner");
        // The peer is left out: nothing comes back any more (spec/cds.md 6.1).
        world.set(2, { clusters: [{ ...clusters[0], endpoints: ["192.0.2.1"] }] });
        await world.arrives(2);
        answer = "";
        client.send("again", port, "127.0.0.1");
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        expect(answer).toBe("");
      } finally {
        turncat.kill("SIGKILL");
      }
    } finally {
      for (const socket of [echo, client]) socket.close();
      await world.close();
    }
  });
});

async function udp(): Promise<Socket> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}
