import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RenderResult } from "../../../shared/render/result.ts";
import { childOf, isObject, listOf, textOf, toJsonObject, type JsonObject } from "../../support/json.ts";
import { createMount } from "./kubelet-volume.ts";

export interface PodOptions {
  /** `address:port` of a name server, for `/etc/resolv.conf`. */
  readonly nameServer: string;
  /** In place of the command `stunnerd`. */
  readonly stunnerd: readonly string[];
  /** What the downward API knows. */
  readonly node?: string;
  /** Port of stunnerd's health server in place of 8086, which pods on one machine would have in common. */
  readonly health?: number;
  /** Directory of programs that are found before the system's. */
  readonly programs?: string;
}

/** The pod of a rendered Deployment on this machine: its containers are processes, its volumes are directories. */
export interface Pod {
  /** ConfigMaps and Secrets as they are rendered now reach the volumes. The containers go on. */
  update(rendered: RenderResult): void;
  /** What all containers have written. */
  output(): string;
  /** PIDs of the containers by name. A process that has ended is not in it. */
  readonly running: () => Readonly<Record<string, number>>;
  /** Where a path of a container is here. */
  path(inContainer: string): string;
  stop(): Promise<void>;
}

const RESOLV_CONF = "/etc/resolv.conf";

/**
 * Starts it. Everything that is run, commands, arguments, variables, files, comes from what is rendered; what is the same for
 * every pod is changed: where the paths are, the name servers, the port of its health, and what `stunnerd` is. A sidecar runs as the user that the pod says
 * where the tests run as root.
 */
export function startPod(rendered: RenderResult, { nameServer, stunnerd, node = "node-a", health = 8086, programs = "" }: PodOptions): Pod {
  const root = mkdtempSync(join(tmpdir(), "stunner-pod-"));
  chmodSync(root, 0o755);
  writeFileSync(join(root, "resolv.conf"), `search example\nnameserver ${nameServer}\n`);
  const spec = childOf(childOf(childOf(workloadOf(rendered), "spec"), "template"), "spec");
  const volumes = listOf(spec, "volumes").filter(isObject);
  const containers = [...listOf(spec, "initContainers"), ...listOf(spec, "containers")].filter(isObject);
  const paths = new Map([[RESOLV_CONF, join(root, "resolv.conf")], ['"http://:8086"', `"http://127.0.0.1:${health}"`]]);
  for (const mount of containers.flatMap((one) => listOf(one, "volumeMounts")).filter(isObject)) paths.set(textOf(mount, "mountPath"), join(root, textOf(mount, "name")));
  const here = (text: string): string => [...paths].reduce((all, [from, to]) => all.replaceAll(from, to), text);

  const mounts = new Map(volumes.flatMap((volume) => {
    const directory = join(root, textOf(volume, "name"));
    if (isObject(volume["emptyDir"])) {
      mkdirSync(directory);
      chmodSync(directory, 0o777);
      return [];
    }
    const [kind, name] = isObject(volume["secret"]) ? ["Secret", textOf(volume["secret"], "secretName")] : ["ConfigMap", textOf(childOf(volume, "configMap"), "name")];
    return [[`${kind} ${name}`, createMount(directory)] as const];
  }));
  function update(result: RenderResult): void {
    for (const object of result.objects) {
      const data = Object.entries(toJsonObject(object["data"] ?? {})).map(([key, value]) => [key, here(object.kind === "Secret" ? decode(value) : String(value))]);
      mounts.get(`${object.kind} ${object.metadata.name}`)?.write(Object.fromEntries(data) as Record<string, string>);
    }
  }
  update(rendered);

  let output = "";
  const children = new Map<string, ChildProcess>();
  for (const container of containers) {
    const [program = "", ...rest] = [...listOf(container, "command"), ...listOf(container, "args")].map((one) => here(String(one)));
    const [command = "", ...args] = program === "stunnerd" ? [...stunnerd, ...rest] : [program, ...rest];
    const child = spawn(command, args, {
      env: { PATH: `${programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, ...variables(container, node, here) },
      cwd: "/",
      // A group of its own, so that nothing of it is left.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...identity(container),
    });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    children.set(textOf(container, "name"), child);
  }
  const kill = (signal: NodeJS.Signals): void => {
    for (const { pid } of children.values()) {
      try {
        if (pid) process.kill(-pid, signal);
      } catch {
        // It has ended.
      }
    }
  };
  const onExit = (): void => kill("SIGKILL");
  process.once("exit", onExit);

  return {
    update,
    output: () => output,
    running: () => Object.fromEntries([...children].flatMap(([name, { pid, exitCode, signalCode }]) => (pid && exitCode === null && signalCode === null ? [[name, pid]] : []))),
    path: here,
    async stop() {
      const ends = [...children.values()].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map((child) => once(child, "exit"));
      for (const child of children.values()) child.kill("SIGTERM");
      const timer = setTimeout(() => kill("SIGKILL"), 5_000);
      await Promise.all(ends);
      clearTimeout(timer);
      kill("SIGKILL");
      process.removeListener("exit", onExit);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function workloadOf({ objects }: RenderResult): JsonObject {
  const found = objects.find(({ kind }) => kind === "Deployment" || kind === "DaemonSet");
  if (!found) throw new Error("no workload is rendered");
  return toJsonObject(found);
}

function variables(container: JsonObject, node: string, here: (text: string) => string): Record<string, string> {
  const fields: Readonly<Record<string, string>> = { "spec.nodeName": node, "status.podIP": "127.0.0.1" };
  const entries = listOf(container, "env").filter(isObject).map((one) => {
    const path = textOf(childOf(childOf(one, "valueFrom"), "fieldRef"), "fieldPath");
    return [textOf(one, "name"), path === "" ? here(textOf(one, "value")) : (fields[path] ?? "")];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function identity(container: JsonObject): { uid?: number; gid?: number } {
  const { runAsUser, runAsGroup } = childOf(container, "securityContext");
  if (process.getuid?.() !== 0 || typeof runAsUser !== "number" || typeof runAsGroup !== "number") return {};
  return { uid: runAsUser, gid: runAsGroup };
}

const decode = (value: unknown): string => Buffer.from(String(value), "base64").toString();
