/** One dataset in each format: its rows are the same, whatever it is read from and whatever it is written as. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { duckRows, duckRun } from '../formats/duckdb.ts';
import { zipBytes } from '../formats/zip-fixture.ts';
import {
  blobRings,
  geometryBlob,
  hasProgram,
  multiPolygonWkb,
  polygonWkb,
  randomPolygons,
  readRows,
  readTiles,
  temporaryFolder,
} from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const noOgr = !hasProgram('ogr2ogr') && 'ogr2ogr is not on this machine';

/** Names, types in SQL, and in DuckDB. */
const COLUMNS = [
  ['name', 'TEXT', 'VARCHAR'],
  ['big', 'INTEGER', 'BIGINT'],
  ['size', 'REAL', 'DOUBLE'],
  ['is_wet', 'BOOLEAN', 'BOOLEAN'],
  ['day', 'DATE', 'DATE'],
  ['seen', 'DATETIME', 'TIMESTAMPTZ'],
] as const;
const NAMES = COLUMNS.map(([name]) => name);
const VALUES: readonly Value[][] = [
  ['', null, 'Grüße 🧊', '\'"\\\n', 'NULL', 'NaN', '0', 'x '],
  [0, -1, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n), null],
  [0.1, -12345.678, 1e-7, 1e15, null, 0.3333333333333333, 3],
  [1, 0, null],
  ['2020-02-29', '1969-12-31', '1900-01-01', null, '9999-12-31'],
  ['1969-12-31T23:59:59.250Z', null, '2026-11-29T12:34:56.000Z', '1900-01-01T00:00:00.000Z'],
];
/** What staging adds, and does not depend on the input's name. */
const STAGED = ['staging_tile', 'staging_centroid_tile', 'staging_area', 'staging_centroid_x'];

const LABEL = ['staging_duplicated'];

const BOX = { minX: 10, minY: 50, maxX: 10.06, maxY: 50.04 };

interface Feature {
  wkb: Buffer;
  values: Value[];
}

/** Polygons with and without holes, and some of two parts. */
function dataset(): Feature[] {
  const rings = randomPolygons(7, 120, BOX, 2e-3);
  return rings.map((ring, i) => {
    const middle = [0, 1].map((d) => (ring[0]![d]! + ring[6]![d]!) / 2);
    const hole = ring.map((position) => position.map((v, d) => (v + middle[d]!) / 2)).toReversed();
    const kinds = [
      () => polygonWkb([ring]),
      () => polygonWkb([ring, hole]),
      () => multiPolygonWkb([[ring], [rings[(i + 7) % rings.length]!]]),
    ];
    return { wkb: kinds[i % 3]!(), values: VALUES.map((all) => all[i % all.length]!) };
  });
}

/** What some formats have no type for, as GDAL writes it: values of folders of inputs. */
const INPUTS: Record<string, (name: string, value: Value) => Value> = {
  exact: (_, value) => value,
  'without days': (name, value) =>
    name === 'day' && value !== null ? `${value}T00:00:00.000` : value,
  shapefiles(name, value) {
    if (value === null) return null;
    // Spaces at the ends of texts are not kept.
    if (name === 'name') return String(value).replace(/ +$/, '') || null;
    // A number of 20 digits may be more than an integer holds.
    if (name === 'big') return String(value);
    return name === 'seen' ? String(value).slice(0, 10) : value;
  },
};

/** The dataset in each format, as other programs write it. */
function writeInputs(folder: string, features: readonly Feature[]): void {
  for (const name of Object.keys(INPUTS)) mkdirSync(join(folder, name));
  const source = join(folder, 'exact/a.gpkg');
  const columns = COLUMNS.map(([name, type]) => ({ name, type }));
  const layer = { layer: 'a', srsId: 4326, geometryType: 'GEOMETRY', columns };
  writeGeoPackage(source, { ...layer, rows: features });
  const digits = ['-lco', 'COORDINATE_PRECISION=17', '-lco', 'SIGNIFICANT_FIGURES=17'];
  const ogr = (path: string, format: string, ...options: string[]): void =>
    ogr2ogr('-f', format, ...options, join(folder, path), source, '-nln', 'a');
  ogr('exact/b.geojson', 'GeoJSON', ...digits);
  ogr('exact/c.geojsonl', 'GeoJSONSeq', ...digits);
  ogr('exact/d.geojsons', 'GeoJSONSeq', '-lco', 'RS=YES', ...digits);
  writeParquet(join(folder, 'exact/e.parquet'), features);
  ogr('without days/a.fgb', 'FlatGeobuf', '-lco', 'SPATIAL_INDEX=NO');
  ogr('shapefiles/a.shp', 'ESRI Shapefile', '-lco', 'ENCODING=UTF-8');
  const files = ['a.shp', 'a.shx', 'a.dbf', 'a.prj', 'a.cpg'].map((name) => ({
    name,
    bytes: readFileSync(join(folder, 'shapefiles', name)),
  }));
  writeFileSync(join(folder, 'shapefiles/b.zip'), zipBytes(files));
}

