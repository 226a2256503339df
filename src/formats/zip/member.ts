/** Members of archives as bytes that can be read anywhere; their sums are checked on the way. */

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { causeText } from '../../core/system-causes.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { dataOffset, type ZipMember } from './directory.ts';
import { Inflater } from './inflate.ts';

/** A member, which whoever opened it closes; the archive stays open. */
export interface OpenMember extends RandomAccess {
  /** @throws TilewrightError input-corrupt if its bytes are not what the archive says */
  verify(): void;
}

const STORED = 0;
const DEFLATED = 8;
/** APPNOTE.TXT 4.4.5. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'Shrink',
  6: 'Implode',
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'xz',
  99: 'AES',
};
/** Deflate makes no more of a byte (zlib's technical details). */
const MOST_RATIO = 1032;
/** Larger ones that shrink by so much are made to fill disks: no coordinates do. */
const LARGE_BYTES = 2 ** 30;
const LARGE_RATIO = 250;
const READ_BYTES = 1 << 15;
const CHECKED_BYTES = 1 << 20;
/** Inflated bytes that stay in memory; more go into a file. */
const MEMORY_BYTES = 1 << 23;
const FIRST_BYTES = 1 << 16;

export function isStored({ method }: ZipMember): boolean {
  return method === STORED;
}

/** @throws TilewrightError input-format for what can't be unpacked here, input-corrupt */
export function openMember(archive: RandomAccess, member: ZipMember): OpenMember {
  const { method, isEncrypted, compressedSize, size, name } = member;
  const path = `${archive.path}/${name}`;
  const fail = (code: 'input-format' | 'input-corrupt', what: string): TilewrightError => {
    return new TilewrightError(code, `${path} ${what}`, { input: archive.path });
  };
  if (isEncrypted) throw fail('input-format', 'is encrypted: unpack the archive first');
  if (method !== STORED && method !== DEFLATED) {
    const by = METHODS[method] ?? `method ${method}`;
    throw fail(
      'input-format',
      `is compressed by ${by}, which is not read: unpack the archive first`,
    );
  }
  const most = method === STORED ? compressedSize : MOST_RATIO * (compressedSize + 1);
  if (size > most || (method === STORED && size < compressedSize)) {
    throw fail('input-corrupt', `can't have ${size} bytes: the archive is damaged`);
  }
  if (size > LARGE_BYTES && size > LARGE_RATIO * compressedSize) {
    const what = `would grow from ${compressedSize} bytes to ${size}: unpack the archive first, if that is what it is`;
    throw fail('input-format', what);
  }
  const start = dataOffset(archive, member);
  return method === STORED
    ? new StoredMember(path, archive, start, member)
    : new InflatedMember(path, archive, start, member);
}

function wrongSum(path: string, archive: RandomAccess): TilewrightError {
  return new TilewrightError(
    'input-corrupt',
    `${path} is damaged: its bytes don't have the checksum that the archive says. ` +
      'Copy or download the archive again',
    { input: archive.path },
  );
}

/** Read in place. */
class StoredMember implements OpenMember {
  readonly path: string;
  readonly size: number;
  readonly #archive: RandomAccess;
  readonly #start: number;
  readonly #crc32: number;

  constructor(path: string, archive: RandomAccess, start: number, { size, crc32 }: ZipMember) {
    this.path = path;
    this.size = size;
    this.#archive = archive;
    this.#start = start;
    this.#crc32 = crc32;
  }

  read(target: Uint8Array, at: number, length: number, position: number): number {
    const wanted = Math.min(length, this.size - position);
    return wanted <= 0 ? 0 : this.#archive.read(target, at, wanted, this.#start + position);
  }

  verify(): void {
    const block = Buffer.allocUnsafe(Math.min(CHECKED_BYTES, this.size));
    let sum = 0;
    for (let at = 0; at < this.size; at += block.length) {
      const read = this.read(block, 0, block.length, at);
      sum = crc32(block.subarray(0, read), sum);
    }
    if (sum !== this.#crc32) throw wrongSum(this.path, this.#archive);
  }

  close(): void {
    // The archive is its source's.
  }
}

/** Inflated as far as it is asked for, once: what came out is kept. */
class InflatedMember implements OpenMember {
  readonly path: string;
  readonly size: number;
  readonly #archive: RandomAccess;
  readonly #start: number;
  readonly #member: ZipMember;
  readonly #inflater = new Inflater();
  /** Bytes that went in, and came out. */
  #taken = 0;
  #made = 0;
  #sum = 0;
  /** All that came out, until it is too much. */
  #memory = Buffer.alloc(0);
  #spill: SpillFile | null = null;

