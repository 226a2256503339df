/** GeoPackages that are written page by page: for SQLite, its R*Tree module, editors and GDAL. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Column, Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { systemColumns } from '../../../src/formats/geopackage/layer-frame.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { DatabaseWriter } from '../../../src/formats/sqlite/database-writer.ts';
import { RTreeBuilder } from '../../../src/formats/sqlite/rtree.ts';
import { integrityOf, select, temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import {
  addSpatialFunctions,
  assertSound,
  type Box,
  boxBlob,
  layerRecord,
  meets,
  randomBoxes,
  readLayer,
  recordsOf,
  WGS84,
  writeLayer,
} from './geopackage-fixture.ts';

/** Ids of the boxes that meet a window, through the R-tree. */
function search(db: DatabaseSync, [minX, minY, maxX, maxY]: Box): number[] {
  const sql =
    'select id from rtree_895_geom where maxx >= ? and minx <= ? and maxy >= ? and miny <= ?';
  return select(db, sql, minX, maxX, minY, maxY)
    .map(([id]) => Number(id))
    .sort((a, b) => a - b);
}

/** The box with sides moved outwards to the next single-precision numbers. */
function outwards([minX, minY, maxX, maxY]: Box): Box {
  return [floatBelow(minX), floatBelow(minY), floatAbove(maxX), floatAbove(maxY)];
}

/** The largest single-precision number ≤ value, by bisection over all of them. */
function floatBelow(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  // Bits in the order of the numbers: −∞ … −0, +0 … +∞.
  const numberOf = (order: number): number => {
    view.setInt32(0, order >= 0 ? order : 0x80000000 - (order + 1));
    return view.getFloat32(0);
  };
  let low = -0x7f800001;
  let high = 0x7f800001;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (numberOf(middle) <= value) low = middle;
    else high = middle;
  }
  return numberOf(low);
}

const floatAbove = (value: number): number => -floatBelow(-value);

/** Whether the rounded box meets the window: only boxes that come near it need to be rounded. */
function roundedMeets(box: Box, window: Box): boolean {
  const near: Box = [window[0] - 1e-3, window[1] - 1e-3, window[2] + 1e-3, window[3] + 1e-3];
  return meets(box, near) && meets(outwards(box), window);
}

for (const count of [0, 1, 2, 51, 52, 2601, 2602, 140_000]) {
  test(`${count} rows: sound, and the R-tree finds what a search of all rows finds`, (t) => {
    const path = join(temporaryFolder(t), 'a.gpkg');
    const boxes = randomBoxes(count + 1, count);
    writeLayer(path, recordsOf(boxes));
    assertSound(path);
    const random = new Random(count);
    withDatabase(path, (db) => {
      assert.deepEqual(
        select(db, 'select count(*), max(fid) from "895"').map((r) => r.map(Number)),
        [[count, count]],
      );
      let found = 0;
      for (let n = 0; n < (count > 10_000 ? 25 : 200); n++) {
        const x = 400 * random.next() - 200;
        const y = 200 * random.next() - 100;
        const size = 10 ** (2 - 5 * random.next());
        const window: Box = [x, y, x + size, y + size];
        // A window whose corner is that of a box: rounding must not lose it.
        if (n % 2 === 0 && count > 0) {
          const box = boxes[random.integer(count)]!;
          window.splice(0, 4, box[2], box[3], box[2] + size / 100, box[3] + size / 100);
        }
        const ids = search(db, window);
        const expected = boxes.flatMap((box, i) => (roundedMeets(box, window) ? [i + 1] : []));
        assert.deepEqual(ids, expected);
        const exact = boxes.flatMap((box, i) => (meets(box, window) ? [i + 1] : []));
        const set = new Set(ids);
        for (const id of exact) assert.ok(set.has(id));
        found += exact.length;
      }
      if (count > 0) assert.ok(found > 0);
      const extent = select(db, 'select min_x, min_y, max_x, max_y from gpkg_contents')[0];
      const fold = (side: number, of: (...values: number[]) => number): number =>
        boxes.reduce((sum, box) => of(sum, box[side]!), boxes[0]![side]!);
      assert.deepEqual(
        extent,
        count === 0
          ? [null, null, null, null]
          : [fold(0, Math.min), fold(1, Math.min), fold(2, Math.max), fold(3, Math.max)],
      );
      assert.deepEqual(select(db, 'select feature_count from gpkg_ogr_contents'), [
        [BigInt(count)],
      ]);
      assert.deepEqual(select(db, 'select * from sqlite_sequence'), [['895', BigInt(count)]]);
    });
  });
}

