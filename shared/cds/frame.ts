const FINAL_TEXT = 0x81;

/**
 * One unmasked, unfragmented WebSocket text frame (RFC 6455, 5.2), complete with its payload, so that one Buffer can
 * be written to any number of connections.
 */
export function textFrame(payload: Buffer): Buffer {
  return Buffer.concat([header(payload.length), payload]);
}

function header(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 0xff]);
  const long = Buffer.alloc(10);
  long.set([FINAL_TEXT, 127]);
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}
