/** Layers that are edited after they were written: the triggers keep up what belongs to them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { select, temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import {
  addSpatialFunctions,
  assertSound,
  boxBlob,
  randomBoxes,
  recordsOf,
  writeLayer,
} from './geopackage-fixture.ts';

const EMPTY = Buffer.from('47500011e61000000103000000' + '00000000', 'hex');

/** What the R-tree and the feature count have to be, from the rows themselves. */
function assertFollows(db: DatabaseSync): void {
  const rows = select(
    db,
    'select fid, geom from "895" where geom not null and not st_isempty(geom)',
  );
  const expected = rows.map(([fid, geom]) => {
    const view = new DataView((geom as Uint8Array).buffer, (geom as Uint8Array).byteOffset);
    const [minX, maxX, minY, maxY] = [8, 16, 24, 32].map((at) => view.getFloat64(at, true));
    return [Number(fid), minX, maxX, minY, maxY];
  });
  const sql = 'select id, minx, maxx, miny, maxy from rtree_895_geom order by id';
  const found = select(db, sql).map(([id, ...sides]) => [Number(id), ...sides]) as number[][];
  assert.deepEqual(
    found.map((row) => row[0]),
    expected.map((row) => row[0]),
  );
  for (const [i, row] of found.entries()) {
    for (let side = 1; side < 5; side++) {
      const [stored, exact] = [row[side]!, expected[i]![side]!];
      assert.ok(side % 2 === 1 ? stored <= exact! : stored >= exact!);
      // SQLite's own rounding is a few steps wide.
      assert.ok(Math.abs(stored - exact!) <= Math.abs(exact!) * 2 ** -20);
    }
  }
  assert.deepEqual(
    select(db, 'select feature_count from gpkg_ogr_contents'),
    select(db, 'select count(*) from "895"'),
  );
}

test('after edits the R-tree and the feature count follow', (t) => {
  const folder = temporaryFolder(t);
  for (const count of [0, 1, 52, 3000]) {
    const path = join(folder, `${count}.gpkg`);
    writeLayer(path, recordsOf(randomBoxes(5, count)), {
      columns: [{ name: 'a', type: 'integer' }],
    });
    const random = new Random(count);
    const boxes = randomBoxes(6, 800);
    withDatabase(path, (db) => {
      addSpatialFunctions(db);
      const statements = {
        insert: db.prepare('insert into "895" (geom, a) values (?, 1)'),
        replace: db.prepare('insert or replace into "895" (fid, geom) values (?, ?)'),
        geometry: db.prepare('update "895" set geom = ? where fid = ?'),
        attribute: db.prepare('update "895" set a = a + 1 where fid = ?'),
        move: db.prepare('update or ignore "895" set fid = ?, geom = ? where fid = ?'),
        remove: db.prepare('delete from "895" where fid = ?'),
      };
      assertFollows(db);
      const geometry = (n: number): Uint8Array | null =>
        n % 9 === 0 ? null : n % 9 === 1 ? EMPTY : boxBlob(...boxes[n]!);
      for (let round = 0; round < 4; round++) {
        db.exec('begin');
        for (let n = 200 * round; n < 200 * (round + 1); n++) {
          const fid = 1 + random.integer(count + 200);
          switch (random.integer(6)) {
            case 0:
              statements.geometry.run(geometry(n), fid);
              break;
            case 1:
              statements.remove.run(fid);
              break;
            case 2:
              statements.attribute.run(fid);
              break;
            case 3:
              statements.move.run(10_000 + n, geometry(n), fid);
              break;
            default:
              statements.insert.run(geometry(n));
          }
        }
        db.exec('commit');
        assertFollows(db);
      }
      assert.equal(Number(statements.remove.run(1).changes) <= 1, true);
      db.exec('delete from "895"');
      assertFollows(db);
      statements.insert.run(boxBlob(1, 2, 3, 4));
      assertFollows(db);
    });
    assertSound(path);
  }
});

test('a new row takes the next fid, as AUTOINCREMENT has it', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeLayer(path, recordsOf(randomBoxes(1, 7)));
  withDatabase(path, (db) => {
    addSpatialFunctions(db);
    db.exec('delete from "895" where fid = 7');
    db.prepare('insert into "895" (geom) values (?)').run(boxBlob(0, 0, 1, 1));
    assert.deepEqual(select(db, 'select max(fid) from "895"'), [[8n]]);
  });
});

test('pages of other sizes hold the same', (t) => {
  const folder = temporaryFolder(t);
  for (const pageSize of [2048, 8192, 65_536]) {
    const path = join(folder, `${pageSize}.gpkg`);
    const boxes = randomBoxes(3, 3000);
    writeLayer(path, recordsOf(boxes), {}, pageSize);
    assertSound(path);
    withDatabase(path, (db) => {
      addSpatialFunctions(db);
      const insert = db.prepare('insert into "895" (geom) values (?)');
      db.exec('begin');
      for (const box of boxes.slice(0, 300)) insert.run(boxBlob(...box));
      db.exec('commit');
      assertFollows(db);
    });
    assertSound(path);
  }
});
