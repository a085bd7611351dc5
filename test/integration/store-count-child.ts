// Counts up in a file store: node store-count-child.ts DIRECTORY KEY TIMES. One line per update that was stored.
import { createFileStore } from "../../shared/store/file.ts";
import { countUp } from "./store-count.ts";

const [directory = "", key = "", times = "0"] = process.argv.slice(2);
const store = createFileStore(directory);
for (let done = 0; done < Number(times); done += 1) {
  await countUp(store, key, 1);
  process.stdout.write("stored\n");
}
