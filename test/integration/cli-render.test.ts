import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { gateway, PLATFORM, route } from "../support/manifests.ts";
import { directoryOf, run } from "../support/running-serve.ts";

let directory: Awaited<ReturnType<typeof directoryOf>>;

beforeAll(async () => {
  directory = await directoryOf({
    "good/platform.yaml": PLATFORM,
    "good/gw.yaml": `${gateway("gw")}---${route("app", "gw", "192.0.2.1")}`,
    "bad/platform.yaml": PLATFORM,
    "bad/gw.yaml": gateway("gw").replace("TURN-UDP", "SCTP"),
    "broken/a.yaml": "kind: [\n",
  });
});
afterAll(() => directory.remove());

const at = (path: string): string => `${directory.path}/${path}`;

interface Printed {
  readonly configs: Record<string, { auth: { credentials: { password?: string } } }>;
  readonly objects: { kind: string }[];
  readonly statuses: { kind: string }[];
  readonly problems: object[];
}

describe("render", () => {
  it("prints configurations, objects, statuses and problems as YAML, or the same as JSON", async () => {
    const [yaml, json] = await Promise.all([run(["render", "-f", at("good")]), run(["render", "-f", at("good"), "-o", "json"])]);
    expect([yaml.code, yaml.stderr, json.code]).toEqual([0, "", 0]);
    const printed = parse(yaml.stdout) as Printed;
    expect(printed).toEqual(JSON.parse(json.stdout));
    expect(printed.configs["media/gw"]?.auth.credentials.password).toBe("pass-1");
    expect(printed.objects.map(({ kind }) => kind)).toEqual(["Deployment", "Service"]);
    expect(printed.statuses.map(({ kind }) => kind)).toEqual(["GatewayClass", "Gateway", "UDPRoute"]);
    expect(printed.problems).toEqual([]);
  });

  it("reads standard input and several paths", async () => {
    const { stdout, code } = await run(["render", "-f", at("good/platform.yaml"), "-", "-o", "json"], { input: gateway("from-stdin") });
    expect([code, Object.keys((JSON.parse(stdout) as Printed).configs)]).toEqual([0, ["media/from-stdin"]]);
  });

  it("prints a table without credentials", async () => {
    const { stdout, code } = await run(["render", "-f", at("good"), "--output=table"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CLASS +ACCEPTED +CONTROLLER +PARAMETERS\nstunner +True +stunner.l7mp.io\/gateway-operator +stunner\/config$/m);
    expect(stdout).toMatch(/^media\/gw +stunner +True +False \(AddressNotAssigned\) +-$/m);
    expect(stdout).toMatch(/^media\/gw\/udp +TURN-UDP +3478 +True +- +1 +media\/app$/m);
    expect(stdout).toMatch(/^media\/app +media\/gw +True +True +192\.0\.2\.1$/m);
    expect(stdout).toContain("No problems.");
    expect(stdout).not.toMatch(/pass-1|user-1/);
  });

  it("lists every problem with object, field, reason and place, and fails only with --strict", async () => {
    const [lenient, strict, json] = await Promise.all([
      run(["render", "-f", at("bad"), "-o", "table"]),
      run(["render", "-f", at("bad"), "-o", "table", "--strict"]),
      run(["render", "-f", at("bad"), "-o", "json", "--strict"]),
    ]);
    expect([lenient.code, strict.code, json.code]).toEqual([0, 1, 1]);
    expect(strict.stdout).toMatch(/^error +Gateway media\/gw +spec\.listeners\[0\]\.protocol +\S+ +.*SCTP/m);
    expect(strict.stderr).toBe("");
    expect(json.stderr).toMatch(/^error: Gateway media\/gw spec\.listeners\[0\]\.protocol: /m);
  });

  it("fails with --strict on a manifest that cannot be read, and names file and line", async () => {
    const { code, stderr } = await run(["render", "-f", at("broken"), at("good"), "--strict"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/broken\/a\.yaml:\d+: /)]);
  });

  it("is lenient with what only waits for an address", async () => {
    expect((await run(["render", "-f", at("good"), "--strict"])).code).toBe(0);
  });

  it("renders in legacy mode, by either flag", async () => {
    for (const flag of ["--mode=legacy", "--dataplane-mode=legacy"]) {
      const { stdout } = await run(["render", "-f", at("good"), flag, "-o", "json"]);
      const { configs, objects } = JSON.parse(stdout) as Printed;
      expect([configs, objects.map(({ kind }) => kind)]).toEqual([{}, ["ConfigMap", "Service"]]);
    }
    const { stdout } = await run(["render", "-f", at("good"), "--mode=legacy", "-o", "table"]);
    expect(stdout).toMatch(/^media\/gw\/udp .* media\/app$/m);
  });

  it("takes Go's way to write flags", async () => {
    const { stdout } = await run(["render", "-f", at("good"), "-endpoint-discovery=false", "-dataplane-mode=managed", "-o", "json", "--controller-name", "example.org/none"]);
    expect((JSON.parse(stdout) as Printed).statuses).toEqual([]);
  });

  it("says which flags change nothing", async () => {
    const { stderr } = await run(["render", "-f", at("good"), "--leader-elect", "--zap-devel=false"]);
    expect(stderr.split("\n")).toEqual([expect.stringMatching(/^--leader-elect changes nothing: /), expect.stringMatching(/^--zap-devel changes nothing: /), ""]);
  });
});

