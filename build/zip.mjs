import { crc32, deflateRawSync } from "node:zlib";

/** 1980-01-01 00:00:00, the first moment that a zip can name, in MS-DOS form (APPNOTE 4.4.6). */
const TIME = 0;
const DATE = (1 << 5) | 1;
const DEFLATED = 8;
/** Made on Unix; a regular file that everybody may read: Lambda runs as another user than the one that packed. */
const MADE_BY = (3 << 8) | 20;
const MODE = (0o100644 << 16) >>> 0;

/**
 * A zip archive (APPNOTE.TXT of PKWARE, 4.3): same names and bytes, same archive, on every machine with this Node.
 * @param {ReadonlyMap<string, Uint8Array>} files by name, a path with slashes
 * @returns {Buffer}
 */
export function zip(files) {
  const locals = [];
  const central = [];
  let offset = 0;
  for (const [path, body] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(body, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt16LE(TIME, 6);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([signature(0x04034b50), common, name, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(MODE, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([signature(0x02014b50), short(MADE_BY), common, rest, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.size, 4);
  end.writeUInt16LE(files.size, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, signature(0x06054b50), end]);
}

function signature(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

function short(number) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(number);
  return bytes;
}