test('boxes of single precision contain those of double precision, and as closely as they can', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const random = new Random(21);
  const edges = [
    0, 5e-324, 1e-46, 7e-46, 1.4e-45, 2e-45, 1.17e-38, 1.18e-38, 1, 3.4e38, 3.5e38, 1e300,
  ];
  for (let power = -150; power < 128; power += 3) edges.push(2 ** power);
  const values = edges.flatMap((edge) =>
    [
      edge,
      edge * (1 + 2 ** -52),
      edge * (1 - 2 ** -53),
      edge * (1 + 2 ** -24),
      edge * (1 + 2 ** -23),
    ].flatMap((value) => [value, -value]),
  );
  for (let n = 0; n < 2000; n++) values.push(random.normal() * 10 ** (40 * random.next() - 20));
  const boxes = values.map((value): Box => {
    const other = values[random.integer(values.length)]!;
    return [Math.min(value, other), value, Math.max(value, other), value];
  });
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  const database = new DatabaseWriter(output, { pageSize: 4096, applicationId: 1, userVersion: 1 });
  const rtree = new RTreeBuilder();
  for (const [minX, minY, maxX, maxY] of boxes) rtree.add(minX, maxX, minY, maxY);
  const roots = rtree.finish(database);
  const table = (name: string, sql: string, rootPage: number) =>
    ({ type: 'table', name, table: name, rootPage, sql }) as const;
  database.finish([
    table('r', 'CREATE VIRTUAL TABLE r USING rtree(id, minx, maxx, miny, maxy)', 0),
    table('r_rowid', 'CREATE TABLE "r_rowid"(rowid INTEGER PRIMARY KEY,nodeno)', roots.rowid),
    table('r_node', 'CREATE TABLE "r_node"(nodeno INTEGER PRIMARY KEY,data)', roots.node),
    table(
      'r_parent',
      'CREATE TABLE "r_parent"(nodeno INTEGER PRIMARY KEY,parentnode)',
      roots.parent,
    ),
  ]);
  output.close();
  assert.equal(integrityOf(path), 'ok');
  const found = withDatabase(path, (db) => {
    assert.deepEqual(select(db, "select rtreecheck('r')"), [['ok']]);
    return select(db, 'select minx, miny, maxx, maxy from r order by id') as number[][];
  });
  assert.equal(found.length, boxes.length);
  for (const [i, box] of boxes.entries()) {
    const [minX, minY, maxX, maxY] = found[i]!;
    assert.ok(minX! <= box[0] && minY! <= box[1] && maxX! >= box[2] && maxY! >= box[3], `${box}`);
    // Zeros have two signs.
    assert.deepEqual(
      found[i]!.map((side) => side + 0),
      outwards(box).map((side) => side + 0),
      `${box}`,
    );
  }
});

const ODD_COLUMNS: Column[] = [
  { name: 'fid', type: 'integer' },
  { name: 'GEOM', type: 'text' },
  { name: 'fid_1', type: 'real' },
  { name: 'quo"te', type: 'text' },
  { name: "apo'strophe", type: 'boolean' },
  { name: 'select', type: 'blob' },
  { name: 'Größe ☃', type: 'date' },
  { name: ' ', type: 'datetime' },
];

test('names of any kind, and attributes named like the key and the geometry', (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(systemColumns(ODD_COLUMNS), { key: 'fid_2', geometry: 'geom_1' });
  const values: Value[] = [7, 'seven', 7.5, 'a"b', 1, Uint8Array.of(7), '2020-01-01', null];
  for (const [n, name] of [
    '895',
    "it's",
    'say "x"',
    'Straße ☃',
    'select',
    'a b',
    '[x]',
  ].entries()) {
    const path = join(folder, `${n}.gpkg`);
    const boxes = randomBoxes(n, 60);
    const records = boxes.map((box) => layerRecord(boxBlob(...box), values));
    writeLayer(path, records, { name, columns: ODD_COLUMNS });
    assertSound(path, name, 'geom_1');
    withDatabase(path, (db) => {
      addSpatialFunctions(db);
      const table = `"${name.replaceAll('"', '""')}"`;
      assert.deepEqual(
        select(db, `pragma table_info(${table})`).map((c) => c.slice(1, 3)),
        [
          ['fid_2', 'INTEGER'],
          ['geom_1', 'POLYGON'],
          ['fid', 'INTEGER'],
          ['GEOM', 'TEXT'],
          ['fid_1', 'REAL'],
          ['quo"te', 'TEXT'],
          ["apo'strophe", 'BOOLEAN'],
          ['select', 'BLOB'],
          ['Größe ☃', 'DATE'],
          [' ', 'DATETIME'],
        ],
      );
      db.prepare(`insert into ${table} (geom_1) values (?)`).run(boxBlob(1, 1, 2, 2));
      db.exec(`delete from ${table} where fid_2 = 1`);
      assert.deepEqual(select(db, 'select feature_count from gpkg_ogr_contents'), [[60n]]);
    });
    assertSound(path, name, 'geom_1');
    const source = openGeoPackage(path);
    assert.deepEqual(source.layers()[0]!.columns, ODD_COLUMNS);
    const { features } = readLayer(source, name);
    assert.deepEqual(features[0]!.values, values);
    assert.equal(features.length, 60);
    source.close();
  }
});

