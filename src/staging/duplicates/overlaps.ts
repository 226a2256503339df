/** The pairs of a judged folder: those of all regions, each once, in an order that follows from the inputs. */

import { clustersOf } from '../../overlap/clusters.ts';
import { judge } from '../../overlap/verdict.ts';
import type { TileMatrix } from '../../tms/tile-matrix.ts';
import { type RegionHead, readRegion } from '../judging/region-file.ts';
import { type Cell, holds, TileRanges } from '../judging/regions.ts';

export interface Overlaps {
  /** Features that overlap others, by input, then position. */
  features: OverlapFeatures;
  /** By cluster, those of none last, then by the preferred feature, then the other. */
  pairs: {
    preferred: Uint32Array;
    other: Uint32Array;
    /** Overlap of the preferred, of the other, and the distance of each. */
    measures: Float64Array;
    isDuplicate: Uint8Array;
    /** 0 where the two are not in one cluster. */
    cluster: Uint32Array;
  };
  clusters: number;
  /** Rows that go by themselves, with their place in GONE_REASONS. */
  alone: { x: Uint32Array; y: Uint32Array; row: Uint32Array; reason: Uint8Array };
}

interface OverlapFeatures {
  /** Index in the inputs that were given. */
  input: Uint32Array;
  position: Float64Array;
  /** A tile that has it, and its row there, from 0. */
  x: Uint32Array;
  y: Uint32Array;
  row: Uint32Array;
  /** STAYS or GOES. */
  states: Uint8Array;
  /** From 1; 0 for one without duplicates. */
  cluster: Uint32Array;
}

type Region = ReturnType<typeof readRegion> & {
  /** Of each of its inputs the index among all, and of each of its features the number among all. */
  inputs: number[];
  ids: Uint32Array;
};

/**
 * @param names - of the regions
 * @param inputs - names of all inputs, in order
 * @throws TilewrightError staged-folder for a region's file that is gone or damaged
 */
export function readOverlaps(
  folder: string,
  names: readonly string[],
  inputs: readonly string[],
  matrix: TileMatrix,
): Overlaps {
  const places = new Map(inputs.map((name, place) => [name, place]));
  const numbers = new FeatureNumbers(new TileRanges(matrix));
  const regions = names.map((name): Region => {
    const region = readRegion(folder, name);
    const own = region.head.inputs.map((input) => places.get(input)!);
    return { ...region, inputs: own, ids: numbers.of(cellOf(name), region.pairs, own) };
  });
  const features = featuresOf(regions, numbers.count);
  const all = joined(regions);
  all.preferred = all.preferred.map((id) => features.ranks[id]!);
  all.other = all.other.map((id) => features.ranks[id]!);
  const isDuplicate = (_: number, k: number): boolean => all.isDuplicate[k] === 1;
  const edges = {
    preferred: all.preferred.filter(isDuplicate),
    other: all.other.filter(isDuplicate),
  };
  const states = new Uint8Array(numbers.count);
  judge(edges, states, new Uint8Array(numbers.count).fill(1));
  const cluster = clustersOf(numbers.count, edges);
  return {
    features: { ...features.arrays, states, cluster },
    pairs: inOrder(all, cluster),
    clusters: cluster.reduce((most, each) => Math.max(most, each), 0),
    alone: aloneOf(regions),
  };
}

/** Numbers features over all regions: one that reaches out of its region may be in others too. */
class FeatureNumbers {
  count = 0;
  readonly #ranges: TileRanges;
  readonly #reaching = new Map<string, number>();

  constructor(ranges: TileRanges) {
    this.#ranges = ranges;
  }

