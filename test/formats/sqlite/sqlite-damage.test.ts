/**
 * Damaged databases: whatever the bytes say, reading ends soon, with rows or with a
 * TilewrightError, and takes no more memory than the file has bytes.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { PageFile } from '../../../src/formats/sqlite/page-file.ts';
import { TableCursor } from '../../../src/formats/sqlite/table-cursor.ts';
import {
  countOutcomes,
  type Outcome,
  outcomeOf,
  PAGE,
  walk,
  writeSound,
} from './sqlite-damage-fixture.ts';
import { rootOf, temporaryFolder, withDatabase } from './sqlite-fixture.ts';

test('cut off after any page, and within pages', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root, rows } = writeSound(path);
  const whole = readFileSync(path);
  const sound = walk(path, root);
  assert.ok(!(sound instanceof TilewrightError) && sound.rows === rows);
  const lengths = [0, 1, 15, 16, 50, 99, 100, 511];
  for (let page = 1; page * PAGE < whole.length; page++) lengths.push(page * PAGE);
  for (let page = 1; page * PAGE < whole.length; page += 17) lengths.push(page * PAGE + 255);
  const codes = new Map<number, string>();
  for (const length of lengths) {
    writeFileSync(path, whole.subarray(0, length));
    codes.set(length, outcomeOf(walk(path, root)));
  }
  assert.equal(codes.get(0), 'input-empty');
  for (const short of [1, 15, 16, 50, 99]) assert.equal(codes.get(short), 'input-format');
  for (const [length, code] of codes) {
    if (length >= 100) assert.equal(code, 'input-truncated', `${length} bytes`);
  }
  assert.ok(codes.size > 300);
});

test('cut off, and the header does not tell', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root } = writeSound(path);
  const whole = readFileSync(path);
  // As an old program leaves it: the page count is not that of the last change.
  whole.writeUInt32BE(whole.readUInt32BE(24) + 1, 24);
  const outcomes: Outcome[] = [];
  for (let page = 1; page * PAGE < whole.length; page += 3) {
    writeFileSync(path, whole.subarray(0, page * PAGE));
    outcomes.push(walk(path, root));
  }
  assert.deepEqual(Object.keys(countOutcomes(outcomes)), ['input-corrupt']);
});

test('a file that is cut short while it is read', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  withDatabase(path, (db) => {
    db.exec(`create table t (a); with recursive n(i) as
      (select 1 union all select i + 1 from n where i < 1000) insert into t select zeroblob(3000)
      from n`);
  });
  const pages = new PageFile(path);
  const cursor = new TableCursor(pages, rootOf(path, 't'));
  cursor.seek(0);
  cursor.next();
  truncateSync(path, 100_000);
  assert.throws(
    () => {
      while (cursor.next()) assert.ok(cursor.payloadEnd > 0);
    },
    { code: 'input-truncated' },
  );
  pages.close();
});

test('files that are no databases, and impossible headers', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.db');
  assert.equal(outcomeOf(walk(join(folder, 'none.db'), 2)), 'input-missing');
  writeFileSync(path, 'x'.repeat(10_000));
  assert.equal(outcomeOf(walk(path, 2)), 'input-format');
  mkdirSync(join(folder, 'folder.db'));
  assert.equal(outcomeOf(walk(join(folder, 'folder.db'), 2)), 'input-format');
  const sound = join(folder, 'sound.db');
  const { root } = writeSound(sound);
  const whole = readFileSync(sound);
  for (const size of [0, 2, 256, 511, 513, 1000, 32_769, 65_535]) {
    const bytes = Buffer.from(whole);
    bytes.writeUInt16BE(size, 16);
    writeFileSync(path, bytes);
    assert.equal(outcomeOf(walk(path, root)), 'input-corrupt', `page size ${size}`);
  }
  for (const reserved of [33, 255]) {
    const bytes = Buffer.from(whole);
    bytes[20] = reserved;
    writeFileSync(path, bytes);
    assert.equal(outcomeOf(walk(path, root)), 'input-corrupt', `${reserved} reserved bytes`);
  }
});

test('300 times some changed bytes anywhere, 300 times in the heads of pages', (t) => {
  const path = join(temporaryFolder(t), 'a.db');
  const { root } = writeSound(path);
  const whole = readFileSync(path);
  const random = new Random(77);
  const outcomes: Outcome[] = [];
  for (let n = 0; n < 600; n++) {
    const bytes = Buffer.from(whole);
    for (let k = 0; k <= random.integer(8); k++) {
      const page = 1 + random.integer(bytes.length / PAGE - 1);
      const at =
        n < 300 ? 100 + random.integer(bytes.length - 100) : page * PAGE + random.integer(24);
      bytes[at] =
        random.integer(3) === 0 ? bytes[at]! ^ (1 << random.integer(8)) : random.integer(256);
    }
    writeFileSync(path, bytes);
    outcomes.push(walk(path, root, n % 3 === 0 ? random.integer(1200) : Number.NEGATIVE_INFINITY));
  }
  const counts = countOutcomes(outcomes);
  assert.deepEqual(Object.keys(counts).sort(), ['input-corrupt', 'rows']);
  assert.ok(counts['rows']! > 100 && counts['input-corrupt']! > 100, JSON.stringify(counts));
});
