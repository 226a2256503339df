/**
 * The central directory of a zip archive: what is in it, and where. By PKWARE's APPNOTE.TXT 6.3.10,
 * whose sections the comments name; fields keep its names, in short.
 */

import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import iconv from 'iconv-lite';
import { TilewrightError } from '../../core/errors.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { FileWindow } from '../file-window.ts';

/** Signatures, as little-endian numbers. */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
/** Bytes of their fixed parts. */
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const END_64_BYTES = 56;
const LOCATOR_64_BYTES = 20;
const MAX_COMMENT = 0xffff;
const IN_EXTRA_32 = 0xffffffff;
const IN_EXTRA_16 = 0xffff;
/** Extra fields: sizes beyond 32 bits (4.5.3), a name in UTF-8 (4.6.9). */
const EXTRA_64 = 0x0001;
const EXTRA_NAME = 0x7075;
/** Flags (4.4.4): encrypted, name in UTF-8, encrypted directory. */
const ENCRYPTED = 1;
const UTF8 = 1 << 11;
const MASKED = 1 << 13;

/** A file in an archive. */
export interface ZipMember {
  /** Its path in the archive, with `/`. */
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  /** Bytes that it has in the archive, and that it is. */
  readonly compressedSize: number;
  readonly size: number;
  /** Offset of its local header in the archive. */
  readonly at: number;
}

/** A damaged archive. */
function damaged(file: Pick<RandomAccess, 'path'>, what: string): TilewrightError {
  return new TilewrightError(
    'input-corrupt',
    `${file.path} is a damaged zip archive: ${what}. Copy or download it again`,
    { input: file.path },
  );
}

/**
 * Reads the directory of an archive, which stays open.
 * @returns all files in it, in its order
 * @throws TilewrightError input-truncated, input-corrupt, input-format (in parts, or encrypted)
 */
export function readDirectory(file: RandomAccess): ZipMember[] {
  const window = new FileWindow(file, file.path);
  const { count, size, offset, endsAt } = findEnd(window);
  // What stands before an archive, as programs that unpack themselves do, counts in no offset.
  const before = endsAt - size - offset;
  if (before < 0 || count > size / CENTRAL_BYTES) {
    throw damaged(file, 'its directory is not where its end says');
  }
  const members: ZipMember[] = [];
  let at = before + offset;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > endsAt || window.uint32LE(at) !== CENTRAL) {
      throw damaged(file, `entry ${i + 1} of its directory is none`);
    }
    const lengths = [28, 30, 32].map((field) => window.uint16LE(at + field));
    const [nameLength, extraLength] = lengths as [number, number];
    const next = at + CENTRAL_BYTES + lengths.reduce((sum, length) => sum + length);
    if (next > endsAt) throw damaged(file, `entry ${i + 1} of its directory is cut short`);
    const member = readEntry(window, at, nameLength, extraLength);
    if (member.at + before + LOCAL_BYTES + member.compressedSize > endsAt) {
      throw damaged(file, `${member.name} does not lie in it`);
    }
    if (!member.name.endsWith('/')) members.push({ ...member, at: member.at + before });
    at = next;
  }
  return members;
}

interface DirectoryEnd {
  count: number;
  size: number;
  /** Offset of the directory as the archive has it, and where it ends in the file. */
  offset: number;
  endsAt: number;
}

function findEnd(window: FileWindow): DirectoryEnd {
  const { path, size: length } = window;
  const tail = Buffer.alloc(Math.min(length, END_BYTES + MAX_COMMENT));
  const tailAt = length - tail.length;
  window.copy(tailAt, tail.length, tail, 0);
  let at = tail.length - END_BYTES;
  while (at >= 0 && !(tail.readUInt32LE(at) === END && commentFits(tail, at))) at--;
  if (at < 0) {
    throw new TilewrightError(
      'input-truncated',
      `${path} is a zip archive that is cut short: it has no directory at its end. ` +
        'Copy or download it again',
      { input: path },
    );
  }
  const end = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
    endsAt: tailAt + at,
  };
  const disk = tail.readUInt16LE(at + 4);
  const isWide =
    end.count === IN_EXTRA_16 || end.size === IN_EXTRA_32 || end.offset === IN_EXTRA_32;
  const locator = end.endsAt - LOCATOR_64_BYTES;
  if (isWide && locator >= 0 && window.uint32LE(locator) === LOCATOR_64) {
    return findEnd64(window, locator);
  }
  if (disk !== 0) {
    const message = `${path} is one part of a zip archive in several: put them together first`;
    throw new TilewrightError('input-format', message, { input: path });
  }
  return end;
}

