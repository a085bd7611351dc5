// Publishes state after state to a file store, collecting garbage in between, until it is killed:
//   node publish-kill-child.ts DIRECTORY FIRST LAST [STEP]
// With STEP it kills itself right after the STEPth change of what is on the disk, and says before which one that was.
// At its end it says how many there were.
import { collectGarbage, publish } from "../../shared/cds/publish.ts";
import { createFileStore } from "../../shared/store/file.ts";
import { publicationOf } from "./publish-states.ts";
import { tracedFileSystem } from "./store-traced-fs.ts";

/** Between two of these nothing on the disk changes, so that they are all the places there are to be killed at. */
const CHANGE = /^(amid writeFile|after (writeFile|rename|unlink|mkdir|rmdir|open \S*\/#(tmp|locks)\/))/;

const [directory = "", first = "", last = "", killAt = "0"] = process.argv.slice(2);
let steps = 0;
const fs = tracedFileSystem((step) => {
  const change = step.replace(directory, "");
  if (!CHANGE.test(change)) return;
  steps += 1;
  if (steps !== Number(killAt)) return;
  process.stdout.write(`${change}\n`);
  process.kill(process.pid, "SIGKILL");
});
const store = createFileStore(directory, { fs });
process.stdout.write("begin\n");
for (let turn = Number(first); turn <= Number(last); turn += 1) {
  await publish(store, publicationOf(turn));
  await collectGarbage(store, { cluster: "c", now: Date.now() + 1, graceMs: 0 });
}
process.stdout.write(`${steps}\n`);
