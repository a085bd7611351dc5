import type { ObjectStore } from "../../shared/store/object-store.ts";

export async function names(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await store.list(prefix)).map(({ key }) => key);
}

export async function found(store: ObjectStore, key: string): Promise<{ bytes: number[]; etag: string }> {
  const result = await store.get(key);
  if (result.status !== "found") throw new Error(`${key} is ${result.status}`);
  return { bytes: [...result.body], etag: result.etag };
}

export async function read(store: ObjectStore, key: string): Promise<string> {
  return Buffer.from((await found(store, key)).bytes).toString();
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
