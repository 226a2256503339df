/** GeoJSON by GDAL: all files at hand as inputs, and tiles as GDAL reads them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import type { Column, Value } from '../../src/core/columns.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { GeoJsonSource } from '../../src/formats/geojson/source.ts';
import { geoJsonTiles } from '../../src/formats/geojson/tiles/staged.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../../src/geometry/wkb.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type ContractRow, readSlices, takeRows } from './contract-reading.ts';
import { COLUMNS, encoded, randomRows } from './staged-contract-rows.ts';

const folder = join(import.meta.dirname, '../../../shared/data');
const noData = existsSync(folder) ? false : 'shared/data is not here';
const python = (...args: string[]) => {
  return spawnSync('/usr/bin/python3', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
};
const noGdal = python('-c', 'from osgeo import ogr').status === 0 ? false : 'no osgeo here';

interface GdalFile {
  count: number;
  names: string[];
  types: string[];
  features: { wkb: string | null; values: (string | null)[] }[];
}

/** Null for what GDAL does not read, or crashes at. */
function readByGdal(path: string): GdalFile | null {
  const { status, stdout } = python(join(import.meta.dirname, 'geojson-gdal.py'), path);
  if (status !== 0) return null;
  const [head, ...features] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...head, features };
}

/** The polygons of WKB as contract-reading has them; null for what can't be staged. */
function polygonsOf(wkb: string | null): ContractRow['polygons'] | null {
  if (wkb === null) return null;
  const bytes = Buffer.from(wkb, 'hex');
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  if (decodeWkb(batch, bytes, 0, bytes.length) >= FIRST_DROP) return null;
  batch.endFeature();
  const taken: Parameters<typeof takeRows>[1] = { rows: [], batches: [] };
  takeRows(batch, taken);
  return taken.rows[0]!.polygons;
}

/** Names of files that GDAL 3.6 reads and this program refuses, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'stac_item.json': 'a comma too many',
};

/** Features of which GDAL 3.6 makes more than this program, by file, and why. */
const MALFORMED: Readonly<Record<string, { features: number[]; why: string }>> = {
  'ogr_geojson_14.geojson': { features: [23], why: 'a ring that is null' },
};

function sameValue(ours: Value, theirs: string | null, type: string): boolean {
  if (ours === null || theirs === null)
    return ours === theirs || (ours === null && theirs === 'nan');
  if (typeof ours !== 'string') return Number(theirs) === Number(ours);
  if (ours === theirs) return true;
  // `(2:a,b)` is how it prints lists, and its dates are 2026/11/29 01:02:03+00.
  if (/List$/.test(type)) return ours.startsWith('[');
  if (/^Date|^Time/.test(type))
    return ours.slice(0, 10).replaceAll('-', '/') === theirs.slice(0, 10);
  const spaced = (text: string): string => text.replace(/\s+/g, '');
  // Of a text with a NUL it has what is before that, and it spells numbers anew.
  return spaced(ours) === spaced(theirs) || Number(ours) === Number(theirs);
}

test('all GeoJSON at hand: the features, polygons and values that GDAL reads', {
  skip: noData || noGdal,
}, async (t) => {
  const paths = ['real', 'nasty'].flatMap((part) =>
    globSync(join(folder, part, '**/*.{json,geojson,geojsonl,geojsons,ndjson}')),
  );
  assert.ok(paths.length > 60, `${paths.length} files`);
  const counts = { files: 0, features: 0, polygons: 0, values: 0, refusedByBoth: 0 };
  for (const path of paths.sort()) {
    const theirs = readByGdal(path);
    let source: GeoJsonSource;
    try {
      source = new GeoJsonSource(path);
      source.layers();
    } catch (error) {
      assert.equal((error as { name: string }).name, 'TilewrightError', path);
      if (theirs === null) counts.refusedByBoth++;
      else assert.ok(basename(path) in REFUSED, `${path}: ${(error as Error).message}`);
      continue;
    }
    const [layer] = source.layers();
    const { rows, rowsRead } = await readSlices(source);
    source.close();
    // The drivers of TopoJSON and JSON-FG are others, and JSON-FG has a layer for each type.
    if (theirs === null || path.includes('jsonfg')) continue;
    counts.files++;
    assert.equal(rowsRead, theirs.features.length, path);
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    for (const [i, { wkb, values }] of theirs.features.entries()) {
      counts.features++;
      const polygons = polygonsOf(wkb);
      const row = byPosition.get(i + 1);
      if (polygons === null || row === undefined) {
        if (MALFORMED[basename(path)]?.features.includes(i + 1)) continue;
        assert.equal(row?.polygons ?? null, polygons, `${path}: feature ${i + 1}`);
        continue;
      }
      counts.polygons++;
      assert.deepEqual(row.polygons, polygons, `${path}: feature ${i + 1}`);
      for (const [c, { name }] of layer!.columns.entries()) {
        const k = theirs.names.indexOf(name);
        if (k < 0) continue;
        counts.values++;
        const what = `${path}: feature ${i + 1}, ${name}: ${row.values[c]} and ${values[k]}`;
        assert.ok(sameValue(row.values[c]!, values[k]!, theirs.types[k]!), what);
      }
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.files >= 25 && counts.polygons > 500 && counts.values > 10_000);
});

test('GDAL reads tiles: as many rows, the same polygons and values', { skip: noGdal }, (t) => {
  const place = temporaryFolder(t);
  for (const count of [0, 1, 300]) {
    mkdirSync(join(place, String(count)));
    const path = join(place, String(count), '895.geojsonl');
    // Of blobs and of texts with a NUL it has other texts.
    const columns = COLUMNS.filter(({ type }: Column) => type !== 'blob' && type !== 'text');
    const rows = randomRows(70 + count, count, columns);
    const output = OutputFile.create(path);
    const crs = resolveCrs({ authority: 'OGC', code: 'CRS84' });
    const writer = geoJsonTiles.create(output, { name: '895', columns, crs, geometry: 15 });
    for (const row of rows) writer.add(encoded(row, columns), new RowWriter());
    writer.finish();
    output.close();
    const { features, count: told, names } = readByGdal(path)!;
    assert.deepEqual([told, features.length], [count, count]);
    if (count > 0)
      assert.deepEqual(
        names,
        columns.map(({ name }) => name),
      );
    for (const [i, { wkb, values }] of features.entries()) {
      const own = rows[i]!;
      assert.deepEqual(polygonsOf(wkb), polygonsOf(Buffer.from(own.wkb).toString('hex')));
      for (const [c, { type, name }] of columns.entries()) {
        if (type === 'date' || type === 'datetime') continue;
        const [a, b] = [own.values[c]!, values[c]?.replace('inf', 'Infinity') ?? null];
        // It prints 15 digits.
        const near = a !== null && b !== null && Math.abs(Number(b) / Number(a) - 1) < 1e-13;
        assert.ok(near || sameValue(a, b, ''), `${name}: ${a} and ${b}`);
      }
    }
  }
});
