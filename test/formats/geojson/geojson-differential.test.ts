/** GeoJSON of all kinds, in blocks of all sizes, against JSON.parse. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DropCounter } from '../../../src/core/drops.ts';
import { Random } from '../../../src/core/random.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { JsonCursor } from '../../../src/formats/geojson/json-cursor.ts';
import { readFeatures } from '../../../src/formats/geojson/read-features.ts';
import { type GeoJsonLayer, surveyFile } from '../../../src/formats/geojson/survey.ts';
import type { Slice } from '../../../src/formats/source.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { type ContractRow, takeRows, WHOLE, zOf } from '../contract/contract-reading.ts';
import { type PlainFile, readPlainly } from './geojson-plain-reader.ts';
import { joinTexts, randomTexts } from './geojson-random.ts';

interface Found {
  rows: (ContractRow & { z: number[] | null })[];
  drops: DropCounter;
}

function readAll(cursor: JsonCursor, layer: GeoJsonLayer, slices: readonly Slice[]): Found {
  const found: Found = { rows: [], drops: new DropCounter() };
  const batch = new FeatureBatch();
  for (const slice of slices) {
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 7, maxVertices: 1000, drops: found.drops, notes };
    for (const filled of readFeatures(cursor, layer, slice, batch, options)) {
      const taken: Parameters<typeof takeRows>[1] = { rows: [], batches: [] };
      takeRows(filled, taken);
      for (const [i, row] of taken.rows.entries()) found.rows.push({ ...row, z: zOf(filled, i) });
    }
  }
  return found;
}

/** Names are made unique, and empty ones get one: by position they are the same. */
function compare(
  { rows, drops }: Found,
  layer: GeoJsonLayer,
  plain: PlainFile,
  what: string,
): void {
  assert.deepEqual(
    layer.keys,
    plain.columns.map(({ name }) => name.toWellFormed()),
    what,
  );
  assert.deepEqual(
    layer.columns.map(({ type }) => type),
    plain.columns.map(({ type }) => type),
    what,
  );
  assert.equal(layer.featureCount, plain.features.length, what);
  const expected = new DropCounter();
  const sound: Found['rows'] = [];
  for (const [i, { reason, polygons, z, values }] of plain.features.entries()) {
    if (reason !== null) expected.add(reason, i + 1);
    else
      sound.push({
        position: i + 1,
        polygons,
        z,
        values,
        odd: values.some((v) => typeof v === 'bigint'),
      });
  }
  assert.deepEqual(rows, sound, what);
  assert.deepEqual(drops.toJSON(), expected.toJSON(), what);
}

test('any GeoJSON gives what JSON.parse gives, wherever blocks end', (t) => {
  const path = join(temporaryFolder(t), 'a.geojson');
  let compared = 0;
  const reasons = new Set<string>();
  for (let n = 0; n < rounds(60, 600); n++) {
    const random = new Random(seedOf(100 + n));
    const texts = randomTexts(random, 1 + random.integer(40));
    const plain = readPlainly(texts);
    writeFileSync(path, joinTexts(random, texts));
    const window = new FileWindow(path, path);
    for (const blockBytes of [1, 2 + random.integer(100), 5000, 1 << 20]) {
      const what = `seed ${seedOf(100 + n)}, blocks of ${blockBytes}`;
      const cursor = (): JsonCursor => new JsonCursor(window, path, blockBytes);
      const layer = surveyFile(cursor(), 'a', window.size, false);
      compare(readAll(cursor(), layer, [WHOLE]), layer, plain, what);
      const cut = 1 + random.integer(layer.featureCount + 1);
      const slices = [
        { start: 1, end: cut },
        { start: cut, end: layer.featureCount + 1 },
      ];
      compare(readAll(cursor(), layer, slices), layer, plain, `${what}, cut at ${cut}`);
    }
    compared += plain.features.length;
    for (const { reason } of plain.features) reasons.add(String(reason));
    window.close();
  }
  assert.ok(compared > 500, `${compared} features`);
  assert.equal(reasons.size, 8, [...reasons].join());
});
