/** The pieces of a remote file that are in memory, or on their way there; the least used go first. */

import { rangeClient } from './range-client.ts';

/** Bytes start ≤ i < end of the file. No two pieces have one byte. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly into: Uint8Array<SharedArrayBuffer>;
  /** Of the request that fills it; null when it is filled. */
  id: number | null;
  used: number;
}

/**
 * Memory of files that were closed, by size, for those that are opened next, as a task opens its input for each slice:
 * what is left to the garbage collector stays for long.
 */
const spare = new Map<number, SharedArrayBuffer[]>();
const MOST_SPARE = 1 << 24;
let spareBytes = 0;

function keepSpare(buffer: SharedArrayBuffer): void {
  const size = buffer.byteLength;
  if (spareBytes + size > MOST_SPARE) return;
  spareBytes += size;
  const same = spare.get(size);
  if (same === undefined) spare.set(size, [buffer]);
  else same.push(buffer);
}

function takeSpare(size: number): SharedArrayBuffer | undefined {
  const buffer = spare.get(size)?.pop();
  if (buffer !== undefined) spareBytes -= size;
  return buffer;
}

export class PieceStore {
  /** In ascending order. */
  readonly pieces: Piece[] = [];
  readonly #most: number;
  /** Of all that was allocated and is not given up. */
  #bytes = 0;
  /** By size, which is a power of two: memory of pieces that went. */
  readonly #free = new Map<number, SharedArrayBuffer[]>();
  #clock = 0;

  /** @param most - bytes to hold; one read, and what is asked for ahead of it, may take more */
  constructor(most: number) {
    this.#most = most;
  }

  /** From here on nothing goes that is used. */
  begin(): void {
    this.#clock++;
  }

  /** Parts of a range that no piece has. Pieces in it count as used. */
  gaps(start: number, end: number): [start: number, end: number][] {
    const gaps: [number, number][] = [];
    let from = start;
    for (const piece of this.pieces) {
      if (piece.end <= start) continue;
      if (piece.start >= end) break;
      piece.used = this.#clock;
      if (piece.start > from) gaps.push([from, piece.start]);
      from = piece.end;
    }
    if (from < end) gaps.push([from, end]);
    return gaps;
  }

  /** The piece with that byte, which must be there. */
  at(position: number): Piece {
    const piece = this.pieces.find(({ start, end }) => start <= position && position < end)!;
    piece.used = this.#clock;
    return piece;
  }

  /**
   * Memory for a piece.
   * @param needed - whether to take more than there may be rather than none
   */
  allocate(length: number, needed: boolean): Uint8Array<SharedArrayBuffer> | null {
    const size = 2 ** Math.ceil(Math.log2(length));
    let buffer = this.#free.get(size)?.pop();
    while (buffer === undefined && this.#bytes + size > this.#most) {
      if (!this.#giveUp()) break;
      buffer = this.#free.get(size)?.pop();
    }
    if (buffer === undefined) {
      while (this.#bytes + size > this.#most && this.#letGo());
      if (this.#bytes + size > this.#most && !needed) return null;
      buffer = takeSpare(size) ?? new SharedArrayBuffer(size);
      this.#bytes += size;
    }
    return new Uint8Array(buffer, 0, length);
  }

  add(start: number, into: Uint8Array<SharedArrayBuffer>, id: number | null): void {
    const piece = { start, end: start + into.length, into, id, used: this.#clock };
    const after = this.pieces.findIndex((one) => one.start > start);
    this.pieces.splice(after < 0 ? this.pieces.length : after, 0, piece);
  }

  remove(piece: Piece): void {
    this.pieces.splice(this.pieces.indexOf(piece), 1);
    const { buffer } = piece.into;
    const same = this.#free.get(buffer.byteLength);
    if (same === undefined) this.#free.set(buffer.byteLength, [buffer]);
    else same.push(buffer);
  }

  clear(): void {
    for (const { id, into } of this.pieces) {
      if (id === null) keepSpare(into.buffer);
      // What is on its way is written into its memory yet.
      else rangeClient().drop(id);
    }
    for (const buffers of this.#free.values()) for (const buffer of buffers) keepSpare(buffer);
    this.pieces.length = 0;
    this.#free.clear();
    this.#bytes = 0;
  }

  /** Removes the piece that was used least lately and is not being filled. Returns whether one was. */
  #giveUp(): boolean {
    let oldest: Piece | null = null;
    for (const piece of this.pieces) {
      if (piece.used === this.#clock || (oldest !== null && oldest.used <= piece.used)) continue;
      if (piece.id === null || !rangeClient().isPending(piece.id)) oldest = piece;
    }
    if (oldest === null) return false;
    if (oldest.id !== null) rangeClient().drop(oldest.id);
    this.remove(oldest);
    return true;
  }

  /** Gives memory back that is free, but of another size. */
  #letGo(): boolean {
    for (const [size, buffers] of this.#free) {
      if (buffers.pop() === undefined) continue;
      this.#bytes -= size;
      return true;
    }
    return false;
  }
}