  of(cell: Cell, { input, position, bounds }: Region['pairs'], inputs: number[]): Uint32Array {
    return input.map((local, i) => {
      if (holds(cell, this.#ranges.of(bounds, 4 * i))) return this.count++;
      const key = `${inputs[local]} ${position[i]}`;
      const known = this.#reaching.get(key);
      if (known !== undefined) return known;
      this.#reaching.set(key, this.count);
      return this.count++;
    });
  }
}

function cellOf(name: string): Cell {
  const [level, x, y] = name.split('-').map(Number);
  return { level: level!, x: x!, y: y! };
}

/** In order, with the rank of each feature by its number. */
function featuresOf(regions: readonly Region[], count: number) {
  const input = new Uint32Array(count);
  const position = new Float64Array(count);
  for (const { pairs, inputs, ids } of regions) {
    for (const [i, id] of ids.entries()) {
      input[id] = inputs[pairs.input[i]!]!;
      position[id] = pairs.position[i]!;
    }
  }
  const order = new Uint32Array(count).map((_, i) => i);
  order.sort((a, b) => input[a]! - input[b]! || position[a]! - position[b]!);
  const ranks = new Uint32Array(count);
  for (const [rank, id] of order.entries()) ranks[id] = rank;
  const [x, y, row] = [0, 0, 0].map(() => new Uint32Array(count)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (const { head, pairs, ids } of regions) {
    for (const [i, id] of ids.entries()) {
      const at = ranks[id]!;
      [x[at], y[at]] = tileOf(head, pairs.tile[i]!);
      row[at] = pairs.row[i]!;
    }
  }
  const arrays = {
    input: order.map((id) => input[id]!),
    position: Float64Array.from(order, (id) => position[id]!),
  };
  return { ranks, arrays: { ...arrays, x, y, row } };
}

function tileOf({ tiles }: RegionHead, index: number): [x: number, y: number] {
  return tiles[index] ?? [0, 0];
}

/** The pairs of all regions, by numbers of features. */
function joined(regions: readonly Region[]) {
  const count = regions.reduce((sum, { pairs }) => sum + pairs.preferred.length, 0);
  const all = {
    preferred: new Uint32Array(count),
    other: new Uint32Array(count),
    measures: new Float64Array(3 * count),
    isDuplicate: new Uint8Array(count),
  };
  let at = 0;
  for (const { pairs, ids } of regions) {
    for (let k = 0; k < pairs.preferred.length; k++) {
      all.preferred[at + k] = ids[pairs.preferred[k]!]!;
      all.other[at + k] = ids[pairs.other[k]!]!;
    }
    all.measures.set(pairs.measures, 3 * at);
    all.isDuplicate.set(pairs.isDuplicate, at);
    at += pairs.preferred.length;
  }
  return all;
}

function inOrder(all: ReturnType<typeof joined>, clusters: Uint32Array): Overlaps['pairs'] {
  const { preferred, other, measures, isDuplicate } = all;
  const cluster = preferred.map((a, k) => (clusters[a] === clusters[other[k]!] ? clusters[a]! : 0));
  const order = preferred.map((_, k) => k);
  order.sort(
    (k, l) =>
      // 0 comes last: it is the largest of 2^32 numbers then.
      ((cluster[k]! - 1) >>> 0) - ((cluster[l]! - 1) >>> 0) ||
      preferred[k]! - preferred[l]! ||
      other[k]! - other[l]!,
  );
  // Regions that share a tile's edge may have found the same pair.
  const once = order.filter((k, place) => {
    const before = order[place - 1];
    return before === undefined || preferred[k] !== preferred[before] || other[k] !== other[before];
  });
  return {
    preferred: once.map((k) => preferred[k]!),
    other: once.map((k) => other[k]!),
    measures: Float64Array.from({ length: 3 * once.length }, (_, i) => {
      return measures[3 * once[Math.floor(i / 3)]! + (i % 3)]!;
    }),
    isDuplicate: Uint8Array.from(once, (k) => isDuplicate[k]!),
    cluster: once.map((k) => cluster[k]!),
  };
}

function aloneOf(regions: readonly Region[]): Overlaps['alone'] {
  const rows = regions.flatMap(({ head, pairs }) =>
    Array.from(pairs.aloneTile, (tile, k) => {
      const [x, y] = tileOf(head, tile);
      return { x, y, row: pairs.aloneRow[k]!, reason: pairs.aloneReason[k]! };
    }),
  );
  rows.sort((a, b) => a.y - b.y || a.x - b.x || a.row - b.row);
  return {
    x: Uint32Array.from(rows, ({ x }) => x),
    y: Uint32Array.from(rows, ({ y }) => y),
    row: Uint32Array.from(rows, ({ row }) => row),
    reason: Uint8Array.from(rows, ({ reason }) => reason),
  };
}
