/** What does a row cost as GeoParquet, read and written, in time and bytes, beside a GeoPackage's? */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Column } from '../../src/core/columns.ts';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { Random } from '../../src/core/random.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { EncodedRow } from '../../src/formats/encoded-row.ts';
import { geoPackageTiles } from '../../src/formats/geopackage/staged.ts';
import { geoParquetTiles } from '../../src/formats/geoparquet/format.ts';
import { openSource } from '../../src/formats/open.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import type { StagedFormat } from '../../src/formats/staged-format.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import { featureBounds } from '../../src/geometry/measure.ts';
import { encodeWkb, wkbLength } from '../../src/geometry/wkb.ts';
import { geographicBatch, polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const NOTHING = new RowWriter();
const COLUMNS: Column[] = [
  { name: 'id', type: 'integer' },
  { name: 'depth', type: 'real' },
  { name: 'class', type: 'text' },
  { name: 'day', type: 'date' },
];
const CLASSES = ['high centre', 'low centre', 'flat', 'lake'];
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  await write('metres', polarBatch(9, ROWS), '3413');
  await write('degrees', geographicBatch(9, ROWS), '4326');
} finally {
  rmSync(folder, { recursive: true });
}

async function write(unit: string, batch: FeatureBatch, code: string): Promise<void> {
  const rows = rowsOf(batch);
  const crs = resolveCrs({ authority: 'EPSG', code });
  for (const format of [geoPackageTiles, geoParquetTiles] as StagedFormat[]) {
    const path = join(folder, `tile${format.extension}`);
    const writeTile = (count: number): void => {
      rmSync(path, { force: true });
      const output = OutputFile.create(path);
      const geometry = GEOMETRY_POLYGON | GEOMETRY_XY;
      const writer = format.create(output, { name: 'tile', columns: COLUMNS, crs, geometry });
      for (let i = 0; i < count; i++) writer.add(rows[i]!, NOTHING);
      writer.finish();
      output.close();
    };
    timeKernel(
      `${format.name}: rows in ${unit}`,
      'row',
      rows.length,
      () => writeTile(rows.length),
      {
        outcome: () => `${(statSync(path).size / rows.length).toFixed(0)} bytes a row`,
      },
    );
    if (format.name === geoParquetTiles.name) await read(unit, path);
    for (const count of [1, 10, 1000]) {
      const tiles = Math.max(10, 300 / count);
      const writeSmall = (): void => {
        for (let n = 0; n < tiles; n++) writeTile(count);
      };
      timeKernel(`${format.name}: tiles of ${count}`, 'tile', tiles, writeSmall, {
        outcome: () => `${statSync(path).size} bytes`,
      });
    }
  }
}

/** As an input: batches of polygons with encoded rows. */
async function read(unit: string, path: string): Promise<void> {
  const source = await openSource(path);
  const [layer] = source.layerNames() as [string];
  const batch = new FeatureBatch();
  let vertices = 0;
  const readAll = (): void => {
    vertices = 0;
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
    const whole = { start: -Infinity, end: Infinity };
    const batches = source.read(layer, whole, batch, options) as Iterable<FeatureBatch>;
    for (const filled of batches) vertices += filled.vertexCount;
  };
  timeKernel(`GeoParquet: read rows in ${unit}`, 'row', ROWS, readAll, {
    outcome: () => `${(vertices / ROWS).toFixed(1)} vertices a row`,
  });
  await source.close();
}

function rowsOf(batch: FeatureBatch): EncodedRow[] {
  const random = new Random(1);
  const bounds = new Float64Array(4);
  return Array.from({ length: batch.featureCount }, (_, i) => {
    const geometry = new Uint8Array(wkbLength(batch, i));
    encodeWkb(batch, i, geometry, new DataView(geometry.buffer), 0);
    featureBounds(batch, i, bounds, 0);
    const [minX, minY, maxX, maxY] = bounds as unknown as [number, number, number, number];
    const values = new RowWriter();
    values.integer(i + 1);
    values.real(random.next());
    values.text(CLASSES[random.integer(CLASSES.length)]!);
    values.text(`2026-11-${10 + random.integer(20)}`);
    const { types, typesLength: typesEnd, body, bodyLength: bodyEnd } = values;
    const own = { types, typesEnd, body, bodyEnd, geometry, geometryEnd: geometry.length };
    return Object.assign(new EncodedRow(), { ...own, minX, minY, maxX, maxY });
  });
}
