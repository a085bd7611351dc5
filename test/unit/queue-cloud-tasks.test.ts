import { afterEach, describe, expect, it } from "vitest";
import { createCloudTasksQueue } from "../../shared/queue/cloud-tasks.ts";
import { createSqsQueue } from "../../shared/queue/sqs.ts";
import { decodeMessage } from "../../shared/queue/message.ts";
import { noPauses, type Peer, type PeerAnswer, type Seen, startPeer } from "../clouds/peer.ts";

const QUEUE = "projects/p/locations/europe-west1/queues/passes";
const TARGET = "https://reconcile.example.run.app/";
let peer: Peer;
afterEach(() => peer.close());

/** Cloud Tasks as its reference describes it: a name exists once, and is remembered. */
async function setUp(answer: (request: Seen, number: number) => PeerAnswer | undefined = () => undefined) {
  const names = new Set<string>();
  peer = await startPeer((request, number) => {
    const given = answer(request, number);
    if (given !== undefined) return given;
    const { task } = JSON.parse(request.body.toString()) as { task: { name: string } };
    if (names.has(task.name)) return { status: 409, body: '{"error":{"code":409,"status":"ALREADY_EXISTS"}}' };
    names.add(task.name);
    return { status: 200, body: "{}" };
  });
  const queue = createCloudTasksQueue({ queue: QUEUE, target: TARGET, serviceAccount: "a@p.iam", endpoint: peer.origin, sending: noPauses(), now: () => 60_000 });
  return { queue, names };
}

const taskOf = (seen: Seen | undefined) =>
  (JSON.parse(seen?.body.toString() ?? "{}") as { task: { name: string; scheduleTime?: string; httpRequest: { body: string } } }).task;

describe("the queue on Cloud Tasks", () => {
  it("creates one task per start number, which the function alone can be sent", async () => {
    const { queue, names } = await setUp();
    for (const start of [5, 5, 6, 5]) await queue.send({ cluster: "c", start });
    expect(names.size).toBe(2);
    expect(peer.seen[0]?.path).toBe(`/v2/${QUEUE}/tasks`);
    const task = taskOf(peer.seen[0]);
    expect(task.name).toMatch(new RegExp(`^${QUEUE}/tasks/[0-9a-f]{16}-c-5$`));
    expect(task).toMatchObject({ httpRequest: { url: TARGET, httpMethod: "POST", oidcToken: { serviceAccountEmail: "a@p.iam", audience: TARGET } } });
    expect(task.scheduleTime).toBeUndefined();
    expect(decodeMessage(Buffer.from(task.httpRequest.body, "base64").toString())).toEqual({ cluster: "c", start: 5 });
  });

  it("runs second looks later, and takes none for what it is not", async () => {
    const { queue, names } = await setUp();
    await queue.send({ cluster: "c", start: 5, look: 0 });
    await queue.send({ cluster: "c", start: 5, look: 1 });
    await queue.send({ cluster: "c", start: 5 });
    await queue.send({ cluster: "c:5", start: 0 });
    await queue.send({ cluster: "c-5", start: 0 });
    expect(names.size).toBe(5);
    expect(taskOf(peer.seen[0]).scheduleTime).toBe("1970-01-01T00:01:05.000Z");
  });

  it("takes a task for created whose answer got lost", async () => {
    const { queue, names } = await setUp((_, number) => (number === 1 ? "hang-up" : number === 2 ? { status: 409, body: '{"error":{"status":"ALREADY_EXISTS"}}' } : undefined));
    await expect(queue.send({ cluster: "c", start: 5 })).resolves.toBeUndefined();
    expect(names.size).toBe(0);
  });

  it("says with Google's word what it could not do", async () => {
    const { queue } = await setUp(() => ({ status: 404, body: '{"error":{"status":"NOT_FOUND"}}' }));
    await expect(queue.send({ cluster: "c", start: 5 })).rejects.toMatchObject({ message: "cannot create a task for cluster c: NOT_FOUND (HTTP 404)", retryable: false });
  });

  it("refuses names that are none, as SQS does", async () => {
    await setUp();
    const options = { queue: QUEUE, target: TARGET, serviceAccount: "a" };
    expect(() => createCloudTasksQueue({ ...options, queue: "passes" })).toThrow(expect.objectContaining({ code: "invalid-queue" }));
    expect(() => createCloudTasksQueue({ ...options, target: "reconcile" })).toThrow(expect.objectContaining({ code: "invalid-queue" }));
    const url = "https://sqs.eu-central-1.amazonaws.com/1/passes.fifo";
    expect(() => createSqsQueue({ queueUrl: url, lookUrl: "https://sqs.eu-central-1.amazonaws.com/1/looks", region: "x" })).toThrow(expect.objectContaining({ code: "invalid-queue" }));
  });

  it.each(["", "{}", "[]", '{"cluster":"c"}', '{"cluster":"c","start":-1}', '{"cluster":"../c","start":1}', '{"cluster":"c","start":1,"more":2}'])("takes %j for no message", async (body) => {
    await setUp();
    expect(decodeMessage(body)).toBeUndefined();
  });
});
