/**
 * A file behind a URL, read by ranges. Where it is read one piece after the other, what comes next
 * is asked for before it is read, ever more of it; the last pieces stay, for heads and trees that
 * are looked at again and again.
 */

import { TilewrightError } from '../../core/errors.ts';
import type { RandomAccess } from '../bytes/random-access.ts';
import { type Identity, identityWord } from './identity.ts';
import { forget, identityOf } from './known-inputs.ts';
import { LIMITS, type Limits } from './limits.ts';
import { type Piece, PieceStore } from './piece-store.ts';
import { rangeClient } from './range-client.ts';

/** Ranges begin at multiples of this. */
const UNIT = 1 << 16;
/** Of one request. */
const MOST = 1 << 21;
/** Ahead of what was read last. */
const MOST_AHEAD = 1 << 23;
/** A long read goes in such steps, so that it needs no more memory than short ones. */
const STEP = 1 << 22;
/** Of a file, in memory. */
const KEPT = 1 << 24;

/** Of so many files the first unit is kept when they are closed: most are opened again at once. */
const HEADS = 32;

/** By URL and identity. */
const heads = new Map<string, Uint8Array>();

/** A place from which the file is read on and on. */
interface Stream {
  /** Where the last read ended. */
  end: number;
  /** Bytes that are asked for beyond it. */
  ahead: number;
}

/** Every answer is checked to be of what was there when this was made. */
export class RemoteFile implements RandomAccess {
  readonly path: string;
  readonly size: number;
  readonly #identity: Identity;
  readonly #limits: Limits;
  readonly #input: string;
  readonly #store: PieceStore;
  /** A table is read on in one place, and its long values or its tree in another. The last used first. */
  #streams: Stream[] = [];
  #isOpen = true;

  /**
   * @param url - as `inputUrl` gives it
   * @param input - path of the input that errors name
   * @throws TilewrightError input-missing, input-unreadable
   */
  constructor(url: string, input = url, limits: Limits = LIMITS) {
    const identity = identityOf(url);
    if (identity === null) {
      throw new TilewrightError('input-missing', `There is no ${url}`, { input });
    }
    this.path = url;
    this.size = identity.size;
    this.#identity = identity;
    this.#limits = limits;
    this.#input = input;
    this.#store = new PieceStore(KEPT);
    const head = heads.get(this.#key);
    if (head === undefined) return;
    const into = this.#store.allocate(head.length, true)!;
    into.set(head);
    this.#store.add(0, into, null);
  }

  read(target: Uint8Array, at: number, length: number, position: number): number {
    if (!this.#isOpen) {
      const message = `${this.path} was closed and can't be read any more`;
      throw new TilewrightError('input-unreadable', message, { input: this.#input });
    }
    const end = Math.min(position + length, this.size);
    for (let start = position; start < end; start += STEP) {
      const stop = Math.min(start + STEP, end);
      const stream = this.#streamAt(start, stop);
      this.#store.begin();
      this.#request(start, stop);
      // What is sure to be read is asked for as what probably is.
      const ahead = Math.max(stream.ahead, Math.min(MOST_AHEAD, end - stop));
      if (ahead > 0) this.#request(stop, Math.min(stop + ahead, this.size), ahead);
      this.#copy(target, at + start - position, start, stop);
    }
    return Math.max(0, end - position);
  }

  close(): void {
    if (this.#isOpen) this.#keepHead();
    this.#isOpen = false;
    this.#store.clear();
  }

  get #key(): string {
    return `${this.path} ${identityWord(this.#identity)}`;
  }

  #keepHead(): void {
    const piece = this.#store.pieces[0];
    if (piece === undefined || piece.start > 0 || piece.id !== null) return;
    const [oldest] = heads.keys();
    if (heads.size === HEADS) heads.delete(oldest!);
    heads.set(this.#key, piece.into.slice(0, UNIT));
  }

  #streamAt(start: number, end: number): Stream {
    let stream = this.#streams.find((one) => start >= one.end - MOST && start <= one.end + UNIT);
    if (stream === undefined) {
      // A head is more often read on than what is jumped to.
      stream = { end, ahead: 0 };
    } else if (end > stream.end) {
      stream.ahead = Math.min(MOST_AHEAD, Math.max(2 * stream.ahead, 2 * (end - stream.end), UNIT));
      stream.end = end;
    }
    const others = this.#streams.filter((one) => one !== stream);
    this.#streams = [stream, ...others.slice(0, 1)];
    return stream;
  }

  /**
   * Asks for what is not there of a range.
   * @param ahead - what it is the whole of, where nothing of it is needed yet: then only when there is
   *   much of it to ask for, in several requests that come one after the other
   */
  #request(start: number, end: number, ahead = 0): void {
    const from = start - (start % UNIT);
    const to = Math.min(this.size, end + UNIT - 1 - ((end - 1) % UNIT));
    const most = ahead === 0 ? MOST : Math.min(MOST, Math.max(UNIT, pieceOf(ahead)));
    for (const [first, last] of this.#store.gaps(from, to)) {
      if (ahead > 0 && last - first < most && last < this.size) continue;
      for (let next = first; next < last; next += most) {
        const length = Math.min(most, last - next);
        const into = this.#store.allocate(length, ahead === 0);
        if (into === null) return;
        const range = { kind: 'range', start: next, length, into: into.buffer } as const;
        const [identity, limits] = [this.#identity, this.#limits];
        const id = rangeClient().send({ ...range, url: this.path, identity, limits });
        this.#store.add(next, into, id);
      }
    }
  }

  #copy(target: Uint8Array, at: number, start: number, end: number): void {
    for (let next = start; next < end; ) {
      const piece = this.#store.at(next);
      if (piece.id !== null) this.#await(piece);
      const stop = Math.min(end, piece.end);
      target.set(piece.into.subarray(next - piece.start, stop - piece.start), at + next - start);
      next = stop;
    }
  }

  #await(piece: Piece): void {
    try {
      rangeClient().take(piece.id!);
      piece.id = null;
    } catch (error) {
      piece.id = null;
      this.#store.remove(piece);
      forget(this.path);
      throw error;
    }
  }
}

/** A fourth, in whole units. */
function pieceOf(ahead: number): number {
  return Math.floor(ahead / 4 / UNIT) * UNIT;
}
