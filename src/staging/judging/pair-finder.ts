/** Finds the pairs of a tile: features whose interiors overlap, of different inputs or groups. */

import type { Value } from '../../core/columns.ts';
import type { Transform } from '../../crs/transform.ts';
import { HilbertOrder } from '../../formats/sqlite/hilbert-order.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { boxPairs } from '../../overlap/box-pairs.ts';
import { IntersectionArea } from '../../overlap/intersection-area.ts';
import type { RegionPairsBuilder } from '../../overlap/region-pairs.ts';
import { areDuplicates } from '../../overlap/rules.ts';
import type { Deduplication } from '../configuration/deduplication.ts';
import { isPreferred } from './preference.ts';
import type { RowFacts, TileRows } from './tile-rows.ts';

/** Pairs whose features are in memory at a time. */
const WINDOW = 1 << 15;

export interface Relating {
  rules: Deduplication;
  /** From the CRS of the tiles to that of distances; null: the same. */
  toDistances: Transform | null;
}

/** Rows whose boxes touch, those of neighbours after each other. */
function candidates(
  tile: TileRows,
  boxes: Float64Array,
  gone: Uint8Array | null,
  { splitBy, within }: Deduplication,
): [Uint32Array, Uint32Array] {
  const groups = new Uint32Array(tile.count);
  for (let i = 0; i < tile.count; i++) {
    groups[i] = tile.rangeOf(i);
    if (gone?.[i] === 1) boxes[4 * i] = Number.NaN;
  }
  let left = new Uint32Array(64);
  let right = new Uint32Array(64);
  let count = 0;
  boxPairs(boxes, groups, within || splitBy !== null, (i, j) => {
    if (count === left.length) {
      left = grown(left);
      right = grown(right);
    }
    left[count] = i;
    right[count++] = j;
  });
  left = left.subarray(0, count);
  right = right.subarray(0, count);
  if (count <= WINDOW) return [left, right];
  const centres = new Float32Array(4 * count);
  for (let k = 0; k < count; k++) {
    const at = 4 * left[k]!;
    // minX, maxX, minY, maxY
    for (let side = 0; side < 4; side++) {
      centres[4 * k + side] = boxes[at + SIDES[side]!]!;
    }
  }
  const order = Uint32Array.from(new HilbertOrder().sort(centres, count).subarray(0, count));
  return [order.map((k) => left[k]!), order.map((k) => right[k]!)];
}

const SIDES = [0, 2, 1, 3];

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Finds the pairs of a region's tiles, one after the other. */
export class PairFinder {
  /** The tile at hand, and its index in the region. */
  #tile: TileRows | null = null;
  #index = -1;
  readonly #relating: Relating;
  readonly #builder: RegionPairsBuilder;
  readonly #batch = new FeatureBatch();
  readonly #area = new IntersectionArea();
  /** Place of a row in what is loaded. */
  readonly #places = new Map<number, number>();
  #rows = new Uint32Array(0);
  readonly #facts: RowFacts[] = [];
  readonly #centroids = new Float64Array(4);
  readonly #bounds = new Float64Array(4);

  constructor(relating: Relating, builder: RegionPairsBuilder) {
    this.#relating = relating;
    this.#builder = builder;
  }

  /**
   * @param index - of the tile in its region
   * @param boxes - of its rows, of which those of rows that go are changed
   * @param gone - rows that go by themselves: they are in no pair
   */
  find(tile: TileRows, index: number, boxes: Float64Array, gone: Uint8Array | null): void {
    this.#tile = tile;
    this.#index = index;
    const [left, right] = candidates(tile, boxes, gone, this.#relating.rules);
    for (let start = 0; start < left.length; start += WINDOW) {
      this.#relate(left.subarray(start, start + WINDOW), right.subarray(start, start + WINDOW));
    }
  }

  #relate(left: Uint32Array, right: Uint32Array): void {
    this.#load(left, right);
    for (let k = 0; k < left.length; k++) {
      this.#pair(this.#places.get(left[k]!)!, this.#places.get(right[k]!)!);
    }
  }

  /** Reads rows in their order, which is the order of the file's pages. */
  #load(left: Uint32Array, right: Uint32Array): void {
    this.#batch.clear();
    this.#places.clear();
    const rows = new Uint32Array(left.length + right.length);
    rows.set(left);
    rows.set(right, left.length);
    rows.sort();
    this.#rows = rows;
    let place = 0;
    for (const row of rows) {
      if (place > 0 && rows[place - 1] === row) continue;
      rows[place] = row;
      this.#facts[place] ??= emptyFacts();
      this.#tile!.read(row, this.#facts[place]!, this.#batch);
      this.#places.set(row, place++);
    }
  }

  #pair(i: number, j: number): void {
    const { rules } = this.#relating;
    const a = this.#facts[i]!;
    const b = this.#facts[j]!;
    if (!this.#areCompared(a, b)) return;
    const shared = this.#area.of(this.#batch, i, this.#batch, j);
    if (!(shared > 0)) return;
    const distance = this.#distance(a, b);
    const first = isPreferred(a, b, rules.keepRules);
    const [preferred, other] = first ? [i, j] : [j, i];
    const overlapPreferred = shared / this.#facts[preferred]!.area;
    const overlapOther = shared / this.#facts[other]!.area;
    this.#builder.pair({
      preferred: this.#feature(preferred),
      other: this.#feature(other),
      overlapPreferred,
      overlapOther,
      distance,
      isDuplicate: areDuplicates(
        { overlapA: overlapPreferred, overlapB: overlapOther, distance },
        rules,
      ),
    });
  }

  /** Whether they are of different inputs, or of different groups where a column says these. */
  #areCompared(a: RowFacts, b: RowFacts): boolean {
    const { splitBy, within, keepRules } = this.#relating.rules;
    if (within) return true;
    if (splitBy === null) return a.input !== b.input;
    return !isSame(a.values[keepRules.length]!, b.values[keepRules.length]!);
  }

  #feature(place: number): number {
    const { input, position } = this.#facts[place]!;
    featureBounds(this.#batch, place, this.#bounds, 0);
    return this.#builder.feature(input, position, this.#bounds, this.#index, this.#rows[place]!);
  }

  #distance(a: RowFacts, b: RowFacts): number {
    const xy = this.#centroids;
    xy[0] = a.centroidX;
    xy[1] = a.centroidY;
    xy[2] = b.centroidX;
    xy[3] = b.centroidY;
    this.#relating.toDistances?.apply(xy, 0, 2);
    return Math.hypot(xy[0]! - xy[2]!, xy[1]! - xy[3]!);
  }
}

function emptyFacts(): RowFacts {
  return { input: 0, position: 0, area: 0, centroidX: 0, centroidY: 0, values: [] };
}

/** Nulls are a group of their own. */
function isSame(a: Value, b: Value): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
