/** Damaged Parquet: rows, or an error that has a name; where DuckDB reads it too, the same rows. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { temporaryFolder } from '../staging/support.ts';
import { duckdb, rowsOfDuckDb, rowsOfProject, type Table } from './parquet-duckdb.ts';

const CODECS = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];
const SELECT = `
  SELECT i AS n, i * 1000003 % 977 AS m, CAST(i AS DOUBLE) / 3 AS d, CAST(i % 9 AS VARCHAR) AS few,
         'name ' || i AS name, CASE WHEN i % 3 = 0 THEN NULL ELSE CAST(i AS FLOAT) END AS f,
         i % 2 = 0 AS b, range(i % 4) AS list, {'a': i, 'b': ['x', CAST(i AS VARCHAR)]} AS struct,
         CAST('2026-01-01' AS DATE) + CAST(i AS INTEGER) AS day
  FROM range(300) AS r(i)`;
/** A read that takes longer is no refusal. */
const MOST_MS = 10_000;

suite('damaged Parquet', () => {
  for (let k = 0; k < rounds(6, 30); k++) {
    const seed = seedOf(k);
    test(`seed ${seed}`, async (t) => {
      const random = new Random(seed);
      const path = join(temporaryFolder(t), 'a.parquet');
      const codec = CODECS[k % CODECS.length]!;
      const version = random.integer(2) === 0 ? 'V1' : 'V2';
      await duckdb.run(
        `COPY (${SELECT}) TO '${path}' (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${version})`,
      );
      const sound = readFileSync(path);
      const whole = rowsOfProject(path);
      let [failed, read, same] = [0, 0, 0];
      for (let n = 0; n < rounds(150, 400); n++) {
        const bytes = damaged(sound, random);
        writeFileSync(path, bytes);
        const start = performance.now();
        let found: Table | null = null;
        try {
          found = rowsOfProject(path);
        } catch (error) {
          assert.ok(error instanceof TilewrightError, `${codec}, ${n}: ${(error as Error).stack}`);
          assert.notEqual(error.code, 'internal', `${codec}, ${n}: ${error.message}`);
          assert.ok(error.message.includes(path), error.message);
          assert.equal(error.input, path);
        }
        const ms = performance.now() - start;
        assert.ok(ms < MOST_MS, `${codec}, ${n}: ${ms} ms`);
        if (found === null) failed++;
        else {
          read++;
          const other = await rowsOfDuckDb(path).catch(() => null);
          if (other !== null) {
            assert.deepEqual(rowsOfProject(path, other.names), other, `${codec}, ${n}`);
            same++;
          }
        }
      }
      assert.ok(
        failed > 20 && same > 9,
        `${failed} failed, ${read} were read, ${same} by DuckDB too`,
      );
      writeFileSync(path, sound);
      assert.deepEqual(rowsOfProject(path), whole);
    });
  }
});

/** Other bytes here and there, more of them in the footer; or a part that is missing, or twice. */
function damaged(sound: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(sound);
  const footer = sound.length - 8 - sound.readUInt32LE(sound.length - 8);
  for (let k = random.integer(3); k >= 0; k--) {
    const at =
      random.integer(2) === 0
        ? random.integer(sound.length)
        : footer + random.integer(sound.length - footer);
    const kind = random.integer(4);
    if (kind === 0) bytes[at] = random.integer(256);
    else if (kind === 1) bytes[at] = bytes[at]! ^ (1 << random.integer(8));
    else if (kind === 2) bytes[at] = [0, 127, 128, 255][random.integer(4)]!;
    else bytes.copyWithin(at, random.integer(sound.length), random.integer(sound.length));
  }
  return random.integer(20) === 0 ? bytes.subarray(0, random.integer(bytes.length)) : bytes;
}
