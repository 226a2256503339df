import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import type { Slice } from '../../../src/formats/source.ts';
import type { Bounds } from '../../../src/tms/tile-matrix.ts';
import { polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { boxBlob, create } from './geopackage-fixture.ts';

const hex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;

function extentsOf(path: string, slices: readonly Slice[], layer = 'l'): (Bounds | null)[] {
  const source = openGeoPackage(path);
  try {
    return source.extents(layer, slices);
  } finally {
    source.close();
  }
}

/** A blob that ends with its envelope. @param kind - of the envelope, with `doubles` numbers */
function envelope(kind: number, doubles: number, little: boolean, flags = 0): Buffer {
  const blob = Buffer.alloc(8 + 8 * doubles);
  blob.set([0x47, 0x50, 0, (kind << 1) | (little ? 1 : 0) | flags]);
  for (const [i, value] of [1, 3, 2, 4, 9, 9, 9, 9].slice(0, doubles).entries()) {
    if (little) blob.writeDoubleLE(value, 8 + 8 * i);
    else blob.writeDoubleBE(value, 8 + 8 * i);
  }
  return blob;
}

test('a row’s box is its envelope, of either byte order and with any dimensions', (t) => {
  const square = polygonWkb([
    [
      [1, 2],
      [3, 2],
      [3, 4],
      [1, 2],
    ],
  ]);
  const bare = Buffer.concat([Buffer.from([0x47, 0x50, 0, 1, 0, 0, 0, 0]), square]);
  const sound = [
    envelope(1, 4, true),
    envelope(1, 4, false),
    envelope(2, 6, true),
    envelope(3, 6, false),
    envelope(4, 8, true),
    bare,
  ];
  const none = [
    envelope(1, 4, true, 0x10),
    envelope(1, 4, true, 0x20),
    envelope(5, 8, true),
    envelope(1, 3, true),
    bare.subarray(0, 12),
    Buffer.from('GP'),
    Buffer.alloc(0),
    Buffer.from('no blob of a geometry at all, by its first bytes'),
  ];
  const rows = [...sound, ...none].map((blob, i) => `(${i + 1}, 'text ${i}', ${hex(blob)})`);
  rows.push(`(50, 'null', null)`, `(51, 'text', 'GP')`, `(52, 'number', 3.5)`);
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, name text, geom blob); insert into l values ${rows.join(', ')};`,
    [['l']],
  );
  const one = (i: number): Slice => ({ start: i, end: i + 1 });
  assert.deepEqual(
    extentsOf(
      path,
      sound.map((_, i) => one(i + 1)),
    ),
    sound.map(() => [1, 2, 3, 4]),
  );
  const others = [...none.map((_, i) => one(sound.length + 1 + i)), one(40), one(50), one(51)];
  assert.deepEqual(
    extentsOf(path, [...others, one(52)]),
    [...others, 52].map(() => null),
  );
});

test('of long rows no more is read than the page that they begin on', (t) => {
  const count = 400;
  const vertices = Array.from({ length: 3000 }, (_, k) => [k % 7, k % 11]);
  const ring = polygonWkb([[...vertices, vertices[0]!]]);
  const long = (i: number): string =>
    hex(Buffer.concat([boxBlob(i, i, i + 1, i + 1).subarray(0, 40), ring]));
  const rows = Array.from({ length: count }, (_, i) => `(${3 * i}, ${long(i)}, 'after')`);
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, geom blob, name text); insert into l values ${rows.join(', ')};`,
    [['l']],
  );
  const slices = Array.from({ length: 10 }, (_, i) => ({ start: 120 * i, end: 120 * i + 120 }));
  const extents = extentsOf(path, slices);
  for (const [i, extent] of extents.entries()) {
    const [minX, minY, maxX, maxY] = extent!;
    assert.ok(minX <= 40 * i && maxX >= 40 * i + 40, `${extent}`);
    assert.ok(minX >= 40 * i - 6 && maxX <= 40 * i + 46 && minY === minX && maxY === maxX);
  }
});

test('nothing is told of rows that only SQL gives', (t) => {
  const folder = temporaryFolder(t);
  const path = create(
    join(folder, 'a.gpkg'),
    `create table l (fid integer primary key, geom blob); insert into l values (1, ${hex(boxBlob(1, 2, 3, 4))});
     create view v as select * from l;`,
    [['l'], ['v']],
  );
  const slices = [{ start: 1, end: 2 }];
  assert.deepEqual(extentsOf(path, slices), [[1, 2, 3, 4]]);
  assert.deepEqual(extentsOf(path, slices, 'v'), [null]);
  assert.throws(() => extentsOf(path, slices, 'x'), { code: 'input-layer' });
  const logged = join(folder, 'b.gpkg');
  copyFileSync(path, logged);
  writeFileSync(`${logged}-journal`, Buffer.alloc(512));
  assert.deepEqual(extentsOf(logged, slices), [null]);
});

test('of damaged pages come boxes, or errors with names', (t) => {
  const folder = temporaryFolder(t);
  const rows = Array.from(
    { length: 3000 },
    (_, i) => `(${i}, ${hex(boxBlob(i, i, i + 1, i + 1))})`,
  );
  const path = create(
    join(folder, 'a.gpkg'),
    `create table l (fid integer primary key, geom blob); insert into l values ${rows.join(', ')};`,
    [['l']],
  );
  const sound = readFileSync(path);
  const source = openGeoPackage(path);
  const known = source.layers();
  const slices = source.slices('l', 50_000);
  source.close();
  assert.ok(slices.length > 5);
  const random = new Random(3);
  let [told, refused] = [0, 0];
  for (let n = 0; n < 150; n++) {
    const bytes = Buffer.from(sound);
    for (let k = random.integer(3); k >= 0; k--) {
      // After the tables of a GeoPackage, and often where a page begins.
      const at = 40_000 + random.integer(bytes.length - 40_000);
      bytes[random.integer(2) === 0 ? at : at - (at % 4096) + random.integer(12)] =
        random.integer(256);
    }
    writeFileSync(path, bytes);
    const damaged = openGeoPackage(path, { known });
    try {
      for (const extent of damaged.extents('l', slices)) {
        assert.ok(extent === null || extent.every(Number.isFinite));
      }
      told++;
    } catch (error) {
      assert.ok(error instanceof TilewrightError, (error as Error).stack);
      assert.match(error.code, /^input-/);
      refused++;
    } finally {
      damaged.close();
    }
  }
  assert.ok(told > 10 && refused > 10, `${told} told, ${refused} refused`);
});
