/** Which layers a GeoPackage has, sound or not, whatever its tables of contents are. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type GeoPackageSource, openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import type { LayerInfo } from '../../../src/formats/source.ts';
import { NO_SHARED_DATA, sharedData, temporaryFolder } from '../../staging/support.ts';
import { withDatabase } from '../sqlite/sqlite-fixture.ts';
import {
  boxBlob,
  create,
  GEOPACKAGE_TABLES,
  readBoth,
  readLayer,
  registerLayer,
} from './geopackage-fixture.ts';

const BOX = `x'${boxBlob(1, 2, 3, 4).toString('hex')}'`;
const OTHER_BOX = `x'${boxBlob(5, 6, 7, 8).toString('hex')}'`;
const GOOD = `create table good (fid integer primary key, geom, a text);
  insert into good values (1, ${BOX}, 'x');`;

type Context = { after(work: () => void): void };

function open(t: Context, work: (db: DatabaseSync) => void): GeoPackageSource {
  const path = join(temporaryFolder(t), 'a.gpkg');
  withDatabase(path, (db) => {
    db.exec(GEOPACKAGE_TABLES);
    work(db);
  });
  const source = openGeoPackage(path);
  t.after(() => source.close());
  return source;
}

test('a broken layer is told of by name, and the others are as if it were not there', (t) => {
  const broken: [sql: string, code: string, message: RegExp][] = [
    [
      'create view bad as select fid, ST_Buffer(geom, 1) as geom from good',
      'input-layer',
      /ST_Buffer/,
    ],
    ['create view bad as select fid, geom from gone', 'input-layer', /no such table: \w+\.gone/],
    ['create table bad (fid integer primary key, other text)', 'input-corrupt', /no column geom/],
    ['', 'input-corrupt', /no table or view bad/],
  ];
  for (const [sql, code, message] of broken) {
    const source = open(t, (db) => {
      // A view of a table that is gone can't be made once it is gone.
      db.exec(`${GOOD} create table gone (fid integer primary key, geom); ${sql}; drop table gone`);
      registerLayer(db, 'bad');
      registerLayer(db, 'good');
    });
    assert.deepEqual(source.layerNames(), ['bad', 'good']);
    const named = new RegExp(`layer bad.*${message.source}`);
    assert.throws(() => source.layer('bad'), { code, message: named });
    assert.equal(source.layer('good').featureCount, 1);
    assert.deepEqual(readLayer(source, 'good').features[0]!.values, ['x']);
  }
});

test('a feature layer without a geometry column, and one that only has that', (t) => {
  const source = open(t, (db) => {
    db.exec(`${GOOD} create table bad (fid integer primary key, geom);
      insert into gpkg_contents (table_name, data_type) values ('bad', 'Features'), ('t', 'tiles'),
        ('notes', 'attributes'), ('ogr_empty_table', 'features');
      insert into gpkg_geometry_columns values ('good', 'geom', 'POLYGON', 0, 0, 0),
        ('ogr_empty_table', 'geom', 'POLYGON', 0, 0, 0)`);
  });
  assert.deepEqual(source.layerNames(), ['bad', 'good']);
  const message =
    /layer bad is registered in gpkg_contents, but has no row in gpkg_geometry_columns/;
  assert.throws(() => source.layer('bad'), { code: 'input-corrupt', message });
  assert.equal(source.layer('good').extent, null);
  assert.equal(readLayer(source, 'good').features.length, 1);
});

test('two geometry columns of a table are two layers; neither is an attribute of the other', (t) => {
  const source = open(t, (db) => {
    db.exec(`create table t (fid integer primary key, Poly POLYGON, n text, pt POINT);
      insert into t values (1, ${BOX}, 'x', ${OTHER_BOX}), (2, null, 'y', ${OTHER_BOX});
      insert into gpkg_contents (table_name, data_type, min_x, min_y, max_x, max_y)
        values ('t', 'features', 0, 0, 1, 1);
      insert into gpkg_geometry_columns values ('t', 'POLY', 'POLYGON', 0, 0, 0),
        ('T', 'pt', 'POINT', -1, 0, 0)`);
  });
  assert.deepEqual(source.layerNames(), ['t(POLY)', 't(pt)']);
  const [polygons, points] = source.layers();
  assert.deepEqual([polygons!.geometryType, points!.geometryType], ['POLYGON', 'POINT']);
  // The table's one extent is of one of them, or of both.
  assert.deepEqual([polygons!.extent, points!.extent], [null, null]);
  for (const layer of [polygons!, points!]) {
    assert.deepEqual(layer.columns, [{ name: 'n', type: 'text' }]);
  }
  const read = (name: string) => readBoth(source.path, name);
  assert.deepEqual(read('t(POLY)').values, [['x']]);
  assert.deepEqual(read('t(POLY)').drops, { 'null geometry': { count: 1, positions: [2] } });
  assert.deepEqual(read('t(pt)').values, [['x'], ['y']]);
  assert.notEqual(read('t(POLY)').features[0]!.wkb, read('t(pt)').features[0]!.wkb);
});

test('a geometry column that is not there leaves the name of the other one as it is', (t) => {
  const source = open(t, (db) => {
    db.exec(`create table t (fid integer primary key, geom); create table "t(geom)" (geom);
      insert into gpkg_contents (table_name, data_type)
        values ('t', 'features'), ('t(geom)', 'features');
      insert into gpkg_geometry_columns values ('t', 'geom', 'POLYGON', 0, 0, 0),
        ('t', 'gone', 'POLYGON', 0, 0, 0), ('t(geom)', 'geom', 'POLYGON', 0, 0, 0)`);
  });
  // The name of a table is never given to another layer.
  assert.deepEqual(source.layerNames(), ['t((geom))', 't(gone)', 't(geom)']);
  assert.throws(() => source.layer('t(gone)'), { message: /layer t\(gone\) has no column gone/ });
  assert.deepEqual(source.layer('t((geom))').columns, []);
});

test('tables of contents that are views, without rowid, or in capitals', (t) => {
  const source = open(t, (db) => {
    db.exec(`${GOOD} create table "Second" (FID integer primary key, GEOM, "B" text)`);
    registerLayer(db, 'good');
    registerLayer(db, 'SECOND', 'Geom');
    for (const table of ['gpkg_contents', 'gpkg_geometry_columns']) {
      db.exec(`alter table ${table} rename to own_${table};
        create view ${table.toUpperCase()} as select * from own_${table}
        union all select * from own_${table}`);
    }
  });
  assert.deepEqual(source.layerNames(), ['good', 'SECOND']);
  assert.deepEqual(readBoth(source.path, 'good').values, [['x']]);
  assert.deepEqual(source.layer('SECOND').columns, [{ name: 'B', type: 'text' }]);
  const other = open(t, (db) => {
    db.exec(`${GOOD} drop table gpkg_contents;
      create table gpkg_contents (TABLE_NAME text primary key, Data_Type text, identifier text,
        min_x, min_y, max_x, max_y, srs_id) without rowid`);
    registerLayer(db, 'good');
  });
  assert.deepEqual(other.layerNames(), ['good']);
});

test('rows about a layer that contradict each other are refused', (t) => {
  const source = open(t, (db) => {
    db.exec(GOOD);
    registerLayer(db, 'good');
    db.exec(`alter table gpkg_geometry_columns rename to own;
      create view gpkg_geometry_columns as select * from own
        union all select 'Good', 'GEOM', 'POLYGON', 4326, 0, 0`);
  });
  assert.deepEqual(source.layerNames(), ['good']);
  const message = /layer good contradicts itself: gpkg_geometry_columns gives it the CRSs -1, 4326/;
  assert.throws(() => source.layer('good'), { code: 'input-corrupt', message });
});

test('a layer is not empty because a count of another program says so', (t) => {
  const sql = `${GOOD} create table gpkg_ogr_contents (table_name text, feature_count integer);
    insert into gpkg_ogr_contents values ('good', 0)`;
  const path = create(join(temporaryFolder(t), 'a.gpkg'), sql, [['good']]);
  const source = openGeoPackage(path);
  assert.equal(source.layer('good').featureCount, 1);
  source.close();
});

test('a name that is not valid UTF-8, an empty one, and a very long one', (t) => {
  const long = 'n'.repeat(20_000);
  const source = open(t, (db) => {
    const name = "cast(x'6cff' as text)";
    db.exec(`insert into gpkg_contents (table_name, data_type) values (${name}, 'features');
      insert into gpkg_geometry_columns values (${name}, 'geom', 'POLYGON', 0, 0, 0)`);
    for (const table of ['', long]) {
      db.exec(
        `create table "${table}" (geom, a text); insert into "${table}" values (${BOX}, 'x')`,
      );
      registerLayer(db, table);
    }
  });
  assert.deepEqual(source.layerNames(), ['l\ufffd', '', long]);
  assert.throws(() => source.layer('l\ufffd'), {
    code: 'input-corrupt',
    message: /not valid UTF-8/,
  });
  for (const name of ['', long]) assert.deepEqual(readBoth(source.path, name).values, [['x']]);
});

test('a column whose name is not valid UTF-8 fails its layer by name', (t) => {
  const source = open(t, (db) => {
    db.exec(`create table odd (geom, naXe text); insert into odd values (${BOX}, 'x')`);
    registerLayer(db, 'odd');
  });
  // SQLite's own functions write no such name: it is changed in the file.
  const bytes = readFileSync(source.path);
  bytes[bytes.indexOf('naXe text') + 2] = 0xff;
  writeFileSync(source.path, bytes);
  const again = openGeoPackage(source.path);
  t.after(() => again.close());
  assert.throws(() => again.layer('odd'), { code: 'input-corrupt', message: /column.*UTF-8/ });
});

test('a layer that was described before is read as it was, whatever the schema has become', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `${GOOD} create view v as select fid, geom, a from good;
     alter table good add column b text default 'new'`,
    [['good'], ['v']],
  );
  const source = openGeoPackage(path);
  for (const name of ['good', 'v']) {
    const layer = JSON.parse(JSON.stringify(source.layer(name))) as LayerInfo;
    const other = openGeoPackage(path, { known: [layer] });
    assert.deepEqual(other.layer(name), source.layer(name));
    assert.deepEqual(other.slices(name, 1), source.slices(name, 1));
    assert.deepEqual(readLayer(other, name), readLayer(source, name));
    other.close();
  }
  source.close();
});

/** Layers with a geometry, and their numbers of features, as GDAL counts them. */
const GDAL_LAYERS = `
import json, sys
from osgeo import gdal, ogr
gdal.PushErrorHandler('CPLQuietErrorHandler')
for path in json.load(sys.stdin):
    data = ogr.Open(path)
    layers = None
    if data is not None:
        layers = {}
        for layer in [data.GetLayer(i) for i in range(data.GetLayerCount())]:
            if layer.GetGeomType() == ogr.wkbNone: continue
            # GetFeatureCount believes a number in the file.
            rows = data.ExecuteSQL('select count(*) from "%s"' % layer.GetName().replace('"', '""'))
            layers[layer.GetName()] = rows.GetNextFeature().GetField(0)
            data.ReleaseResultSet(rows)
    print(json.dumps(layers))
`;

