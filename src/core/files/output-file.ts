/**
 * A file that is written once, piece by piece. Large pieces can go to the disk directly (`O_DIRECT`),
 * past the page cache, which saves the copy into it. Any system may refuse that, at any moment: what is
 * refused is written as usual.
 */

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { STRIDE, SummedMemory } from '../summed-memory.ts';
import { type FileIdentity, FileSum } from './file-sum.ts';

/** Direct writing wants memory, positions and lengths at multiples of a disk's blocks. */
const BLOCK = 4096;
/** Shorter pieces are written sooner into the page cache than to a disk. */
const LEAST_DIRECT = 1 << 19;
const { O_WRONLY, O_DIRECT } = constants;

/** What `alignedBytes` has made, by what it has returned. */
const aligned = new WeakMap<ArrayBufferLike, SummedMemory>();

/**
 * Memory that can be written directly, and summed where it is: it begins at a page of the system's, as
 * WebAssembly's does. Any other where addresses are limited (`ulimit -v`), of which that takes many.
 */
export function alignedBytes(length: number): Uint8Array<ArrayBuffer> {
  try {
    const memory = new SummedMemory(length, false);
    aligned.set(memory.bytes.buffer, memory);
    return memory.bytes;
  } catch {
    return new Uint8Array(length);
  }
}

/** Bytes a millisecond: to a slower disk the system writes better on its own, while the thread goes on. */
const SLOWEST = 200e3;
const JUDGED_BYTES = 1 << 26;
const TRIED = 64;

/** How fast direct writes are, of late. */
export class WritePace {
  #bytes = 0;
  #ms = 0;
  #passedOver = 0;

  note(bytes: number, ms: number): void {
    this.#bytes += bytes;
    this.#ms += ms;
    if (this.#bytes < 4 * JUDGED_BYTES) return;
    this.#bytes /= 2;
    this.#ms /= 2;
  }

  /** Whether the next file is to be written so; of those on a slow disk one now and then, to see. */
  suits(): boolean {
    if (this.#bytes < JUDGED_BYTES || this.#bytes >= this.#ms * SLOWEST) return true;
    return ++this.#passedOver % TRIED === 0;
  }
}

const threadPace = new WritePace();

export interface OutputFileOptions {
  /** Whether large pieces go past the page cache where that is possible. */
  direct?: boolean;
  /** Whether its checksum is made. What is written twice must have been zeros before. */
  summed?: boolean;
  /** Of files on the same disk. Default: of all that the thread writes. */
  pace?: WritePace;
}

export class OutputFile {
  readonly path: string;
  #fd: number;
  #size = 0;
  /** The same file once more, for direct writing; −1 before the first such piece. */
  #directFd = -1;
  #direct: boolean;
  readonly #sum: FileSum | null;
  readonly #pace: WritePace;

  /**
   * Creates the file. Whatever is at the path stays, and is no file of ours.
   * @throws the system's errors, `EEXIST` among them
   */
  static create(path: string, options: OutputFileOptions = {}): OutputFile {
    return new OutputFile(path, options);
  }

  private constructor(path: string, options: OutputFileOptions) {
    const { direct = false, summed = false, pace = threadPace } = options;
    this.#pace = pace;
    this.path = path;
    this.#sum = summed ? new FileSum() : null;
    this.#fd = openSync(path, 'wx');
    this.#direct = direct && O_DIRECT !== undefined && pace.suits();
  }

  /** Whether large pieces go past the page cache, as far as is known. */
  get direct(): boolean {
    return this.#direct;
  }

  /** The end of what was written furthest from the start, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** What the file is known by, if it is summed. */
  get identity(): FileIdentity | null {
    return this.#sum?.identity(this.#size) ?? null;
  }

  /** Writes the first `length` of the bytes at `position` of the file. */
  write(bytes: Uint8Array, length: number, position: number): void {
    if (this.#sum !== null) addTo(this.#sum, bytes, length, position);
    let done = 0;
    const isAligned = bytes.byteOffset % BLOCK === 0 && position % BLOCK === 0;
    if (this.#direct && isAligned && length >= LEAST_DIRECT) {
      done = this.#writeDirectly(bytes, length - (length % BLOCK), position);
    }
    while (done < length) {
      done += writeSync(this.#fd, bytes, done, length - done, position + done);
    }
    this.#size = Math.max(this.#size, position + length);
  }

  /** Returns how much was written: all, or what the system took before it refused. */
  #writeDirectly(bytes: Uint8Array, length: number, position: number): number {
    let done = 0;
    const start = performance.now();
    try {
      // Not by its path, which may be another file's by now.
      if (this.#directFd < 0)
        this.#directFd = openSync(`/proc/self/fd/${this.#fd}`, O_WRONLY | O_DIRECT);
      while (done < length && done % BLOCK === 0) {
        done += writeSync(this.#directFd, bytes, done, length - done, position + done);
      }
    } catch {
      // An error that has another cause, such as a full disk, comes again when the rest is written.
      this.#direct = false;
    }
    this.#pace.note(done, performance.now() - start);
    return done;
  }

  /** After this the system has all of it. Closing twice does nothing. */
  close(): void {
    const [fd, directFd] = [this.#fd, this.#directFd];
    this.#fd = this.#directFd = -1;
    try {
      if (directFd >= 0) closeSync(directFd);
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }
}

function addTo(sum: FileSum, bytes: Uint8Array, length: number, position: number): void {
  const memory = aligned.get(bytes.buffer);
  const inPlace = bytes.byteOffset === memory?.bytes.byteOffset && length % STRIDE === 0;
  if (memory !== undefined && inPlace && position % STRIDE === 0) sum.add(memory, length, position);
  else sum.addCopy(bytes, length, position);
}
