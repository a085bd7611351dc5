import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { InvalidStoreUrl } from "../../shared/store/errors.ts";
import { openStore } from "../../shared/store/open.ts";

function problem(url: string): InvalidStoreUrl {
  try {
    openStore(url);
  } catch (error) {
    if (error instanceof InvalidStoreUrl) return error;
    throw error;
  }
  throw new Error(`${url} was accepted`);
}

test("memory: is a store of its own at every call", async () => {
  const store = openStore("memory:");
  await store.put("a", Buffer.from("x"));
  await expect(store.get("a")).resolves.toMatchObject({ status: "found" });
  await expect(openStore("memory:").get("a")).resolves.toEqual({ status: "absent" });
});

test("file:///directory holds objects as plain files, with blanks and other characters decoded", async () => {
  const directory = await mkdtemp(join(tmpdir(), "store open é-"));
  await openStore(`${pathToFileURL(directory).href}/sub/`).put("a/b.json", Buffer.from("x"));
  await expect(readFile(join(directory, "sub", "a", "b.json"), "utf8")).resolves.toBe("x");
  await rm(directory, { recursive: true });
});

test("opening touches nothing", async () => {
  const store = openStore("file:///nowhere/at/all");
  await expect(store.list("")).resolves.toEqual([]);
  await expect(store.get("a")).resolves.toEqual({ status: "absent" });
});

test.each(["", "store", "./store", "/var/lib/stunner", "c/d:e", "memory:x", "memory://", "file:", "file:store", "file:./store",
  "file:/one", "file://host/dir", "file:///", "file:////x", "file:///dir?sync=no", "file:///dir#x", "file:///a%2fb", "file:///a%zz",
  "http://x/", "ftp://x/"])("%j is refused with what is accepted", (url) => {
  expect(problem(url)).toMatchObject({ code: "invalid-store-url", retryable: false, message: expect.stringContaining("memory:") });
});

test.each(["s3://bucket/prefix?region=eu-central-1", "gs://bucket", "gs://bucket/a/b/?endpoint=http://127.0.0.1:1"])("%j is a bucket", (url) => {
  expect(openStore(url).get).toBeTypeOf("function");
});

test.each([
  ["s3://b", "names no bucket"],
  ["s3://bucket/a b?region=x", "prefix"],
  ["s3://bucket/../b?region=x", "prefix"],
  ["s3://bucket?regoin=x", "not known: regoin"],
  ["s3://bucket?region=", "region of the store URL is empty"],
  ["s3://bucket?region=EU!", "not a region"],
  ["s3://bucket?region=x&style=best", "neither path nor virtual"],
  ["s3://bucket?region=x&sse=yes", "neither AES256 nor aws:kms"],
  ["s3://bucket?region=x&sse=AES256&kms-key=k", "needs sse=aws:kms"],
  ["s3://bucket?region=x&endpoint=host", "endpoint"],
  ["s3://bucket?region=x&endpoint=http://key:sEcReT@host", "endpoint"],
  ["s3://bucket?region=x&endpoint=http://host/path", "endpoint"],
  ["s3://key:sEcReT@bucket?region=x", "cannot be read"],
  ["s3://bucket?region=x#part", "cannot be read"],
  ["gs://bucket?region=x", "not known: region"],
  ["gs://key:sEcReT@bucket", "cannot be read"],
])("%j is refused: %s", (url, message) => {
  expect(problem(url)).toMatchObject({ code: "invalid-store-url", message: expect.stringContaining(`; accepted is ${url.slice(0, 2)}://bucket/prefix`) });
  expect(problem(url).message).toContain(message);
  expect(problem(url).message).not.toContain("sEcReT");
});

test("no part of a refused URL but its scheme is repeated: it may hold credentials", () => {
  for (const url of ["s3://AKIAKEY:sEcReT@bucket", "http://AKIAKEY:sEcReT@bucket", "file://AKIAKEY:sEcReT@bucket/x", "AKIAKEY:sEcReT@x"]) {
    expect(problem(url).message).not.toContain("sEcReT");
  }
});
