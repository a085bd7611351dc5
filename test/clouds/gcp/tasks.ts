import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Task {
  readonly name: string;
  readonly scheduleTime?: string;
  readonly httpRequest: { readonly url: string; readonly httpMethod: string; readonly headers: Record<string, string>; readonly body: string; readonly oidcToken: { readonly serviceAccountEmail: string; readonly audience: string } };
}

/** How tasks are handed out, beside in time and once. */
export interface Mood {
  /** How often each is handed out. */
  copies: number;
  /** Those that wait are handed out last first. */
  reversed: boolean;
  /** Nothing is handed out, and nothing taken: every request is answered so. */
  outage: number | undefined;
}

/**
 * Cloud Tasks on loopback (Cloud Tasks REST, projects.locations.queues.tasks; "Create HTTP target tasks"): a name exists once and
 * is remembered, tasks are posted when their time has come, a few at a time, and again, later and later, until they are answered 2xx.
 */
export interface Tasks {
  readonly origin: string;
  readonly mood: Mood;
  /** Requests to create a task, those refused as duplicates included. */
  readonly asked: () => number;
  readonly created: () => readonly string[];
  /** What was posted: the body, and how it was answered. */
  readonly posted: () => readonly { readonly body: string; readonly status: number }[];
  /** Bearer tokens of those who created tasks. */
  readonly tokens: () => ReadonlySet<string>;
  /** Hands out a task of any content, as somebody with the right to might. */
  plant(url: string, body: string): void;
  /** Resolves once nothing waits but what has a time to be run at, and nothing runs. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const AT_A_TIME = 2;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

export async function startTasks(queue: string): Promise<Tasks> {
  const mood: Mood = { copies: 1, reversed: false, outage: undefined };
  const names = new Set<string>();
  const posted: { body: string; status: number }[] = [];
  const tokens = new Set<string>();
  const waiting: { task: Task; due: number; tries: number }[] = [];
  let running = 0;
  let asked = 0;
  let planted = 0;
  let isClosed = false;

  async function post({ task, tries }: { task: Task; tries: number }): Promise<void> {
    const { url, httpMethod: method, headers, body, oidcToken } = task.httpRequest;
    const text = Buffer.from(body, "base64").toString();
    const eta = String(Math.floor(Date.parse(task.scheduleTime ?? new Date().toISOString()) / 1000));
    const id = task.name.split("/").at(-1) ?? "";
    const own = { authorization: `Bearer oidc-for-${oidcToken.audience}`, "x-cloudtasks-queuename": "passes", "x-cloudtasks-taskname": id, "x-cloudtasks-taskretrycount": String(tries), "x-cloudtasks-tasketa": eta };
    const status = await fetch(url, { method, headers: { ...headers, ...own }, body: text }).then(async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    }, () => 0);
    posted.push({ body: text, status });
    running -= 1;
    if (status < 200 || status > 299) waiting.push({ task, tries: tries + 1, due: Date.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) });
  }

  function handOut(): void {
    if (isClosed || mood.outage !== undefined) return;
    const due = waiting.filter((one) => one.due <= Date.now());
    if (mood.reversed) due.reverse();
    for (const one of due.slice(0, Math.max(0, AT_A_TIME - running))) {
      waiting.splice(waiting.indexOf(one), 1);
      running += 1;
      void post(one);
    }
  }
  const isIdle = (): boolean => running === 0 && waiting.every(({ task }) => task.scheduleTime !== undefined);
  const timer = setInterval(handOut, 20);

  function take(task: Task): void {
    names.add(task.name);
    const due = task.scheduleTime === undefined ? 0 : Date.parse(task.scheduleTime);
    for (let copy = 0; copy < mood.copies; copy += 1) waiting.push({ task, due, tries: 0 });
  }

  const server = createServer((req, res) => {
    const parts: Buffer[] = [];
    req.on("data", (part: Buffer) => parts.push(part));
    req.on("end", () => {
      asked += 1;
      if (mood.outage !== undefined) return say(res, mood.outage, "UNAVAILABLE");
      const bearer = /^Bearer (.+)$/.exec(req.headers.authorization ?? "")?.[1];
      if (bearer === undefined) return say(res, 401, "UNAUTHENTICATED");
      tokens.add(bearer);
      if (req.method !== "POST" || req.url !== `/v2/${queue}/tasks`) return say(res, 404, "NOT_FOUND");
      const { task } = JSON.parse(Buffer.concat(parts).toString()) as { task: Task };
      if (!new RegExp(`^${queue}/tasks/[\\w-]{1,500}$`).test(task.name)) return say(res, 400, "INVALID_ARGUMENT");
      if (names.has(task.name)) return say(res, 409, "ALREADY_EXISTS");
      take(task);
      say(res, 200, task);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    mood,
    asked: () => asked,
    created: () => [...names],
    posted: () => posted,
    tokens: () => tokens,
    plant(url, text) {
      planted += 1;
      const oidcToken = { serviceAccountEmail: "tasks@media-prod.iam.gserviceaccount.com", audience: url };
      take({ name: `${queue}/tasks/made-up-${planted}`, httpRequest: { url, httpMethod: "POST", headers: { "Content-Type": "application/json" }, body: Buffer.from(text).toString("base64"), oidcToken } });
    },
    async idle() {
      while (!isIdle()) await new Promise((resolve) => setTimeout(resolve, 25));
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** @param said the object, or the word of an error */
function say(res: ServerResponse, status: number, said: object | string): void {
  const body = typeof said === "string" ? { error: { code: status, status: said, message: said } } : said;
  res.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
