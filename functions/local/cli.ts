import { firstSignal } from "./first-signal.ts";

// Loading takes a while, and a signal may come any time: so that comes first, and the rest after it.
const { main } = await import("./main.ts");
await main(process.argv.slice(2), firstSignal);
