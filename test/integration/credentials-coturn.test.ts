import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCredentialsService } from "../../shared/credentials/service.ts";
import type { StunnerdConfig } from "../../shared/resources/stunnerd-config.ts";
import { config, FOUR, get, OPEN, sourceOf } from "../unit/credentials-support.ts";
import { isAccepted, MISSING, startTurnServer, type TurnServer } from "./credentials-turnserver.ts";

const SECRET = "a shared secret, with = and é";
const [WRONG_SECRET, USERNAME, PASSWORD] = ["another secret", "user-1", "pass-1"];

/** What the auth service answers for a Gateway that is this server. */
function tokenOf({ port, tlsPort }: TurnServer, auth: StunnerdConfig["auth"], parameters = ""): { username: string; password: string; uris: string[] } {
  const listeners = FOUR.map((one) => ({ ...one, public_address: "127.0.0.1", public_port: one.cert === undefined ? port : tlsPort }));
  const source = sourceOf([config("media/coturn", { auth, listeners })]);
  const service = createCredentialsService({ ...OPEN, now: Date.now, clusters: [{ name: "one", source, apiKeys: [] }] });
  const { status, body } = service.answer(get(`/?service=turn${parameters}`));
  expect(status).toBe(200);
  return JSON.parse(body) as ReturnType<typeof tokenOf>;
}

const ephemeral = (secret: string): StunnerdConfig["auth"] => ({ type: "ephemeral", realm: "stunner.l7mp.io", credentials: { secret } });
const fixed = (password: string): StunnerdConfig["auth"] => ({ type: "static", realm: "stunner.l7mp.io", credentials: { username: USERNAME, password } });

/** By URI, whether coturn lets a client in, with all four at the same time. */
async function judge({ uris, username, password }: ReturnType<typeof tokenOf>): Promise<boolean[]> {
  return Promise.all(uris.map((uri) => isAccepted({ uri, username, password })));
}

if (MISSING.length > 0) process.stdout.write(`${MISSING.join(", ")} not found (Debian package coturn): credentials are not tried on a TURN server\n`);

it("coturn is there in CI", () => {
  expect(process.env["CI"] === "true" ? MISSING : []).toEqual([]);
});

describe.runIf(MISSING.length === 0)("ephemeral credentials, judged by coturn with the same secret", () => {
  let server: TurnServer;
  beforeAll(async () => {
    server = await startTurnServer(["use-auth-secret", `static-auth-secret=${SECRET}`]);
  });
  afterAll(() => server.stop());

  it("fresh ones are accepted over UDP, TCP, TLS and DTLS", async () => {
    const token = tokenOf(server, ephemeral(SECRET), "&username=joe&ttl=600");
    expect(token.uris.map((uri) => uri.replace(/\d{2,}\?/, "?"))).toEqual([
      "turn:127.0.0.1:?transport=udp", "turn:127.0.0.1:?transport=tcp", "turns:127.0.0.1:?transport=tcp", "turns:127.0.0.1:?transport=udp",
    ]);
    expect(await judge(token)).toEqual([true, true, true, true]);
  });

  it.each(["", "jo:e", "5", "é".repeat(240)])("the user id %j does no harm", async (userId) => {
    const { uris: [uri = ""], ...token } = tokenOf(server, ephemeral(SECRET), `&ttl=600&username=${encodeURIComponent(userId)}`);
    expect(await isAccepted({ uri, ...token })).toBe(true);
  });

  it.each(["-60", "-1", "-100000"])("expired ones are refused, ttl %s", async (ttl) => {
    expect(await judge(tokenOf(server, ephemeral(SECRET), `&username=joe&ttl=${ttl}`))).toEqual([false, false, false, false]);
  });

  it.each<[string, (token: { username: string; password: string }) => { username: string; password: string }]>([
    ["of another user", ({ username, password }) => ({ username: `${username}x`, password })],
    ["with a later expiry", ({ username, password }) => ({ username: username.replace(/^\d+/, (expiry) => String(Number(expiry) + 1)), password })],
    ["without an expiry", ({ password }) => ({ username: "joe", password })],
    ["with a letter changed", ({ username, password }) => ({ username, password: (password.startsWith("A") ? "B" : "A") + password.slice(1) })],
    ["cut short", ({ username, password }) => ({ username, password: password.slice(0, -1) })],
  ])("tampered ones are refused: %s", async (_, tamper) => {
    const token = tokenOf(server, ephemeral(SECRET), "&username=joe&ttl=600");
    expect(await judge({ ...token, ...tamper(token) })).toEqual([false, false, false, false]);
  });

  it("those made with another secret are refused", async () => {
    expect(await judge(tokenOf(server, ephemeral(WRONG_SECRET), "&username=joe"))).toEqual([false, false, false, false]);
  });
});

describe.runIf(MISSING.length === 0)("static credentials, judged by coturn with the same user", () => {
  let server: TurnServer;
  beforeAll(async () => {
    server = await startTurnServer(["lt-cred-mech", `user=${USERNAME}:${PASSWORD}`]);
  });
  afterAll(() => server.stop());

  it("the right ones are accepted over UDP, TCP, TLS and DTLS, whatever user and lifetime were asked for", async () => {
    expect(await judge(tokenOf(server, fixed(PASSWORD), "&username=joe&ttl=-1"))).toEqual([true, true, true, true]);
  });

  it("another password is refused", async () => {
    expect(await judge(tokenOf(server, fixed("pass-2")))).toEqual([false, false, false, false]);
  });
});
