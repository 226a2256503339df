/**
 * Damage to the structure of a table, of which SQLite itself notices little: none of it may lose,
 * double or reorder rows without a word, also not between slices.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { TableCursor } from '../../../src/formats/sqlite/table-cursor.ts';
import { writeVarint } from '../../../src/formats/sqlite/varint.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { rootOf, temporaryFolder, withDatabase } from './sqlite-fixture.ts';

const PAGE = 512;

/** A table in a tree of three levels, with free pages, and another table whose rows look the same. */
function writeTables(path: string, pragma = ''): { root: number; bytes: Buffer } {
  withDatabase(path, (db) => {
    db.exec(`pragma page_size = ${PAGE}; pragma journal_mode = off; ${pragma};
      create table t (id integer primary key, a, b); create table u (id integer primary key, a, b);
      create table gone (a);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 1200)
      insert into t select i, zeroblob(case i % 50 when 0 then 1500 else i % 60 end), i from n;
      insert into u select * from t; insert into gone select a from t;
      delete from t where id % 7 = 0; drop table gone`);
  });
  return { root: rootOf(path, 't'), bytes: readFileSync(path) };
}

/** The rowids that all slices read, or the code of the error. */
function idsOf(path: string, root: number, slices = 1): string {
  const file = new PageFile(path);
  try {
    const ids: number[] = [];
    for (let k = 0; k < slices; k++) {
      const cursor = new TableCursor(file, root);
      const end = k === slices - 1 ? Infinity : 1 + (1200 / slices) * (k + 1);
      cursor.seek(k === 0 ? -Infinity : 1 + (1200 / slices) * k);
      while (cursor.next() && cursor.rowid < end) ids.push(cursor.rowid);
    }
    return ids.join();
  } catch (error) {
    if (error instanceof TilewrightError) return error.code;
    throw error;
  } finally {
    file.close();
  }
}

/** Numbers of the pages of table t. */
function treeOf(bytes: Buffer, page: number): number[] {
  const at = (page - 1) * PAGE;
  if (bytes[at] === 13) return [page];
  const cells = bytes.readUInt16BE(at + 3);
  const children = Array.from({ length: cells }, (_, i) =>
    bytes.readUInt32BE(at + bytes.readUInt16BE(at + 12 + 2 * i)),
  );
  return [page, ...[...children, bytes.readUInt32BE(at + 8)].flatMap((c) => treeOf(bytes, c))];
}

test('any bit of the heads and of the cell pointers of pages is missed', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root, bytes } = writeTables(path);
  const sound = idsOf(path, root);
  assert.equal(sound.split(',').length, 1200 - 171);
  assert.equal(idsOf(path, root, 4), sound);
  const pages = treeOf(bytes, root);
  const random = new Random(seedOf(5));
  const bits = rounds(500, 5_000);
  for (let n = 0; n < bits; n++) {
    const at = (pages[random.integer(pages.length)]! - 1) * PAGE;
    const isLeaf = bytes[at] === 13;
    const length = (isLeaf ? 8 : 12) + 2 * bytes.readUInt16BE(at + 3);
    const place = random.integer(n % 2 === 0 ? (isLeaf ? 8 : 12) : length);
    const damaged = Buffer.from(bytes);
    damaged[at + place]! ^= 1 << random.integer(8);
    writeFileSync(path, damaged);
    const what = `page ${at / PAGE + 1}, byte ${place}: ${bytes[at + place]} → ${damaged[at + place]}`;
    assert.ok(idsOf(path, root) === 'input-corrupt', what);
  }
});

