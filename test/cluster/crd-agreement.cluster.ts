import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repairGateway, repairRoute } from "../property/crd-repair.ts";
import { valuesOf, type Schema } from "../property/crd-values.ts";
import type { Json } from "../support/json.ts";
import { findBinaries, type GatewayApi } from "./binaries.ts";
import { startCluster, type Cluster } from "./cluster.ts";
import { PROJECT_CRDS, readCrds } from "./crds.ts";
import { reference, type Manifest } from "./resource.ts";
import { servedVersions, type ServedVersion } from "./served-versions.ts";
import { spoiled } from "./spoil.ts";

const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 60);
const seed = Number(process.env["PROPERTY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** Objects that the API server mostly accepts, and the same ones with something wrong. */
function objectsOf(version: ServedVersion): fc.Arbitrary<Manifest> {
  // A status is not looked at when an object is created, where it is a subresource.
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...properties } = version.structure.properties ?? {};
  const right = valuesOf({ ...version.structure, properties, required: ["spec"] } as Schema).map((own) => {
    const object = own as Record<string, Json>;
    if (version.kind === "Gateway") repairGateway(object as never);
    if (version.kind === "UDPRoute" && version.apiVersion.startsWith("gateway.")) repairRoute(object as never);
    return object as Json;
  });
  const own = fc.oneof(right, right.chain(spoiled), right.chain(spoiled).chain(spoiled));
  const identity = reference(version.apiVersion, version.kind, "x", version.namespaced ? "default" : undefined);
  return own.map((fields) => ({ ...(fields as object), ...identity }));
}

describe.each<GatewayApi>(["1.0", "newest-experimental"])("with Gateway API %s", (gatewayApi) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gatewayApi });
  });
  afterAll(() => cluster.stop());

  /** The object as the API server would store it, or why it would not. */
  const ask = async (object: Manifest): Promise<{ readonly live?: object; readonly refusal?: string }> => {
    const path = await cluster.discovery.pathOfAll(object.apiVersion, object.kind, "default");
    const { status, body } = await cluster.request("POST", `${path}?dryRun=All`, object);
    return status === 201 ? { live: body as object } : { refusal: JSON.stringify(body) };
  };

  /** Asks both about many objects. `forbidden` are pairs of verdicts. How many objects the server took. */
  const agreeOn = async (version: ServedVersion, forbidden: readonly string[]): Promise<number> => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(objectsOf(version), async (object) => {
        const [answer, read] = [await ask(object), version.read(object)];
        const verdict = `server ${answer.live ? "takes" : "refuses"}, we ${read.data ? "take" : "refuse"}`;
        const disagreement = { verdict, server: answer.refusal, we: read.issues };
        expect(forbidden.includes(verdict) ? disagreement : undefined).toBeUndefined();
        // The server drops unknown fields, we leave them: all that it has, we have, with the same defaults.
        const { metadata: _, apiVersion: __, status: ___, ...fields } = (read.data ? (answer.live ?? {}) : {}) as Record<string, unknown>;
        expect(read.data ?? {}).toMatchObject(fields);
        if (answer.live) taken += 1;
      }),
      { seed, numRuns: RUNS },
    );
    return taken;
  };

  const official = servedVersions(readCrds(findBinaries().gatewayApi[gatewayApi]));
  const own = gatewayApi === "1.0" ? servedVersions(readCrds(PROJECT_CRDS)) : [];

  test.each(own)("$apiVersion $kind: our schema takes what the server takes, and nothing else", async (version) => {
    const taken = await agreeOn(version, ["server takes, we refuse", "server refuses, we take"]);
    expect(taken).toBeGreaterThan(RUNS / 10);
  });

  test.each(official)("$apiVersion $kind: our schema takes whatever the server takes", async (version) => {
    const taken = await agreeOn(version, ["server takes, we refuse"]);
    expect(taken).toBeGreaterThan(RUNS / 10);
  });
});