function ogr2ogr(...args: string[]): void {
  const { status, stderr } = spawnSync('ogr2ogr', ['-q', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

function writeParquet(path: string, features: readonly Feature[]): void {
  const geometry = { encoding: 'WKB', geometry_types: [] };
  const geo = { version: '1.1.0', primary_column: 'geometry', columns: { geometry } };
  const literal = (value: Value): string =>
    value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
  const lines = features.map(({ wkb, values }) => {
    const cells = values.map((value, i) => `${literal(value)}::${COLUMNS[i]![2]}`);
    return `(${cells.join()}, from_hex('${wkb.toString('hex')}'))`;
  });
  const names = [...NAMES, 'geometry'].map((name) => `"${name}"`).join();
  duckRun(`COPY (SELECT * FROM (VALUES ${lines.join()}) a(${names})) TO '${path}'
    (FORMAT parquet, ROW_GROUP_SIZE 50, KV_METADATA {geo: '${JSON.stringify(geo)}'})`);
}

/** Rows as texts, in an order that is not a file's. */
const texts = (rows: readonly Row[], more: readonly string[] = []): string[] =>
  rows
    .map(({ rings, values }) => {
      const kept = [...NAMES, ...STAGED, ...more].map((name) => plain(values[name] ?? null));
      // Sums have other last digits where rings turn the other way.
      const shown = kept.map((value) =>
        typeof value === 'number' ? value.toPrecision(10) : `${value}`,
      );
      return JSON.stringify([...shown, rings.map(clockwise)]);
    })
    .sort();

/** DuckDB gives all of BIGINT as bigint, and booleans. */
function plain(value: Value | boolean): Value {
  return typeof value === 'boolean' ||
    (typeof value === 'bigint' && Number.isSafeInteger(Number(value)))
    ? Number(value)
    : value;
}

interface Row {
  rings: number[][][];
  values: Record<string, Value>;
}

/** Shapefiles want outer rings one way round, RFC 7946 the other; where a ring begins may change. */
function clockwise(ring: number[][]): number[][] {
  let area = 0;
  for (let i = 1; i < ring.length; i++) {
    const [[x1, y1], [x2, y2]] = [ring[i - 1]!, ring[i]!] as [number[], number[]];
    area +=
      (x2! - ring[0]![0]!) * (y1! - ring[0]![1]!) - (x1! - ring[0]![0]!) * (y2! - ring[0]![1]!);
  }
  const turned = (area < 0 ? ring.toReversed() : ring).slice(1);
  const first = turned.reduce((least, [x], i) => (x! < turned[least]![0]! ? i : least), 0);
  return [...turned.slice(first), ...turned.slice(0, first)];
}

async function stage(dirInput: string, dirStaged: string, values: ConfigInput = {}) {
  const config = {
    dirInput,
    dirStaged,
    executor: 'inline',
    sliceBytes: 20_000,
    ...values,
  } as const;
  const result = await new TileStager(config).stageAll();
  for (const input of result.inputs) {
    assert.ok(input.status === 'staged', JSON.stringify(input));
    assert.equal(input.rowsRead, 120);
    assert.equal(input.featuresStaged, 120);
  }
  return result;
}

const rowsOf = (folder: string): Row[] =>
  readTiles(folder).map(({ geometry, values }) => ({ rings: blobRings(geometry), values }));

suite('one dataset in each format', { skip: noOgr }, () => {
  const folder = temporaryFolder({ after });
  const features = dataset();
  let expected: Row[];

  before(async () => {
    writeInputs(folder, features);
    await stage(join(folder, 'exact'), join(folder, 'exact staged'));
    const all = rowsOf(join(folder, 'exact staged'));
    expected = all.filter(({ values }) => values['staging_filename'] === 'a.gpkg');
    // What a GeoPackage gives is what was given.
    const given = new Set(features.map(({ values }) => values.join('|')));
    assert.deepEqual(
      new Set(expected.map(({ values }) => NAMES.map((n) => values[n]).join('|'))),
      given,
    );
    assert.ok(expected.length > features.length);
  });

  test('has the same rows, whatever it is read from', async () => {
    const seen: string[] = [];
    for (const [group, written] of Object.entries(INPUTS)) {
      const staged = join(folder, `${group} staged`);
      if (group !== 'exact') await stage(join(folder, group), staged);
      const all = rowsOf(staged);
      const wanted = expected.map(({ rings, values }) => ({
        rings,
        values: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, written(name, value)]),
        ),
      }));
      for (const name of new Set(all.map(({ values }) => values['staging_filename']))) {
        const own = all.filter(({ values }) => values['staging_filename'] === name);
        assert.deepEqual(texts(own), texts(wanted), `${name}`);
        seen.push(`${group}/${name}`);
      }
    }
    assert.equal(seen.length, 8, seen.join());
  });

  /** Tiles as another program reads them. */
  const readers: Record<string, (staged: string) => Row[] | Promise<Row[]>> = {
    geoparquet: readByDuckDb,
    // GDAL knows no days in FlatGeobufs.
    flatgeobuf: (staged) =>
      readByGdal(staged, 'fgb').map(({ rings, values }) => {
        const day = values['day'] && String(values['day']).replace('T00:00:00.000', '');
        return { rings, values: { ...values, day: day ?? null } };
      }),
    geojsonseq: (staged) => readByGdal(staged, 'geojsonl'),
  };
  const layouts: [format: string, pack: number | null][] = [
    ...Object.keys(readers).map((format): [string, null] => [format, null]),
    ['geoparquet', 2],
  ];
  /** Two inputs with the same features, staged and read again. */
  const staged = async (
    format: string,
    pack: number | null,
    rules: ConfigInput = {},
  ): Promise<Row[]> => {
    const dirStaged = join(folder, `${format} ${pack} ${rules.duplicates}`);
    const config = { dirInput: join(folder, 'exact'), dirStaged, executor: 'inline' } as const;
    const stager = new TileStager({ ...config, extStaged: format, pack, ...rules });
    const inputs = ['exact/b.geojson', 'exact/e.parquet'].map((path) => join(folder, path));
    await stager.stageAll({ inputs });
    return await (readers[format] ?? rowsOf)(dirStaged);
  };

  for (const [format, pack] of layouts) {
    test(`has the same rows as ${format}${pack === null ? '' : ', packed'}`, async () => {
      assert.deepEqual(texts(await staged(format, pack)), texts([...expected, ...expected]));
    });
  }

  for (const duplicates of ['label', 'remove'] as const) {
    test(`has the same duplicates in each format: ${duplicates}`, async () => {
      const rules = { deduplicateMethod: 'neighbor', duplicates } as const;
      const wanted = texts(await staged('gpkg', null, rules), LABEL);
      assert.equal(wanted.length < 2 * expected.length, duplicates === 'remove');
      for (const [format, pack] of layouts) {
        const rows = await staged(format, pack, rules);
        assert.deepEqual(texts(rows, LABEL), wanted, `${format} ${pack}`);
      }
    });
  }
});

async function readByDuckDb(staged: string): Promise<Row[]> {
  const rows = await duckRows(`set TimeZone = 'UTC'; set enable_geoparquet_conversion = false;
    select * replace (is_wet::int as is_wet, day::varchar as day, geometry::blob as geometry,
      strftime(seen, '%Y-%m-%dT%H:%M:%S.%gZ') as seen)
    from read_parquet('${staged}/*/*/*/*.parquet')`);
  return rows.map(({ geometry, ...values }) => {
    const { bytes } = geometry as { bytes: Uint8Array };
    return { rings: blobRings(geometryBlob(bytes, 4326)), values: values as Row['values'] };
  });
}

function readByGdal(staged: string, extension: string): Row[] {
  return globSync(`*/*/*/*.${extension}`, { cwd: staged }).flatMap((path, i) => {
    const copy = join(staged, `${i}.gpkg`);
    ogr2ogr('-f', 'GPKG', copy, join(staged, path));
    return readRows(copy).map(({ geometry, values }) => ({ rings: blobRings(geometry), values }));
  });
}
