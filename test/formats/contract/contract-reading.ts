/** Reads inputs into plain objects, for the contract of input formats. */

import type { Value } from '../../../src/core/columns.ts';
import { DropCounter, type DropJson } from '../../../src/core/drops.ts';
import { openSource } from '../../../src/formats/open.ts';
import type { LayerInfo, OpenOptions, Slice, VectorSource } from '../../../src/formats/source.ts';
import { readRow } from '../../../src/formats/sqlite/record.ts';
import { FeatureBatch, HAS_Z, ODD_VALUES } from '../../../src/geometry/batch.ts';
import type { Described } from './contract-inputs.ts';

export const WHOLE: Slice = { start: -Infinity, end: Infinity };

export interface ContractRow {
  position: number;
  /** Polygons of rings as `canonical` has them. */
  polygons: string[][];
  values: Value[];
  odd: boolean;
}

export interface Limits {
  maxFeatures: number;
  maxVertices: number;
}

export interface Contents {
  rows: ContractRow[];
  drops: DropJson;
  rowsRead: number;
  /** Features and vertices of each batch, and the vertices of its last feature. */
  batches: { features: number; vertices: number; last: number }[];
}

/** A ring from its least vertex on, counterclockwise: where one begins and goes is the format's. */
export function canonical(ring: readonly (readonly number[])[]): string {
  const open = ring.slice(0, -1).map(([x, y]) => [x!, y!] as const);
  let area = 0;
  for (const [i, [x, y]] of open.entries()) {
    const [nextX, nextY] = open[(i + 1) % open.length]!;
    area += x * nextY - nextX * y;
  }
  const around = area < 0 ? open.toReversed() : open;
  const texts = around.map(([x, y]) => `${x} ${y}`);
  const least = texts.indexOf(texts.toSorted()[0]!);
  return [...texts.slice(least), ...texts.slice(0, least)].join(', ');
}

/** What reading an input must give, from its description alone. */
export function expected({ features }: Described): Pick<Contents, 'rows' | 'drops' | 'rowsRead'> {
  const rows: ContractRow[] = [];
  const drops = new DropCounter();
  for (const [i, { shape, values }] of features.entries()) {
    if (typeof shape === 'string') drops.add(shape, i + 1);
    else {
      const polygons = shape.map((rings) => rings.map(canonical));
      rows.push({ position: i + 1, polygons, values, odd: false });
    }
  }
  return { rows, drops: drops.toJSON(), rowsRead: features.length };
}

export async function withSource<T>(
  path: string,
  work: (source: VectorSource, layer: LayerInfo) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  const source = await openSource(path, options);
  try {
    return await work(source, await source.layer(source.layerNames()[0]!));
  } finally {
    await source.close();
  }
}

/**
 * Reads slices one after the other, as tasks do: each with counts of its own.
 * @param look - at each batch
 */
export async function readSlices(
  source: VectorSource,
  slices: readonly Slice[] = [WHOLE],
  limits: Limits = { maxFeatures: 100, maxVertices: 1_000_000 },
  look?: (batch: FeatureBatch) => void,
  name = source.layerNames()[0]!,
): Promise<Contents> {
  const contents: Contents = { rows: [], drops: {}, rowsRead: 0, batches: [] };
  const all = new DropCounter();
  const batch = new FeatureBatch();
  for (const slice of slices) {
    const drops = new DropCounter();
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { ...limits, drops, notes };
    for await (const filled of source.read(name, slice, batch, options)) {
      takeRows(filled, contents);
      look?.(filled);
    }
    all.merge(drops.toJSON());
    contents.rowsRead += notes.rowsRead;
  }
  contents.drops = all.toJSON();
  return contents;
}

export function takeRows(
  batch: FeatureBatch,
  { rows, batches }: Pick<Contents, 'rows' | 'batches'>,
) {
  const { featureCount: features, vertexCount: vertices } = batch;
  let last = 0;
  for (let i = 0; i < features; i++) {
    const polygons: string[][] = [];
    last = 0;
    for (let p = batch.featureOffsets[i]!; p < batch.featureOffsets[i + 1]!; p++) {
      const rings: string[] = [];
      for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
        const [start, end] = [batch.ringOffsets[r]!, batch.ringOffsets[r + 1]!];
        last += end - start;
        const ring = Array.from({ length: end - start }, (_, v) => [
          batch.xy[2 * (start + v)]!,
          batch.xy[2 * (start + v) + 1]!,
        ]);
        rings.push(canonical(ring));
      }
      polygons.push(rings);
    }
    const values = readRow(
      batch.types,
      batch.typeOffsets[i]!,
      batch.typeOffsets[i + 1]!,
      batch.body,
      batch.bodyOffsets[i]!,
    );
    const odd = (batch.flags[i]! & ODD_VALUES) !== 0;
    rows.push({ position: batch.positions[i]!, polygons, values, odd });
  }
  batches.push({ features, vertices, last });
}

/** The heights of all vertices of a feature, in the order of the batch; null for one without. */
export function zOf(batch: FeatureBatch, i: number): number[] | null {
  if ((batch.flags[i]! & HAS_Z) === 0) return null;
  const ring = (feature: number): number => batch.polygonOffsets[batch.featureOffsets[feature]!]!;
  return [...batch.z.subarray(batch.ringOffsets[ring(i)]!, batch.ringOffsets[ring(i + 1)]!)];
}