function commentFits(tail: Buffer, at: number): boolean {
  return at + END_BYTES + tail.readUInt16LE(at + 20) <= tail.length;
}

/** 4.3.14 and 4.3.15. What stands before the archive counts in no offset here either. */
function findEnd64(window: FileWindow, locator: number): DirectoryEnd {
  const said = uint64(window, locator + 8);
  const places = [said, locator - END_64_BYTES];
  const endsAt = places.find(
    (at) => at >= 0 && at + END_64_BYTES <= locator && window.uint32LE(at) === END_64,
  );
  if (endsAt === undefined) throw damaged(window, 'its 64-bit end is not where it says');
  return {
    count: uint64(window, endsAt + 32),
    size: uint64(window, endsAt + 40),
    offset: uint64(window, endsAt + 48),
    endsAt,
  };
}

/** Past 2^53 it is larger than any file, and so refused by whoever compares it with one. */
function uint64(window: FileWindow, at: number): number {
  return window.uint32LE(at) + window.uint32LE(at + 4) * 2 ** 32;
}

function readEntry(
  window: FileWindow,
  at: number,
  nameLength: number,
  extraLength: number,
): ZipMember {
  const bytes = Buffer.alloc(nameLength + extraLength);
  window.copy(at + CENTRAL_BYTES, bytes.length, bytes, 0);
  const flags = window.uint16LE(at + 8);
  if ((flags & MASKED) !== 0) {
    const message = `${window.path} is a zip archive whose directory is encrypted: unpack it first`;
    throw new TilewrightError('input-format', message, { input: window.path });
  }
  const extra = readExtra(bytes.subarray(nameLength));
  const wide = extra.get(EXTRA_64);
  let wideAt = 0;
  // Those that have no room, in this order.
  const [size, compressedSize, offset] = [24, 20, 42].map((field) => {
    const value = window.uint32LE(at + field);
    if (value !== IN_EXTRA_32) return value;
    if (wide === undefined || wideAt + 8 > wide.length) return value;
    wideAt += 8;
    return wide.readUInt32LE(wideAt - 8) + wide.readUInt32LE(wideAt - 4) * 2 ** 32;
  }) as [number, number, number];
  return {
    name: decodeName(bytes.subarray(0, nameLength), (flags & UTF8) !== 0, extra.get(EXTRA_NAME)),
    method: window.uint16LE(at + 10),
    isEncrypted: (flags & ENCRYPTED) !== 0,
    crc32: window.uint32LE(at + 16),
    compressedSize,
    size,
    at: offset,
  };
}

/** Fields by their ids; what is no whole field is passed over. */
function readExtra(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at + 2);
    fields.set(bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

/** Programs write UTF-8 without saying so: what is that by its bytes is no code page 437. */
function decodeName(bytes: Buffer, saysUtf8: boolean, unicode: Buffer | undefined): string {
  const isOwn = unicode !== undefined && unicode.length > 5 && unicode[0] === 1;
  const text =
    isOwn && unicode.readUInt32LE(1) === crc32(bytes)
      ? unicode.toString('utf8', 5)
      : saysUtf8 || isUtf8(bytes)
        ? bytes.toString('utf8')
        : iconv.decode(bytes, 'cp437');
  return text.replaceAll('\\', '/');
}

/**
 * Where a member's bytes begin.
 * @throws TilewrightError input-corrupt if no local header is where the directory says
 */
export function dataOffset(file: RandomAccess, member: ZipMember): number {
  const header = Buffer.alloc(LOCAL_BYTES);
  const read = file.read(header, 0, LOCAL_BYTES, member.at);
  const isHeader = read === LOCAL_BYTES && header.readUInt32LE(0) === LOCAL;
  if (!isHeader || header.readUInt16LE(8) !== member.method) {
    throw damaged(file, `${member.name} is not where its directory says`);
  }
  const start = member.at + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + member.compressedSize > file.size) throw damaged(file, `${member.name} is cut short`);
  return start;
}

/**
 * Refuses members whose bytes overlap, of which no program makes any but to fill a disk.
 * @throws TilewrightError input-corrupt
 */
export function checkApart(file: RandomAccess, members: readonly ZipMember[]): void {
  const inOrder = members.toSorted((a, b) => a.at - b.at);
  for (const [i, member] of inOrder.entries()) {
    const next = inOrder[i + 1];
    if (next === undefined || member.at + LOCAL_BYTES + member.compressedSize <= next.at) continue;
    throw damaged(file, `${member.name} and ${next.name} lie over each other`);
  }
}
