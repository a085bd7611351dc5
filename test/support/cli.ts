import { fileURLToPath } from "node:url";

/** The program that tests run: the bundle that STUNNER_CLI names, which begins faster and is what is shipped, or else the sources. */
export const CLI = process.env["STUNNER_CLI"] || fileURLToPath(new URL("../../functions/local/cli.ts", import.meta.url));
