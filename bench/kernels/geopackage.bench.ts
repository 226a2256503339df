/** What does a row cost, read off a GeoPackage's pages, and written as pages of a tile? */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { Random } from '../../src/core/random.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import type { EncodedRow } from '../../src/formats/encoded-row.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { geoPackageTiles } from '../../src/formats/geopackage/staged.ts';
import { DatabaseWriter } from '../../src/formats/sqlite/database-writer.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { RTreeBuilder } from '../../src/formats/sqlite/rtree.ts';
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
  readRows(join(folder, 'scene.gpkg'));
  writeRows(join(folder, 'tile.gpkg'));
  writeTree(join(folder, 'tree.gpkg'));
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
  const rows = sampleRows(ROWS);
  const write = (): void => writeTile(path, rows, rows.length);
  timeKernel('GeoPackage: write rows', 'row', rows.length, write, {
    outcome: () => `${(statSync(path).size / rows.length).toFixed(0)} bytes a row`,
  });
  for (const count of [1, 10]) {
    const tiles = 300;
    const writeSmall = (): void => {
      for (let n = 0; n < tiles; n++) writeTile(path, rows, count);
    };
    timeKernel(`GeoPackage: tiles of ${count}`, 'tile', tiles, writeSmall);
  }
}

function writeTile(path: string, rows: readonly EncodedRow[], count: number): void {
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  const geometry = GEOMETRY_POLYGON | GEOMETRY_XY;
  const writer = geoPackageTiles.create(output, { name: 'tile', columns: [], crs: CRS, geometry });
  for (let i = 0; i < count; i++) writer.add(rows[i]!, NOTHING);
  writer.finish();
  output.close();
}

/** The R-tree alone, of boxes that lie anywhere. */
function writeTree(path: string): void {
  const count = 300_000;
  const random = new Random(10);
  const corners = Float64Array.from({ length: 2 * count }, () => 100 * random.next());
  const write = (): void => {
    rmSync(path, { force: true });
    const output = OutputFile.create(path);
    const options = { pageSize: 4096, applicationId: 1, userVersion: 1 };
    const database = new DatabaseWriter(output, options);
    const tree = new RTreeBuilder();
    for (let i = 0; i < 2 * count; i += 2) {
      const [x, y] = [corners[i]!, corners[i + 1]!];
      tree.add(x, x + 0.01, y, y + 0.01);
    }
    tree.finish(database);
    database.finish([]);
    output.close();
  };
  timeKernel('GeoPackage: R-tree', 'row', count, write);
}
