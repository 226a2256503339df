/** Many tiles in one GeoParquet file: each comes back as it was written, alone, and DuckDB reads them all. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import type { StagedPack } from '../../../src/formats/staged-format.ts';
import { temporaryFolder } from '../../staging/support.ts';
import {
  allOf,
  COLUMNS,
  comparable,
  decoded,
  encoded,
  extentOf,
  type Row,
  randomRows,
  shown,
} from '../contract/staged-contract-rows.ts';
import { duckRows } from '../duckdb.ts';

const CRS = resolveCrs({ authority: 'EPSG', code: '3413' });
const NOTHING = new RowWriter();

interface Tile {
  x: number;
  y: number;
  rows: Row[];
}

/** Tiles of few rows, of none, and one of several row groups. */
function someTiles(seed: number, count: number, large = 0): Tile[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const rows = i === 3 && large > 0 ? large : random.integer(i % 4 === 0 ? 2 : 60);
    return { x: random.integer(1e6), y: i, rows: randomRows(seed + i, rows) };
  });
}

function write(path: string, tiles: readonly Tile[]): Buffer {
  const output = OutputFile.create(path);
  const layer = { name: 'all', columns: COLUMNS, crs: CRS, geometry: 15 };
  const pack = geoParquetTiles.pack!.create(output, layer);
  for (const { x, y, rows } of tiles) {
    const tile = pack.tile(x, y, 15);
    for (const row of rows) tile.add(encoded(row, COLUMNS), NOTHING);
    tile.finish();
    assert.equal(tile.rows, rows.length);
  }
  pack.finish();
  output.close();
  return readFileSync(path);
}

function opened<T>(path: string, work: (pack: StagedPack) => T): T {
  const pack = geoParquetTiles.pack!.open(path);
  try {
    return work(pack);
  } finally {
    pack.close();
  }
}

suite('packs of GeoParquet', () => {
  test('each tile comes back as it was, in any order', async (t) => {
    const path = join(temporaryFolder(t), 'pack.parquet');
    const tiles = someTiles(1, 40, 20_000);
    write(path, tiles);
    opened(path, (pack) => {
      assert.deepEqual(pack.columns, COLUMNS);
      assert.deepEqual(
        pack.tiles(),
        tiles.map(({ x, y, rows }) => ({ x, y, rows: rows.length })),
      );
      for (const { x, y, rows } of tiles.toReversed()) {
        const file = pack.tile(x, y)!;
        assert.equal(file.rowCount, rows.length);
        assert.deepEqual(file.extent && [...file.extent], extentOf(rows));
        assert.deepEqual(allOf(file), rows.map(comparable));
        const found = new Set<number>();
        file.search(-1e9, -1e9, 1e9, 1e9, (number) => {
          found.add(number);
          return undefined;
        });
        assert.equal(found.size, rows.length);
        if (rows.length > 0) {
          assert.deepEqual(decoded(file.row(rows.length)!), comparable(rows.at(-1)!));
        }
        assert.equal(file.row(rows.length + 1), null);
        file.close();
      }
      assert.equal(pack.tile(-1, 0), null);
    });
    const [{ n }] = (await duckRows(`select count(*)::int as n from '${path}'`)) as [{ n: number }];
    assert.equal(
      n,
      tiles.reduce((sum, { rows }) => sum + rows.length, 0),
    );
  });

  test('the index of tiles leads others to their rows', async (t) => {
    const path = join(temporaryFolder(t), 'pack.parquet');
    const tiles = someTiles(2, 12);
    write(path, tiles);
    const [{ value }] = (await duckRows(
      `select decode(value) as value from parquet_kv_metadata('${path}') where decode(key) = 'tilewright'`,
    )) as [{ value: string }];
    const { tileFields, tiles: index } = JSON.parse(value);
    const groups = (await duckRows(
      `select distinct row_group_id::int as id, row_group_num_rows::int as n from parquet_metadata('${path}') order by 1`,
    )) as { id: number; n: number }[];
    const field = (entry: number[], name: string): number => entry[tileFields.indexOf(name)]!;
    for (const [i, { x, y, rows }] of tiles.entries()) {
      assert.deepEqual([field(index[i], 'x'), field(index[i], 'y')], [x, y]);
      const first = field(index[i], 'first_row_group');
      const own = groups.slice(first, first + field(index[i], 'row_groups'));
      assert.equal(
        own.reduce((sum, { n }) => sum + n, 0),
        rows.length,
      );
    }
  });

  test('the same tiles give the same bytes', (t) => {
    const folder = temporaryFolder(t);
    const tiles = someTiles(3, 10);
    assert.ok(
      write(join(folder, 'a.parquet'), tiles).equals(write(join(folder, 'b.parquet'), tiles)),
    );
  });

  test('what is cut off or changed: the same rows, or an error that names it', (t) => {
    const path = join(temporaryFolder(t), 'pack.parquet');
    const tiles = someTiles(4, 6);
    const whole = write(path, tiles);
    const text = (rows: readonly Row[]): string => JSON.stringify(rows, shown);
    const expected = tiles.map(({ rows }) => text(rows.map(comparable)));
    let refused = 0;
    const meet = (bytes: Uint8Array, what: string): void => {
      writeFileSync(path, bytes);
      try {
        const found = opened(path, (pack) =>
          tiles.map(({ x, y }) => text(allOf(pack.tile(x, y)!))),
        );
        assert.deepEqual(found, expected, what);
      } catch (error) {
        assert.ok(error instanceof TilewrightError, `${what}: ${(error as Error).stack}`);
        assert.match(error.code, /^(staged-folder|input-)/, what);
        refused++;
      }
    };
    const random = new Random(5);
    for (let n = 0; n < 40; n++) {
      const length = random.integer(whole.length);
      meet(whole.subarray(0, length), `cut to ${length}`);
    }
    for (let n = 0; n < 300; n++) {
      const bytes = Uint8Array.from(whole);
      const at = random.integer(whole.length);
      bytes[at]! ^= 1 << random.integer(8);
      meet(bytes, `byte ${at}`);
    }
    assert.ok(refused > 250, `${refused}`);
  });

  test('a tile is no pack, and a pack no tile', (t) => {
    const folder = temporaryFolder(t);
    const tile = join(folder, 'all.parquet');
    const output = OutputFile.create(tile);
    const layer = { name: 'all', columns: COLUMNS, crs: CRS, geometry: 15 };
    geoParquetTiles.create(output, layer).finish();
    output.close();
    assert.throws(() => opened(tile, () => undefined), { code: 'staged-folder' });
    write(join(folder, 'packed.parquet'), someTiles(6, 2));
    assert.throws(() => geoParquetTiles.open(join(folder, 'packed.parquet'), 'all'), {
      code: 'staged-folder',
    });
  });
});
