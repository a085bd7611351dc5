import { get } from "node:http";
import { freePorts } from "./ports.ts";
import { startProgram, type Program } from "./program.ts";

export interface Etcd extends Program {
  readonly url: string;
}

/** Starts an etcd that holds a cluster for as long as it runs. Its directory goes when it ends. */
export async function startEtcd(command: string, directory: string): Promise<Etcd> {
  const [client, peer] = (await freePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const url = client ?? "";
  const args = [
    "--name=test",
    `--data-dir=${directory}/etcd`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    "--log-level=warn",
    // Nothing here outlives the tests, so nothing need reach the disk.
    "--unsafe-no-fsync",
    "--snapshot-count=1000000",
  ];
  const program = startProgram("etcd", { command, args, directory, cleans: true });
  await program.ready(() => isHealthy(`${url}/health`), 20_000);
  return { ...program, url };
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { timeout: 1_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(false));
  });
}
