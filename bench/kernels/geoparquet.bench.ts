/** What does a row cost as GeoParquet, written, in time and bytes, beside a GeoPackage's? */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputFile } from '../../src/core/files/output-file.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { geoPackageTiles } from '../../src/formats/geopackage/staged.ts';
import { geoParquetTiles } from '../../src/formats/geoparquet/format.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import type { StagedFormat } from '../../src/formats/staged-format.ts';
import type { FeatureBatch } from '../../src/geometry/batch.ts';
import { GEOMETRY_POLYGON, GEOMETRY_XY } from '../../src/geometry/kind.ts';
import { ATTRIBUTES, attributedRows, geographicBatch, polarBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const ROWS = 50_000;
const NOTHING = new RowWriter();
const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
try {
  write('metres', polarBatch(9, ROWS), '3413');
  write('degrees', geographicBatch(9, ROWS), '4326');
} finally {
  rmSync(folder, { recursive: true });
}

function write(unit: string, batch: FeatureBatch, code: string): void {
  const rows = attributedRows(batch);
  const crs = resolveCrs({ authority: 'EPSG', code });
  for (const format of [geoPackageTiles, geoParquetTiles] as StagedFormat[]) {
    const path = join(folder, `tile${format.extension}`);
    const writeTile = (count: number): void => {
      rmSync(path, { force: true });
      const output = OutputFile.create(path);
      const geometry = GEOMETRY_POLYGON | GEOMETRY_XY;
      const writer = format.create(output, { name: 'tile', columns: ATTRIBUTES, crs, geometry });
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
