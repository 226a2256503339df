/** Parquet whose values are not what their types say, or whose columns contradict each other: errors by name. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Value } from '../../../src/core/columns.ts';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { duckdb, rowsOfProject } from './parquet-duckdb.ts';
import { type FixtureColumn, parquetBytes } from './parquet-fixture.ts';

const refused = (path: string, message: RegExp): void => {
  assert.throws(
    () => rowsOfProject(path),
    ({ code, message: text, feature }: TilewrightError) => {
      assert.equal(code, 'input-corrupt');
      assert.match(text, message);
      assert.ok(text.includes(path) && feature !== undefined, text);
      return true;
    },
  );
};

/** Numbers of ConvertedType. */
const [TIME_MILLIS, UINT_8, UINT_16, INT_8, INT_16] = [7, 11, 12, 15, 16];
const DAY = 86_400_000;

suite('values that are none of their type', () => {
  const cases: [FixtureColumn['type'], number | undefined, Value[], Value, RegExp][] = [
    ['INT32', INT_8, [-128, 127], 128, /the number 128, for which 8 bits have no room/],
    ['INT32', INT_8, [0], -129, /the number -129/],
    ['INT32', UINT_8, [0, 255], -1, /the number -1, for which 8 bits/],
    ['INT32', INT_16, [-32_768, 32_767], 40_000, /16 bits/],
    ['INT32', UINT_16, [65_535], 65_536, /16 bits/],
    ['INT32', TIME_MILLIS, [0, DAY - 1, DAY], DAY + 1, /a time of day of 86400 seconds/],
    ['INT32', TIME_MILLIS, [0], -1, /a time of day of -1 seconds/],
  ];
  for (const [type, converted, sound, odd, message] of cases) {
    test(`${odd} of converted type ${converted}`, (t) => {
      const path = join(temporaryFolder(t), 'a.parquet');
      const column = { name: 'n', type, ...(converted !== undefined && { converted }) };
      writeFileSync(path, parquetBytes([{ ...column, values: [...sound, null] }]));
      assert.equal(rowsOfProject(path).rows.length, sound.length + 1);
      writeFileSync(path, parquetBytes([{ ...column, values: [...sound, odd] }]));
      refused(path, message);
    });
  }
});

test('a page that does not say its encoding is not taken for a plain one', (t) => {
  const path = join(temporaryFolder(t), 'a.parquet');
  const bytes = parquetBytes([{ name: 'n', type: 'INT32', values: [1, 2, 3, 4, 5] }]);
  // Of the head of the page: five values, PLAIN, and levels in RLE.
  const at = bytes.indexOf(Buffer.from('150a150015061506', 'hex'));
  assert.ok(at > 0);
  // What was field 2 is field 3.
  bytes[at + 2] = 0x25;
  writeFileSync(path, bytes);
  assert.throws(
    () => rowsOfProject(path),
    /column "n" in row group 1 has a damaged head of a page/,
  );
});

suite('leaves of one column', () => {
  /** Of eight rows, all there: an RLE run of the level 2 for each leaf. */
  const LEVELS = Buffer.from([2, 0, 0, 0, 16, 2]);
  for (const leaf of [0, 1]) {
    test(`say otherwise whether a structure is there, the ${leaf + 1}. that it is not`, async (t) => {
      const path = join(temporaryFolder(t), 'a.parquet');
      await duckdb.run(
        `COPY (SELECT {'a': i, 'b': i} AS s FROM range(8) AS r(i)) TO '${path}'
         (FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V1)`,
      );
      assert.equal(rowsOfProject(path).rows[7]![0], '{"a":7,"b":7}');
      const bytes = readFileSync(path);
      let at = bytes.indexOf(LEVELS);
      if (leaf === 1) at = bytes.indexOf(LEVELS, at + 1);
      assert.ok(at > 0);
      bytes[at + 5] = 0;
      writeFileSync(path, bytes);
      refused(path, /levels contradict each other/);
    });
  }
});

test('decimals whose logical and converted type have two scales', async (t) => {
  const path = join(temporaryFolder(t), 'a.parquet');
  await duckdb.run(`copy (select 12.34::decimal(12, 2) as money) to '${path}' (format parquet)`);
  const whole = readFileSync(path);
  const expected = rowsOfProject(path).rows;
  let refusals = 0;
  const footer = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
  for (let at = footer; at < whole.length - 8; at++) {
    // A scale of 2.
    if (whole[at] !== 4) continue;
    const bytes = Buffer.from(whole);
    bytes[at] = 6;
    writeFileSync(path, bytes);
    try {
      assert.deepEqual(rowsOfProject(path).rows, expected, `byte ${at}`);
    } catch (error) {
      assert.equal((error as Error).name, 'TilewrightError', (error as Error).stack);
      if (/"money" of decimals of two scales, (2 and 3|3 and 2)/.test(String(error))) refusals++;
    }
  }
  assert.equal(refusals, 2);
});
