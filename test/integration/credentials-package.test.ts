import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { config, EPHEMERAL } from "../unit/credentials-support.ts";
import { directoryOf } from "../support/running-serve.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TSC = join(ROOT, "node_modules/typescript/bin/tsc");

/** An application that has installed the package. */
const APP = `
import { ephemeralCredentials, iceConfiguration, NoValidListener, turnToken } from "stunner-serverless/credentials";
import type { IceConfiguration, IceQuery, IceServer, TurnCredentials, TurnToken } from "stunner-serverless/credentials";

const configs: unknown[] = JSON.parse(process.argv[2] ?? "[]");
const now = (1795224448 - 86400) * 1000;
const query: IceQuery = { namespace: "media", username: "joe" };
const configuration: IceConfiguration = iceConfiguration(configs, query, now);
const [server]: IceServer[] = configuration.iceServers;
const token: TurnToken = turnToken(configs, query, now);
const credentials: TurnCredentials = ephemeralCredentials("my-secret", { expiry: 1795224448, userId: "joe" });
let error = "";
try {
  iceConfiguration([], {}, now);
} catch (thrown) {
  error = thrown instanceof NoValidListener ? thrown.code : "another";
}
process.stdout.write(JSON.stringify({ server, token, credentials, error }));
`;

describe("stunner-serverless/credentials, built", () => {
  let app: Awaited<ReturnType<typeof directoryOf>>;
  beforeAll(async () => {
    app = await directoryOf({ "package.json": '{ "type": "module" }', "app.ts": APP });
    const installed = join(app.path, "node_modules/stunner-serverless");
    await mkdir(installed, { recursive: true });
    await copyFile(join(ROOT, "package.json"), join(installed, "package.json"));
    await run(process.execPath, ["build.mjs", "--quiet", "--only=credentials", `--out=${join(installed, "dist")}`], { cwd: ROOT });
  });
  afterAll(() => app.remove());

  it("gives a Node application credentials", async () => {
    const configs = JSON.stringify([config("media/gateway", { auth: EPHEMERAL })]);
    const { stdout } = await run(process.execPath, ["app.ts", configs], { cwd: app.path });
    const [username, password, url] = ["1795224448:joe", "QA+FcWW6DCfc6g+YOa4JAP9VJys=", "turn:198.51.100.7:13478?transport=udp"];
    expect(JSON.parse(stdout)).toEqual({
      server: { username, credential: password, urls: [url] },
      token: { username, password, ttl: 86_400, uris: [url] },
      credentials: { username, password },
      error: "NoValidListener",
    });
  });

  const check = (file = "app.ts"): Promise<unknown> =>
    run(process.execPath, [TSC, "--ignoreConfig", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--types", "node", "--typeRoots", join(ROOT, "node_modules/@types"), file], { cwd: app.path });
  it("brings its types along", async () => {
    await expect(check()).resolves.toMatchObject({ stdout: "" });
    const [, inDocs = ""] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(ROOT, "docs/credentials.md"), "utf8")) ?? [];
    expect(inDocs).toContain("stunner-serverless/credentials");
    await writeFile(join(app.path, "docs.ts"), inDocs);
    await expect(check("docs.ts")).resolves.toMatchObject({ stdout: "" });
    await writeFile(join(app.path, "app.ts"), `${APP}\nconst wrong: number = token.username;\n`);
    await expect(check()).rejects.toMatchObject({ stdout: expect.stringContaining("Type 'string' is not assignable to type 'number'") as string });
  });

  it("lets nothing else of the package be imported", async () => {
    await writeFile(join(app.path, "other.mjs"), 'await import("stunner-serverless/dist/credentials.js");\n');
    await expect(run(process.execPath, ["other.mjs"], { cwd: app.path })).rejects.toMatchObject({ stderr: expect.stringContaining("ERR_PACKAGE_PATH_NOT_EXPORTED") as string });
  });
});
