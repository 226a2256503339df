/** Files as the project stages them, how they are read again, and how somebody would make their checksums right. */

import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import type { Random } from '../../../src/core/random.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { flatGeobufTiles } from '../../../src/formats/flatgeobuf/format.ts';
import { BlockSums, sealHead, sealText } from '../../../src/formats/flatgeobuf/seal.ts';
import { geoJsonTiles } from '../../../src/formats/geojson/format.ts';
import { addToSum, SUM_BYTES, sumText } from '../../../src/formats/geojson/tiles/trailer.ts';
import { geoPackageTiles } from '../../../src/formats/geopackage/staged.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { seal } from '../../../src/formats/geoparquet/tiles/file-metadata.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import type { StagedFile, StagedFormat } from '../../../src/formats/staged-format.ts';
import {
  allOf,
  COLUMNS,
  encoded,
  type Row,
  randomRows,
  shown,
} from '../contract/staged-contract-rows.ts';

const LAYER = '895';
const NOTHING = new RowWriter();
const ALL_KINDS = 15;

export interface StagedCase {
  name: string;
  extension: string;
  /** Whether a changed byte is always noticed. */
  hasChecksum: boolean;
  write(path: string, random: Random): Buffer;
  /** All rows in order, one text each. @throws TilewrightError */
  read(path: string): string[];
  /** The same by another reader; null for what it refuses. */
  second?(path: string): string[] | null;
  /** Makes the checksums right again, as far as the file can still be understood. */
  reseal?(bytes: Buffer): Buffer;
}

/** Short values, so that much of what is hit is structure. */
function shortRows(random: Random, most: number): Row[] {
  return randomRows(random.integer(1e9), random.integer(most)).filter(({ values }) =>
    values.every((value) => Number(Object(value).length ?? 0) < 100),
  );
}

function written(path: string, write: (output: OutputFile) => void): Buffer {
  rmSync(path, { force: true });
  const output = OutputFile.create(path);
  write(output);
  output.close();
  return readFileSync(path);
}

/** By order, by number, and by box, which say the same. */
function rowsOf(file: StagedFile): string[] {
  const rows = allOf(file).map((row) => JSON.stringify(row, shown));
  const found: number[] = [];
  file.search(-Infinity, -Infinity, Infinity, Infinity, (number) => {
    found.push(number);
    return found.length < 1000;
  });
  for (const number of [...found.slice(0, 5), 1, file.rowCount]) file.row(number);
  return rows;
}

function tileCase(format: StagedFormat, code: string, more: Partial<StagedCase> = {}): StagedCase {
  const crs = resolveCrs(
    code === 'CRS84' ? { authority: 'OGC', code } : { authority: 'EPSG', code },
  );
  return {
    name: `${format.name} tiles`,
    extension: format.extension,
    hasChecksum: true,
    write: (path, random) =>
      written(path, (output) => {
        const writer = format.create(output, {
          name: LAYER,
          columns: COLUMNS,
          crs,
          geometry: ALL_KINDS,
        });
        for (const row of shortRows(random, 40)) writer.add(encoded(row, COLUMNS), NOTHING);
        writer.finish();
      }),
    read(path) {
      const file = format.open(path, LAYER);
      try {
        return rowsOf(file);
      } finally {
        file.close();
      }
    },
    ...more,
  };
}

/** A tile as SQLite reads it. */
function rowsOfSqlite(path: string): string[] | null {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(url, { readOnly: true });
    const statement = db.prepare(`select * from "${LAYER}" not indexed`);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const all = statement.all() as unknown as [bigint, Uint8Array, ...Value[]][];
    return all
      .toSorted(([a], [b]) => Number(a - b))
      .map(([, blob, ...values]) => {
        const envelope = Buffer.from(blob);
        const [minX, maxX, minY, maxY] = [8, 16, 24, 32].map((at) => envelope.readDoubleLE(at));
        const own = values.map((value) => {
          return typeof value === 'bigint' && Number.isSafeInteger(Number(value))
            ? Number(value)
            : value;
        });
        return JSON.stringify(
          { values: own, wkb: blob.subarray(40), box: [minX, minY, maxX, maxY] },
          shown,
        );
      });
  } catch {
    return null;
  } finally {
    db?.close();
  }
}

const PACKS: StagedCase = {
  name: 'geoparquet packs',
  extension: '.parquet',
  hasChecksum: true,
  write: (path, random) =>
    written(path, (output) => {
      const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
      const layer = { name: LAYER, columns: COLUMNS, crs, geometry: ALL_KINDS };
      const pack = geoParquetTiles.pack!.create(output, layer);
      for (let y = random.integer(5); y >= 0; y--) {
        const tile = pack.tile(random.integer(1e6), y, ALL_KINDS);
        for (const row of shortRows(random, 12)) tile.add(encoded(row, COLUMNS), NOTHING);
        tile.finish();
      }
      pack.finish();
    }),
  read(path) {
    const pack = geoParquetTiles.pack!.open(path);
    try {
      return pack.tiles().flatMap(({ x, y }) => {
        const tile = pack.tile(x, y)!;
        const rows = rowsOf(tile).map((row) => `${x}/${y} ${row}`);
        tile.close();
        return rows;
      });
    } finally {
      pack.close();
    }
  },
  reseal: resealParquet,
};

function resealParquet(bytes: Buffer): Buffer {
  const end = bytes.length - 8;
  const length = end > 4 ? bytes.readUInt32LE(end) : bytes.length;
  const footer = bytes.subarray(Math.max(0, end - length), Math.max(0, end));
  if (length <= end && footer.includes(',"sum":"')) seal(footer);
  return bytes;
}

function resealFlatGeobuf(bytes: Buffer): Buffer {
  const indexAt = bytes.length < 12 ? bytes.length : 12 + bytes.readUInt32LE(8);
  if (indexAt > bytes.length) return bytes;
  const [head, rest] = [bytes.subarray(0, indexAt), bytes.subarray(indexAt)];
  const blocks = new BlockSums(rest.length);
  blocks.add(rest, rest.length);
  const text = sealText(rest.length, blocks.sums);
  const at = head.indexOf(text.slice(0, 18));
  // With another length the metadata would not fit in.
  if (at < 0 || head.length < at + text.length) return bytes;
  head.write(text, at, 'latin1');
  sealHead(head);
  return bytes;
}

function resealGeoJson(bytes: Buffer): Buffer {
  const summed = bytes.length - SUM_BYTES;
  if (summed > 0) bytes.write(sumText(addToSum(0, bytes, summed)), summed, 'latin1');
  return bytes;
}

export const STAGED_CASES: readonly StagedCase[] = [
  tileCase(geoPackageTiles, '3413', { hasChecksum: false, second: rowsOfSqlite }),
  tileCase(geoParquetTiles, '3413', { reseal: resealParquet }),
  tileCase(flatGeobufTiles, '3413', { reseal: resealFlatGeobuf }),
  tileCase(geoJsonTiles, 'CRS84', { reseal: resealGeoJson }),
  PACKS,
];
