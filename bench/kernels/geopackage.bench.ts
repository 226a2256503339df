/** What does a row cost, read off a GeoPackage's pages, and written as pages of a tile? */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { EncodedRow } from '../../src/formats/encoded-row.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { geoPackageTiles } from '../../src/formats/geopackage/staged.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import { featureBounds } from '../../src/geometry/measure.ts';
import { encodeWkb, wkbLength } from '../../src/geometry/wkb.ts';
import { ORIGIN_X, ORIGIN_Y, writeScene } from '../scenes.ts';
import { polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  readRows(join(folder, 'scene.gpkg'));
  writeRows(join(folder, 'tile.gpkg'));
} finally {
  rmSync(folder, { recursive: true });
}

function readRows(path: string): void {
  const place = { originX: ORIGIN_X, originY: ORIGIN_Y, width: 3600, height: 3600 };
  const { polygons } = writeScene(path, { seed: 8, polygons: ROWS, ...place });
  const source = openGeoPackage(path);
  const layer = source.layers()[0]!.name;
  const batch = new FeatureBatch();
  let vertices = 0;
  const read = (): void => {
    vertices = 0;
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
    for (const slice of source.slices(layer, Number.POSITIVE_INFINITY)) {
      for (const filled of source.read(layer, slice, batch, options))
        vertices += filled.vertexCount;
    }
  };
  timeKernel('GeoPackage: read rows', 'row', polygons, read, {
    outcome: () => `${(vertices / polygons).toFixed(1)} vertices a row`,
  });
  source.close();
}

function writeRows(path: string): void {
  const batch = polarBatch(9, ROWS);
  const bounds = new Float64Array(4);
  const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
  const rows: EncodedRow[] = [];
  for (let i = 0; i < batch.featureCount; i++) {
    const geometry = new Uint8Array(wkbLength(batch, i));
    encodeWkb(batch, i, geometry, new DataView(geometry.buffer), 0);
    featureBounds(batch, i, bounds, 0);
    const [minX, minY, maxX, maxY] = bounds as unknown as [number, number, number, number];
    const geometryEnd = geometry.length;
    rows.push(Object.assign(new EncodedRow(), { geometry, geometryEnd, minX, minY, maxX, maxY }));
  }
  const nothing = new RowWriter();
  const write = (): void => {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    const geometry = GEOMETRY_POLYGON | GEOMETRY_XY;
    const writer = geoPackageTiles.create(output, { name: 'tile', columns: [], crs, geometry });
    for (const row of rows) writer.add(row, nothing);
    writer.finish();
    output.close();
  };
  timeKernel('GeoPackage: write rows', 'row', batch.featureCount, write, {
    outcome: () => `${(statSync(path).size / batch.featureCount).toFixed(0)} bytes a row`,
  });
}
