/**
 * GeoPackages as they are found on disks: made by others, read-only, being written, damaged. Rows
 * off the pages are compared with the rows that SQLite gives.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { GeoPackageCatalog } from '../../../src/formats/geopackage/schema.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { readThroughSql } from '../../../src/formats/geopackage/sql-rows.ts';
import { NO_SHARED_DATA, sharedData } from '../../staging/support.ts';
import { temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import {
  addSpatialFunctions,
  boxBlob,
  collect,
  GEOPACKAGE_TABLES,
  type ReadResult,
  readLayer,
  registerLayer,
  total,
} from './geopackage-fixture.ts';

const WHOLE = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY };

/** Reads every layer both ways and in slices; returns what was read. */
function compareBothWays(path: string): Map<string, ReadResult> {
  const results = new Map<string, ReadResult>();
  const source = openGeoPackage(path);
  const url = new URL(`file://${path}?immutable=1`);
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    const catalog = new GeoPackageCatalog(db, path, statSync(path).size);
    for (const layer of catalog.names.map((name) => catalog.layer(name))) {
      const pages = readLayer(source, layer.name);
      const sql = collect((batch, options) =>
        readThroughSql(db, path, layer, WHOLE, batch, options),
      );
      assert.equal(pages.features.length, sql.features.length);
      for (const [i, feature] of sql.features.entries()) {
        assert.deepEqual(pages.features[i], feature);
      }
      assert.deepEqual({ ...pages, features: 0 }, { ...sql, features: 0 });
      assert.equal(pages.rowsRead, total(pages));
      const sliced = source
        .slices(layer.name, layer.bytes / 7)
        .flatMap((slice) => readLayer(source, layer.name, slice).features);
      assert.equal(sliced.length, pages.features.length);
      assert.ok(sliced.every((feature, i) => feature.row === pages.features[i]!.row));
      results.set(layer.name, pages);
    }
    return results;
  } finally {
    db.close();
    source.close();
  }
}

const golden = sharedData('golden/tiny');

test('the golden scenes', { skip: golden === null ? NO_SHARED_DATA : false }, () => {
  const files = readdirSync(golden!).filter((name) => name.endsWith('.gpkg'));
  assert.equal(files.length, 3);
  for (const file of files) {
    const results = [...compareBothWays(join(golden!, file)).values()];
    assert.equal(results.length, 1);
    assert.equal(results[0]!.features.length, 2000);
    assert.ok(results[0]!.features.every((feature) => !feature.odd));
  }
});

const nasty = [sharedData('nasty/gdal-autotest/data/gpkg'), sharedData('nasty/pyogrio')];

test("GDAL's and pyogrio's GeoPackages", {
  skip: nasty[0] === null ? NO_SHARED_DATA : false,
}, (t) => {
  const folder = temporaryFolder(t);
  const found: Record<string, [rows: number, features: number, dropped: string]> = {};
  const files = nasty.flatMap((from) =>
    globSync('*.gpkg', { cwd: from! }).map((name) => join(from!, name)),
  );
  for (const file of files.sort()) {
    const name = file.split('/').at(-1)!;
    const copy = join(folder, name);
    copyFileSync(file, copy);
    for (const [layer, result] of compareBothWays(copy)) {
      found[`${name} ${layer}`] = [
        result.rowsRead,
        result.features.length,
        Object.keys(result.drops).join(', '),
      ];
    }
  }
  // The rows and their types are those that ogrinfo tells.
  assert.deepEqual(found, {
    '2d_envelope.gpkg foo': [2, 0, 'not a polygon'],
    '3d_envelope.gpkg foo': [2, 0, 'not a polygon'],
    'curve.gpkg curve': [1, 0, 'not a polygon'],
    'curvepolygon.gpkg curvepolygon': [1, 0, 'curved polygon'],
    'domains.gpkg test': [0, 0, ''],
    'first_geometry_null.gpkg test': [2, 1, 'null geometry'],
    'huge_feature_count.gpkg test': [1, 1, ''],
    'huge_feature_count.gpkg test2': [0, 0, ''],
    'line_zm.gpkg line_zm': [1, 0, 'not a polygon'],
    'multisurface.gpkg multisurface': [1, 0, 'curved polygon'],
    'no_envelope.gpkg foo': [2, 0, 'not a polygon'],
    'poly_golden.gpkg poly': [10, 10, ''],
    'poly_golden_gpkg_1_4.gpkg poly': [10, 10, ''],
    'poly_non_conformant.gpkg poly': [1, 1, ''],
    'relation_mapping_table.gpkg a': [0, 0, ''],
    'relation_mapping_table.gpkg b': [0, 0, ''],
    'test_gpkg_nulls.gpkg test_gpkg_nulls': [4, 0, 'not a polygon'],
  });
});

