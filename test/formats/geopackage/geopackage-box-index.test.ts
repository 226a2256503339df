/** Rows of a box are found by the R-tree, and all of them whatever state it is in. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { DropCounter } from '../../../src/core/drops.ts';
import { Random } from '../../../src/core/random.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import type { ReadSelection } from '../../../src/formats/selection/read-selection.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import type { Bounds } from '../../../src/tms/tile-matrix.ts';
import { polygonWkb, temporaryFolder } from '../../staging/support.ts';
import { writeGeoPackage } from '../../staging/write-geopackage.ts';

const COUNT = 3000;
const TRIGGERS = ['insert', 'update1', 'update2', 'update3', 'update4', 'delete'];

interface Box {
  fid: number;
  bounds: Bounds;
}

/** A layer `l` of squares with an R-tree as the standard has it. */
function write(path: string, seed: number): Box[] {
  const random = new Random(seed);
  const boxes = Array.from({ length: COUNT }, (_, i): Box => {
    const [x, y, size] = [random.next() * 100, random.next() * 50, random.next() * 2];
    return { fid: 2 * i + 5, bounds: [x, y, x + size, y + size] };
  });
  writeGeoPackage(path, {
    ...{ layer: 'l', srsId: 4326, columns: [{ name: 'note', type: 'TEXT' }] },
    rows: boxes.map(({ fid, bounds: [x, y, a, b] }) => {
      const ring: [number, number][] = [
        ...([
          [x, y],
          [x, b],
          [a, b],
          [a, y],
          [x, y],
        ] as [number, number][]),
      ];
      return { fid, wkb: polygonWkb([ring]), values: ['x'.repeat(random.integer(300))] };
    }),
  });
  change(path, (db) => {
    db.exec('create virtual table rtree_l_geom using rtree(id, minx, maxx, miny, maxy); begin');
    const insert = db.prepare('insert into rtree_l_geom values (?, ?, ?, ?, ?)');
    for (const {
      fid,
      bounds: [x, y, a, b],
    } of boxes)
      insert.run(fid, x, a, y, b);
    for (const name of TRIGGERS) {
      const event = name.startsWith('update') ? 'update of geom' : name;
      db.exec(`create trigger rtree_l_geom_${name} after ${event} on l begin select 1; end`);
    }
    db.exec('commit');
  });
  return boxes;
}

function change(path: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(path, { defensive: false });
  work(db);
  db.close();
}

/** Fids by slices, and whether the index is used. */
function read(path: string, bbox: Bounds, sliceBytes = 100_000) {
  const selection: ReadSelection = { bbox, where: null, columns: null };
  const planning = openGeoPackage(path, { byBox: true });
  const layer = planning.layer('l');
  const slices = planning.slices('l', sliceBytes, selection);
  const known = [JSON.parse(JSON.stringify(layer)) as typeof layer];
  planning.close();
  const source = openGeoPackage(path, { known });
  const batch = new FeatureBatch();
  const options = {
    ...{ maxFeatures: 50, maxVertices: 10_000, drops: new DropCounter(), selection },
    notes: { rowsRead: 0, droppedM: 0 },
  };
  const fids: number[] = [];
  for (const slice of slices) {
    for (const { featureCount, positions } of source.read('l', slice, batch, options)) {
      fids.push(...positions.subarray(0, featureCount));
    }
  }
  source.close();
  return { fids, slices: slices.length, index: known[0]!.boxIndex };
}

const touching = (boxes: readonly Box[], [west, south, east, north]: Bounds): number[] =>
  boxes
    .filter(({ bounds: [x, y, a, b] }) => x <= east && a >= west && y <= north && b >= south)
    .map(({ fid }) => fid);

test('rows of boxes of all sizes, by slices of all sizes', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const boxes = write(path, 51);
  const random = new Random(52);
  let used = 0;
  for (let n = 0; n < 60; n++) {
    const [x, y] = [random.next() * 100, random.next() * 50];
    const size = random.next() ** 3 * 60;
    const bbox: Bounds = [x, y, x + size, y + size / 2];
    const found = read(path, bbox, 10 ** (3 + random.integer(4)));
    assert.deepEqual(found.fids, touching(boxes, bbox), `${bbox}`);
    if (found.index !== null) used++;
  }
  assert.ok(used > 30, `${used} by the index`);
  const nowhere = read(path, [200, 0, 300, 50]);
  assert.deepEqual(nowhere, { fids: [], slices: 0, index: 'rtree_l_geom' });
});

test('an index that is not in step with the table is not used', (t) => {
  const changes: [string, (db: DatabaseSync) => void][] = [
    ['without a trigger', (db) => db.exec('drop trigger rtree_l_geom_insert')],
    ['of which a row is gone', (db) => db.exec('delete from rtree_l_geom where id = 4005')],
    [
      'of another row',
      (db) =>
        db.exec(
          'update rtree_l_geom set id = 4006 where id = 4005; update rtree_l_geom set id = 6 where id = 5',
        ),
    ],
    [
      'of rows that lie elsewhere',
      (db) => db.exec('update rtree_l_geom set minx = 150, maxx = 151 where id % 20 = 5'),
    ],
    ['that is empty', (db) => db.exec('delete from rtree_l_geom')],
    [
      'that is a table',
      (db) => db.exec('drop table rtree_l_geom; create table rtree_l_geom (id, a, b, c, d)'),
    ],
    [
      'that is damaged',
      (db) => db.exec("update rtree_l_geom_node set data = x'00ff' where nodeno > 1"),
    ],
  ];
  for (const [what, work] of changes) {
    const path = join(temporaryFolder(t), 'a.gpkg');
    const boxes = write(path, 53);
    change(path, work);
    const bbox: Bounds = [20, 20, 30, 30];
    const found = read(path, bbox);
    assert.deepEqual(found.fids, touching(boxes, bbox), what);
    assert.equal(found.index, null, what);
  }
});

test('a row that the index alone has is none', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const boxes = write(path, 54);
  change(path, (db) => {
    db.exec('drop trigger rtree_l_geom_delete; delete from l where fid = 4005');
    db.exec('create trigger rtree_l_geom_delete after delete on l begin select 1; end');
    db.exec('create table gpkg_ogr_contents (table_name text, feature_count integer)');
    db.exec(`insert into gpkg_ogr_contents values ('l', ${COUNT})`);
  });
  const bbox: Bounds = boxes.find(({ fid }) => fid === 4005)!.bounds;
  const found = read(path, bbox);
  const left = boxes.filter(({ fid }) => fid !== 4005);
  assert.deepEqual(found.fids, touching(left, bbox));
  assert.equal(found.index, 'rtree_l_geom');
});
