import { leaseOptions } from "../../functions/local/lease-options.ts";
import { openLease } from "../../shared/store/lease.ts";
import { openStore } from "../../shared/store/open.ts";

/** Holds a lease until it is asked, by a line on standard input, whether it still does. */
const [url = "", cluster = "", duration = ""] = process.argv.slice(2);
const lease = await openLease(openStore(url), { ...leaseOptions(cluster), ...(duration ? { duration: Number(duration) } : {}) });
const say = (text: string): void => void process.stdout.write(`${text}\n`);
say(`held ${await lease.acquire()}`);
process.stdin.on("data", () => {
  lease.acquire().then((number) => say(`held ${number}`), (error: { code: string }) => say(error.code));
});
