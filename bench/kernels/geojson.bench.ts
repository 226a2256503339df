/** What does a feature cost, gone through for the plan, read off GeoJSON, and in a tile? And what by JSON.parse of its line? */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { geoJsonTiles } from '../../src/formats/geojson/format.ts';
import { GeoJsonSource } from '../../src/formats/geojson/source.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { geographicBatch, sampleRows } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  const path = join(folder, 'scene.geojsonl');
  readRows(path, writeLines(path));
  writeTile(join(folder, 'tile.geojsonl'));
} finally {
  rmSync(folder, { recursive: true });
}

/** Polygons with four attributes, as JSON.stringify spells them. */
function writeLines(path: string): number {
  const batch = geographicBatch(9, ROWS);
  const lines: string[] = [];
  for (let i = 0; i < batch.featureCount; i++) {
    const [start, end] = [batch.ringOffsets[i]!, batch.ringOffsets[i + 1]!];
    const ring = Array.from({ length: end - start }, (_, v) => [
      batch.xy[2 * (start + v)]!,
      batch.xy[2 * (start + v) + 1]!,
    ]);
    const properties = { n: i, class: `class ${i % 7}`, area: i / 7, date: '2026-11-29' };
    const geometry = { type: 'Polygon', coordinates: [ring] };
    lines.push(JSON.stringify({ type: 'Feature', properties, geometry }));
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return lines.length;
}

function readRows(path: string, rows: number): void {
  const source = new GeoJsonSource(path);
  const [layer] = source.layers();
  const bytes = `${(statSync(path).size / rows).toFixed(0)} bytes a row`;
  const survey = (): void => {
    const opened = new GeoJsonSource(path);
    opened.layers();
    opened.close();
  };
  timeKernel('GeoJSON: plan', 'row', rows, survey, { outcome: () => bytes });
  const batch = new FeatureBatch();
  let vertices = 0;
  const read = (): void => {
    vertices = 0;
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
    const whole = { start: -Infinity, end: Infinity };
    for (const filled of source.read(layer!.name, whole, batch, options))
      vertices += filled.vertexCount;
  };
  timeKernel('GeoJSON: read rows', 'row', rows, read, {
    outcome: () => `${(vertices / rows).toFixed(1)} vertices a row`,
  });
  source.close();
  let members = 0;
  const parse = (): void => {
    members = 0;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      if (line !== '') members += JSON.parse(line).geometry.coordinates[0].length;
    }
  };
  timeKernel('GeoJSON: JSON.parse of lines', 'row', rows, parse, {
    outcome: () => `${(members / rows).toFixed(1)} vertices a row`,
  });
}

/** Rows without attributes, as lines of a tile. */
function writeTile(path: string): void {
  const rows = sampleRows(ROWS, geographicBatch(9, ROWS));
  const crs = resolveCrs({ authority: 'OGC', code: 'CRS84' });
  const nothing = new RowWriter();
  const write = (): void => {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    const writer = geoJsonTiles.create(output, { name: 'tile', columns: [], crs, geometry: 5 });
    for (const row of rows) writer.add(row, nothing);
    writer.finish();
    output.close();
  };
  timeKernel('GeoJSON: write rows of a tile', 'row', rows.length, write);
  const read = (): void => {
    const tile = geoJsonTiles.open(path);
    for (const cursor = tile.rows(); cursor.next(); );
    tile.close();
  };
  timeKernel('GeoJSON: read rows of a tile', 'row', rows.length, read);
}
