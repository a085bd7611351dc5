import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { untilSo } from "../cluster/events-support.ts";
import { sampled } from "../cluster/faults/sample.ts";
import { SMALL } from "../cluster/live-fixture.ts";
import { whyNoRendering } from "../terraform/render.ts";
import { FUNCTIONS } from "./aws/functions.ts";
import { deployModule, type ModuleDeployment, type QueueName } from "./aws/module-deployment.ts";
import { isAbout, OUTSIDE, type Permission, permissionsOf, SHOWN, textOf, without } from "./aws/permissions.ts";
import { createUses, type Uses } from "./aws/uses.ts";
import { unlessMissing } from "./server.ts";

/** Every permission is tried with a cluster that no pass has been made over: one API server, by many names. */
const NAMES = Array.from({ length: 60 }, (_, index) => `c${index}`);
const KNOWN = "prod";

unlessMissing(whyNoRendering(), () => describe("AWS: roles with the policies of the module", () => {
  let cluster: Cluster;
  let aws: ModuleDeployment;
  let uses: Uses;
  const names = [...NAMES];

  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi: "newest-experimental" });
    aws = await deployModule(cluster, [KNOWN, ...NAMES]);
    uses = createUses(cluster, aws);
    for (const manifest of SMALL) await cluster.apply(manifest, { fieldManager: "user" });
  }, 400_000);
  afterAll(async () => {
    await aws?.close();
    await cluster?.stop();
  });

  const permissions = (): Permission[] => FUNCTIONS.flatMap((name) => permissionsOf(name, aws.policies[name]));
  const nextName = (): string => names.pop() ?? "";

  test("each action is shown to be needed below, or listed with the reason why it cannot be", () => {
    const rendered = new Set(permissions().map(({ action }) => action));
    expect([...SHOWN, ...Object.keys(OUTSIDE)].sort()).toEqual([...rendered].sort());
    expect(Object.keys(OUTSIDE).filter((action) => SHOWN.has(action))).toEqual([]);
  });

  test("suffice: timer, queue, pass, store, CDS, credentials, event, second look", async () => {
    const sources = (["passes", "looks"] as const).map((queue) => aws.consume(queue));
    await uses.resync(KNOWN);
    await untilSo(async () => (await uses.config(KNOWN)).status === 200, 60_000);
    expect(await uses.ice(KNOWN)).toMatchObject({ status: 200, body: expect.stringContaining("turn:203.0.113.7:") });
    expect(await uses.announce(KNOWN)).toMatchObject({ status: 200, body: expect.stringContaining('"allowed":true') });
    const looks = (): number => aws.lambdas.reconcile.lines().filter(({ message }) => message === "a second look").length;
    await untilSo(async () => looks() > 0, 30_000);
    await untilSo(async () => (await waiting("passes")) + (await waiting("looks")) === 0, 30_000);
    await Promise.all(sources.map((source) => source.stop()));
    for (const name of FUNCTIONS) await uses.all(name, nextName(), KNOWN);
    expect(aws.cloud.refusals).toEqual([]);
    const bad = FUNCTIONS.flatMap((name) => aws.lambdas[name].lines().filter(({ level }) => level === "error" || level === "fatal"));
    expect(bad).toEqual([]);
  }, 180_000);

  test("are all needed: each permission in turn is missed, by name", async () => {
    const wrong: string[] = [];
    for (const permission of sampled("permissions", "IAM_SAMPLE", permissions().filter(({ action }) => SHOWN.has(action)))) {
      const flaws = await missing(permission);
      wrong.push(...flaws.map((flaw) => `without ${textOf(permission)}: ${flaw}`));
    }
    expect(wrong).toEqual([]);
  }, 1_200_000);

  async function missing(permission: Permission): Promise<string[]> {
    const { name, action } = permission;
    const lambda = aws.lambdas[name];
    await aws.allow(name, without(permission, aws.policies[name]));
    const [told, refused] = [lambda.lines().length, aws.cloud.refusals.length];
    try {
      const said = action === "sqs:ReceiveMessage" || action === "sqs:DeleteMessage" ? await poll(permission) : await failureOf(uses.all(name, nextName(), KNOWN));
      const lines = JSON.stringify(lambda.lines().slice(told));
      const words = aws.cloud.refusals.slice(refused);
      return [
        ...(words.some((one) => isAbout(one, permission)) ? [] : ["nothing is refused"]),
        ...words.filter((one) => !isAbout(one, permission)).map((one) => `something else is refused: ${one}`),
        ...(`${lines}${said}`.includes(`the role stunner-${name} has no right to ${action}`) ? [] : [`it is not named in ${lines} ${said}`]),
        ...(/"stack"|"Bug"/.test(lines) ? [`a stack trace: ${lines}`] : []),
      ];
    } finally {
      await aws.allow(name, aws.policies[name]);
    }
  }

  /** Lambda tells of what its poller may not do. @returns what it would say */
  async function poll({ action, resource }: Permission): Promise<string> {
    const queue: QueueName = aws.queues.passes.endsWith(resource.split(":").at(-1) ?? "") ? "passes" : "looks";
    const MessageBody = JSON.stringify({ cluster: "nobody", start: 0 });
    await aws.askQueue("AmazonSQS.SendMessage", queue, { MessageBody, MessageGroupId: "nobody", MessageDeduplicationId: action });
    const source = aws.consume(queue);
    return failureOf(source.ended);
  }

  async function waiting(queue: QueueName): Promise<number> {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    const { Attributes } = await aws.askQueue<{ Attributes: Record<string, string> }>("AmazonSQS.GetQueueAttributes", queue, { AttributeNames });
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }
}));

async function failureOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(() => "", (error: unknown) => (error instanceof Error ? error.message : String(error)));
}
