/** The R-tree by its nodes, against SQLite's own search. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { RTreeReader } from '../../../src/formats/sqlite/rtree-reader.ts';
import { temporaryFolder } from '../../staging/support.ts';

test('finds what SQLite finds, in trees of every depth', (t) => {
  const path = join(temporaryFolder(t), 'tree.sqlite');
  const db = new DatabaseSync(path, { defensive: false });
  t.after(() => db.close());
  const random = new Random(11);
  for (const count of [0, 1, 40, 3000]) {
    db.exec(`drop table if exists "a ""tree"; begin;
      create virtual table "a ""tree" using rtree (id, x0, x1, y0, y1)`);
    const insert = db.prepare('insert into "a ""tree" values (?, ?, ?, ?, ?)');
    for (let k = 0; k < count; k++) {
      const [x, y] = [200 * random.next() - 100, 200 * random.next() - 100];
      // Keys past 2^32 too.
      insert.run(k % 7 === 0 ? k + 2 ** 33 : k, x, x + 3 * random.next(), y, y + 3 * random.next());
    }
    db.exec('commit');
    const { reader, close } = open(path, db, 'a "tree_node');
    const search = db.prepare(
      'select id from "a ""tree" where x0 <= ? and x1 >= ? and y0 <= ? and y1 >= ? order by id',
    );
    let found = 0;
    for (let k = 0; k < 60; k++) {
      const [x, y] = [240 * random.next() - 120, 240 * random.next() - 120];
      const [width, height] = [60 * random.next(), 60 * random.next()];
      const keys: number[] = [];
      const isWhole = reader.search(x, y, x + width, y + height, (key) => {
        keys.push(key);
        return undefined;
      });
      assert.ok(isWhole);
      keys.sort((a, b) => a - b);
      const expected = search.all(x + width, x, y + height, y).map((row) => Number(row['id']));
      assert.deepEqual(keys, expected);
      found += keys.length;
    }
    assert.ok(count < 1000 || found > 1000);
    close();
  }
  const { reader, close } = open(path, db, 'a "tree_node');
  let seen = 0;
  assert.equal(
    reader.search(-200, -200, 200, 200, () => ++seen < 5),
    false,
  );
  assert.equal(seen, 5);
  close();
});

test('a damaged tree is an error, and no endless search', (t) => {
  const path = join(temporaryFolder(t), 'tree.sqlite');
  const db = new DatabaseSync(path, { defensive: false });
  t.after(() => db.close());
  db.exec('create virtual table tree using rtree (id, x0, x1, y0, y1)');
  const insert = db.prepare('insert into tree values (?, ?, ?, ?, ?)');
  for (let k = 0; k < 500; k++) insert.run(k, k, k + 1, 0, 1);
  const root = db.prepare('select data from tree_node where nodeno = 1').get()!['data'] as Buffer;
  const write = db.prepare('update tree_node set data = ? where nodeno = 1');
  const damages: [string, (bytes: Buffer) => Buffer][] = [
    ['cut short', (bytes) => bytes.subarray(0, 30)],
    ['more cells than there is room for', (bytes) => set(bytes, 2, 200)],
    ['too deep', (bytes) => set(bytes, 0, 41)],
    ['leads to a node that is not there', (bytes) => set(bytes, 4, 0x7fff)],
    ['empty', () => Buffer.alloc(0)],
  ];
  for (const [name, damage] of damages) {
    write.run(damage(Buffer.from(root)));
    const { reader, close } = open(path, db, 'tree_node');
    assert.throws(
      () => reader.search(0, 0, 1000, 1000, () => undefined),
      { code: 'input-corrupt' },
      name,
    );
    close();
  }
});

function open(path: string, db: DatabaseSync, table: string) {
  const { rootpage } = db.prepare('select rootpage from sqlite_schema where name = ?').get(table)!;
  const pages = new PageFile(path);
  return { reader: new RTreeReader(pages, Number(rootpage)), close: () => pages.close() };
}

function set(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt16BE(value, at);
  return bytes;
}
