/** FlatGeobufs of few features as a test reads them. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DropCounter } from '../../../src/core/drops.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { FlatGeobufSource } from '../../../src/formats/flatgeobuf/source.ts';
import type { ReadSelection } from '../../../src/formats/selection/read-selection.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { type ContractRow, takeRows, WHOLE } from '../contract/contract-reading.ts';
import {
  type FgbFeature,
  type FgbFile,
  fgbBytes,
  POLYGON,
  polygonTable,
} from './flatgeobuf-fixture.ts';

type Context = Parameters<typeof temporaryFolder>[0];

export const ring = (x: number, y: number, ...z: number[]): number[][] =>
  [
    [x, y],
    [x, y + 1],
    [x + 1, y + 1],
    [x, y],
  ].map((vertex) => [...vertex, ...z]);
export const at = (x: number, y = 0): FgbFeature => ({
  geometry: polygonTable([ring(x, y)], POLYGON),
  box: [x, y, x + 1, y + 1],
});
export const ROW = '"0 0, 1 1, 0 1"';

export function opened(t: Context, file: FgbFile | Uint8Array): FlatGeobufSource {
  const path = join(temporaryFolder(t), 'a.fgb');
  writeFileSync(path, file instanceof Uint8Array ? file : fgbBytes(file));
  const source = new FlatGeobufSource(path);
  t.after(() => source.close());
  return source;
}

interface Read {
  rows: ContractRow[];
  flags: number[];
  drops: Record<string, number[]>;
  rowsRead: number;
  droppedM: number;
}

export function read(
  source: FlatGeobufSource,
  slice = WHOLE,
  selection?: Partial<ReadSelection>,
): Read {
  const drops = new DropCounter();
  const notes = { rowsRead: 0, droppedM: 0 };
  const batch = new FeatureBatch();
  const rows: ContractRow[] = [];
  const flags: number[] = [];
  const options = { maxFeatures: 10, maxVertices: 1e6, drops, notes };
  const asked = selection && { bbox: null, where: null, columns: null, ...selection };
  for (const filled of source.read(source.layerNames()[0]!, slice, batch, {
    ...options,
    ...(asked && { selection: asked }),
  })) {
    takeRows(filled, { rows, batches: [] });
    flags.push(...filled.flags.subarray(0, filled.featureCount));
  }
  const reasons = Object.entries(drops.toJSON()).map(([reason, { positions }]) => [
    reason,
    positions,
  ]);
  return { rows, flags, drops: Object.fromEntries(reasons), ...notes };
}

export function refused(work: () => unknown, code: string, message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof TilewrightError, (error as Error).stack);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  });
}