test('real files have the layers and the numbers of features that GDAL finds', (t) => {
  const shared = sharedData();
  if (shared === null) return t.skip(NO_SHARED_DATA);
  const paths = globSync('**/*.gpkg', { cwd: shared }).map((path) => join(shared, path));
  const { error, status, stdout } = spawnSync('/usr/bin/python3', ['-c', GDAL_LAYERS], {
    input: JSON.stringify(paths),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (error !== undefined || status !== 0) return t.skip('GDAL for Python is not there');
  const expected = stdout.trim().split('\n');
  assert.equal(expected.length, paths.length);
  let compared = 0;
  for (const [i, path] of paths.entries()) {
    const layers = JSON.parse(expected[i]!) as Record<string, number> | null;
    let source: GeoPackageSource;
    try {
      source = openGeoPackage(path);
    } catch {
      // Damaged and hostile files: other tests are about what is said of them.
      continue;
    }
    try {
      const own = source.layerNames().map((name) => [name, source.layer(name).featureCount]);
      assert.deepEqual(Object.fromEntries(own), layers, path);
      compared++;
    } finally {
      source.close();
    }
  }
  t.diagnostic(`${compared} of ${paths.length} files compared`);
  assert.ok(compared > 0);
});

test('a geometry that is not registered is no attribute: it is left out by name', (t) => {
  const source = open(t, (db) => {
    db.exec(`create table good (a text, p POINT, fid integer primary key, q "MULTIPOLYGON ZM", geom, n point_count);
      insert into good values ('x', ${OTHER_BOX}, 1, ${OTHER_BOX}, ${BOX}, 7);`);
    registerLayer(db, 'good');
  });
  const { columns, notes } = source.layer('good');
  assert.deepEqual(
    columns.map((column) => column.name),
    ['a', 'n'],
  );
  assert.deepEqual(notes, [
    'geometries that gpkg_geometry_columns does not name are left out: p, q',
  ]);
  const { features } = readLayer(source, 'good');
  assert.deepEqual(
    features.map((feature) => feature.values),
    [['x', 7]],
  );
});
