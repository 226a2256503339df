/** Layers in slices and in turns. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import { BOX, boxBlob, collect, create, readBoth, readLayer } from './geopackage-fixture.ts';

test('any slices give the features of the whole, in its order', (t) => {
  const folder = temporaryFolder(t);
  const random = new Random(33);
  const kinds: Record<string, number[]> = {
    dense: Array.from({ length: 700 }, (_, i) => i + 1),
    sparse: Array.from({ length: 500 }, (_, i) => 1 + i ** 4),
    negative: Array.from({ length: 300 }, (_, i) => 3 * i - 450),
    clusters: Array.from({ length: 600 }, (_, i) => (i % 3) * 1e12 + i),
    edges: [1 - 2 ** 53, -(2 ** 40), -1, 0, 1, 5, 2 ** 40, 2 ** 53 - 2, 2 ** 53 - 1],
    single: [77],
    largest: [2 ** 53 - 1],
  };
  for (const [kind, ids] of Object.entries(kinds)) {
    const path = join(folder, `${kind}.gpkg`);
    create(path, 'create table l (fid integer primary key, geom, a text)', [['l']]);
    withDatabase(path, (db) => {
      const insert = db.prepare('insert into l values (?, ?, ?)');
      db.exec('begin');
      for (const id of ids) {
        insert.run(
          BigInt(id),
          id % 7 === 3 ? null : boxBlob(0, 0, 1, id),
          'x'.repeat((id % 9) & 7),
        );
      }
      db.exec('commit');
    });
    const whole = readBoth(path);
    assert.equal(whole.rowsRead, ids.length);
    const source = openGeoPackage(path);
    const { bytes } = source.layers()[0]!;
    for (const wanted of [1, 2, 3, 7, 50, 1000]) {
      const slices = source.slices('l', bytes / wanted);
      assert.ok(slices.length <= wanted + 1 && slices.length >= 1);
      for (let i = 1; i < slices.length; i++) assert.equal(slices[i]!.start, slices[i - 1]!.end);
      const parts = slices.map((slice) =>
        readLayer(source, 'l', slice, { maxFeatures: 1 + random.integer(90) }),
      );
      assert.deepEqual(
        parts.flatMap((part) => part.features),
        whole.features,
      );
      assert.equal(
        parts.reduce((sum, part) => sum + part.rowsRead, 0),
        whole.rowsRead,
      );
    }
    source.close();
  }
});

test('an empty layer has no slices and no rows', (t) => {
  const path = create(join(temporaryFolder(t), 'a.gpkg'), 'create table l (geom, a)', [['l']]);
  const source = openGeoPackage(path);
  assert.deepEqual(source.slices('l', 1000), []);
  assert.equal(readBoth(path).rowsRead, 0);
  source.close();
});

test('two layers of one source can be read in turns', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    ['l', 'm']
      .map(
        (name) => `create table ${name} (fid integer primary key, geom, a blob);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 1800)
        insert into ${name} select i, ${BOX}, zeroblob(case i % 10 when 0 then 60000 else 9 end)
          from n;`,
      )
      .join(''),
    [['l'], ['m']],
  );
  const source = openGeoPackage(path);
  const limits = { maxFeatures: 600 };
  const alone = ['l', 'm'].map((layer) => readLayer(source, layer, undefined, limits).features);
  // While a batch of the one layer is looked at, all of the other goes through the cache.
  let turns = 0;
  const { features } = collect(function* (batch, options) {
    const whole = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };
    for (const filled of source.read('l', whole, batch, options)) {
      yield filled;
      assert.deepEqual(readLayer(source, 'm', undefined, limits).features.length, 1800);
      turns++;
    }
  }, limits);
  assert.ok(turns >= 3);
  assert.deepEqual(
    features.map((feature) => feature.row),
    alone[0]!.map((feature) => feature.row),
  );
  source.close();
});
