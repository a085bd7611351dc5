import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const readme = readFileSync("README.md", "utf8");
const blocks = [...readme.matchAll(/```(\w*)\n([\s\S]*?)```/g)].map(([, language = "", body = ""]) => ({ language, body }));
const commands = blocks.filter(({ language }) => language === "sh").flatMap(({ body }) => body.trim().split("\n"));

/** Tested by being where we are: this is the test run, in a tree that `npm ci` has filled. */
const HERE = "npm ci && npm test";
const START = "npm ci && npm start";
/** Each of these has a test of its own or is part of `npm start`. */
const ELSEWHERE = new Set([HERE, START, "npm run build", ...commands.filter((command) => command.startsWith("curl "))]);
const ENV = { ...process.env, STUNNER_CONFIG_DISCOVERY_ADDRESS: "127.0.0.1:0", STUNNER_LOG_FORMAT: "json" };

async function shell(command: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn("bash", ["-c", command], { env: ENV, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close") as Promise<[number | null]>]);
  return { code, stdout, stderr };
}

/** `…` stands for anything, and the port is any. */
function pattern(line: string): RegExp {
  const escaped = line.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("…", ".+").replaceAll(":13478", String.raw`:\d+`)}$`);
}

describe("the README", () => {
  let server: ChildProcess;
  let origin = "";
  const lines: string[] = [];

  beforeAll(async () => {
    server = spawn("npm", ["start"], { env: ENV, stdio: ["ignore", "pipe", "inherit"], detached: true });
    for await (const line of createInterface({ input: server.stdout ?? process.stdin })) {
      if (!line.startsWith("{")) continue;
      lines.push((JSON.parse(line) as { msg: string }).msg);
      if (lines.at(-1)?.startsWith("to see one")) break;
    }
    origin = /http:\/\/[^/]+/.exec(lines.find((line) => line.startsWith("configurations")) ?? "")?.[0] ?? "";
  });

  afterAll(async () => {
    if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
    await once(server, "close");
  });

  it("shows what npm start prints", () => {
    const shown = blocks.find(({ body }) => body.startsWith("stunner-serverless "))?.body.trim().split("\n") ?? [];
    expect(lines).toHaveLength(shown.length);
    for (const [index, line] of shown.entries()) expect(lines[index]).toMatch(pattern(line));
  });

  it("shows what comes back for the configuration that it asks for", async () => {
    const curl = commands.find((command) => command.startsWith("curl ")) ?? "";
    const shown = blocks.find(({ language }) => language === "json")?.body ?? "";
    const { stdout, code } = await shell(curl.replace("http://127.0.0.1:13478", origin));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(shown));
  });

  it.each(commands.filter((command) => !ELSEWHERE.has(command)))("runs %s", async (command) => {
    const { code, stdout, stderr } = await shell(command);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.length).toBeGreaterThan(100);
  });

  it("begins with the two commands", () => {
    expect(commands.filter((command) => command.startsWith("npm ci"))).toEqual([START, HERE]);
  });

  it("stays near 100 lines", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(110);
  });

  it("links to what is there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, target = ""]) => target);
    expect(links.filter((target) => readFileSync(target, "utf8") === "")).toEqual([]);
  });
});