test('the same rows give the same bytes; another row gives others', (t) => {
  const folder = temporaryFolder(t);
  const write = (name: string, boxes: Box[]): Buffer => {
    writeLayer(join(folder, name), recordsOf(boxes));
    return readFileSync(join(folder, name));
  };
  const boxes = randomBoxes(9, 5000);
  const first = write('a.gpkg', boxes);
  assert.ok(first.equals(write('b.gpkg', boxes)));
  boxes[2500]![0] -= 1e-9;
  assert.ok(!first.equals(write('c.gpkg', boxes)));
});

test('a CRS of its own comes after those that every GeoPackage has', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const srs = {
    id: 3857,
    name: 'Pseudo',
    organization: 'EPSG',
    organizationId: 3857,
    definition: 'x',
  };
  for (const [own, ids] of [
    [WGS84, [-1n, 0n, 4326n]],
    [srs, [-1n, 0n, 3857n, 4326n]],
    [{ ...srs, id: 100_000, organization: 'NONE' }, [-1n, 0n, 4326n, 100_000n]],
  ] as const) {
    writeLayer(path, recordsOf(randomBoxes(1, 3)), { srs: own });
    assertSound(path);
    withDatabase(path, (db) => {
      assert.deepEqual(select(db, 'select srs_id from gpkg_spatial_ref_sys').flat(), ids);
      assert.deepEqual(select(db, 'select srs_id from gpkg_geometry_columns'), [[BigInt(own.id)]]);
    });
  }
});

const PYTHON = '/usr/bin/python3';
const VALIDATOR = ['-m', 'osgeo_utils.samples.validate_gpkg'];
const hasValidator =
  existsSync(PYTHON) &&
  spawnSync(PYTHON, ['-c', 'import osgeo_utils.samples.validate_gpkg']).status === 0;

test("GDAL's validator finds nothing, and GDAL reads every row", {
  skip: hasValidator ? false : "GDAL's validator is not on this machine",
}, (t) => {
  const folder = temporaryFolder(t);
  const program =
    'import sys\nfrom osgeo import ogr\nogr.UseExceptions()\nds = ogr.Open(sys.argv[1])\n' +
    'layer = ds.GetLayer(0)\n' +
    'print(layer.GetName(), layer.GetFeatureCount(), sum(f.GetGeometryRef().GetArea() > 0 for f in layer))\n' +
    'layer.SetSpatialFilterRect(-10, -10, 10, 10)\nprint(layer.GetFeatureCount())\n';
  for (const count of [0, 1, 52, 2602]) {
    const path = join(folder, `${count}.gpkg`);
    const random = new Random(count);
    const boxes = Array.from({ length: count }, (): Box => {
      const [x, y] = [300 * random.next() - 150, 150 * random.next() - 75];
      return [x, y, x + 0.1 + random.next(), y + 0.1 + random.next()];
    });
    const columns: Column[] = ODD_COLUMNS.filter(({ name }) => name !== ' ');
    const values: Value[] = [7, 'seven', 7.5, 'a"b', 1, Uint8Array.of(7), '2020-01-01'];
    const records = boxes.map((box) => layerRecord(boxBlob(...box), values));
    writeLayer(path, records, { name: 'tile', columns });
    const validated = spawnSync(PYTHON, [...VALIDATOR, path], { encoding: 'utf8' });
    assert.equal(validated.status, 0, validated.stdout + validated.stderr);
    const read = spawnSync(PYTHON, ['-c', program, path], { encoding: 'utf8' });
    const inside = boxes.filter((box) => meets(box, [-10, -10, 10, 10])).length;
    assert.equal(read.stdout, `tile ${count} ${count}\n${inside}\n`, read.stderr);
  }
});
