/**
 * A file of typed arrays: a line of JSON with a checksum, which says what follows, then the arrays, each
 * from a multiple of eight bytes on, in this machine's byte order.
 */

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';
import { TilewrightError } from '../errors.ts';
import { checkedJson, withCrc } from './checked-lines.ts';
import { openOwn } from './regular-file.ts';

const TYPES = { u8: Uint8Array, u32: Uint32Array, f64: Float64Array } as const;
type TypeName = keyof typeof TYPES;
export type StoredArray = Uint8Array | Uint32Array | Float64Array;

const LINE_BYTES = 1 << 26;
const BLOCK_BYTES = 1 << 26;

interface Head {
  endian: string;
  head: unknown;
  arrays: [name: string, type: TypeName, length: number, sum: number][];
}

/** Writes a new file. @param head - whatever JSON can hold */
export function writeArrays(
  path: string,
  head: unknown,
  arrays: Readonly<Record<string, StoredArray>>,
): void {
  const described = Object.entries(arrays).map(([name, array]): Head['arrays'][number] => [
    name,
    typeOf(array),
    array.length,
    sumOf(array),
  ]);
  const line = withCrc({ endian: endianness(), head, arrays: described } satisfies Head);
  const fd = openSync(path, 'wx');
  try {
    let at = writeAll(fd, Buffer.from(line), 0);
    for (const array of Object.values(arrays)) {
      at = Math.ceil(at / 8) * 8;
      at = writeAll(fd, new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    }
  } finally {
    closeSync(fd);
  }
}

function typeOf(array: StoredArray): TypeName {
  if (array instanceof Float64Array) return 'f64';
  return array instanceof Uint32Array ? 'u32' : 'u8';
}

function sumOf(array: StoredArray): number {
  return crc32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

function writeAll(fd: number, bytes: Uint8Array, at: number): number {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(bytes.length - done, BLOCK_BYTES);
    done += writeSync(fd, bytes, done, length, at + done);
  }
  return at + done;
}

/** What `writeArrays` has written. */
export interface ReadArrays {
  head: unknown;
  arrays: Record<string, StoredArray>;
}

/**
 * @param wanted - names of the arrays that are read; left out: all
 * @returns null if there is no such file
 * @throws TilewrightError staged-folder for a file that is not as it was written
 */
export function readArrays(path: string, wanted?: readonly string[]): ReadArrays | null {
  let fd: number;
  try {
    fd = openOwn(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const { head, end } = readHead(fd, path, size);
    const arrays: ReadArrays['arrays'] = {};
    let at = end;
    for (const [name, type, length, sum] of head.arrays) {
      at = Math.ceil(at / 8) * 8;
      const bytes = length * TYPES[type].BYTES_PER_ELEMENT;
      if (bytes > 0 && at + bytes > size) throw damagedArrays(path);
      if (wanted === undefined || wanted.includes(name)) {
        const buffer = new ArrayBuffer(bytes);
        readAll(fd, new Uint8Array(buffer), at, path);
        arrays[name] = new TYPES[type](buffer);
        if (sumOf(arrays[name]) !== sum) throw damagedArrays(path);
      }
      at += bytes;
    }
    return { head: head.head, arrays };
  } finally {
    closeSync(fd);
  }
}

function readHead(fd: number, path: string, size: number): { head: Head; end: number } {
  let bytes = Buffer.alloc(Math.min(size, 1 << 16));
  readAll(fd, bytes, 0, path);
  let end = bytes.indexOf(10);
  if (end < 0 && size > bytes.length) {
    bytes = Buffer.alloc(Math.min(size, LINE_BYTES));
    readAll(fd, bytes, 0, path);
    end = bytes.indexOf(10);
  }
  const head = end < 0 ? undefined : (checkedJson(bytes.toString('utf8', 0, end)) as Head);
  const isOurs =
    head?.endian === endianness() &&
    Array.isArray(head.arrays) &&
    head.arrays.every(([, type, n]) => Object.hasOwn(TYPES, type) && Number.isSafeInteger(n));
  if (!isOurs) throw damagedArrays(path);
  return { head, end: end + 1 };
}

function readAll(fd: number, bytes: Uint8Array, at: number, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(fd, bytes, done, Math.min(bytes.length - done, BLOCK_BYTES), at + done);
    if (read === 0) throw damagedArrays(path);
    done += read;
  }
}

export function damagedArrays(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not as Tilewright wrote it. Remove it and run the same command again: it is made anew`,
  );
}
