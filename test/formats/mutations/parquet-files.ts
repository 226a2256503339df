/** Small GeoParquet files of every codec and encoding that is read, and where such files keep their numbers. */

import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import type { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { multiPolygonWkb, polygonWkb, sharedData } from '../../staging/support.ts';
import { encoded, randomRows, COLUMNS as TILE_COLUMNS } from '../contract/staged-contract-rows.ts';
import { CODECS, COLUMNS, duckdb } from '../geoparquet/parquet-duckdb.ts';
import { CONVERTED, type FixtureColumn, parquetBytes } from '../geoparquet/parquet-fixture.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import type { Place } from './mutate.ts';

const GEO = JSON.stringify({
  ...{ version: '1.1.0', primary_column: 'geometry' },
  columns: { geometry: { encoding: 'WKB', geometry_types: ['Polygon', 'MultiPolygon'] } },
});
const MOST_BYTES = 30_000;

const pick = <T>(random: Random, from: readonly T[]): T => from[random.integer(from.length)]!;

function wkb(random: Random): Buffer | null {
  const [x, y] = [random.integer(100), random.integer(80)];
  const rings = [square(x, y, 2), square(x + 0.5, y + 0.5, 1)].slice(random.integer(2));
  const kind = random.integer(8);
  if (kind === 0) return null;
  return kind < 3 ? multiPolygonWkb([rings, [square(x + 5, y, 1)]]) : polygonWkb(rings);
}

/** @param path - is written, read and removed */
async function byDuckDb(random: Random, path: string): Promise<Buffer> {
  const rows = 1 + random.integer(60);
  const columns = Object.entries(COLUMNS).filter(() => random.integer(5) === 0);
  const values = columns.map(([name, sql], c) => {
    const every = pick(random, [0, 2, 5]);
    return every === 0
      ? `${sql} AS ${name}`
      : `CASE WHEN hash(i, ${c}) % ${every} = 0 THEN NULL ELSE ${sql} END AS ${name}`;
  });
  const geometries = Array.from({ length: rows }, () => {
    const bytes = wkb(random);
    return bytes === null ? 'NULL' : `unhex('${bytes.toString('hex')}')`;
  });
  const options = [
    ...['FORMAT parquet', `COMPRESSION ${pick(random, CODECS)}`, `KV_METADATA { geo: '${GEO}' }`],
    `PARQUET_VERSION ${pick(random, ['V1', 'V2'])}`,
    ...(random.integer(3) === 0 ? ['DICTIONARY_SIZE_LIMIT 3'] : []),
  ];
  await duckdb.run(
    `COPY (SELECT ${['g[i + 1] AS geometry', ...values].join()} FROM
       (SELECT i, CAST(hash(i, ${random.integer(1e6)}) AS HUGEINT) AS h, [${geometries.join()}] AS g FROM range(${rows}) AS r(i)))
     TO '${path}' (${options.join()})`,
  );
  return readFileSync(path);
}

/** A tile of the project, whose rows are by dictionary, by differences, and packed by zstd. */
function byProject(random: Random, path: string): Buffer {
  const output = OutputFile.create(path);
  const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
  const writer = geoParquetTiles.create(output, {
    name: 'a',
    columns: TILE_COLUMNS,
    crs,
    geometry: 15,
  });
  for (const row of randomRows(random.integer(1e9), 1 + random.integer(30))) {
    if (row.values.some((value) => Number(Object(value).length ?? 0) > 100)) continue;
    writer.add(encoded(row, TILE_COLUMNS), new RowWriter());
  }
  writer.finish();
  output.close();
  return readFileSync(path);
}

/** What others don't write any more. */
function byHand(random: Random): Buffer {
  const rows = 1 + random.integer(40);
  const column = (value: (n: number) => Value): Value[] =>
    Array.from({ length: rows }, (_, n) => (random.integer(5) === 0 ? null : value(n)));
  const columns: FixtureColumn[] = [
    {
      name: 'geometry',
      type: 'BYTE_ARRAY',
      values: Array.from({ length: rows }, () => wkb(random)),
    },
    {
      ...{ name: 'shared', type: 'BYTE_ARRAY', converted: CONVERTED.UTF8, isDelta: true },
      values: column((n) => `prefix of ${n >> 2} and ${n}`),
    },
    { name: 'yes', type: 'BOOLEAN', values: column((n) => n % 2) },
    { name: 'old', type: 'INT96', values: column((n) => 2_440_000 + n) },
    { name: 'n', type: 'INT64', values: column((n) => 1000 * n) },
    { name: 'f', type: 'FLOAT', values: column((n) => n / 4) },
    { name: 'day', type: 'INT32', converted: CONVERTED.DATE, values: column((n) => 20_000 + n) },
  ];
  return parquetBytes(columns, {
    keyValues: { geo: GEO },
    groupRows: pick(random, [7, 1000]),
    pageRows: pick(random, [3, 100]),
    checksums: random.integer(2) === 0,
    lz4: random.integer(2) === 0,
    packedLevels: random.integer(2) === 0,
  });
}

/** Files of other writers, where they are. */
const OTHERS = ['real', 'nasty'].flatMap((name) => {
  const folder = sharedData(name);
  if (folder === null) return [];
  const paths = globSync('**/*.parquet', { cwd: folder })
    .sort()
    .map((path) => join(folder, path));
  return paths.filter(
    (path) => statSync(path).size < MOST_BYTES && !path.endsWith('invalid.parquet'),
  );
});

/** @param folder - for what has to be written into a file; nothing stays */
export async function randomParquet(random: Random, folder: string): Promise<Buffer> {
  const path = join(folder, 'made.parquet');
  try {
    const kind = random.integer(6);
    if (kind < 3) return await byDuckDb(random, path);
    if (kind === 3) return byProject(random, path);
    return kind === 4 || OTHERS.length === 0 ? byHand(random) : readFileSync(pick(random, OTHERS));
  } finally {
    rmSync(path, { force: true });
  }
}

/** The footer's length, and any of its bytes: most are numbers of Thrift, one byte each; and heads of pages. */
export function parquetNumbers(bytes: Buffer): Place[] {
  const end = bytes.length - 8;
  const footer = end - bytes.readUInt32LE(end);
  const places: Place[] = [{ at: end, bytes: 4 }];
  for (let at = Math.max(4, footer); at < end; at++) places.push({ at, bytes: 1 });
  // Heads begin with the field of their kind, and its size: 15 xx 15.
  for (let at = 4; at + 40 < footer; at++) {
    if (bytes[at] !== 0x15 || bytes[at + 2] !== 0x15) continue;
    for (let k = 0; k < 40; k++) places.push({ at: at + k, bytes: 1 });
    at += 20;
  }
  return places;
}
