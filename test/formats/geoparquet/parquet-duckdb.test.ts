/** Parquet read as DuckDB reads it: files of many writers, and files that DuckDB writes at random. */

import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { NO_SHARED_DATA, sharedData, temporaryFolder } from '../../staging/support.ts';
import { CODECS, COLUMNS, duckdb, rowsOfDuckDb, rowsOfProject } from './parquet-duckdb.ts';

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
