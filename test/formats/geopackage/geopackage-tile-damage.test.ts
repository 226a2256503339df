/** Staged GeoPackages that are forged rather than damaged: what is in them is refused, and soon. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { EncodedRow } from '../../../src/formats/encoded-row.ts';
import { geoPackageTiles } from '../../../src/formats/geopackage/staged.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../../src/geometry/kind.ts';
import { polygonWkb } from '../../staging/support.ts';
import { temporaryFolder } from '../sqlite/sqlite-fixture.ts';

const SQUARE = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
  [0, 0],
];
/** Serial types of the values of the one row: a double, and texts of 7 and of 3 bytes. */
const TYPES = [7, 13 + 2 * 7, 13 + 2 * 3];

function writeTile(path: string): void {
  const output = OutputFile.create(path);
  const writer = geoPackageTiles.create(output, {
    name: '895',
    columns: [
      { name: 'a', type: 'real' },
      { name: 'b', type: 'text' },
      { name: 'c', type: 'text' },
    ],
    crs: resolveCrs({ authority: 'EPSG', code: '4326' }),
    geometry: GEOMETRY_POLYGON | GEOMETRY_XY,
  });
  const values = new RowWriter();
  values.double(0.5);
  values.text('in.gpkg');
  values.text('id0');
  const wkb = polygonWkb([SQUARE]);
  const row = Object.assign(new EncodedRow(), { geometry: wkb, geometryEnd: wkb.length });
  writer.add(row, values);
  writer.finish();
  output.close();
}

function readAll(path: string): number {
  const file = geoPackageTiles.open(path);
  try {
    let rows = 0;
    for (const cursor = file.rows(); cursor.next(); ) rows++;
    assert.equal(file.row(1) === null, rows === 0);
    return rows;
  } finally {
    file.close();
  }
}

test('values that do not fill their row are not read', (t) => {
  const path = join(temporaryFolder(t), '895.gpkg');
  writeTile(path);
  assert.equal(readAll(path), 1);
  const whole = readFileSync(path);
  const at = whole.indexOf(Uint8Array.from(TYPES));
  const lengths = (types: number[]): number =>
    types.reduce(
      (sum, type) =>
        sum + (type >= 12 ? (type - 12) >> 1 : [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type]!),
      0,
    );
  let filled = 0;
  for (let place = 0; place < TYPES.length; place++) {
    for (let type = 0; type < 128; type++) {
      const types = TYPES.with(place, type);
      const bytes = Uint8Array.from(whole);
      bytes.set(types, at);
      writeFileSync(path, bytes);
      if (lengths(types) === lengths(TYPES)) {
        filled++;
        assert.equal(readAll(path), 1, `${types}`);
      } else assert.throws(() => readAll(path), { code: 'staged-folder' }, `${types}`);
    }
  }
  // Each of the three as it was, and a text or a double as something else of that length.
  assert.ok(filled >= 6);
});

test('a schema of a million quotes is refused at once', { timeout: 20_000 }, (t) => {
  const path = join(temporaryFolder(t), '895.gpkg');
  writeTile(path);
  const db = new DatabaseSync(path, { defensive: false } as object);
  db.exec('pragma writable_schema = on');
  const forge = db.prepare("update sqlite_schema set sql = ? where name = '895'");
  forge.run(`CREATE TABLE "895" (${'"'.repeat(1_000_001)}`);
  db.close();
  assert.throws(() => readAll(path), { code: 'staged-folder' });
});
