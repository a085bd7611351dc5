const STOPPING = ["SIGINT", "SIGTERM"] as const;

/**
 * The first SIGINT or SIGTERM, of `serve` also one that comes while the program is being loaded: the command line imports
 * this before everything else. Other verbs end as programs do.
 */
export const firstSignal = new Promise<NodeJS.Signals>((resolve) => {
  if (process.argv[2] === "serve") for (const name of STOPPING) process.once(name, resolve);
});

/** Ends the process at the next one. */
export function endAtNextSignal(): void {
  for (const name of STOPPING) process.on(name, () => process.exit(1));
}
