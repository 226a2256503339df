/** What does a row cost, read off an input of each format? The same polygons, with four attributes. */

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../src/core/drops.ts';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { openSource } from '../../src/formats/open.ts';
import { RowWriter, readRow } from '../../src/formats/sqlite/record.ts';
import { stagedFormat } from '../../src/formats/staged-formats.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import {
  dbfBytes,
  polygonContent,
  type Ring,
  shapefileBytes,
} from '../../test/formats/shapefile/shapefile-fixture.ts';
import { ATTRIBUTES, attributedRows, geographicBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const POLYGON = 5;
const NOTHING = new RowWriter();
const polygons = geographicBatch(9, ROWS);
const rows = attributedRows(polygons);
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  await time('shapefile', writeShapefile());
  for (const name of ['GeoPackage', 'flatgeobuf', 'geoparquet', 'GeoJSONSeq']) {
    await time(name, writeStaged(name));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function writeStaged(name: string): string {
  const format = stagedFormat(name);
  const path = join(folder, `scene${format.extension}`);
  const output = OutputFile.create(path);
  const crs = resolveCrs({ authority: 'OGC', code: 'CRS84' });
  const geometry = GEOMETRY_POLYGON | GEOMETRY_XY;
  const writer = format.create(output, { name: 'scene', columns: ATTRIBUTES, crs, geometry });
  for (const row of rows) writer.add(row, NOTHING);
  writer.finish();
  output.close();
  return path;
}

function writeShapefile(): string {
  const contents = rows.map((_, i) => polygonContent(POLYGON, [ringOf(i)]));
  const { shp, shx } = shapefileBytes(POLYGON, contents);
  const fields = [
    { name: 'id', type: 'N', width: 9 },
    { name: 'depth', type: 'N', width: 19, decimals: 11 },
    { name: 'class', type: 'C', width: 16 },
    { name: 'day', type: 'D', width: 8 },
  ];
  const values = rows.map(({ types, typesEnd, body }) => {
    const [id, depth, word, day] = readRow(types, 0, typesEnd, body, 0);
    return [
      String(id).padStart(9),
      Number(depth).toFixed(11).padStart(19),
      String(word),
      String(day).replaceAll('-', ''),
    ];
  });
  const path = join(folder, 'scene.shp');
  writeFileSync(path, shp);
  writeFileSync(join(folder, 'scene.shx'), shx);
  writeFileSync(join(folder, 'scene.dbf'), dbfBytes(fields, values));
  return path;
}

function ringOf(i: number): Ring {
  const [start, end] = [polygons.ringOffsets[i]!, polygons.ringOffsets[i + 1]!];
  return Array.from({ length: end - start }, (_, v) => [
    polygons.xy[2 * (start + v)]!,
    polygons.xy[2 * (start + v) + 1]!,
  ]);
}

async function time(name: string, path: string): Promise<void> {
  const source = await openSource(path);
  const [layer] = source.layerNames() as [string];
  const batch = new FeatureBatch();
  const whole = { start: -Infinity, end: Infinity };
  let features = 0;
  const read = (): void => {
    features = 0;
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
    const batches = source.read(layer, whole, batch, options) as Iterable<FeatureBatch>;
    for (const filled of batches) features += filled.featureCount;
  };
  timeKernel(`read ${name}`, 'row', rows.length, read, {
    outcome: () =>
      `${features} features, ${(statSync(path).size / features).toFixed(0)} bytes a row`,
  });
  await source.close();
}
