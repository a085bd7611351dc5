import * as z from "zod/mini";
import { parseCdsEndpoint } from "../resources/delivery.ts";
import { isHost, parseListenAddress } from "./address.ts";
import { parseDuration } from "./duration.ts";
import { parseSidecarResources } from "./sidecar-resources.ts";

/** A schema that reads the text of a setting. Its issue message says what is accepted. */
export type Reader<T> = z.ZodMiniType<T, string>;

function reader<T>(accepted: string, parse: (text: string) => T | undefined): Reader<T> {
  return z.pipe(
    z.string(),
    z.transform((text: string, context): T => {
      const value = parse(text.trim());
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message: accepted, input: text });
      return z.NEVER;
    }),
  );
}

/** One of the words, whatever the case. */
export function word<const T extends string>(...words: readonly T[]): Reader<T> {
  return reader(`accepted: ${words.join(", ")}`, (text) => words.find((one) => one === text.toLowerCase()));
}

/** One of the words, as they are spelt here, whatever the case that they are given in. */
export function name<const T extends string>(...names: readonly T[]): Reader<T> {
  return reader(`accepted: ${names.join(", ")}`, (text) => names.find((one) => one.toLowerCase() === text.toLowerCase()));
}

/** What Go's flag package takes for a truth value. */
export const truth: Reader<boolean> = reader("accepted: true, false", (text) => {
  if (["1", "t", "true"].includes(text.toLowerCase())) return true;
  return ["0", "f", "false"].includes(text.toLowerCase()) ? false : undefined;
});

/** Milliseconds. */
export function duration(least = 0): Reader<number> {
  const from = least === 0 ? "" : ` of at least ${least} ms`;
  return reader(`give a duration${from} such as 250ms, 10s, 1h30m (up to 24 days)`, (text) => {
    const milliseconds = parseDuration(text);
    return milliseconds !== undefined && milliseconds >= least ? milliseconds : undefined;
  });
}

export const listenAddress = reader(
  "give host:port, [ipv6]:port or :port, which means loopback",
  parseListenAddress,
);

export const host = reader("give a host name or an IP address, without a port", (text) => {
  const bare = text.replace(/^\[(.*)\]$/, "$1");
  return text === "" || isHost(bare) ? bare : undefined;
});

/** An origin as stunnerd can use it: TLS, path, query and user would be lost on its way (spec/cds.md 1). */
const httpOrigin = reader(
  "give http://host:port; stunnerd knows no TLS, path, query or user here",
  (text) => {
    if (text === "") return "";
    if (!/^http:\/\/[^/?#@\s]+\/?$/.test(text) || !URL.canParse(text)) return undefined;
    return text.replace(/\/$/, "");
  },
);

/** Where pods, or their sidecars, reach CDS: an origin for stunnerd itself, or anything over TLS for a sidecar. */
export const cdsUrl = reader("give http://host:port, or with delivery proxy or pull https://host[:port][/path]", (text) => {
  const origin = httpOrigin.safeParse(text);
  if (origin.success) return origin.data;
  return parseCdsEndpoint(text) ? text.replace(/\/$/, "") : undefined;
});

/** A container image. */
export const image = reader("give an image such as registry.example/nginx:1.28.0", (text) =>
  /^[a-z0-9][\w./:@-]{0,511}$/i.test(text) ? text : undefined,
);

/** Resources of a container, as JSON. */
export const sidecarResources = reader('give JSON such as {"requests":{"cpu":"50m"},"limits":{"memory":"64Mi"}}', parseSidecarResources);

/** What follows the bucket is read by its driver (shared/store), which names the part that is wrong. */
export const storeUrl = reader("give memory:, file:///absolute/directory, s3://bucket/prefix?region=… or gs://bucket/prefix", (text) =>
  text === "" || text === "memory:" || /^file:\/\/\/[^/]/.test(text) || /^(?:s3|gs):\/\/[^/?#@\s]+(?:[/?][^#\s]*)?$/.test(text) ? text : undefined,
);

/** A name of the Gateway API: a domain, a slash, a path. */
export const controllerName = reader("give a domain and a path such as example.org/gateway-controller", (text) =>
  text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(text) ? text : undefined,
);

export const clusterName = reader("give letters, digits, - and _, at most 63", (text) =>
  /^[A-Za-z0-9][\w-]{0,62}$/.test(text) ? text : undefined,
);

/** Comma-separated keys; the empty text is the empty list. */
export const keys: Reader<readonly string[]> = reader("give keys separated by commas", (text) =>
  text.split(",").map((key) => key.trim()).filter((key) => key !== ""),
);

/** Origins of web pages, in lower case, or `*`, separated by commas. */
export const origins: Reader<readonly string[]> = reader("give origins such as https://app.example.com, separated by commas, or *", (text) => {
  const given = text.split(",").map((one) => one.trim().replace(/\/$/, "").toLowerCase()).filter((one) => one !== "");
  return given.every((one) => one === "*" || (/^https?:\/\/[^/?#@\s*]+$/.test(one) && URL.canParse(one))) ? given : undefined;
});

export const portNumber: Reader<number> = reader("give a port from 1 to 65535, or 0 for none", (text) =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined,
);

export const rate: Reader<number> = reader("give a number from 0 to 1000000", (text) =>
  /^(\d{1,7}|\d{0,6}\.\d{1,3})$/.test(text) && Number(text) <= 1_000_000 ? Number(text) : undefined,
);

export const path: Reader<string> = reader("give a path", (text) => text);

/** Any text, so that no error repeats it. */
export const secret: Reader<string> = reader("give a text", (text) => text);

/** A zap level, as pino names it: a number means verbosity, and anything above 0 is debug. */
export const logLevel = reader("accepted: debug, info, warn, error, panic or a number from 1", (text) => {
  const level = text.toLowerCase();
  if (/^[1-9]\d*$/.test(level)) return "debug" as const;
  if (level === "panic") return "fatal" as const;
  return (["debug", "info", "warn", "error"] as const).find((one) => one === level);
});
