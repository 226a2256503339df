/** Reads all layers of an input, and asserts what holds of any. */

import assert from 'node:assert/strict';
import { DropCounter } from '../../../src/core/drops.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import type { Random } from '../../../src/core/random.ts';
import { openSource } from '../../../src/formats/open.ts';
import type { LayerInfo, Slice, VectorSource } from '../../../src/formats/source.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { type Contents, takeRows, WHOLE } from '../contract/contract-reading.ts';

export interface FoundLayer extends Contents {
  info: LayerInfo;
  columns: string[];
}

/** Layers that can be read, by their names. @throws TilewrightError if none can */
export async function readInput(path: string, random: Random): Promise<Map<string, FoundLayer>> {
  const source = await openSource(path);
  try {
    const found = new Map<string, FoundLayer>();
    let refusal: unknown = null;
    for (const name of source.layerNames()) {
      try {
        found.set(name, await readLayer(source, name, random));
      } catch (error) {
        if (!(error instanceof TilewrightError) || error.code === 'internal') throw error;
        assert.equal(error.input, path);
        refusal = error;
      }
    }
    if (found.size === 0 && refusal !== null) throw refusal;
    return found;
  } catch (error) {
    if (error instanceof TilewrightError) assert.equal(error.input, path, error.message);
    throw error;
  } finally {
    await source.close();
  }
}

/** One for all: it begins with megabytes. */
const BATCH = new FeatureBatch();

async function readSlices(
  source: VectorSource,
  name: string,
  slices: readonly Slice[],
): Promise<Contents> {
  const contents: Contents = { rows: [], drops: {}, rowsRead: 0, batches: [] };
  const drops = new DropCounter();
  for (const slice of slices) {
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 50, maxVertices: 100_000, drops, notes };
    BATCH.clear();
    for await (const batch of source.read(name, slice, BATCH, options)) takeRows(batch, contents);
    contents.rowsRead += notes.rowsRead;
  }
  contents.drops = drops.toJSON();
  return contents;
}

async function readLayer(source: VectorSource, name: string, random: Random): Promise<FoundLayer> {
  const info = await source.layer(name);
  const contents = await readSlices(source, name, [WHOLE]);
  const { rows, rowsRead, drops } = contents;
  const dropped = Object.values(drops).reduce((sum, { count }) => sum + count, 0);
  assert.equal(rows.length + dropped, rowsRead, 'every row is accounted for');
  const isSorted = rows.every(({ position }, i) => i === 0 || position > rows[i - 1]!.position);
  assert.ok(isSorted, 'rows are in order');
  for (const { values } of rows) assert.equal(values.length, info.columns.length);
  if (random.integer(3) === 0) {
    const slices = await source.slices(name, 1 + random.integer(4_000));
    const parts = await readSlices(source, name, slices);
    assert.deepEqual(parts.rows, rows, 'slices give the same');
    assert.equal(parts.rowsRead, rowsRead);
    assert.deepEqual(parts.drops, drops);
    await source.extents?.(name, slices);
  }
  return { ...contents, info, columns: info.columns.map(({ name }) => name) };
}
