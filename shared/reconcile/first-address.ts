import { lookup } from "node:dns/promises";

const PATIENCE_MS = 2000;

/** The first IP address that a name resolves to, the system's order of families. Rejects where there is none in time. */
export async function firstAddress(name: string): Promise<string> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${name} was not resolved within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    const { address } = await Promise.race([lookup(name), late]);
    return address;
  } finally {
    clearTimeout(timer);
  }
}
