/** What does a row cost, read off a FlatGeobuf, by the flatgeobuf package for comparison, and written as a tile? */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize } from 'flatgeobuf/lib/mjs/geojson.js';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { flatGeobufTiles } from '../../src/formats/flatgeobuf/format.ts';
import { FlatGeobufSource } from '../../src/formats/flatgeobuf/source.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import { ORIGIN_X, ORIGIN_Y, writeScene } from '../scenes.ts';
import { sampleRows } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const CRS = resolveCrs({ authority: 'EPSG', code: '3413' });
const NOTHING = new RowWriter();
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  const scene = join(folder, 'scene.gpkg');
  const place = { originX: ORIGIN_X, originY: ORIGIN_Y, width: 3600, height: 3600 };
  writeScene(scene, { seed: 8, polygons: ROWS, ...place });
  const path = join(folder, 'scene.fgb');
  // GDAL's file, with an index, of multipolygons or polygons as the scene has them.
  if (spawnSync('ogr2ogr', ['-f', 'FlatGeobuf', path, scene]).status !== 0) {
    throw new Error('ogr2ogr is needed, which writes the file');
  }
  readRows(path);
  await readByPackage(path);
  writeRows(join(folder, '895.fgb'));
} finally {
  rmSync(folder, { recursive: true });
}

function readRows(path: string): void {
  const source = new FlatGeobufSource(path);
  const [{ name, columns }] = source.layers() as [ReturnType<typeof source.layer>];
  const batch = new FeatureBatch();
  let vertices = 0;
  const read = (): void => {
    vertices = 0;
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
    for (const slice of source.slices(name, Number.POSITIVE_INFINITY)) {
      for (const filled of source.read(name, slice, batch, options)) vertices += filled.vertexCount;
    }
  };
  timeKernel('FlatGeobuf: read rows', 'row', ROWS, read, {
    outcome: () => `${(vertices / ROWS).toFixed(1)} vertices and ${columns.length} values a row`,
  });
  source.close();
}

function writeRows(path: string): void {
  const rows = sampleRows(ROWS);
  const layer = { name: '895', columns: [], crs: CRS, geometry: GEOMETRY_POLYGON | GEOMETRY_XY };
  const write = (): void => {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    const writer = flatGeobufTiles.create(output, layer);
    for (const row of rows) writer.add(row, NOTHING);
    writer.finish();
    output.close();
  };
  timeKernel('FlatGeobuf: write rows', 'row', rows.length, write, {
    outcome: () => `${(statSync(path).size / rows.length).toFixed(0)} bytes a row`,
  });
  const walk = (): void => {
    const file = flatGeobufTiles.open(path);
    const cursor = file.rows();
    while (cursor.next());
    file.close();
  };
  timeKernel('FlatGeobuf: rows of a tile', 'row', rows.length, walk);
}

/** All features as GeoJSON: what else there is to read them with. */
async function readByPackage(path: string): Promise<void> {
  const bytes = readFileSync(path);
  let least = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for await (const _ of deserialize(bytes));
    least = Math.min(least, performance.now() - start);
  }
  console.log(`the flatgeobuf package: ${((least * 1e6) / ROWS).toFixed(0)} ns per row`);
}
