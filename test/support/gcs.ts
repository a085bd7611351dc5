import { type CloudServer, startServer } from "../clouds/server.ts";

/** Google Cloud Storage in memory: honours conditions on writes, and leaves those on deletes out of account. */
export function startGcs(): Promise<CloudServer> {
  return startServer({
    program: "fake-gcs-server",
    args: (port) => ["-backend", "memory", "-scheme", "http", "-host", "127.0.0.1", "-port", String(port), "-log-level", "error"],
    path: "/_internal/healthcheck",
  });
}

export async function makeGcsBucket({ origin }: CloudServer, name: string): Promise<void> {
  const { status } = await fetch(`${origin}/storage/v1/b?project=test`, { method: "POST", body: JSON.stringify({ name }) });
  if (status !== 200) throw new Error(`bucket ${name}: HTTP ${status}`);
}