test('an SQL dump with names in other cases', (t) => {
  const dump = sharedData('nasty/gdal-autotest/data/gpkg/poly_inconsistent_case.gpkg.sql');
  if (dump === null) {
    t.skip(NO_SHARED_DATA);
    return;
  }
  const path = join(temporaryFolder(t), 'a.gpkg');
  withDatabase(path, (db) => {
    addSpatialFunctions(db);
    db.exec(readFileSync(dump, 'utf8'));
  });
  const results = [...compareBothWays(path).values()];
  assert.equal(results.length, 1);
  assert.ok(results[0]!.rowsRead > 0);
});

/** A layer l of `rows` boxes; odd fids have an attribute. */
function writeRows(path: string, rows: number, pragmas = ''): void {
  withDatabase(path, (db) => {
    db.exec(`${pragmas}; ${GEOPACKAGE_TABLES}
      create table l (fid integer primary key, geom, a text)`);
    registerLayer(db, 'l');
    const insert = db.prepare('insert into l values (?, ?, ?)');
    db.exec('begin');
    for (let i = 1; i <= rows; i++) insert.run(i, boxBlob(0, 0, 1, i), 'x'.repeat(i % 50));
    db.exec('commit');
  });
}

const fidsOf = (path: string): number[] => {
  const source = openGeoPackage(path);
  try {
    const slices = source.slices('l', 10_000);
    const features = slices.flatMap((slice) => readLayer(source, 'l', slice).features);
    return features.map((feature) => feature.position);
  } finally {
    source.close();
  }
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test('rows that are only in the write-ahead log are read; those not committed are not', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 300, 'pragma journal_mode = wal');
  assert.deepEqual(fidsOf(path), upTo(300));
  const db = new DatabaseSync(path);
  db.exec('pragma wal_autocheckpoint = 0');
  const insert = db.prepare('insert into l values (?, ?, ?)');
  insert.run(301, boxBlob(0, 0, 1, 1), 'committed');
  db.exec('delete from l where fid = 7');
  db.exec('begin');
  insert.run(302, boxBlob(0, 0, 1, 1), 'not committed');
  assert.ok(statSync(`${path}-wal`).size > 0);
  const expected = [...upTo(6), ...upTo(301).slice(7)];
  assert.deepEqual(fidsOf(path), expected);
  db.exec('rollback');
  db.close();
  assert.deepEqual(fidsOf(path), expected);
});

test('a reader of a write-ahead log sees one state, whatever is committed meanwhile', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 300, 'pragma journal_mode = wal');
  const db = new DatabaseSync(path);
  db.exec("update l set a = 'before'");
  const source = openGeoPackage(path);
  const values: unknown[] = [];
  let batches = 0;
  const result = collect(function* (batch, options) {
    for (const filled of source.read('l', WHOLE, batch, { ...options, maxFeatures: 50 })) {
      if (batches++ === 1) db.exec("update l set a = 'after'; delete from l where fid > 200");
      yield filled;
    }
  });
  for (const feature of result.features) values.push(...feature.values);
  assert.deepEqual(values, Array(300).fill('before'));
  source.close();
  db.close();
});

