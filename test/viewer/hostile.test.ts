/** Tiles that are damaged, hostile or gone, and clients that are: the viewer answers all others. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { serve, type Viewer } from '../../src/index.ts';
import { Journal } from '../../src/staging/folder/journal/journal.ts';
import { formatInputSet } from '../../src/viewer/shared/input-set.ts';
import type { FeatureList, FolderInfo } from '../../src/viewer/shared/messages.ts';
import { ThreadPool } from '../../src/viewer/threads/thread-pool.ts';
import { listTiles, quoted, temporaryFolder } from '../staging/support.ts';
import type { TestMethods } from './endless-thread.ts';
import { getRaw, stageScenes } from './support.ts';

suite('a viewer of a folder with a hostile tile', () => {
  const folder = temporaryFolder({ after });
  let staged: string;
  let viewer: Viewer;
  let tiles: string[];
  let path: string;
  let layer: string;
  const sound = join(folder, 'sound.gpkg');
  after(() => viewer.close());
  before(async () => {
    ({ staged } = await stageScenes(folder, {}, 200));
    viewer = await serve(staged, { port: 0 });
    tiles = listTiles(staged).map((name) => name.replace(/^[^/]*\/(.*)\.gpkg$/, '$1'));
    path = join(staged, listTiles(staged)[0]!);
    copyFileSync(path, sound);
    const db = new DatabaseSync(path, { readOnly: true });
    layer = String(db.prepare('select table_name as t from gpkg_contents').get()!['t']);
    db.close();
  });

  /** Replaces the first tile by one that was changed by SQL. */
  function damage(...statements: (string | ((db: DatabaseSync) => void))[]): void {
    const made = join(folder, 'made.gpkg');
    copyFileSync(sound, made);
    const db = new DatabaseSync(made, { defensive: false } as object);
    // They want functions that SQLite has not.
    for (const { name } of db
      .prepare("select name from sqlite_schema where type = 'trigger'")
      .all()) {
      db.exec(`drop trigger ${quoted(String(name))}`);
    }
    for (const one of statements) {
      if (typeof one === 'string') db.exec(one);
      else one(db);
    }
    db.close();
    renameSync(made, path);
  }

  const ask = async (address: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(new URL(address, viewer.url));
    return { status: response.status, text: await response.text() };
  };
  const errorOf = (text: string): string => (JSON.parse(text) as { error: string }).error;
  /** All that reads the first tile. */
  const addresses = async (): Promise<string[]> => {
    const tile = tiles[0]!;
    const info = (await (await fetch(new URL('/data/folder', viewer.url))).json()) as FolderInfo;
    const [minX, minY, maxX, maxY] = info.bounds!;
    return [
      `/data/cell/${tile}/0/0/0`,
      `/data/cell/${tile}/3/0/0`,
      `/data/at/${tile}?point=${(minX + maxX) / 2},${(minY + maxY) / 2},1,1`,
      `/data/feature/${tile}/1`,
      `/data/list?box=${info.bounds!.join()}&limit=20`,
    ];
  };

  test('an R-tree that leads in circles holds up nobody', async () => {
    const circles: [what: string, change: (root: Buffer) => void][] = [
      ['its root is its own child', (root) => root.writeBigInt64BE(1n, 4)],
      [
        'all its children are itself',
        (root) => {
          root.writeUInt16BE(39, 0);
          root.writeUInt16BE(51, 2);
          for (let at = 4; at + 24 <= root.length; at += 24) {
            root.writeBigInt64BE(1n, at);
            for (const [k, side] of [-1e9, 1e9, -1e9, 1e9].entries()) {
              root.writeFloatBE(side, at + 8 + 4 * k);
            }
          }
        },
      ],
      [
        'it has a child twice',
        (root) => {
          root.writeUInt16BE(1, 0);
          root.copy(root, 28, 4, 28);
          root.writeUInt16BE(2, 2);
          for (const at of [4, 28]) {
            root.writeBigInt64BE(2n, at);
            for (const [k, side] of [-1e9, 1e9, -1e9, 1e9].entries()) {
              root.writeFloatBE(side, at + 8 + 4 * k);
            }
          }
        },
      ],
    ];
    for (const [what, change] of circles) {
      damage((db) => {
        const table = quoted(`rtree_${layer}_geom_node`);
        const { data } = db.prepare(`select data from ${table} where nodeno = 1`).get()!;
        const root = Buffer.from(data as Uint8Array);
        root.writeUInt16BE(5, 0);
        change(root);
        db.prepare(`insert or ignore into ${table} values (2, ?)`).run(data as Uint8Array);
        db.prepare(`update ${table} set data = ? where nodeno = 1`).run(root);
      });
      for (const address of (await addresses()).filter(
        (each) => !/feature|\/3\/0\/0$/.test(each),
      )) {
        const { status, text } = await ask(address);
        assert.equal(status, 500, `${what}: ${address}`);
        assert.match(errorOf(text), /a node of its R-tree can’t be read/);
      }
    }
  });

  test('SQL that a tile brings along is not run', async () => {
    const features = quoted(layer);
    const endless = 'with recursive n(k) as (select 1 union all select k + 1 from n)';
    for (const [what, ...statements] of [
      [
        'an endless view for its features',
        `alter table ${features} rename to kept`,
        `create view ${features} as ${endless} select kept.* from n, kept where k < 0`,
      ],
      [
        'an endless view for its R-tree',
        `drop table ${quoted(`rtree_${layer}_geom`)}`,
        `create view ${quoted(`rtree_${layer}_geom_node`)} as ${endless} select k as nodeno, null as data from n where k < 0`,
      ],
      [
        'an endless view of layers',
        'alter table gpkg_contents rename to kept',
        `create view gpkg_contents as ${endless} select kept.* from n, kept where k < 0`,
      ],
      [
        'a value of a gigabyte out of nothing',
        `alter table ${features} add column big blob generated always as (zeroblob(900000000))`,
      ],
    ] as const) {
      damage('pragma legacy_alter_table = on', ...statements);
      for (const address of await addresses()) {
        const { status, text } = await ask(address);
        assert.equal(status, 500, `${what}: ${address}`);
        assert.match(errorOf(text), /is not as it was staged|can't be read/, what);
      }
    }
  });

  test('an attribute without end is cut, and a blob told by its length', async () => {
    const features = quoted(layer);
    damage(
      `update ${features} set Image = replace(hex(zeroblob(2000000)), '0', 'é'), Date = zeroblob(5000000)`,
    );
    const { status, text } = await ask(`/data/feature/${tiles[0]}/1`);
    assert.equal(status, 200);
    const { attributes } = JSON.parse(text) as { attributes: [string, unknown][] };
    const values = new Map(attributes);
    assert.equal(values.get('Image'), 'é'.repeat(100_000));
    assert.equal(values.get('Date'), '5000000 bytes');
  });

  test('whatever the bytes of geometries and boxes are, all is answered', async () => {
    const random = new Random(12);
    const features = quoted(layer);
    const nodes = quoted(`rtree_${layer}_geom_node`);
    const header = Buffer.from([0x47, 0x50, 0, 1, 0xe6, 0x10, 0, 0]);
    const collection = Buffer.concat(
      // Collections in collections, each of one, 100,000 deep.
      Array.from({ length: 100_000 }, () => Buffer.from([1, 7, 0, 0, 0, 1, 0, 0, 0])),
    );
    const many = Buffer.from([1, 3, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
    const rings = Buffer.from([1, 6, 0, 0, 0, 255, 255, 255, 127, 1, 3, 0, 0, 0]);
    const fixed = [collection, many, rings].map((wkb) => Buffer.concat([header, wkb]));
    const all = await addresses();
    const statuses = new Map<number, number>();
    for (let round = 0; round < 15; round++) {
      damage((db) => {
        const rows = db.prepare(`select fid, geom from ${features}`).all();
        const update = db.prepare(`update ${features} set geom = ? where fid = ?`);
        for (const [k, { fid, geom }] of rows.entries()) {
          const bytes = Buffer.from(geom as Uint8Array);
          for (let n = random.integer(4); n > 0; n--) {
            bytes[random.integer(Math.min(bytes.length, 60))] = random.integer(256);
          }
          const odd = round === 0 ? fixed[k] : undefined;
          update.run(odd ?? (random.next() < 0.5 ? bytes : (geom as Uint8Array)), fid as number);
        }
        if (round % 2 === 0) return;
        for (const { nodeno, data } of db.prepare(`select nodeno, data from ${nodes}`).all()) {
          const bytes = Buffer.from(data as Uint8Array);
          for (let n = 0; n < 3; n++) {
            const at = 12 + 4 * random.integer((bytes.length - 16) / 4);
            bytes.writeUInt32BE([0x7fc00000, 0x7f800000, 0xff800000, 0xffffffff][n]!, at);
          }
          db.prepare(`update ${nodes} set data = ? where nodeno = ?`).run(bytes, nodeno as number);
        }
      });
      for (const address of all) {
        const { status } = await ask(address);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        assert.ok([200, 404, 500].includes(status), `${address}: ${status}`);
      }
    }
    assert.ok(statuses.get(200)! > 15, JSON.stringify([...statuses]));
    damage();
    for (const address of all) assert.equal((await ask(address)).status, 200, address);
  });

  test('a tile that a run removes is gone, and the others are listed', async () => {
    rmSync(path);
    for (const address of await addresses()) {
      const { status, text } = await ask(address);
      if (address.startsWith('/data/list')) {
        assert.equal(status, 200);
        const { features, gone } = JSON.parse(text) as FeatureList;
        assert.equal(gone, 1);
        assert.ok(features.length > 0);
        assert.ok(features.every(({ x, y }) => !tiles[0]!.endsWith(`/${x}/${y}`)));
      } else {
        assert.equal(status, 404, address);
        assert.match(errorOf(text), /is not there: a run is removing it/);
      }
    }
    damage();
  });

  test('a tile with other rows than the journal has counted is being written, if a run is', async () => {
    const info = (await (await fetch(new URL('/data/folder', viewer.url))).json()) as FolderInfo;
    const some = formatInputSet(info.inputs.map((_, i) => i === 0));
    damage(`delete from ${quoted(layer)} where fid = (select max(fid) from ${quoted(layer)})`);
    const cell = `/data/cell/${tiles[0]}/0/0/0?inputs=${some}`;
    const told = await ask(cell);
    assert.equal(told.status, 500);
    assert.match(errorOf(told.text), /its rows can't be told by/);
    const journal = new Journal(join(staged, '.tilewright/journal.sqlite'));
    journal.setPending({ runId: randomUUID(), records: [], inputs: [], removed: [] });
    journal.close();
    const again = await ask(cell);
    assert.equal(again.status, 503);
    assert.match(errorOf(again.text), /^A run is writing this tile anew/);
    damage();
    assert.equal((await ask(cell)).status, 200);
  });

  test('requests that are too long, and very many connections, hold up nobody for long', async () => {
    assert.equal((await getRaw(viewer.url, `/data/grid?inputs=${'A'.repeat(70_000)}`)).status, 431);
    assert.equal((await ask(`/data/grid?inputs=${'A'.repeat(60_000)}`)).status, 400);
    assert.equal((await ask(`/data/list?box=-1e308,-1e308,1e308,1e308&limit=0`)).status, 200);
    assert.equal((await ask(`/data/table?limit=0&around=1e300,-1e300`)).status, 200);
    const sockets: Socket[] = [];
    for (let k = 0; k < 400; k++) {
      const socket = connect(Number(new URL(viewer.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    // Those that are more than it takes are closed at once.
    await Promise.race(sockets.map((socket) => once(socket, 'close')));
    for (const socket of sockets) socket.destroy();
    let status = 0;
    for (let k = 0; k < 50 && status !== 200; k++) {
      status = await ask('/data/version').then(
        (answer) => answer.status,
        () => 0,
      );
    }
    assert.equal(status, 200);
  });
});

test('a thread that works on for nobody, or for too long, is ended', async (t) => {
  const limits = { callMs: 60_000, abandonedMs: 50 };
  const module = new URL('./endless-thread', import.meta.url);
  const pool = new ThreadPool<TestMethods>(module, 1, {}, limits);
  t.after(() => pool.close());
  const leaving = new AbortController();
  const given = pool.run('forever', [], leaving.signal);
  const next = pool.run('answer', [7]);
  leaving.abort();
  await assert.rejects(given, { code: 'interrupted', message: /Nobody waits/ });
  assert.equal(await next, 7);
  // One that hears of it keeps its thread.
  const polite = new AbortController();
  const before = await pool.run('thread', []);
  const untilTold = pool.run('untilCancelled', [], polite.signal);
  polite.abort();
  await assert.rejects(untilTold, { code: 'interrupted' });
  assert.equal(await pool.run('thread', []), before);

  const hasty = new ThreadPool<TestMethods>(module, 1, {}, { callMs: 2_000, abandonedMs: 50 });
  t.after(() => hasty.close());
  await assert.rejects(hasty.run('forever', []), { code: 'interrupted', message: /too long/ });
  assert.equal(await hasty.run('answer', [8]), 8);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1_100 }, (_, k) => hasty.run('answer', [k])),
  );
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 99);
});