test('another page in the place of a page of a table', (t) => {
  const folder = temporaryFolder(t);
  for (const pragma of ['', 'pragma auto_vacuum = incremental']) {
    const path = join(folder, `a${pragma.length}.db`);
    const { root, bytes } = writeTables(path, pragma);
    const others = treeOf(bytes, rootOf(path, 'u'));
    const parents = treeOf(bytes, root).filter((page) => bytes[(page - 1) * PAGE] === 5);
    const own = new Set(treeOf(bytes, root));
    const random = new Random(6);
    let ofOther = 0;
    for (let n = 0; n < 1000; n++) {
      const at = (parents[random.integer(parents.length)]! - 1) * PAGE;
      const cell =
        at + bytes.readUInt16BE(at + 12 + 2 * random.integer(bytes.readUInt16BE(at + 3)));
      const child = bytes.readUInt32BE(cell);
      const page =
        n % 2 === 0
          ? others[random.integer(others.length)]!
          : 1 + random.integer(bytes.length / PAGE);
      if (page === child) continue;
      const damaged = Buffer.from(bytes);
      damaged.writeUInt32BE(page, cell);
      writeFileSync(path, damaged);
      const found = idsOf(path, root);
      // A page of a table with the same rows can only be told by a pointer map.
      if (pragma === '' && found !== 'input-corrupt' && others.includes(page) && !own.has(page))
        ofOther++;
      else assert.ok(found === 'input-corrupt', `${pragma}: page ${page} instead of ${child}`);
    }
    assert.ok(ofOther < 20);
  }
});

test('keys of interior pages and first and last rowids, read in slices', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root, bytes } = writeTables(path);
  const sound = idsOf(path, root);
  const random = new Random(7);
  let refused = 0;
  for (const page of treeOf(bytes, root)) {
    const at = (page - 1) * PAGE;
    const isLeaf = bytes[at] === 13;
    const cells = bytes.readUInt16BE(at + 3);
    for (const i of [0, cells - 1, random.integer(cells)]) {
      const cell = at + bytes.readUInt16BE(at + (isLeaf ? 8 : 12) + 2 * i);
      const key = isLeaf ? cell + (bytes[cell]! < 0x80 ? 1 : 2) : cell + 4;
      // Of two bytes before and after, so that all else stays in its place.
      if (bytes[key]! < 0x81 || bytes[key + 1]! >= 0x80) continue;
      const damaged = Buffer.from(bytes);
      writeVarint(damaged, key, 128 + random.integer(16_000));
      writeFileSync(path, damaged);
      const found = idsOf(path, root, 1 + random.integer(9));
      const ids = found.split(',').map(Number);
      if (found === 'input-corrupt') refused++;
      else if (isLeaf) {
        // A rowid between its neighbours is as good as another.
        assert.equal(ids.length, sound.split(',').length);
        assert.ok(ids.every((id, k) => k === 0 || id > ids[k - 1]!));
      } else assert.ok(found === sound, `key ${i} of page ${page}`);
    }
  }
  assert.ok(refused > 200, `${refused}`);
});

test('the list of free pages: used pages in it, its pages in use, another length', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root, bytes } = writeTables(path);
  const first = bytes.readUInt32BE(32);
  assert.ok(first > 0 && bytes.readUInt32BE(36) > 100);
  const leaf = treeOf(bytes, root).at(-1)!;
  const changes: [string, (damaged: Buffer) => void][] = [
    ['a page of the table is free', (b) => b.writeUInt32BE(leaf, (first - 1) * PAGE + 8)],
    ['the list begins with a page of the table', (b) => b.writeUInt32BE(leaf, 32)],
    ['the list goes in circles', (b) => b.writeUInt32BE(first, (first - 1) * PAGE)],
    ['a count that is wrong', (b) => b.writeUInt32BE(b.readUInt32BE(36) - 1, 36)],
    ['a list that is longer than its page', (b) => b.writeUInt32BE(200, (first - 1) * PAGE + 4)],
  ];
  for (const [name, change] of changes) {
    const damaged = Buffer.from(bytes);
    change(damaged);
    writeFileSync(path, damaged);
    assert.equal(idsOf(path, root), 'input-corrupt', name);
  }
});

test('pages behind the end that the header tells are not of the database', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root, bytes } = writeTables(path);
  const last = Math.max(...treeOf(bytes, root));
  const longer = Buffer.concat([bytes, Buffer.alloc(PAGE)]);
  writeFileSync(path, longer);
  assert.notEqual(idsOf(path, root), 'input-corrupt');
  longer.writeUInt32BE(last - 1, 28);
  writeFileSync(path, longer);
  assert.equal(idsOf(path, root), 'input-corrupt');
});
