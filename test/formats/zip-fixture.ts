/** Writes zip archives as programs do, and as none should. By PKWARE's APPNOTE.TXT. */

import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string | Buffer;
  bytes: Uint8Array;
  /** Default: deflated. */
  stored?: boolean;
  /** Sizes and sum follow the bytes, as of programs that write to a pipe. */
  descriptor?: boolean;
  /** Sizes and offset are in extra fields of 64 bits. */
  wide?: boolean;
  flags?: number;
  /** What is written instead of the truth. */
  method?: number;
  crc?: number;
  size?: number;
  compressedSize?: number;
  at?: number;
  extra?: Buffer;
  /** Bytes of nothing in it, which the caller puts there: sizes and offsets count them. Stored only. */
  hole?: number;
}

const IN_EXTRA = 0xffffffff;

function uint64(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), 8 * i);
  return bytes;
}

function field(id: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

export function zipBytes(
  entries: readonly ZipEntry[],
  { before = Buffer.alloc(0), comment = '', wide = false } = {},
): Buffer {
  const parts: Buffer[] = [before];
  const directory: Buffer[] = [];
  let length = 0;
  const push = (...buffers: Buffer[]): void => {
    for (const bytes of buffers) {
      parts.push(bytes);
      length += bytes.length;
    }
  };
  for (const entry of entries) {
    const { stored = false, descriptor = false, hole = 0, bytes, extra = Buffer.alloc(0) } = entry;
    const name = Buffer.from(entry.name);
    const data = stored ? Buffer.from(bytes) : deflateRawSync(bytes);
    const method = entry.method ?? (stored ? 0 : 8);
    const flags =
      (entry.flags ?? (typeof entry.name === 'string' ? 0x800 : 0)) | (descriptor ? 8 : 0);
    const crc = entry.crc ?? crc32(bytes);
    const size = entry.size ?? bytes.length + hole;
    const compressedSize = entry.compressedSize ?? data.length + hole;
    const at = entry.at ?? length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(flags, 6);
    local.writeUInt16LE(method, 8);
    if (!descriptor) {
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(Math.min(compressedSize, IN_EXTRA), 18);
      local.writeUInt32LE(Math.min(size, IN_EXTRA), 22);
    }
    local.writeUInt16LE(name.length, 26);
    push(local, name, data);
    length += hole;
    if (descriptor) {
      const after = Buffer.alloc(16);
      after.writeUInt32LE(0x08074b50, 0);
      after.writeUInt32LE(crc, 4);
      after.writeUInt32LE(compressedSize, 8);
      after.writeUInt32LE(size, 12);
      push(after);
    }
    const isWide = entry.wide === true;
    const more = Buffer.concat([isWide ? field(1, uint64(size, compressedSize, at)) : extra]);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(isWide ? IN_EXTRA : compressedSize, 20);
    central.writeUInt32LE(isWide ? IN_EXTRA : size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(more.length, 30);
    central.writeUInt32LE(isWide ? IN_EXTRA : at, 42);
    directory.push(central, name, more);
  }
  const offset = length;
  push(...directory);
  const size = length - offset;
  if (wide) {
    const end = Buffer.alloc(56);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    uint64(entries.length, entries.length, size, offset).copy(end, 24);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(length), 8);
    locator.writeUInt32LE(1, 16);
    push(end, locator);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : entries.length, 8);
  end.writeUInt16LE(wide ? 0xffff : entries.length, 10);
  end.writeUInt32LE(wide ? IN_EXTRA : size, 12);
  end.writeUInt32LE(wide ? IN_EXTRA : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  push(end, Buffer.from(comment));
  return Buffer.concat(parts);
}

/** An extra field with a name in UTF-8 (4.6.9). */
export function unicodeName(name: Buffer, unicode: string): Buffer {
  const head = Buffer.alloc(5);
  head[0] = 1;
  head.writeUInt32LE(crc32(name), 1);
  return field(0x7075, Buffer.concat([head, Buffer.from(unicode)]));
}
