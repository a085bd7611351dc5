import * as z from "zod/mini";
import { DELIVERIES } from "../resources/delivery.ts";
import { cdsUrl, clusterName, controllerName, duration, image, type Reader } from "./readers.ts";
import { sidecarResourcesSchema } from "./sidecar-resources.ts";

/** How a cluster is reached. Tokens are secrets. */
export type Connect =
  | { readonly type: "kubeconfig"; readonly path: string; readonly context?: string | undefined }
  | { readonly type: "token"; readonly server: string; readonly ca?: string | undefined; readonly token?: string | undefined; readonly tokenFile?: string | undefined }
  | { readonly type: "eks"; readonly server: string; readonly ca?: string | undefined; readonly cluster: string; readonly region?: string | undefined }
  | { readonly type: "gke"; readonly server: string; readonly ca?: string | undefined; readonly cluster?: string | undefined }
  | { readonly type: "directory"; readonly manifests: string; readonly out: string };

/** One of several clusters. What it does not say is as in the settings of the process. */
export type ClusterEntry = z.output<typeof entrySchema>;

/** A list of clusters that cannot be used. The message has one line per mistake, with cluster and field and without values. */
export class InvalidClusters extends Error {
  readonly code = "InvalidClusters";
  readonly retryable = false;

  constructor(setting: string, mistakes: readonly string[], cause?: unknown) {
    super(mistakes.map((mistake) => `${setting}: ${mistake}`).join("\n"), cause === undefined ? {} : { cause });
    this.name = "InvalidClusters";
  }
}

const text = z.string("give a text").check(z.minLength(1, "must not be empty"));
const truth = z.boolean("accepted: true, false");

function words<const T extends string>(...accepted: readonly T[]): z.ZodMiniEnum<{ [K in T]: K }> {
  return z.enum(accepted, `accepted: ${accepted.join(", ")}`);
}

/** A setting that the command line has as well. */
function same<T>(reader: Reader<T>): z.ZodMiniType<T, string> {
  return reader;
}

const server = text.check(z.refine((url) => URL.canParse(url) && /^https?:\/\/[^@?#]*$/.test(url), "give https://host[:port], without a user"));

const gkeCluster = text.check(z.regex(/^projects\/[^/]+\/locations\/[^/]+\/clusters\/[^/]+$/, "give projects/P/locations/L/clusters/C"));

const connectSchema = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("kubeconfig"), path: text, context: z.optional(text) }),
    z.strictObject({ type: z.literal("token"), server, ca: z.optional(text), token: z.optional(text), tokenFile: z.optional(text) })
      .check(z.refine((one) => (one.token === undefined) !== (one.tokenFile === undefined), "needs either token or tokenFile")),
    z.strictObject({ type: z.literal("eks"), server, ca: z.optional(text), cluster: text, region: z.optional(text) }),
    z.strictObject({ type: z.literal("gke"), server, ca: z.optional(text), cluster: z.optional(gkeCluster) }),
    z.strictObject({ type: z.literal("directory"), manifests: text, out: text }),
  ],
  "its type is one of: kubeconfig, token, eks, gke, directory",
);

const entrySchema = z.strictObject({
  name: same(clusterName),
  connect: connectSchema,
  mode: z.optional(words("managed", "legacy")),
  controllerName: z.optional(same(controllerName)),
  endpointDiscovery: z.optional(truth),
  onInvalid: z.optional(words("hold", "teardown")),
  referenceGrants: z.optional(words("permit", "enforce")),
  certificates: z.optional(words("verify", "trust")),
  drift: z.optional(words("correct", "report")),
  admission: z.optional(words("off", "warn", "deny")),
  labelFilter: z.optional(z.array(text, "give a list of keys")),
  cdsUrl: z.optional(same(cdsUrl)),
  delivery: z.optional(words(...DELIVERIES)),
  deliveryObject: z.optional(words("Secret", "ConfigMap")),
  cdsCa: z.optional(text),
  proxyImage: z.optional(same(image)),
  pullImage: z.optional(same(image)),
  sidecarPullPolicy: z.optional(words("Always", "IfNotPresent", "Never")),
  sidecarResources: z.optional(sidecarResourcesSchema),
  pollInterval: z.optional(same(duration(1000))),
  eventToken: z.optional(text),
  apiKeys: z.optional(z.array(text.check(z.minLength(16, "a key has 16 characters and more")), "give a list of keys").check(z.minLength(1, "give at least one key"))),
});

/**
 * Reads a list of clusters (DESIGN.md 4.5).
 * @param setting where the list comes from, for errors
 * @throws {InvalidClusters}
 */
export function parseClusters(json: string, setting: string): readonly ClusterEntry[] {
  const list = parseJson(json, setting);
  if (!Array.isArray(list) || list.length === 0) throw new InvalidClusters(setting, ["give a JSON list of clusters, at least one"]);
  const mistakes: string[] = [];
  const names = new Set<string>();
  const entries = list.flatMap((raw: unknown, index) => {
    const read = entrySchema.safeParse(raw, { error: (issue) => (issue.input === undefined ? "is missing" : undefined) });
    const title = titleOf(raw, index);
    if (!read.success) mistakes.push(...read.error.issues.map((issue) => `${title}: ${fieldOf(issue)}`));
    else if (names.has(read.data.name)) mistakes.push(`${title}: name: another cluster has it`);
    else names.add(read.data.name);
    return read.success ? [read.data] : [];
  });
  if (mistakes.length > 0) throw new InvalidClusters(setting, mistakes);
  return entries;
}

function parseJson(json: string, setting: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The error of the parser repeats what it read, and that may be a token.
    throw new InvalidClusters(setting, ["is no JSON"]);
  }
}

function titleOf(raw: unknown, index: number): string {
  const name = typeof raw === "object" && raw !== null && "name" in raw ? raw.name : undefined;
  return clusterName.safeParse(name).success ? `cluster ${String(name)}` : `cluster ${index + 1} of the list`;
}

function fieldOf({ path, message, code, ...rest }: z.core.$ZodIssue): string {
  const field = path.map(String).join(".");
  if (code === "unrecognized_keys" && "keys" in rest) return `${[field, rest.keys.map(String).join(", ")].filter(Boolean).join(".")}: there is no such field`;
  return `${field || "the whole"}: ${message}`;
}
