/** Reads a footprint: all features of a layer, as one, and what keep rules ask of it. */

import type { Value } from '../../../core/columns.ts';
import { DropCounter, type DropReason } from '../../../core/drops.ts';
import { TilewrightError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import { openSource } from '../../../formats/open.ts';
import type { LayerInfo, VectorSource } from '../../../formats/source.ts';
import { readRow } from '../../../formats/sqlite/record.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';
import { inputName } from '../../inputs/input-name.ts';

export interface Footprint {
  path: string;
  layer: LayerInfo;
  /** In the layer's CRS. Polygons of all its features make it together. */
  batch: FeatureBatch;
  /** Of the columns that were asked for. */
  values: Value[];
}

/** Rows without geometry add nothing to a footprint. */
const NOTHING: readonly DropReason[] = ['null geometry', 'empty geometry', 'deleted row'];

/**
 * The footprint of an input in this file: its only layer, or of several the one that is called as the
 * input's.
 * @param input - name in staging
 * @param columns - whose values are asked for
 * @param batch - takes its features
 * @throws TilewrightError footprint-unusable, and the reader's own
 */
export async function readFootprint(
  path: string,
  { name, file }: { name: string; file: string },
  columns: readonly string[],
  batch = new FeatureBatch(),
): Promise<Footprint> {
  const source = await openSource(path);
  try {
    const layer = await layerOf(source, name, file);
    const indexes = columns.map((column) => columnOf(layer, column, path));
    const drops = new DropCounter();
    const notes = { rowsRead: 0, droppedM: 0 };
    const all = { start: -Infinity, end: Infinity };
    const options = { maxFeatures: Infinity, maxVertices: Infinity, drops, notes };
    for await (const filled of source.read(layer.name, all, batch, options)) {
      // With no limit, all of it is one batch.
      if (filled !== batch) throw unusable(path, 'is read in pieces');
    }
    const lost = Object.entries(drops.toJSON()).filter(
      ([reason]) => !NOTHING.includes(reason as DropReason),
    );
    if (lost.length > 0) {
      const [reason, { positions }] = lost[0]!;
      throw unusable(path, `has a feature (${positions[0]}) that can't be used: ${reason}`);
    }
    if (batch.featureCount === 0) throw unusable(path, 'is empty: it has no polygon');
    return { path, layer, batch, values: valuesOf(batch, columns, indexes, path) };
  } finally {
    await source.close();
  }
}

async function layerOf(source: VectorSource, name: string, file: string): Promise<LayerInfo> {
  const names = source.layerNames();
  const own = names.length === 1 ? names : names.filter((one) => inputName(file, one, 2) === name);
  if (own.length === 1) return source.layer(own[0]!);
  throw unusable(
    source.path,
    names.length === 0
      ? 'has no feature layer'
      : `has several layers, none of which is called as that of ${name}: ${names.join(', ')}`,
  );
}

function columnOf({ columns }: LayerInfo, name: string, path: string): number {
  const names = columns.map((column) => column.name);
  const index = names.indexOf(name);
  if (index >= 0) return index;
  throw unusable(
    path,
    `has no column ${name}, which a keep rule asks for; it has: ${names.join(', ') || 'none'}.` +
      didYouMean(name, names),
  );
}

/** Values of the features, which have to be the same in all of them. */
function valuesOf(
  batch: FeatureBatch,
  columns: readonly string[],
  indexes: readonly number[],
  path: string,
): Value[] {
  if (columns.length === 0) return [];
  const rows = Array.from({ length: batch.featureCount }, (_, i) => {
    const row = readRow(
      batch.types,
      batch.typeOffsets[i]!,
      batch.typeOffsets[i + 1]!,
      batch.body,
      batch.bodyOffsets[i]!,
    );
    return indexes.map((index) => row[index]!);
  });
  const [first] = rows as [Value[]];
  for (const [k, column] of columns.entries()) {
    if (first[k] instanceof Uint8Array) {
      throw unusable(path, `has bytes in the column ${column}, which a keep rule can't compare`);
    }
    const other = rows.find((row) => row[k] !== first[k]);
    if (other === undefined) continue;
    throw unusable(
      path,
      `has features with different ${column}, by which it is ranked: ${first[k]} and ${other[k]}. ` +
        'Give all of them the same',
    );
  }
  return first;
}

export function unusable(path: string, why: string): TilewrightError {
  return new TilewrightError('footprint-unusable', `The footprint ${path} ${why}`, { input: path });
}
