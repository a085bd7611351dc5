import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "../support/running-serve.ts";

const CERTIFICATES = fileURLToPath(new URL("../support/certificates/", import.meta.url));

/** Programs of Debian's coturn that are not here. */
export const MISSING = ["turnserver", "turnutils_uclient"].filter((program) => spawnSync(program, ["--version"]).error !== undefined);

/** A coturn on loopback: UDP and TCP on one port, TLS and DTLS on the other. */
export interface TurnServer {
  readonly port: number;
  readonly tlsPort: number;
  stop(): Promise<void>;
}

/** @param how lines of its configuration: who may use it */
export async function startTurnServer(how: readonly string[]): Promise<TurnServer> {
  const directory = await mkdtemp(join(tmpdir(), "stunner-coturn-"));
  const [port, tlsPort] = [await freePort(), await freePort()];
  // In a file: what stands on a command line can be seen by everybody.
  const file = join(directory, "turnserver.conf");
  const lines = [
    "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", `listening-port=${port}`, `tls-listening-port=${tlsPort}`,
    `cert=${CERTIFICATES}one.crt`, `pkey=${CERTIFICATES}one.key`, "realm=stunner.l7mp.io", "relay-threads=1",
    "no-cli", "allow-loopback-peers", `pidfile=${join(directory, "pid")}`, `userdb=${join(directory, "db")}`, ...how,
  ];
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  const child = spawn("turnserver", ["-c", file, "--log-file", "stdout", "--simple-log"], { stdio: "ignore" });
  const exited = once(child, "exit");
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`turnserver ended with ${child.exitCode}`);
    return (await isOpen(port)) && (await isOpen(tlsPort));
  });
  return {
    port,
    tlsPort,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** An allocation, and a message through it and back. Returns whether the server let the client do so. */
export async function isAccepted({ uri, username, password }: { uri: string; username: string; password: string }): Promise<boolean> {
  const [, scheme, host = "", port = "", transport] = /^(turns?):([\d.]+):(\d+)\?transport=(udp|tcp)$/.exec(uri) ?? [];
  const how = [...(transport === "tcp" ? ["-t"] : []), ...(scheme === "turns" ? ["-S"] : [])];
  const child = spawn("turnutils_uclient", [...how, "-u", username, "-w", password, "-p", port, "-n", "1", "-m", "1", "-y", "-c", host], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += String(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0 && /Total lost packets 0 /.test(said)) return true;
  // Anything but a refusal is no proof of anything.
  if (code !== 0 && /Cannot complete Allocation/.test(said)) return false;
  throw new Error(`turnutils_uclient ended with ${code}:\n${said}`);
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
