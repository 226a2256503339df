/** Layers that SQL of the file computes: right where it is sound, and an error by name where not. */

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { copyComputed } from '../../../src/formats/geopackage/computed.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { type ApartRequest, runApart } from '../../../src/formats/sqlite/apart.ts';
import { temporaryFolder } from '../sqlite/sqlite-fixture.ts';
import { BOX, create, readLayer } from './geopackage-fixture.ts';

const ENDLESS = 'with recursive c(x) as (select 1 union all select x + 1 from c)';

/** Processes that have the text in their command; null where the system does not tell. */
function processesWith(text: string): number | null {
  if (!existsSync('/proc/self/cmdline')) return null;
  return globSync('/proc/[0-9]*/cmdline').filter((file) => {
    try {
      return readFileSync(file, 'utf8').includes(text);
    } catch {
      return false;
    }
  }).length;
}

async function assertNoneLeft(text: string): Promise<void> {
  for (let tries = 0; (processesWith(text) ?? 0) > 0; tries++) {
    assert.ok(tries < 200, 'the process has not ended');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const request = (path: string, query: string): ApartRequest => ({
  source: `file://${path}?mode=ro`,
  encoding: 'UTF-8',
  target: null,
  maxBytes: 1e6,
  statements: [],
  query,
});

test('a query that does not end is stopped, and so is its process', async (t) => {
  const path = create(join(temporaryFolder(t), 'a.gpkg'), 'create table l (geom)', [['l']]);
  const query = `${ENDLESS} select count(*) from c`;
  assert.throws(() => runApart(request(path, query), path, 'layer l', 1500), {
    code: 'input-unreadable',
    message: /layer l can't be read: .* has not ended in 1.5 s.*Store its rows as a table/,
  });
  await assertNoneLeft(path);
});

test('the process ends when the thread that waits for it is ended', async (t) => {
  const path = create(join(temporaryFolder(t), 'a.gpkg'), 'create table l (geom)', [['l']]);
  const module = new URL('../../../src/formats/sqlite/apart.ts', import.meta.url).href;
  const asked = JSON.stringify(request(path, `${ENDLESS} select count(*) from c`));
  const waiting = new Worker(
    `import(${JSON.stringify(module)}).then((m) => m.runApart(${asked}, 'a', 'l', 600000))`,
    { eval: true },
  );
  while (processesWith(path) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await waiting.terminate();
  await assertNoneLeft(path);
});

test('values and answers beyond the limits have errors by name', (t) => {
  const folder = temporaryFolder(t);
  const files: [string, string][] = [
    ['blob', `create view l as select zeroblob(1000000000) as geom`],
    [
      'text',
      `create table l (fid integer primary key, geom, big text generated always as
       (cast(zeroblob(900000000) as text)) virtual); insert into l (geom) values (${BOX})`,
    ],
    ['name', `create view l as select ${BOX} as geom, unknown('x') as a`],
  ];
  for (const [name, sql] of files) {
    const path = join(folder, `${name}.gpkg`);
    create(path, sql, [['l']]);
    assert.throws(
      () => {
        const source = openGeoPackage(path);
        try {
          readLayer(source, 'l');
        } finally {
          source.close();
        }
      },
      { code: name === 'name' ? 'input-layer' : 'input-unreadable', input: path },
      name,
    );
  }
});

test('rows without end are too many at some point', (t) => {
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create view l as ${ENDLESS} select x as fid, ${BOX} as geom from c`,
    [['l']],
  );
  const db = new DatabaseSync(path, { readOnly: true });
  const layer = { name: 'l', table: 'l', geometryColumn: 'geom', columns: [], position: null };
  assert.throws(() => copyComputed(db, path, layer, { bytes: 2e6, ms: 60_000 }), {
    code: 'input-unreadable',
    message: /full \(a limit on what it may take\)/,
  });
  db.close();
});

test('views of the tables that describe a GeoPackage', (t) => {
  const tables = ['gpkg_contents', 'gpkg_geometry_columns', 'gpkg_spatial_ref_sys'];
  const path = create(
    join(temporaryFolder(t), 'a.gpkg'),
    `create table l (fid integer primary key, geom, a text); insert into l values (7, ${BOX}, 'x')`,
    [['l']],
  );
  const expected = openGeoPackage(path);
  const other = join(temporaryFolder(t), 'b.gpkg');
  create(
    other,
    `create table l (fid integer primary key, geom, a text);
    insert into l values (7, ${BOX}, 'x')`,
    [['l']],
  );
  const db = new DatabaseSync(other);
  for (const table of tables) {
    db.exec(`alter table ${table} rename to my_${table};
      create view ${table} as select * from my_${table}`);
  }
  db.close();
  const found = openGeoPackage(other);
  assert.deepEqual({ ...found.layer('l'), bytes: 0 }, { ...expected.layer('l'), bytes: 0 });
  assert.deepEqual(readLayer(found, 'l'), readLayer(expected, 'l'));
  expected.close();
  found.close();
});