  constructor(path: string, archive: RandomAccess, start: number, member: ZipMember) {
    this.path = path;
    this.size = member.size;
    this.#archive = archive;
    this.#start = start;
    this.#member = member;
  }

  read(target: Uint8Array, at: number, length: number, position: number): number {
    const end = Math.min(position + length, this.size);
    if (end <= position) return 0;
    while (this.#made < end) this.#inflate();
    if (this.#spill !== null) return this.#spill.read(target, at, end - position, position);
    target.set(this.#memory.subarray(position, end), at);
    return end - position;
  }

  verify(): void {
    while (this.#made < this.size || this.#taken < this.#member.compressedSize) this.#inflate();
    if (this.#sum !== this.#member.crc32) throw wrongSum(this.path, this.#archive);
  }

  close(): void {
    this.#inflater.close();
    this.#spill?.close();
    this.#memory = Buffer.alloc(0);
  }

  #inflate(): void {
    const { compressedSize } = this.#member;
    const bytes = Buffer.allocUnsafe(Math.min(READ_BYTES, compressedSize - this.#taken));
    const read = this.#archive.read(bytes, 0, bytes.length, this.#start + this.#taken);
    if (read === 0) throw this.#damaged('it ends early');
    this.#taken += read;
    let made: Buffer;
    try {
      made = this.#inflater.push(bytes.subarray(0, read));
    } catch (error) {
      throw this.#damaged((error as Error).message, error);
    }
    if (this.#made + made.length > this.size) throw this.#damaged('it is longer than it says');
    this.#sum = crc32(made, this.#sum);
    this.#keep(made);
    this.#made += made.length;
    if (this.#made === this.size && this.#sum !== this.#member.crc32) {
      throw wrongSum(this.path, this.#archive);
    }
  }

  #keep(made: Buffer): void {
    const end = this.#made + made.length;
    if (this.#spill === null && end > MEMORY_BYTES) {
      this.#spill = new SpillFile(this.#archive.path, this.path, this.size);
      this.#spill.append(this.#memory.subarray(0, this.#made));
      this.#memory = Buffer.alloc(0);
    }
    if (this.#spill !== null) {
      this.#spill.append(made);
      return;
    }
    if (end > this.#memory.length) {
      const wanted = Math.max(end, 2 * this.#memory.length, FIRST_BYTES);
      const larger = Buffer.allocUnsafeSlow(Math.min(wanted, this.size, MEMORY_BYTES));
      larger.set(this.#memory.subarray(0, this.#made));
      this.#memory = larger;
    }
    this.#memory.set(made, this.#made);
  }

  #damaged(what: string, cause?: unknown): TilewrightError {
    return new TilewrightError(
      'input-corrupt',
      `${this.path} is damaged: ${what}. Copy or download the archive again`,
      { input: this.#archive.path, cause },
    );
  }
}

/** A file that nobody else sees, and that is gone with its process. */
class SpillFile {
  readonly #input: string;
  /** Of what is inflated. */
  readonly #member: string;
  readonly #size: number;
  readonly #path = join(tmpdir(), `tilewright-${randomUUID()}.inflated`);
  readonly #fd: number;
  #isUnlinked: boolean;

  /** @param size - bytes that the member has */
  constructor(input: string, member: string, size: number) {
    this.#input = input;
    this.#member = member;
    this.#size = size;
    try {
      this.#fd = openSync(this.#path, 'wx+', 0o600);
    } catch (error) {
      throw this.#refused(error);
    }
    this.#isUnlinked = this.#unlink();
  }

  #refused(error: unknown): TilewrightError {
    const { code } = toTilewrightError(error, {}, 'output-unwritable');
    const message =
      `${this.#member} has ${this.#size.toLocaleString('en')} bytes, which are inflated into a temporary file ` +
      `in ${tmpdir()}: ${causeText(error)}. Set TMPDIR to a folder with room for them, or unpack the archive`;
    return new TilewrightError(code, message, { input: this.#input, cause: error });
  }

  append(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      throw this.#refused(error);
    }
  }

  read(target: Uint8Array, at: number, length: number, position: number): number {
    let filled = 0;
    while (filled < length) {
      const read = readSync(this.#fd, target, at + filled, length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return filled;
  }

  close(): void {
    closeSync(this.#fd);
    if (!this.#isUnlinked) this.#isUnlinked = this.#unlink();
  }

  /** Windows has it only when it is closed. */
  #unlink(): boolean {
    try {
      unlinkSync(this.#path);
      return true;
    } catch {
      return false;
    }
  }
}