test('a transaction with a rollback journal: committed rows are read, as long as SQLite lets one', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 300);
  const db = new DatabaseSync(path);
  db.exec(
    "begin immediate; update l set a = 'not committed' where fid = 1; delete from l where fid = 9",
  );
  assert.ok(existsSync(`${path}-journal`));
  assert.deepEqual(fidsOf(path), upTo(300));
  db.exec('rollback');
  db.close();
  assert.deepEqual(fidsOf(path), upTo(300));
});

test('what a crashed writer left is not read as if it were whole', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 3000);
  // A small cache makes SQLite write pages to the file before the commit, which never comes.
  const script = `
    const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
    db.exec("pragma cache_size = 2; pragma synchronous = full; begin; update l set a = 'half' || a");
    process.kill(process.pid, 'SIGKILL');`;
  const crashed = spawnSync(process.execPath, ['-e', script, path]);
  assert.equal(crashed.signal, 'SIGKILL');
  assert.ok(statSync(`${path}-journal`).size > 0);
  const halves = (): number => {
    const source = openGeoPackage(path);
    const { features } = readLayer(source, 'l');
    source.close();
    return features.filter((feature) => String(feature.values[0]).startsWith('half')).length;
  };
  // Only a connection that may write can roll the journal back.
  assert.throws(halves, {
    code: 'input-unreadable',
    input: path,
    message: /journal/,
  });
  withDatabase(path, (db) => db.exec('select count(*) from l'));
  assert.equal(halves(), 0);
  assert.deepEqual(fidsOf(path), upTo(3000));
});

test('a database that another connection locks: the error says so, and that it may pass', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 10);
  const db = new DatabaseSync(path);
  db.exec("pragma journal_mode = persist; begin exclusive; update l set a = 'x'");
  const error = thrownBy(() => fidsOf(path));
  assert.equal(error.code, 'input-unreadable');
  assert.equal(error.retryable, true);
  db.exec('rollback');
  db.close();
  assert.deepEqual(fidsOf(path), upTo(10));
});

function thrownBy(run: () => unknown): TilewrightError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TilewrightError, String(error));
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a file that is written while it is read ends in an error that a retry can mend', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  writeRows(path, 300);
  const source = openGeoPackage(path);
  const error = thrownBy(() =>
    collect(function* (batch, options) {
      for (const filled of source.read('l', WHOLE, batch, { ...options, maxFeatures: 100 })) {
        const later = new Date(Date.now() + 5000);
        utimesSync(path, later, later);
        yield filled;
      }
    }),
  );
  assert.equal(error.code, 'input-unreadable');
  assert.equal(error.retryable, true);
  source.close();
});

test('reading leaves nothing behind and needs no right to write', (t) => {
  const folder = join(temporaryFolder(t), 'read only ? # %41 ☃');
  mkdirSync(folder);
  const rollback = join(folder, 'a.gpkg');
  const wal = join(folder, 'b.gpkg');
  writeRows(rollback, 200);
  writeRows(wal, 200, 'pragma journal_mode = wal');
  const before = [rollback, wal].map((path) => readFileSync(path));
  chmodSync(rollback, 0o444);
  chmodSync(wal, 0o444);
  chmodSync(folder, 0o555);
  for (const [i, path] of [rollback, wal].entries()) {
    assert.deepEqual(fidsOf(path), upTo(200));
    assert.ok(readFileSync(path).equals(before[i]!));
  }
  assert.deepEqual(readdirSync(folder).sort(), ['a.gpkg', 'b.gpkg']);
  chmodSync(folder, 0o755);
});

test('a name that leads to the file by another way', (t) => {
  const folder = temporaryFolder(t);
  writeRows(join(folder, 'a.gpkg'), 5);
  execFileSync('ln', ['-s', 'a.gpkg', join(folder, 'link.gpkg')]);
  assert.deepEqual(fidsOf(join(folder, 'link.gpkg')), upTo(5));
});
