// Writes one object and stops itself (SIGSTOP) right before the new content would appear: node store-stop-child.ts DIRECTORY KEY BODY
import { createFileStore } from "../../shared/store/file.ts";
import { tracedFileSystem } from "./store-traced-fs.ts";

const [directory = "", key = "", body = ""] = process.argv.slice(2);
const fs = tracedFileSystem((step) => {
  if (!step.startsWith("before rename")) return;
  process.stdout.write("stopping\n");
  process.kill(process.pid, "SIGSTOP");
});
await createFileStore(directory, { fs }).put(key, Buffer.from(body));
