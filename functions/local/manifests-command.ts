import { Command, Option } from "commander";
import { readFile } from "node:fs/promises";
import { stringify } from "yaml";
import { CLIENT_PROXY_IMAGE, CLIENT_PROXY_SECRET, type ClientProxyOptions } from "../../infra/client-proxy/client-proxy.ts";
import { STUNNERD_IMAGE } from "../../infra/defaults/dataplane.ts";
import { clusterManifests, type Part, PARTS } from "../../infra/manifests.ts";
import type { WebhookOptions } from "../../infra/webhook/webhook.ts";
import { parseSettings } from "../../shared/settings.ts";
import { CommandFailure, reasonOf } from "./fail.ts";
import { packageVersion } from "./package.ts";

interface Given {
  readonly cluster?: string;
  readonly dataplaneMode?: string;
  readonly disableEndpontsliceController?: string | boolean;
  readonly delivery?: string;
  readonly deliveryObject?: string;
  readonly namespace: string;
  readonly image: string;
  readonly watch: boolean;
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly longLivedToken?: true;
  readonly eventUrl?: string;
  readonly eventToken?: string;
  readonly eventCaFile?: string;
  readonly eventSecrets?: true;
  readonly clientProxy?: string;
  readonly clientProxySecret: string;
  readonly clientProxyImage: string;
  readonly clientProxyCaFile?: string;
  readonly clientProxyService?: true;
  readonly only: readonly Part[];
  readonly output: "yaml" | "json";
}

/** Prints everything that a cluster needs, filled in, for `kubectl apply -f -`. */
export function manifestsCommand(): Command {
  return new Command("manifests")
    .description("print what goes into a cluster: CRDs, rights, the default Dataplane, the webhook that sends events, a proxy for clients of CDS")
    .addOption(new Option("--only <part...>", "some of it").choices(PARTS).default(PARTS, "all"))
    .option("--cluster <NAME>", "name of the cluster in the object store (env: STUNNER_CLUSTER)")
    .option("--dataplane-mode <MODE>", "managed or legacy")
    .option("--disable-endpontslice-controller [bool]", "Endpoints are read in place of EndpointSlices")
    .option("--delivery <HOW>", "direct, proxy, pull or configmap: with rights to make what it needs (env: STUNNER_DELIVERY)")
    .option("--delivery-object <KIND>", "of delivery configmap: Secret or ConfigMap")
    .option("--namespace <NAME>", "of the service account", "stunner-system")
    .option("--image <IMAGE>", "of stunnerd, in the default Dataplane", STUNNERD_IMAGE)
    .option("--no-watch", "without the right to watch: events come by the webhook alone")
    .option("--user <NAME...>", "who gets the rights besides the service account", [])
    .option("--group <NAME...>", "a group that gets them", [])
    .option("--long-lived-token", "a Secret with a token that does not expire, for clusters connected to by token")
    .option("--event-url <URL>", "https://host[:port][/prefix] that events are sent to; without it there is no webhook (env: STUNNER_EVENT_URL)")
    .option("--event-token <TOKEN>", "secret that lets events in; better in STUNNER_EVENT_TOKEN")
    .option("--event-ca-file <FILE>", "PEM of the authority that signed the endpoint's certificate")
    .option("--event-secrets", "also send Secrets, contents and all, from the namespaces in which some are used")
    .option("--client-proxy <URL>", "https://host[:port][/prefix] of CDS: with a pod through which stunnerctl, turncat and the upstream auth service reach it")
    .option("--client-proxy-secret <NAME>", "its Secret, whose key token opens CDS", CLIENT_PROXY_SECRET)
    .option("--client-proxy-image <IMAGE>", "an image with Node and npx", CLIENT_PROXY_IMAGE)
    .option("--client-proxy-ca-file <FILE>", "PEM of the authority that signed the certificate of CDS")
    .option("--client-proxy-service", "with a Service: everybody in the cluster can read all TURN passwords and TLS keys then")
    .addOption(new Option("-o, --output <format>", "how to print").choices(["yaml", "json"]).default("yaml"))
    .action(async (given: Given) => void process.stdout.write(`${await print(given)}\n`));
}

async function print(given: Given): Promise<string> {
  const { cluster, mode, endpointSlices, delivery, deliveryObject } = parseSettings(
    {
      cluster: given.cluster,
      "dataplane-mode": given.dataplaneMode,
      "disable-endpontslice-controller": given.disableEndpontsliceController,
      delivery: given.delivery,
      "delivery-object": given.deliveryObject,
    },
    process.env,
  );
  const webhook = await webhookOf(given, cluster);
  const clientProxy = await clientProxyOf(given, cluster);
  const objects = clusterManifests({
    mode,
    endpointSlices,
    delivery,
    deliveryObject,
    watch: given.watch,
    namespace: given.namespace,
    users: given.user,
    groups: given.group,
    longLivedToken: given.longLivedToken === true,
    image: given.image,
    parts: given.only,
    ...(webhook ? { webhook } : {}),
    ...(clientProxy ? { clientProxy } : {}),
  });
  if (given.output === "json") return JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }, undefined, 2);
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()).join("\n---\n");
}

/** @throws {CommandFailure} naming the flag */
async function webhookOf(given: Given, cluster: string): Promise<WebhookOptions | undefined> {
  const url = given.eventUrl ?? process.env["STUNNER_EVENT_URL"] ?? "";
  if (url === "") return undefined;
  const token = given.eventToken ?? process.env["STUNNER_EVENT_TOKEN"] ?? "";
  if (!isEndpoint(url)) throw new CommandFailure("--event-url: accepted is https://host[:port][/prefix]: an API server calls nothing else");
  if (token === "") throw new CommandFailure("STUNNER_EVENT_TOKEN: a token is needed with --event-url; openssl rand -hex 32 makes one");
  const ca = await readCa("--event-ca-file", given.eventCaFile);
  return { url, cluster, token, secrets: given.eventSecrets === true, ...(ca === undefined ? {} : { ca }) };
}

/** @throws {CommandFailure} naming the flag */
async function clientProxyOf(given: Given, cluster: string): Promise<Omit<ClientProxyOptions, "namespace"> | undefined> {
  const { clientProxy: url, clientProxySecret: secret, clientProxyImage: image, clientProxyService } = given;
  if (url === undefined) return undefined;
  if (!isEndpoint(url)) throw new CommandFailure("--client-proxy: accepted is https://host[:port][/prefix]: without TLS everybody on the way sees all passwords");
  const ca = await readCa("--client-proxy-ca-file", given.clientProxyCaFile);
  return { url, cluster, secret, image, version: packageVersion(), ca, service: clientProxyService === true };
}

async function readCa(flag: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new CommandFailure(`${flag}=${file}: ${reasonOf(error)}`, 2, error);
  });
}

/** A URL in a webhook configuration has no user, no query and no fragment. */
function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && !url.username && !url.password && !/[?#]/.test(text);
}
