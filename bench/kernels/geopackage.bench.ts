/** What does a row cost, read off a GeoPackage's pages, and written as pages of a tile? */

import { closeSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { blobLength, encodeBlob } from '../../src/formats/geopackage/geometry-blob.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { GeoPackageWriter } from '../../src/formats/geopackage/writer.ts';
import { recordHeaderLength } from '../../src/formats/sqlite/database-writer.ts';
import { writeVarint } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { featureBounds } from '../../src/geometry/measure.ts';
import { spatialRefSys, wgs84 } from '../../src/staging/rows/spatial-ref.ts';
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
  // Records of a key and a geometry, as a shuffle file holds them.
  const records: Uint8Array[] = [];
  for (let i = 0; i < batch.featureCount; i++) {
    const type = 12 + 2 * blobLength(batch, i);
    const types = new Uint8Array(10);
    const length = writeVarint(types, 1, type);
    const header = recordHeaderLength(length);
    const record = new Uint8Array(header + blobLength(batch, i));
    writeVarint(record, 0, header);
    record.set(types.subarray(0, length), header - length);
    featureBounds(batch, i, bounds, 0);
    encodeBlob(batch, i, 3413, bounds, record, new DataView(record.buffer), header);
    records.push(record);
  }
  const write = (): void => {
    const fd = openSync(path, 'w');
    const writer = new GeoPackageWriter(fd);
    for (const record of records) writer.addRow(record, 0, record.length);
    writer.finish({
      name: 'tile',
      columns: [],
      srs: spatialRefSys(crs),
      wgs84: wgs84(),
      geometryType: 'POLYGON',
      z: 0,
    });
    closeSync(fd);
  };
  timeKernel('GeoPackage: write rows', 'row', batch.featureCount, write, {
    outcome: () => `${(statSync(path).size / batch.featureCount).toFixed(0)} bytes a row`,
  });
}
