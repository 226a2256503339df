import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { TilewrightError, toTilewrightError } from '../../src/core/errors.ts';
import { sqliteFault } from '../../src/core/sqlite-error.ts';
import { temporaryFolder } from '../staging/support.ts';

test('an error survives the trip from a worker as JSON', () => {
  const error = new TilewrightError('input-corrupt', 'a.gpkg is damaged', {
    input: 'a.gpkg',
    feature: 7,
    tile: '13/1218/895',
    retryable: true,
    cause: new Error('page 3'),
  });
  const back = TilewrightError.fromJSON(JSON.parse(JSON.stringify(error)));
  assert.ok(back instanceof TilewrightError);
  assert.equal(back.cause, 'Error: page 3');
  assert.deepEqual(back.toJSON(), error.toJSON());
  assert.equal(back.code, 'input-corrupt');
  assert.equal(back.message, 'a.gpkg is damaged');
  assert.equal(back.stack, error.stack);
  assert.deepEqual(
    [back.input, back.feature, back.tile, back.retryable],
    ['a.gpkg', 7, '13/1218/895', true],
  );
});

test('details that are not given stay out of the JSON', () => {
  const json = JSON.parse(JSON.stringify(new TilewrightError('usage', 'no')));
  assert.deepEqual(Object.keys(json).sort(), ['code', 'message', 'retryable', 'stack']);
  assert.equal(json.retryable, false);
});

test('system errors get codes of their own', () => {
  const systemError = (code: string): Error => Object.assign(new Error(code), { code });
  const codeOf = (code: string, input?: string): string =>
    toTilewrightError(systemError(code), { input }).code;
  assert.equal(codeOf('ENOSPC'), 'disk-full');
  assert.equal(codeOf('EDQUOT', 'a'), 'disk-full');
  for (const code of ['EACCES', 'EPERM', 'EROFS']) {
    assert.equal(codeOf(code), 'output-unwritable');
    assert.equal(codeOf(code, 'a'), 'input-unreadable');
  }
  assert.equal(codeOf('ENOENT', 'a'), 'input-missing');
  assert.equal(codeOf('ENOENT'), 'output-unwritable');
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM']) {
    assert.equal(codeOf(code), 'system-limit');
    assert.equal(codeOf(code, 'a'), 'system-limit', 'no fault of the input');
  }
  assert.equal(codeOf('EIO'), 'disk-fault');
  assert.equal(codeOf('EIO', 'a'), 'input-unreadable');
  for (const code of ['EFBIG', 'ELOOP', 'ENAMETOOLONG', 'ENOTDIR', 'ETXTBSY']) {
    assert.equal(codeOf(code), 'output-unwritable');
    assert.equal(codeOf(code, 'a'), 'input-unreadable');
  }
  assert.equal(codeOf('EXYZ'), 'internal');
});

test('what the system refuses is said in words, also where SQLite does not know it', (t) => {
  const name = (cause: () => unknown): string => {
    try {
      cause();
      return 'nothing was refused';
    } catch (error) {
      return toTilewrightError(error).message;
    }
  };
  const folder = temporaryFolder(t);
  const long = join(folder, 'a'.repeat(300));
  assert.match(
    name(() => readFileSync(long)),
    /^The path or a name in it is too long: ENAMETOOLONG/,
  );
  symlinkSync(join(folder, 'b'), join(folder, 'b'));
  assert.match(
    name(() => readFileSync(join(folder, 'b'))),
    /^Links lead in a circle: ELOOP/,
  );
  writeFileSync(join(folder, 'c'), '');
  const below = join(folder, 'c/d');
  assert.match(
    name(() => readFileSync(below)),
    /^A part of the path is a file, not a folder/,
  );
  const sqlite = (path: string): string => {
    try {
      new DatabaseSync(path).close();
      return 'nothing was refused';
    } catch (error) {
      return sqliteFault(error, path, 'internal', 'It can not be').message;
    }
  };
  assert.match(sqlite(long), /^It can not be\. The path or a name in it is too long/);
  assert.match(sqlite(below), /^It can not be\. A part of the path is a file/);
  const deep = join(folder, ...Array.from({ length: 12 }, () => 'x'.repeat(45)));
  mkdirSync(deep, { recursive: true });
  assert.match(sqlite(join(deep, 'e')), /its path is longer than SQLite takes/);
});

test('a real system error is the cause, ours are passed on, all else has the fallback', () => {
  let thrown: unknown;
  try {
    readFileSync(join(import.meta.dirname, 'there is no such file'));
  } catch (error) {
    thrown = error;
  }
  const missing = toTilewrightError(thrown, { input: 'there' });
  assert.equal(missing.code, 'input-missing');
  assert.equal(missing.cause, thrown);
  const own = new TilewrightError('usage', 'no');
  assert.equal(toTilewrightError(own, { input: 'a' }, 'internal'), own);
  for (const odd of ['text', undefined, null, 7, new TypeError('odd')]) {
    assert.equal(toTilewrightError(odd, {}, 'tms-invalid').code, 'tms-invalid');
  }
});
