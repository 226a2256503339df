import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { sqliteCode } from '../../src/core/sqlite-error.ts';
import { temporaryFolder } from '../staging/support.ts';

/** What the work throws. */
function errorOf(work: () => void): Error & { errcode?: number } {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown');
}

test("SQLite's codes are known with and without the runtime's help", (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.sqlite');
  const first = new DatabaseSync(path);
  first.exec('create table a (b unique); insert into a values (1); pragma page_size');
  writeFileSync(
    join(folder, 'text'),
    'This is a text, and no database, of more than 100 bytes. '.repeat(3),
  );
  const errors: [Error & { errcode?: number }, number][] = [
    [errorOf(() => first.exec('no SQL')), 1],
    [errorOf(() => new DatabaseSync(path, { readOnly: true }).exec('delete from a')), 8],
    [errorOf(() => new DatabaseSync(join(folder, 'text')).exec('select * from a')), 26],
    [
      errorOf(() => {
        first.exec('pragma max_page_count = 3');
        for (;;) first.exec('insert into a values (randomblob(1000))');
      }),
      13,
    ],
  ];
  first.exec('begin exclusive');
  errors.push([errorOf(() => new DatabaseSync(path).exec('begin exclusive')), 5]);
  first.close();
  for (const [error, code] of errors) {
    assert.equal(typeof error.errcode, 'number');
    assert.equal(sqliteCode(error), code, error.message);
    // As Deno has them.
    delete error.errcode;
    assert.equal(sqliteCode(error), code, error.message);
  }
});

test('an extended code stands for its primary one; other errors have none', () => {
  assert.equal(sqliteCode({ errcode: 261, code: 'ERR_SQLITE_ERROR' }), 5);
  assert.equal(sqliteCode(new Error('database is locked')), undefined);
  assert.equal(sqliteCode(undefined), undefined);
});
