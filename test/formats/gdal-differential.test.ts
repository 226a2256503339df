/** Every nasty and real file that GDAL and we both read: the same polygons with the same values. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { DropCounter } from '../../src/core/drops.ts';
import { openSource } from '../../src/formats/open.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { NO_SHARED_DATA, sharedData } from '../staging/support.ts';
import { type Contents, takeRows } from './contract/contract-reading.ts';
import { type GdalLayer, GdalReader, noGdal, shapeOf } from './gdal-rows.ts';
import { TABLE } from './outcomes.ts';

/** What differs, and why it may. */
const EXPECTED: Readonly<Record<string, string>> = {
  'invalid_compoundcurve_non_contiguous_curves.fgb: rows: 1, GDAL 0': 'GDAL refuses the row',
  'invalid_curvepolygon_linestring_three_points.fgb: rows: 1, GDAL 0': 'GDAL refuses the row',
  'test_ogr_flatgeobuf_singlepart_mls_new.fgb: rows: 1, GDAL 0': 'GDAL refuses the row',
  'ogr_geojson_14.geojson: polygons: 0, GDAL 1':
    'GDAL leaves out coordinates that are null, we the geometry',
  'testpoly.shp: geometry of 13': 'of a ring in another one, GDAL takes the inner as the shell',
  'ne_10m_lakes.shp: name of 1339: Aydar Ko‘l':
    'its language driver is ANSI: ISO 8859-1 for GDAL, windows-1252 here',
};

/** As both say it: dates by their digits, booleans as numbers, doubles by fifteen digits. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return String(Number(value));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'number') return String(Number(value.toPrecision(15)));
  if (typeof value === 'object') return JSON.stringify(value).replaceAll(/\s/g, '');
  const text = String(value);
  if (/^\d{4}[-/]\d\d[-/]\d\d/.test(text)) return text.replaceAll(/\D+|\.0+\b/g, ' ').trim();
  return /^[[{]/.test(text) ? text.replaceAll(/\s/g, '') : text;
}

async function ours(path: string, layer: string): Promise<Contents & { columns: string[] }> {
  const source = await openSource(path);
  try {
    const { columns } = await source.layer(layer);
    const contents: Contents = { rows: [], drops: {}, rowsRead: 0, batches: [] };
    const [drops, notes] = [new DropCounter(), { rowsRead: 0, droppedM: 0 }];
    const options = { maxFeatures: 1000, maxVertices: 1e6, drops, notes };
    for (const slice of await source.slices(layer, 1e9)) {
      for await (const batch of source.read(layer, slice, new FeatureBatch(), options)) {
        takeRows(batch, contents);
      }
    }
    contents.rowsRead = notes.rowsRead;
    contents.drops = drops.toJSON();
    return { ...contents, columns: columns.map(({ name }) => name) };
  } finally {
    await source.close();
  }
}

/** In words, the first of each kind. */
async function differences(path: string, layer: string, gdal: GdalLayer): Promise<string[]> {
  const own = await ours(path, layer);
  const found: string[] = [];
  const deleted = own.drops['deleted row']?.count ?? 0;
  if (own.rowsRead - deleted !== gdal.rows.length)
    found.push(`rows: ${own.rowsRead}, GDAL ${gdal.rows.length}`);
  const names = gdal.columns.map(({ name }) => name);
  const missing = names.filter((name) => !own.columns.includes(name));
  const more = own.columns.filter((name) => !names.includes(name));
  if (missing.length + more.length > 0) found.push(`columns: ${more} for GDAL's ${missing}`);
  const shapes = gdal.rows.map(([, wkb, values]) => ({ shape: shapeOf(wkb), values }));
  const theirs = shapes.flatMap(({ shape, values }) =>
    typeof shape === 'string' ? [] : [{ polygons: shape.polygons, values }],
  );
  if (own.rows.length !== theirs.length) {
    found.push(`polygons: ${own.rows.length}, GDAL ${theirs.length}`);
    return found;
  }
  for (const [i, { polygons, values, position }] of own.rows.entries()) {
    const { polygons: theirPolygons, values: theirValues } = theirs[i]!;
    if (String(theirPolygons.map(String).sort()) !== String(polygons.map(String).sort())) {
      found.push(`geometry of ${position}`);
      break;
    }
    const odd = own.columns.find((name, c) => {
      const at = names.indexOf(name);
      return at >= 0 && plain(values[c]) !== plain(theirValues[at]);
    });
    if (odd !== undefined) {
      const at = own.columns.indexOf(odd);
      found.push(
        `${odd} of ${position}: ${plain(values[at])}, GDAL ${plain(theirValues[names.indexOf(odd)])}`,
      );
      break;
    }
  }
  return found;
}

test('GDAL reads the same', { skip: noGdal }, async (t) => {
  const data = sharedData();
  if (data === null) return t.skip(NO_SHARED_DATA);
  const layers = readFileSync(TABLE, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    // Parquet has a reader of its own to be compared with.
    .filter(([, , format, rows]) => /^\d+$/.test(rows ?? '') && format !== 'GeoParquet');
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const odd: string[] = [];
  const met = new Set<string>();
  let [compared, rows] = [0, 0];
  for (const [file, own] of Map.groupBy(layers, ([path]) => path!)) {
    const path = join(data, file);
    const theirs = (await gdal.read(path))?.layers ?? [];
    for (const [, layer] of own) {
      const same =
        theirs.find(({ name }) => name === layer) ??
        (own.length === 1 && theirs.length === 1 ? theirs[0] : undefined);
      if (same === undefined) continue;
      compared++;
      rows += same.rows.length;
      for (const what of await differences(path, layer!, same)) {
        const known = Object.keys(EXPECTED).find((one) =>
          `${basename(file)}: ${what}`.startsWith(one),
        );
        if (known === undefined) odd.push(`${file}: ${what}`);
        else met.add(known);
      }
    }
  }
  t.diagnostic(`${compared} layers with ${rows} polygons`);
  assert.ok(compared > 80 && rows > 5000, `${compared} layers, ${rows} rows`);
  assert.deepEqual(odd, [], 'or listed, with the reason');
  assert.deepEqual([...met].sort(), Object.keys(EXPECTED).sort());
});
