import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TilewrightError, toTilewrightError } from '../../src/core/errors.ts';

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
  assert.equal(codeOf('ENOENT'), 'internal');
  assert.equal(codeOf('EIO'), 'internal');
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
