/**
 * The pairs of a region's tiles, and the verdicts that follow from them alone. A feature is told by its
 * input and its position in it; the same pair is found in every tile that both are in.
 */

import {
  damagedArrays,
  type ReadArrays,
  readArrays,
  type StoredArray,
  writeArrays,
} from '../core/files/array-file.ts';
import { GOES, judge, OPEN } from './verdict.ts';

/** Arrays of growing length. */
class Numbers<T extends Float64Array | Uint32Array | Uint8Array> {
  #array: T;
  length = 0;

  constructor(empty: T) {
    this.#array = empty;
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const size = Math.max(64, 2 * this.length);
      const grown = new (this.#array.constructor as new (size: number) => T)(size);
      grown.set(this.#array);
      this.#array = grown;
    }
    this.#array[this.length++] = value;
  }

  at(i: number): number {
    return this.#array[i]!;
  }

  set(i: number, value: number): void {
    this.#array[i] = value;
  }

  get array(): T {
    return this.#array.slice(0, this.length) as T;
  }
}

/** A pair of features whose interiors overlap, as indices of features. */
export interface FoundPair {
  preferred: number;
  other: number;
  overlapPreferred: number;
  overlapOther: number;
  distance: number;
  /** Whether it passes the tests. */
  isDuplicate: boolean;
}

export class RegionPairsBuilder {
  /** Index of a feature by its input and position. */
  readonly #indices = new Map<number, Map<number, number>>();
  readonly #input = new Numbers(new Uint32Array(0));
  readonly #position = new Numbers(new Float64Array(0));
  readonly #bounds = new Numbers(new Float64Array(0));
  readonly #tile = new Numbers(new Uint32Array(0));
  readonly #row = new Numbers(new Uint32Array(0));
  /** Of each feature: 1 if it was met in several tiles. */
  readonly #isSpread = new Numbers(new Uint8Array(0));
  readonly #preferred = new Numbers(new Uint32Array(0));
  readonly #other = new Numbers(new Uint32Array(0));
  readonly #measures = new Numbers(new Float64Array(0));
  readonly #isDuplicate = new Numbers(new Uint8Array(0));
  readonly #aloneTile = new Numbers(new Uint32Array(0));
  readonly #aloneRow = new Numbers(new Uint32Array(0));
  readonly #aloneReason = new Numbers(new Uint8Array(0));

