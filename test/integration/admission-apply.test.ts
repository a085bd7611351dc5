import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { createAdmission } from "../../shared/admission/admission.ts";
import { createSnapshotStore } from "../../shared/admission/snapshot-store.ts";
import type { RenderOptions } from "../../shared/render/result.ts";
import { createMemoryStore } from "../../shared/store/memory.ts";
import { loadScenarios, settingsOf } from "../golden/scenario.ts";
import { childOf, isObject, type JsonObject, listOf, toJson, toJsonObject } from "../support/json.ts";
import { RENDER_OPTIONS } from "../support/render-settings.ts";
import { EMPTY, knowing, request } from "../support/reviews.ts";

const seed = Number(process.env["PROPERTY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const ORDERS = 5;

/** Every manifest in a folder, lists taken apart. */
function documentsOf(folder: string): JsonObject[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".yaml"));
  const documents = files.flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((one) => toJson(one.toJS())));
  const objects = documents.filter(isObject).flatMap((one) => (one["kind"] === "List" ? listOf(one, "items").map(toJsonObject) : [one]));
  return objects.map((one) => ({ ...one, metadata: { namespace: "default", ...childOf(one, "metadata") } }));
}

/**
 * `Kind name: field` of what is refused, in the mode deny, when the objects come one by one into an empty cluster.
 * @param before what a pass has seen before
 */
async function refusedOf(objects: readonly JsonObject[], render: RenderOptions, before: readonly JsonObject[] = []): Promise<string[]> {
  const store = createMemoryStore();
  await createSnapshotStore(store, "one").write(before.length > 0 ? knowing(...before) : EMPTY);
  const errors: unknown[] = [];
  const admission = createAdmission({ store, cluster: "one", mode: "deny", render, now: () => 0, onError: (error) => errors.push(error) });
  await admission.look();
  const refused = objects.flatMap((object) => {
    const { allowed, message = "" } = admission.judge(request(object));
    return allowed ? [] : [`${String(object["kind"])} ${String(childOf(object, "metadata")["name"])}: ${message.split(": ")[0]}`];
  });
  expect(errors).toEqual([]);
  return refused;
}

async function inAnyOrder(objects: readonly JsonObject[], render: RenderOptions, check: (refused: readonly string[]) => void): Promise<void> {
  for (const order of fc.sample(fc.shuffledSubarray([...objects], { minLength: objects.length }), { seed, numRuns: ORDERS })) check(await refusedOf(order, render));
}

/** What is wrong in the recordings, all of it on purpose: first the step, then the object and the field. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  "013-listener-unsupported-protocol": ["1 Gateway udp-gateway: spec.listeners[0].protocol"],
  "014-listener-none-valid": [1, 2, 3].map((step) => `${step} Gateway udp-gateway: spec.listeners[0].protocol`),
  "016-listener-conflict-alias": ["1 Gateway udp-gateway: spec.listeners[1].port"],
  "017-listener-conflict-udp-dtls": ["1 Gateway udp-gateway: spec.listeners[1].port", "2 Gateway udp-gateway: spec.listeners[1].port"],
  "018-listener-conflict-tcp-tls": ["1 Gateway udp-gateway: spec.listeners[2].port"],
  "019-listener-conflict-case": ["1 Gateway udp-gateway: spec.listeners[1].port"],
  "025-tls-no-mode-no-tls": ["1 Gateway udp-gateway: spec.listeners[1].tls"],
  "026-tls-passthrough": ["1 Gateway udp-gateway: spec.listeners[0].tls"],
  "027-tls-ref-kind-group": ["1 Gateway udp-gateway: spec.listeners[0].tls.certificateRefs[0].kind"],
  "032-auth-static-incomplete": ["2 GatewayConfig stunner-config: spec.password", "3 GatewayConfig stunner-config: spec.userName"],
  "033-auth-ephemeral-incomplete": ["1 GatewayConfig stunner-config: spec.sharedSecret"],
  "037-auth-ref-kind-group": ["1 GatewayConfig stunner-config: spec.authRef.kind", "2 GatewayConfig stunner-config: spec.authRef.group"],
  "041-config-wrong-group-or-kind": ["1 GatewayClass stunner-class: spec.parametersRef.group", "2 GatewayClass stunner-class: spec.parametersRef.kind"],
  "046-config-premium-fields": ["2 GatewayConfig stunner-config: spec.userName"],
  "047-config-ref-without-namespace": ["1 GatewayClass stunner-class: spec.parametersRef.namespace"],
  "048-config-auth-type-loophole": ["1 GatewayConfig stunner-config: spec.authType"],
  "066-attach-kinds": ["1 Gateway udp-gateway: spec.listeners[0].allowedRoutes.kinds"],
  "074-backend-wrong-group-kind": [1, 2, 3, 4].map((step) => `${step} UDPRoute media-plane: spec.rules[0].backendRefs`),
  "077-backend-static-service-bad": ["1 StaticService partner: spec.prefixes"],
  "079-backend-several": ["4 UDPRoute media-plane: spec.rules[0].backendRefs"],
  "111-service-mixed-protocol": ["2 Gateway udp-gateway: metadata.annotations[stunner.l7mp.io/enable-mixed-protocol-lb]"],
  "114-service-nodeport-bad": ["1 Gateway udp-gateway: metadata.annotations[stunner.l7mp.io/nodeport]"],
  "115-service-targetport": ["2 Gateway udp-gateway: metadata.annotations[stunner.l7mp.io/targetport]"],
  "126-service-port-annotations-typed": [1, 2].map((step) => `${step} Gateway udp-gateway: metadata.annotations[stunner.l7mp.io/nodeport]`),
  "183-legacy-invalid-auth": ["2 GatewayConfig stunner-config: spec.password"],
  "192-address-named": ["1 Gateway udp-gateway: spec.addresses", "2 Gateway udp-gateway: spec.addresses"],
};

beforeAll(() => void process.stdout.write(`admission-apply: seed ${seed}\n`));

describe("a first apply of everything in the mode deny", () => {
  it.each(["infra/examples", "test/seed-manifests"])("refuses nothing of %s, in any order", async (folder) => {
    const objects = documentsOf(folder);
    expect(objects.length).toBeGreaterThan(20);
    await inAnyOrder(objects, RENDER_OPTIONS, (refused) => expect(refused).toEqual([]));
  });

  it("refuses, of the recordings, what is wrong on purpose and nothing else, in any order", async () => {
    for (const scenario of loadScenarios()) {
      const render = { ...settingsOf(scenario), published: new Map(), released: new Set<string>() };
      for (const [index, { apply }] of scenario.steps.entries()) {
        const wrong = new Set(WRONG[scenario.file]);
        await inAnyOrder(apply, render, (refused) => {
          const valid = refused.filter((one) => !wrong.has(`${index + 1} ${one}`));
          expect([scenario.file, index + 1, ...valid]).toEqual([scenario.file, index + 1]);
        });
      }
    }
  });

  it("refuses all of that where it comes after what makes it ours", async () => {
    const found: Record<string, string[]> = {};
    for (const scenario of loadScenarios()) {
      const render = { ...settingsOf(scenario), published: new Map(), released: new Set<string>() };
      const before: JsonObject[] = [];
      for (const [index, { apply }] of scenario.steps.entries()) {
        before.push(...apply.filter((one) => ["GatewayClass", "Gateway"].includes(String(one["kind"]))));
        for (const one of await refusedOf(apply, render, before)) (found[scenario.file] ??= []).push(`${index + 1} ${one}`);
      }
    }
    expect(found).toEqual(WRONG);
  });
});
