import { firstSignal } from "./first-signal.ts";
import { tooOldNode } from "./node-version.ts";

// An older Node cannot even load the rest: it lacks exports that are imported there.
const complaint = tooOldNode(process.versions.node, process.execPath);
if (complaint === undefined) {
  // Loading takes a while, and a signal may come any time: so that comes first, and the rest after it.
  const { main } = await import("./main.ts");
  await main(process.argv.slice(2), firstSignal);
} else {
  process.stderr.write(`${complaint}\n`);
  process.exitCode = 1;
}
