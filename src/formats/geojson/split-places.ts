/** Places of features all over a file, from which slices are read. */

import type { FeaturePlace } from './feature-walk.ts';

/** Bytes between two of them, at first: twice as many whenever there are too many places. */
const LEAST_BYTES = 1 << 16;
/** More than these are too many where they are near each other; more than those are anywhere. */
const FEW = 256;
const MOST = 1 << 14;
/** So many bytes apart, on average, they are not near: a slice that begins between two passes over some of these. */
const FAR_BYTES = 1 << 22;
const NUMBERS = 3;

export class SplitPlaces {
  /** record, offset and whether it is an element, of each place in ascending order. */
  #numbers: number[] = [];
  #step = LEAST_BYTES;
  #next = 0;

  add({ record, offset, isElement }: FeaturePlace): void {
    if (offset < this.#next) return;
    this.#numbers.push(record, offset, isElement ? 1 : 0);
    this.#next = offset + this.#step;
    const count = this.#numbers.length / NUMBERS;
    if (count < FEW || (count < MOST && offset >= FAR_BYTES * (count - 1))) return;
    // Every other one.
    this.#numbers = this.#numbers.filter((_, i) => Math.floor(i / NUMBERS) % 2 === 0);
    this.#step *= 2;
    this.#next = this.#numbers.at(1 - NUMBERS)! + this.#step;
  }

  toJSON(): number[] {
    return this.#numbers;
  }
}

export class KnownPlaces {
  readonly #numbers: readonly number[];

  /** @param numbers - as SplitPlaces gives them */
  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  get count(): number {
    return this.#numbers.length / NUMBERS;
  }

  at(i: number): FeaturePlace {
    const [record, offset, isElement] = this.#numbers.slice(NUMBERS * i, NUMBERS * (i + 1));
    return { record: record!, offset: offset!, isElement: isElement === 1 };
  }

  /** Index of the last place at or before a record; −1 if there is none. */
  before(record: number): number {
    return this.#lastUpTo(record, 0);
  }

  /** @param field - 0: by record, 1: by offset */
  #lastUpTo(value: number, field: 0 | 1): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#numbers[NUMBERS * middle + field]! <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /**
   * The record at about this byte of a file of so many bytes and records; that of a known place, if one is near as
   * slices go.
   * @param sliceBytes - of a slice
   */
  recordAt(offset: number, bytes: number, records: number, sliceBytes: number): number {
    const i = Math.max(0, this.#lastUpTo(offset, 1));
    const low = this.at(i);
    const isLast = i + 1 >= this.count;
    const high = isLast ? { record: records + 1, offset: bytes } : this.at(i + 1);
    const reach = high.offset - low.offset;
    const share = Math.max(0, offset - low.offset) / reach;
    if (reach < sliceBytes / 2) return (share < 0.5 ? low : high).record;
    return low.record + Math.round(share * (high.record - low.record));
  }
}