  /**
   * The index of a feature, which is new or was met in another tile.
   * @param tile - index of the tile that it is met in, and the row that it has there, from 0
   */
  feature(
    input: number,
    position: number,
    bounds: ArrayLike<number>,
    tile: number,
    row: number,
  ): number {
    let ofInput = this.#indices.get(input);
    if (ofInput === undefined) {
      ofInput = new Map();
      this.#indices.set(input, ofInput);
    }
    const known = ofInput.get(position);
    if (known !== undefined) {
      if (this.#tile.at(known) !== tile) this.#isSpread.set(known, 1);
      return known;
    }
    const index = this.#input.length;
    ofInput.set(position, index);
    this.#isSpread.push(0);
    this.#input.push(input);
    this.#position.push(position);
    for (let k = 0; k < 4; k++) this.#bounds.push(bounds[k]!);
    this.#tile.push(tile);
    this.#row.push(row);
    return index;
  }

  pair(pair: FoundPair): void {
    this.#preferred.push(pair.preferred);
    this.#other.push(pair.other);
    this.#measures.push(pair.overlapPreferred);
    this.#measures.push(pair.overlapOther);
    this.#measures.push(pair.distance);
    this.#isDuplicate.push(pair.isDuplicate ? 1 : 0);
  }

  /** A row that goes whatever becomes of others. @param reason - a number that the caller gives one */
  alone(tile: number, row: number, reason: number): void {
    this.#aloneTile.push(tile);
    this.#aloneRow.push(row);
    this.#aloneReason.push(reason);
  }

  /** Each pair once, in the order in which they were found. */
  build(): RegionPairs {
    const [preferred, other] = [this.#preferred.array, this.#other.array];
    const isSpread = this.#isSpread.array;
    const seen = new Set<number>();
    const first = Uint8Array.from(preferred, (a, k) => {
      const b = other[k]!;
      if (isSpread[a] === 0 || isSpread[b] === 0) return 1;
      return seen.size < seen.add(a * isSpread.length + b).size ? 1 : 0;
    });
    const isFirst = (_: number, k: number): boolean => first[k] === 1;
    return {
      input: this.#input.array,
      position: this.#position.array,
      bounds: this.#bounds.array,
      tile: this.#tile.array,
      row: this.#row.array,
      preferred: preferred.filter(isFirst),
      other: other.filter(isFirst),
      measures: this.#measures.array.filter((_, at) => first[Math.floor(at / 3)] === 1),
      isDuplicate: this.#isDuplicate.array.filter(isFirst),
      aloneTile: this.#aloneTile.array,
      aloneRow: this.#aloneRow.array,
      aloneReason: this.#aloneReason.array,
    };
  }
}

export interface RegionPairs {
  /** Of each feature: index of its input, position in it, minX, minY, maxX, maxY, and one tile and row. */
  input: Uint32Array;
  position: Float64Array;
  bounds: Float64Array;
  tile: Uint32Array;
  row: Uint32Array;
  /** Of each pair: two features, the overlap of either, the distance, and whether they are duplicates. */
  preferred: Uint32Array;
  other: Uint32Array;
  measures: Float64Array;
  isDuplicate: Uint8Array;
  /** Rows that go whatever becomes of others. */
  aloneTile: Uint32Array;
  aloneRow: Uint32Array;
  aloneReason: Uint8Array;
}

/**
 * What a region can't say by itself: features that may have pairs in other regions too, and those that
 * depend on them.
 */
export interface Border {
  input: Uint32Array;
  position: Float64Array;
  bounds: Float64Array;
  /** OPEN, or GOES where that is known already. */
  states: Uint8Array;
  preferred: Uint32Array;
  other: Uint32Array;
}

/**
 * @param isInside - whether feature i lies in tiles of the region alone
 * @returns what is known of each feature, and what is left
 */
export function judgeRegion(
  pairs: RegionPairs,
  isInside: (i: number) => boolean,
): { states: Uint8Array; border: Border } {
  const count = pairs.input.length;
  const states = new Uint8Array(count);
  const complete = new Uint8Array(count);
  for (let i = 0; i < count; i++) complete[i] = isInside(i) ? 1 : 0;
  const edges = duplicatesOf(pairs);
  judge(edges, states, complete);
  return { states, border: borderOf(pairs, edges, states, complete) };
}

function duplicatesOf({ preferred, other, isDuplicate }: RegionPairs) {
  const keep = (_: number, k: number): boolean => isDuplicate[k] === 1;
  return { preferred: preferred.filter(keep), other: other.filter(keep) };
}

function borderOf(
  pairs: RegionPairs,
  edges: ReturnType<typeof duplicatesOf>,
  states: Uint8Array,
  complete: Uint8Array,
): Border {
  const place = new Int32Array(states.length).fill(-1);
  const left: number[] = [];
  const take = (i: number): void => {
    if (place[i]! >= 0) return;
    place[i] = left.length;
    left.push(i);
  };
  const preferred = new Numbers(new Uint32Array(0));
  const other = new Numbers(new Uint32Array(0));
  for (let k = 0; k < edges.preferred.length; k++) {
    const [a, b] = [edges.preferred[k]!, edges.other[k]!];
    for (const i of [a, b]) {
      // What stays is inside, and nobody outside asks for it.
      if (states[i] === OPEN || (states[i] === GOES && complete[i] === 0)) take(i);
    }
    if (states[a] !== OPEN || states[b] !== OPEN) continue;
    preferred.push(place[a]!);
    other.push(place[b]!);
  }
  const bounds = new Float64Array(4 * left.length);
  for (const [k, i] of left.entries()) {
    bounds.set(pairs.bounds.subarray(4 * i, 4 * i + 4), 4 * k);
  }
  return {
    input: Uint32Array.from(left, (i) => pairs.input[i]!),
    position: Float64Array.from(left, (i) => pairs.position[i]!),
    bounds,
    states: Uint8Array.from(left, (i) => states[i]!),
    preferred: preferred.array,
    other: other.array,
  };
}

const BORDER = 'border.';

/** Writes them into a new file. @param head - what the file is of */
export function writeRegionPairs(
  path: string,
  head: unknown,
  pairs: RegionPairs,
  border: Border,
): void {
  const arrays: Record<string, StoredArray> = {};
  // First, as they are read by themselves.
  for (const [name, array] of Object.entries(border)) arrays[BORDER + name] = array;
  writeArrays(path, head, { ...arrays, ...pairs });
}

const PAIR_ARRAYS = [
  ...['input', 'position', 'bounds', 'tile', 'row', 'preferred', 'other'],
  ...['measures', 'isDuplicate', 'aloneTile', 'aloneRow', 'aloneReason'],
] as const;
const BORDER_ARRAYS = ['input', 'position', 'bounds', 'states', 'preferred', 'other'] as const;

/** Null if there is no such file. @throws TilewrightError staged-folder for a damaged one */
export function readRegionPairs(path: string): { head: unknown; pairs: RegionPairs } | null {
  const read = readArrays(path, PAIR_ARRAYS);
  if (read === null) return null;
  const pairs = read.arrays as unknown as RegionPairs;
  const features = pairs.input.length;
  requireSame(path, features, [pairs.position, pairs.tile, pairs.row]);
  requireSame(path, 4 * features, [pairs.bounds]);
  requireSame(path, pairs.preferred.length, [pairs.other, pairs.isDuplicate]);
  requireSame(path, 3 * pairs.preferred.length, [pairs.measures]);
  requireSame(path, pairs.aloneTile.length, [pairs.aloneRow, pairs.aloneReason]);
  requireBelow(path, features, [pairs.preferred, pairs.other]);
  return { head: read.head, pairs };
}

/** A folder may come from somebody else, with a checksum that is right. */
function requireSame(path: string, length: number, arrays: readonly StoredArray[]): void {
  if (arrays.some((array) => array.length !== length)) throw damagedArrays(path);
}

/** @throws TilewrightError staged-folder if a value of the arrays is not below the limit */
export function requireBelow(path: string, limit: number, arrays: readonly StoredArray[]): void {
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) if (array[i]! >= limit) throw damagedArrays(path);
  }
}

export function readBorder(path: string): { head: unknown; border: Border } | null {
  const read: ReadArrays | null = readArrays(
    path,
    BORDER_ARRAYS.map((name) => BORDER + name),
  );
  if (read === null) return null;
  const border = Object.fromEntries(
    BORDER_ARRAYS.map((name) => [name, read.arrays[BORDER + name]]),
  ) as unknown as Border;
  const features = border.input.length;
  requireSame(path, features, [border.position, border.states]);
  requireSame(path, 4 * features, [border.bounds]);
  requireSame(path, border.preferred.length, [border.other]);
  requireBelow(path, features, [border.preferred, border.other]);
  return { head: read.head, border };
}
