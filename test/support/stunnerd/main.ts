/**
 * A stand-in for stunnerd 1.2.1 as far as configurations are concerned: flags, origins, watches, what it takes and what it
 * ignores, health server (spec/cds.md 3 to 5 and 8, spec/stunnerd.md 2, 8, 9 and 11). Relays nothing.
 */
import { parseArgs } from "node:util";
import { createDataplane } from "./dataplane.ts";
import { watchCds } from "./watch-cds.ts";
import { watchFile } from "./watch-file.ts";

function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        watch: { type: "boolean", short: "w" },
        config: { type: "string", short: "c" },
        id: { type: "string", short: "i" },
        "udp-thread-num": { type: "string", short: "u" },
        "log-format": { type: "string" },
      },
    }).values;
  } catch (error) {
    return fail(String(error), 2);
  }
}

const flags = readFlags();
const { STUNNER_CONFIG_ORIGIN, STUNNER_NAMESPACE, STUNNER_NAME, STUNNER_NODENAME } = process.env;
const id = flags.id ?? (STUNNER_NAMESPACE !== undefined && STUNNER_NAME !== undefined ? `${STUNNER_NAMESPACE}/${STUNNER_NAME}` : "default/stunnerd-host");
if (id.split("/").length !== 2) fail(`invalid id: "${id}"`, 1);
if (!flags.watch) fail("this stand-in only watches: -w", 1);

const origin = flags.config ?? STUNNER_CONFIG_ORIGIN ?? ":13478";
const dataplane = createDataplane();
const stop = origin.startsWith("file://") ? watchFile(origin.slice("file://".length), dataplane) : watchCds({ origin, id, node: STUNNER_NODENAME }, dataplane);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    stop();
    process.exit(0);
  });
}
