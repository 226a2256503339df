/** FlatGeobufs at random and at hand, against the flatgeobuf package and against GDAL. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { deserialize } from 'flatgeobuf/lib/mjs/geojson.js';
import type { Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { hasProgram, NO_SHARED_DATA, sharedData, temporaryFolder } from '../../staging/support.ts';
import {
  type ContractRow,
  canonical,
  readSlices,
  WHOLE,
  withSource,
} from '../contract/contract-reading.ts';
import { fgbBytes } from './flatgeobuf-fixture.ts';
import { randomFile } from './flatgeobuf-random.ts';

interface GeoJson {
  geometry: { type: string; coordinates: number[][][] | number[][][][] } | null;
  properties: Record<string, unknown>;
}

async function byPackage(bytes: Uint8Array): Promise<GeoJson[]> {
  const features: GeoJson[] = [];
  for await (const feature of deserialize(bytes)) features.push(feature as GeoJson);
  return features;
}

function polygonsOf({ geometry }: GeoJson): string[][] | null {
  if (geometry?.type !== 'Polygon' && geometry?.type !== 'MultiPolygon') return null;
  const { coordinates } = geometry;
  const all = (geometry.type === 'Polygon' ? [coordinates] : coordinates) as number[][][][];
  return all.map((rings) => rings.map(canonical));
}

/** What the package makes of a value, which has doubles alone. */
function asPackage(value: Value, code: number): unknown {
  if (value === null) return undefined;
  if (code === 2) return value === 1;
  if (code === 12) return JSON.parse(String(value));
  if (code === 7 || code === 8) return Number(value);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

/** Rows from the whole file and from its slices, which are the same. */
async function rowsOf(
  path: string,
  bytes: number,
): Promise<{ rows: ContractRow[]; dropped: number }> {
  return withSource(path, async (source, { name, featureCount }) => {
    const whole = await readSlices(source);
    assert.equal(whole.rowsRead, featureCount);
    for (const size of [1, 1 + bytes]) {
      const slices = await source.slices(name, size);
      assert.deepEqual((await readSlices(source, slices)).rows, whole.rows);
      // And without what they know of the file.
      const bare = slices.map(({ start, end }) => ({ start, end })).reverse();
      const again = (await readSlices(source, bare)).rows.sort((a, b) => a.position - b.position);
      assert.deepEqual(again, whole.rows);
    }
    return { rows: whole.rows, dropped: featureCount - whole.rows.length };
  });
}

test('files at random: the rows of the flatgeobuf package, whole and in slices', async (t) => {
  const path = join(temporaryFolder(t), 'a.fgb');
  let checked = 0;
  for (let seed = seedOf(1), end = seed + rounds(30, 300); seed < end; seed++) {
    const random = new Random(seed);
    const { file, values } = randomFile(random, false);
    const bytes = fgbBytes(file);
    writeFileSync(path, bytes);
    const { rows } = await rowsOf(path, random.integer(20_000));
    const features = await byPackage(bytes);
    assert.equal(rows.length, features.length, `seed ${seed}`);
    for (const [i, row] of rows.entries()) {
      const { columns = [] } = file;
      assert.equal(row.position, i + 1);
      assert.deepEqual(row.polygons, polygonsOf(features[i]!), `seed ${seed}, feature ${i}`);
      for (const [c, { name, type }] of columns.entries()) {
        const where = `seed ${seed}, feature ${i}, ${name}`;
        const found = asPackage(row.values[c]!, type);
        const { properties } = features[i]!;
        const its = properties[name];
        assert.deepEqual(found, its instanceof Uint8Array ? Buffer.from(its) : its, where);
        // Exactly as they were written, which doubles don't hold.
        const written = values[i]![c]!;
        const plain =
          row.values[c] instanceof Uint8Array ? Buffer.from(row.values[c]) : row.values[c];
        if (typeof written === 'bigint') assert.equal(BigInt(plain as bigint), written, where);
        else assert.deepEqual(plain, written, where);
        checked++;
      }
    }
  }
  assert.ok(checked > 5_000, `${checked} values`);
});

/** What GDAL makes of it, by way of a GeoPackage; null for what it can't read. */
async function byGdal(path: string, folder: string): ReturnType<typeof rowsOf> {
  const copy = join(folder, 'gdal.gpkg');
  rmSync(copy, { force: true });
  const run = spawnSync('ogr2ogr', ['-f', 'GPKG', copy, path, '-nln', 'a'], { encoding: 'utf8' });
  assert.equal(run.status, 0, `${path}: ${run.stderr}`);
  return withSource(copy, async (source, { featureCount }) => {
    const { rows } = await readSlices(source, [WHOLE]);
    return { rows, dropped: featureCount - rows.length };
  });
}

/** What differs by design: the row's number, and integers that GDAL has as reals. */
function comparable({ polygons, values }: ContractRow): unknown {
  return {
    polygons,
    values: values.map((value) => {
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      return typeof value === 'bigint' || (typeof value === 'string' && /^\d{19,20}$/.test(value))
        ? Number(value)
        : value;
    }),
  };
}

async function compareWithGdal(path: string, folder: string, what: string): Promise<number> {
  const own = await rowsOf(path, 5000);
  const theirs = await byGdal(path, folder);
  assert.deepEqual(own.rows.map(comparable), theirs.rows.map(comparable), what);
  assert.equal(own.dropped, theirs.dropped, what);
  return own.rows.length;
}

const skip = !hasProgram('ogr2ogr') && 'ogr2ogr is not there';

test('files at random: the rows of GDAL', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.fgb');
  let rows = 0;
  for (let seed = seedOf(1), end = seed + rounds(8, 40); seed < end; seed++) {
    writeFileSync(path, fgbBytes(randomFile(new Random(seed), seed % 2 === 0).file));
    rows += await compareWithGdal(path, folder, `seed ${seed}`);
  }
  assert.ok(rows > 100, `${rows} rows`);
});

/** Files of others that GDAL 3.6 does not read, or not so, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'topp_states.fgb': 'version 2',
  'test_ogr_flatgeobuf_singlepart_mls_new.fgb': 'GDAL wants the ends of a line that is one',
};

test('files at hand: the rows of GDAL', { skip }, async (t) => {
  const shared = sharedData();
  if (shared === null) return t.skip(NO_SHARED_DATA);
  const folder = temporaryFolder(t);
  const counts: Record<string, number> = {};
  for (const path of globSync('**/*.fgb', { cwd: shared }).sort()) {
    const name = basename(path);
    // Curves and surfaces that GDAL gives up at, some behind eight bytes of no version.
    if (name in OTHERWISE || name.startsWith('invalid_')) continue;
    counts[name] = await compareWithGdal(join(shared, path), folder, path);
  }
  assert.ok(Object.keys(counts).length >= 18, Object.keys(counts).join());
  const { countries, quadrangles_100k: quadrangles } = Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [basename(name, '.fgb'), count]),
  );
  assert.deepEqual([countries, quadrangles], [179, 1809]);
  const paths = globSync('real/**/countries.fgb', { cwd: shared });
  const [first] = await byPackage(readFileSync(join(shared, paths[0]!)));
  const { rows } = await rowsOf(join(shared, paths[0]!), 1e5);
  assert.deepEqual(rows[0]!.polygons, polygonsOf(first!));
});
