/** Parquet read as DuckDB reads it: files of many writers, and files that DuckDB writes at random. */

import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../src/core/errors.ts';
import { Random } from '../../src/core/random.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { NO_SHARED_DATA, sharedData, temporaryFolder } from '../staging/support.ts';
import { duckdb, rowsOfDuckDb, rowsOfProject } from './parquet-duckdb.ts';

const folders = ['real', 'nasty'].map((name) => sharedData(name));

suite('files of many writers', { skip: folders.includes(null) ? NO_SHARED_DATA : false }, () => {
  const paths = folders.flatMap((folder) =>
    globSync('**/*.parquet', { cwd: folder! }).map((path) => join(folder!, path)),
  );
  assert.ok(paths.length > 50);
  for (const path of paths) {
    test(basename(path), async () => {
      let wanted: Awaited<ReturnType<typeof rowsOfDuckDb>> | null = null;
      try {
        wanted = await rowsOfDuckDb(path);
      } catch (error) {
        // What DuckDB can't read may be read here, or refused by name.
        try {
          rowsOfProject(path);
        } catch (own) {
          assert.ok(own instanceof TilewrightError, `${own} beside ${error}`);
        }
        return;
      }
      assert.deepEqual(rowsOfProject(path, wanted.names), wanted);
    });
  }
});

/** Columns of all types, by the number of a row; NULL for some. */
const COLUMNS: Record<string, string> = {
  bool: 'h % 3 = 0',
  tiny: 'CAST(h % 256 - 128 AS TINYINT)',
  small: 'CAST(h % 65536 - 32768 AS SMALLINT)',
  int: 'CAST(h % 4294967296 - 2147483648 AS INTEGER)',
  big: 'CAST(h - 9223372036854775808 AS BIGINT)',
  slow: 'CAST(1000000000000000 + 17 * i + h % 5 AS BIGINT)',
  utiny: 'CAST(h % 256 AS UTINYINT)',
  uint: 'CAST(h % 4294967296 AS UINTEGER)',
  ubig: 'CAST(h AS UBIGINT)',
  float: 'CAST(sin(i) * 10 ** (h % 70 - 35) AS FLOAT)',
  double: 'CAST(cos(i) * 10 ** (h % 600 - 300) AS DOUBLE)',
  few: 'CAST(h % 5 AS DOUBLE)',
  text: "repeat(chr(97 + CAST(h % 26 AS INTEGER)), CAST(h % 40 AS INTEGER)) || 'ü🧊'",
  word: "['low', 'high', '', 'flat centred'][CAST(1 + h % 4 AS INTEGER)]",
  sorted: "'prefix of all ' || lpad(CAST(i AS VARCHAR), 9, '0')",
  blob: 'unhex(md5(CAST(h AS VARCHAR)))',
  date: "CAST('1970-01-01' AS DATE) + CAST(h % 2000000 - 700000 AS INTEGER)",
  time: "CAST('00:00:00' AS TIME) + to_microseconds(CAST(h % 86400000000 AS BIGINT))",
  stamp: 'make_timestamp(CAST(h % 200000000000000000 AS BIGINT) - 60000000000000000)',
  stamp_s: 'CAST(make_timestamp(CAST(h % 200000000000 AS BIGINT) * 1000000) AS TIMESTAMP_S)',
  stamp_ms: 'CAST(make_timestamp(CAST(h % 9000000000000 AS BIGINT) * 1000) AS TIMESTAMP_MS)',
  stamp_ns: 'make_timestamp_ns(CAST(h % 9000000000000000000 AS BIGINT) - 4500000000000000000)',
  zoned: 'CAST(make_timestamp(CAST(h % 2000000000000000 AS BIGINT)) AS TIMESTAMPTZ)',
  money: 'CAST(CAST(h % 1000000000 AS BIGINT) / 100.0 - 5000000 AS DECIMAL(12, 2))',
  whole: 'CAST(h % 1000000000 AS DECIMAL(15, 0))',
  huge: "CAST(CAST(h AS VARCHAR) || '.' || CAST(h % 1000 AS VARCHAR) AS DECIMAL(38, 5))",
  uuid: 'CAST(md5(CAST(h AS VARCHAR)) AS UUID)',
  enumerated: "CAST(['a', 'b', 'c'][CAST(1 + h % 3 AS INTEGER)] AS ENUM ('a', 'b', 'c'))",
  list: 'list_transform(range(CAST(h % 6 AS BIGINT)), v -> CASE WHEN (v + i) % 4 = 0 THEN NULL ELSE v * h % 1000 END)',
  lists:
    'list_transform(range(CAST(h % 4 AS BIGINT)), v -> CASE WHEN (v + i) % 5 = 0 THEN NULL ELSE range(v) END)',
  struct: "{'a': CASE WHEN h % 4 = 0 THEN NULL ELSE h % 100 END, 'b': {'c': CAST(i AS VARCHAR)}}",
  structs:
    "list_transform(range(CAST(h % 4 AS BIGINT)), v -> {'v': v, 'w': CASE WHEN v % 2 = 0 THEN NULL ELSE [v] END})",
  map: "map_from_entries(list_transform(range(CAST(h % 4 AS BIGINT)), v -> ('k' || v, v + h % 10)))",
};
const CODECS = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];

suite('files that DuckDB writes', () => {
  const count = rounds(8, 60);
  for (let n = 0; n < count; n++) {
    const seed = seedOf(n);
    test(`seed ${seed}`, async (t) => {
      const random = new Random(seed);
      const rows = 1 + random.integer(9_000);
      // Of some columns all values are there, of some none, of most some.
      const density = (): number => [0, 1, 2, 5, 50][random.integer(5)]!;
      const columns = Object.entries(COLUMNS).map(([name, sql], c) => {
        const every = density();
        const value =
          every === 0 ? sql : `CASE WHEN hash(i, ${c}) % ${every} = 0 THEN NULL ELSE ${sql} END`;
        return `${value} AS ${name}`;
      });
      const codec = CODECS[n % CODECS.length]!;
      const options = [
        ...['FORMAT parquet', `COMPRESSION ${codec}`],
        `PARQUET_VERSION ${random.integer(2) === 0 ? 'V1' : 'V2'}`,
        `ROW_GROUP_SIZE ${[2048, 4096, 122_880][random.integer(3)]}`,
        ...(random.integer(3) === 0 ? ['DICTIONARY_SIZE_LIMIT 3'] : []),
        ...(codec === 'zstd' ? ['COMPRESSION_LEVEL 1'] : []),
      ];
      const path = join(temporaryFolder(t), 'a.parquet');
      await duckdb.run(
        `COPY (SELECT ${columns.join()} FROM (SELECT i, CAST(hash(i, ${seed}) AS HUGEINT) AS h FROM range(${rows}) AS r(i)))
         TO '${path}' (${options.join()})`,
      );
      const wanted = await rowsOfDuckDb(path);
      assert.equal(wanted.rows.length, rows);
      assert.equal(wanted.names.length, columns.length);
      const found = rowsOfProject(path, wanted.names);
      for (const [i, row] of wanted.rows.entries()) {
        assert.deepEqual(found.rows[i], row, `row ${i} of ${options.join()}`);
      }
      assert.equal(found.rows.length, rows);
    });
  }
});
