import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const NAMES = ["cds", "credentials", "event", "reconcile", "resync"];
/** Bytes, as the issue of the functions has them. */
const BUDGETS: Readonly<Record<string, number>> = { cds: 120_000, credentials: 150_000, event: 150_000, reconcile: 2_000_000, resync: 150_000 };

interface Bundle {
  readonly start: number;
  readonly all: number;
  readonly zip: { readonly bytes: number; readonly sha256: string };
  readonly parts: Readonly<Record<string, number>>;
}

describe("the bundles of AWS", () => {
  const places = [0, 1].map(() => mkdtempSync(join(tmpdir(), "stunner-bundles-")));
  const [one = "", other = ""] = places;
  let report: Readonly<Record<string, Bundle>>;

  beforeAll(() => {
    for (const out of places) execFileSync(process.execPath, ["build.mjs", "--quiet", "--only=aws", `--out=${out}`]);
    report = JSON.parse(readFileSync(join(one, "bundles.json"), "utf8")) as Record<string, Bundle>;
  });
  afterAll(() => places.forEach((out) => rmSync(out, { recursive: true })));

  test.each(NAMES)("%s is the same, byte by byte, when it is built again", (name) => {
    const bytes = readFileSync(join(one, "aws", `${name}.zip`));
    expect(bytes.equals(readFileSync(join(other, "aws", `${name}.zip`)))).toBe(true);
    expect(bytes.length).toBe(report[`aws/${name}`]?.zip.bytes);
  });

  test.each(NAMES)("the zip of %s holds what was built, readable for everybody, without a time", (name) => {
    const files = unzip(readFileSync(join(one, "aws", `${name}.zip`)));
    const built = readdirSync(join(one, "aws", name)).sort();
    expect(files.map((file) => file.name)).toEqual(built);
    for (const file of files) {
      expect(file.body.equals(readFileSync(join(one, "aws", name, file.name)))).toBe(true);
      expect(file).toMatchObject({ mode: 0o100644, date: 0x21, time: 0 });
    }
    expect(built).toContain("index.mjs");
  });

  test.each(NAMES)("%s keeps its budget, and only reconcile has the Kubernetes client in it", (name) => {
    const { start, parts } = report[`aws/${name}`] ?? { start: Number.NaN, parts: {} };
    expect(start).toBeLessThanOrEqual(BUDGETS[name] ?? 0);
    expect("@kubernetes/client-node" in parts).toBe(name === "reconcile");
    expect(Object.keys(parts)).not.toContain("pino");
  });

  test("the renderer is loaded by events only where writes are judged", () => {
    const { start, all } = report["aws/event"] ?? { start: 0, all: 0 };
    expect(all - start).toBeGreaterThan(50_000);
  });
});

/** An archive as its directory tells it (APPNOTE.TXT, 4.3.12), each file checked. */
function unzip(bytes: Buffer) {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const files = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [size, length, extra, offset] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt32LE(at + 42)];
    const name = bytes.toString("utf8", at + 46, at + 46 + length);
    const data = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    const body = inflateRawSync(bytes.subarray(data, data + size));
    expect(crc32(body)).toBe(bytes.readUInt32LE(at + 16));
    files.push({ name, body, mode: bytes.readUInt32LE(at + 38) >>> 16, time: bytes.readUInt16LE(at + 12), date: bytes.readUInt16LE(at + 14) });
    at += 46 + length + extra + bytes.readUInt16LE(at + 32);
  }
  expect(at).toBe(end);
  return files;
}