describe("the command line", () => {
  it.each([
    [["render"], /-f, --filename <path\.\.\.>/],
    [["render", "-f", "/does/not/exist"], /^\/does\/not\/exist: no such file or directory\n$/],
    [["render", "-f", "x", "-o", "xml"], /yaml, json, table/],
    [["render", "-f", "x", "--mode", "y"], /^--dataplane-mode: "y" is not accepted; accepted: managed, legacy\n$/],
    [["serve", "--no-such-flag"], /unknown option '--no-such-flag'/],
    [["no-such-verb"], /no-such-verb/],
  ])("answers %j with what is wrong and 2", async (args, message) => {
    const { code, stderr, stdout } = await run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("has help for every verb and a version", async () => {
    const [main, render, serve, version] = await Promise.all([run(["--help"]), run(["render", "--help"]), run(["serve", "--help"]), run(["--version"])]);
    expect([main.code, render.code, serve.code, version.code]).toEqual([0, 0, 0, 0]);
    expect(main.stdout).toMatch(/render[\s\S]*serve[\s\S]*reconcile[\s\S]*diff[\s\S]*teardown[\s\S]*manifests/);
    expect(render.stdout).toContain("--strict");
    expect(render.stdout).not.toContain("--release-after");
    expect(serve.stdout).toContain("--release-after <DURATION>");
    expect(serve.stdout).not.toContain("--zap-devel");
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

/** The settings that curl gets, of what was printed as JSON. */
function curlOf(stdout: string): string {
  const { objects } = JSON.parse(stdout) as { objects: { kind: string; data?: Record<string, string> }[] };
  return Buffer.from(objects.find(({ kind }) => kind === "Secret")?.data?.["curl.conf"] ?? "", "base64").toString();
}

describe("render with delivery pull", () => {
  const delivery = ["--delivery=pull", "--cds-url=https://cds.example.com"];

  it("gives the token that the keys make for the Gateway", async () => {
    const keys = `--token-keys=${at("keys")}`;
    await run(["token", "rotate", keys]);
    const rendered = await run(["render", "-f", at("good"), "-o", "json", keys, ...delivery]);
    const gatewayUid = (JSON.parse(rendered.stdout) as { objects: { metadata: { ownerReferences: { uid: string }[] } }[] }).objects[0]?.metadata.ownerReferences[0]?.uid;
    const minted = await run(["token", "mint", "config", "media/gw", `--uid=${gatewayUid}`, keys]);
    expect([rendered.code, rendered.stderr, minted.code]).toEqual([0, "", 0]);
    expect(curlOf(rendered.stdout)).toContain(`header = "Authorization: Bearer ${minted.stdout.trim()}"\n`);
  });

  it("says that there is none without keys", async () => {
    const { code, stdout, stderr } = await run(["render", "-f", at("good"), "-o", "json", ...delivery]);
    expect([code, stderr]).toEqual([0, "delivery pull: there is no token in the Secrets: give --token-keys, unless CDS asks for none\n"]);
    expect(curlOf(stdout)).not.toContain("Authorization");
  });

  it("refuses direct together with keys, as serve does", async () => {
    const { code, stdout, stderr } = await run(["render", "-f", at("good"), `--token-keys=${at("keys")}`]);
    expect([code, stdout, stderr.split(",")[0]]).toEqual([2, "", "cluster default: delivery: direct cannot send tokens"]);
  });
});
