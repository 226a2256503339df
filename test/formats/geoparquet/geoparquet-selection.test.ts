/** What is left out for a selection, by statistics of row groups and pages, is what is not selected. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { DuckDBDateValue } from '@duckdb/node-api';
import { DropCounter } from '../../../src/core/drops.ts';
import { Random } from '../../../src/core/random.ts';
import { openSource } from '../../../src/formats/open.ts';
import type { ReadSelection } from '../../../src/formats/selection/read-selection.ts';
import { whereOf } from '../../../src/formats/selection/where.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { featureBounds } from '../../../src/geometry/measure.ts';
import type { Bounds } from '../../../src/tms/tile-matrix.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import { duckdb } from './parquet-duckdb.ts';

const ROWS = 20_000;
const GEO = JSON.stringify({
  ...{ version: '1.1.0', primary_column: 'geometry' },
  columns: {
    geometry: {
      ...{ encoding: 'WKB', geometry_types: ['Polygon'], crs: null },
      covering: {
        bbox: Object.fromEntries(['xmin', 'ymin', 'xmax', 'ymax'].map((s) => [s, ['bbox', s]])),
      },
    },
  },
});

/** Squares of side 1, from west to east. */
async function writeSquares(path: string, random: Random): Promise<void> {
  await duckdb.run(
    'CREATE OR REPLACE TABLE squares (geometry BLOB, n INTEGER, day DATE, name VARCHAR, x DOUBLE, y DOUBLE)',
  );
  const appender = await duckdb.createAppender('squares');
  for (let n = 0; n < ROWS; n++) {
    const [x, y] = [n / 100 + random.next(), random.next() * 50];
    appender.appendBlob(polygonWkb([square(x, y, 1)]));
    appender.appendInteger(n - (n % 7));
    appender.appendDate(new DuckDBDateValue(15_000 + Math.floor(n / 50)));
    appender.appendVarchar(`name ${String(n).padStart(6, '0')}`);
    appender.appendDouble(x);
    appender.appendDouble(y);
    appender.endRow();
  }
  appender.closeSync();
  const type = random.integer(2) === 0 ? 'FLOAT' : 'DOUBLE';
  const [sides, types] = [
    "{'xmin': x, 'ymin': y, 'xmax': x + 1, 'ymax': y + 1}",
    `STRUCT(xmin ${type}, ymin ${type}, xmax ${type}, ymax ${type})`,
  ];
  await duckdb.run(
    `COPY (SELECT geometry, n, CAST(${sides} AS ${types}) AS bbox, day, name FROM squares)
     TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, KV_METADATA {geo: '${GEO}'})`,
  );
}

/** Positions that are read, and how many rows were. */
async function positionsOf(path: string, selection: ReadSelection | null, bbox: Bounds | null) {
  const source = await openSource(path);
  const notes = { rowsRead: 0, droppedM: 0 };
  const drops = new DropCounter();
  const limits = { maxFeatures: 500, maxVertices: 1e6 };
  const options = { ...limits, notes, drops, selection };
  const [layer] = source.layerNames() as [string];
  const positions: number[] = [];
  const box = new Float64Array(4);
  const whole = { start: -Infinity, end: Infinity };
  for await (const batch of source.read(layer, whole, new FeatureBatch(), options)) {
    for (let i = 0; i < batch.featureCount; i++) {
      featureBounds(batch, i, box, 0);
      const [minX, minY, maxX, maxY] = box as unknown as Bounds;
      const isNear =
        bbox === null || (minX <= bbox[2] && maxX >= bbox[0] && minY <= bbox[3] && maxY >= bbox[1]);
      if (isNear) positions.push(batch.positions[i]!);
    }
  }
  await source.close();
  return { positions, rowsRead: notes.rowsRead };
}

const WHERE = [
  'n = 700',
  'n > 19000',
  'n IN (7, 14, 15000)',
  "n >= 5000 AND n < 5100 AND name < 'name 005050'",
  'n < 100 OR n > 19900',
  'NOT n < 19900',
  "name = 'name 012345'",
  "name > 'name 0199'",
  "day = '2011-05-01'",
  "day < '2011-02-01' OR day IS NULL",
  'n = 3',
];

suite('selection from a GeoParquet file', () => {
  for (let k = 0; k < rounds(2, 20); k++) {
    test(`seed ${seedOf(k)}`, async (t) => {
      const random = new Random(seedOf(k));
      const path = join(temporaryFolder(t), 'a.parquet');
      await writeSquares(path, random);
      const all = await positionsOf(path, null, null);
      assert.deepEqual([all.positions.length, all.rowsRead], [ROWS, ROWS]);
      for (let n = 0; n < 10; n++) {
        const [x, y] = [random.next() * 210 - 5, random.next() * 60 - 5];
        const bbox: Bounds = [x, y, x + random.next() * 20, y + random.next() * 20];
        const near = await positionsOf(path, { bbox, where: null, columns: null }, bbox);
        assert.deepEqual(near.positions, (await positionsOf(path, null, bbox)).positions);
        assert.ok(near.rowsRead < ROWS / 2, `${near.rowsRead} rows read`);
      }
      const source = await openSource(path);
      const layer = await source.layer(source.layerNames()[0]!);
      await source.close();
      for (const text of WHERE) {
        const where = whereOf(text, layer, path);
        const columns = where.columns;
        const found = await positionsOf(path, { bbox: null, where, columns }, null);
        const wanted = await duckdb.runAndReadAll(
          `SELECT file_row_number + 1 FROM read_parquet('${path}', file_row_number = true) WHERE ${text}`,
        );
        assert.deepEqual(
          found.positions,
          wanted.getRows().map(([n]) => Number(n)),
          text,
        );
        assert.equal(found.rowsRead, found.positions.length, text);
      }
    });
  }
});
