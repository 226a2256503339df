/**
 * Files past 4 GB, whose offsets 32 bits don't hold: sparse ones, which take no room on the disk, with features at
 * their far ends.
 */

import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, type TestContext, test } from 'node:test';
import { LocalFile } from '../../src/formats/bytes/random-access.ts';
import type { GeoJsonLayer } from '../../src/formats/geojson/survey.ts';
import type { LayerInfo, Slice } from '../../src/formats/source.ts';
import { temporaryFolder } from '../staging/support.ts';
import { type Described, ENTRIES } from './contract/contract-inputs.ts';
import { type ContractRow, expected, readSlices, withSource } from './contract/contract-reading.ts';
import { wkbOf } from './contract/contract-shapes.ts';
import { CONVERTED, parquetBytes } from './geoparquet/parquet-fixture.ts';
import {
  NULL_SHAPE,
  polygonContent,
  shapefileBytes,
  square,
} from './shapefile/shapefile-fixture.ts';
import { zipBytes } from './zip-fixture.ts';

/** Even, as offsets of shapefiles are in words. */
const HOLE = 5_000_000_000;

const INPUT: Described = {
  columns: [{ name: 'n', type: 'integer' }],
  crs: 4326,
  features: [0, 1].map((n) => ({ shape: [[square(10 * n, 20, 1)]], values: [n] })),
};

const entryOf = (name: string) => ENTRIES.find(({ format }) => format.name === name)!;

/** Writes pieces at their offsets, in ascending order, with nothing between them. */
function writeSparse(path: string, pieces: [at: number, bytes: Uint8Array][]): void {
  rmSync(path, { force: true });
  const fd = openSync(path, 'wx');
  for (const [at, bytes] of pieces) writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

/** Puts nothing into a file, before one of its bytes. */
function stretch(path: string, at: number, bytes: Uint8Array = readFileSync(path)): void {
  writeSparse(path, [
    [0, bytes.subarray(0, at)],
    [at + HOLE, bytes.subarray(at)],
  ]);
}

/** Rows of the last slice, and where it is thought to be. */
async function lastRows(path: string, told: LayerInfo | null = null, parts = 2) {
  let [layer, slices]: [LayerInfo | null, Slice[]] = [told, []];
  let extents: unknown[] = [];
  await withSource(
    path,
    async (source, info) => {
      layer = info;
      slices = await source.slices(info.name, info.bytes / parts);
      extents = (await source.extents?.(info.name, slices)) ?? [];
    },
    told === null ? {} : { known: [told] },
  );
  const known = [JSON.parse(JSON.stringify(layer)) as LayerInfo];
  return withSource(
    path,
    async (source) => {
      const named = { layerNames: () => [known[0]!.name], read: source.read.bind(source) };
      const { rows } = await readSlices(named as unknown as typeof source, slices.slice(-1));
      return { rows, slices, extent: extents.at(-1) as number[] | null };
    },
    { known },
  );
}

const values = (rows: ContractRow[]): unknown[][] => rows.map((row) => row.values);
const last = expected(INPUT).rows.slice(1);

suite('what lies past 4 GB', () => {
  test('of a FlatGeobuf, by its index', async (t) => {
    const path = entryOf('FlatGeobuf').write(temporaryFolder(t), 'a', INPUT);
    const bytes = readFileSync(path);
    const leaf = 8 + 4 + bytes.readUInt32LE(8) + 2 * 40 + 32;
    const at = leaf + 8 + Number(bytes.readBigUInt64LE(leaf));
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(leaf) + BigInt(HOLE), leaf);
    stretch(path, at, bytes);
    const { rows, extent } = await lastRows(path);
    assert.deepEqual(rows, last);
    assert.deepEqual(extent, [10, 20, 11, 21]);
  });

  test('of GeoJSON, by a place that is known', async (t) => {
    const path = entryOf('GeoJSON').write(temporaryFolder(t), 'a', INPUT);
    const text = readFileSync(path, 'utf8');
    const at = text.lastIndexOf('{"type":"Feature"');
    assert.ok(at > 0, text);
    const layer = await withSource(path, async (_, info) => info as GeoJsonLayer);
    const first = layer.places.slice(0, 3);
    stretch(path, at);
    const places = [...first, 2, at + HOLE, first[2]!];
    const told: GeoJsonLayer = { ...layer, places, bytes: HOLE + text.length };
    const { rows, extent } = await lastRows(path, told);
    assert.deepEqual(rows, last);
    assert.deepEqual(extent, [10, 20, 11, 21]);
  });

  test('of GeoParquet, by its footer', async (t) => {
    const path = join(temporaryFolder(t), 'a.parquet');
    const geometry = { encoding: 'WKB', geometry_types: [] };
    const geo = { version: '1.1.0', primary_column: 'geometry', columns: { geometry } };
    const shapes = INPUT.features.map(({ shape }) => wkbOf(shape));
    const names = INPUT.features.map((_, i) => `row ${i}`);
    const bytes = parquetBytes(
      [
        { name: 'geometry', type: 'BYTE_ARRAY', values: shapes },
        { name: 'name', type: 'BYTE_ARRAY', converted: CONVERTED.UTF8, values: names },
      ],
      { keyValues: { geo: JSON.stringify(geo) }, groupRows: 1, hole: HOLE },
    );
    stretch(path, 4, bytes);
    await withSource(path, async (source) => {
      assert.deepEqual(values((await readSlices(source)).rows), [['row 0'], ['row 1']]);
    });
    const extents = await withSource(path, async (source) =>
      source.extents!('a', [{ start: 2, end: 3 }]),
    );
    assert.deepEqual(extents, [[10, 20, 11, 21]]);
  });

  test('of a GeoPackage, on pages past 2^20', async (t) => {
    const features = Array.from({ length: 400 }, (_, i) => ({
      shape: [[square(i % 20, Math.floor(i / 20), 0.5)]],
      values: [i],
    }));
    const path = entryOf('GeoPackage').write(temporaryFolder(t), 'a', { ...INPUT, features });
    const db = new DatabaseSync(path);
    const root = Number(
      db.prepare("select rootpage as p from sqlite_schema where name = 'a'").get()!['p'],
    );
    db.close();
    const bytes = readFileSync(path);
    const size = bytes.readUInt16BE(16);
    const at = (root - 1) * size;
    assert.equal(bytes[at], 5, 'the root has pages below it');
    const leaf = bytes.readUInt32BE(at + 8);
    const far = Math.ceil(HOLE / size);
    bytes.writeUInt32BE(far, at + 8);
    bytes.writeUInt32BE(far, 28);
    const page = bytes.subarray((leaf - 1) * size, leaf * size);
    writeSparse(path, [
      [0, bytes],
      [(far - 1) * size, page],
    ]);
    const { rows, slices } = await lastRows(path);
    assert.ok(slices.length > 1);
    assert.deepEqual(rows.at(-1), expected({ ...INPUT, features }).rows.at(-1));
    await withSource(path, async (source) => {
      assert.equal((await readSlices(source)).rows.length, 400);
    });
  });

  for (const hasIndex of [true, false]) {
    test(`of a shapefile ${hasIndex ? 'by its .shx' : 'without a .shx'}`, async (t) => {
      const path = entryOf('shapefile').write(temporaryFolder(t), 'a', INPUT);
      const { at, shp, shx } = stretchedShapefile();
      stretch(path, at, shp);
      const index = path.replace(/\.shp$/, '.shx');
      rmSync(index);
      if (hasIndex) writeSparse(index, [[0, shx]]);
      const { rows, extent } = await lastRows(path);
      assert.deepEqual(rows, last);
      if (hasIndex) assert.deepEqual(extent, [10, 20, 11, 21]);
      await withSource(path, async (source) => {
        assert.deepEqual(values((await readSlices(source)).rows), [[0], [1]]);
      });
    });
  }

  test('of a zipped shapefile, in an archive with 64-bit fields', async (t) => {
    const folder = temporaryFolder(t);
    const own = entryOf('shapefile').write(folder, 'a', INPUT);
    const { at, shp, shx } = stretchedShapefile();
    const rest = ['.dbf', '.prj', '.cpg'].map((end) => ({
      ...{ name: `a${end}`, stored: true, wide: true },
      bytes: readFileSync(own.replace(/\.shp$/, end)),
    }));
    const bytes = zipBytes(
      [
        { name: 'a.shp', bytes: shp, stored: true, wide: true, hole: HOLE },
        { name: 'a.shx', bytes: shx, stored: true, wide: true },
        ...rest,
      ],
      { wide: true },
    );
    const path = join(folder, 'a.zip');
    stretch(path, 30 + 'a.shp'.length + at, bytes);
    const { rows } = await lastRows(path);
    assert.deepEqual(rows, last);
  });

  test('of a .dbf', async (t) => {
    const rows = 80_000;
    const path = entryOf('shapefile').write(temporaryFolder(t), 'a', INPUT);
    const contents = Array.from({ length: rows }, (): Buffer => NULL_SHAPE);
    contents[rows - 1] = polygonContent(5, [square(10, 20, 1)]);
    const { shp, shx } = shapefileBytes(5, contents);
    writeSparse(path, [[0, shp]]);
    writeSparse(path.replace(/\.shp$/, '.shx'), [[0, shx]]);
    const table = path.replace(/\.shp$/, '.dbf');
    const bytes = readFileSync(table);
    const [headerBytes, rowBytes] = [bytes.readUInt16LE(8), 65_000];
    const row = bytes.subarray(headerBytes + bytes.readUInt16LE(10));
    bytes.writeUInt32LE(rows, 4);
    bytes.writeUInt16LE(rowBytes, 10);
    writeSparse(table, [
      [0, bytes.subarray(0, headerBytes)],
      [headerBytes + (rows - 1) * rowBytes, row],
    ]);
    const fd = openSync(table, 'r+');
    ftruncateSync(fd, headerBytes + rows * rowBytes);
    closeSync(fd);
    const { rows: found } = await lastRows(path, null, 1000);
    assert.deepEqual(found, [{ ...last[0], position: rows }]);
  });
});

/** Of two records, with a place for nothing in the first one. */
function stretchedShapefile(): { at: number; shp: Buffer; shx: Buffer } {
  const { shp, shx } = shapefileBytes(
    5,
    INPUT.features.map(({ shape }) => polygonContent(5, (shape as [number, number][][][]).flat())),
  );
  const at = 2 * shx.readUInt32BE(108);
  const words = (bytes: Buffer, place: number): void => {
    bytes.writeUInt32BE(bytes.readUInt32BE(place) + HOLE / 2, place);
  };
  words(shp, 24);
  words(shp, 104);
  words(shx, 104);
  words(shx, 108);
  return { at, shp, shx };
}

/** Counts what is read of a file, in bytes. */
function counted(t: TestContext, path: string): { bytes: number } {
  const count = { bytes: 0 };
  const { read } = LocalFile.prototype;
  t.mock.method(LocalFile.prototype, 'read', function (this: LocalFile, ...args: Range) {
    if (this.path === path) count.bytes += args[2];
    return read.apply(this, args);
  });
  return count;
}

type Range = Parameters<LocalFile['read']>;

test('a task that is told of a shapefile does not look at all of its .shx again', async (t) => {
  const path = entryOf('shapefile').write(temporaryFolder(t), 'a', INPUT);
  rmSync(path.replace(/\.shp$/, '.dbf'));
  const entries = 2 ** 23;
  const { shx } = shapefileBytes(5, [NULL_SHAPE, NULL_SHAPE]);
  const index = path.replace(/\.shp$/, '.shx');
  const record = readFileSync(index).subarray(108);
  shx.writeUInt32BE((100 + 8 * entries) / 2, 24);
  writeSparse(index, [
    [0, shx.subarray(0, 100)],
    [100 + 8 * (entries - 1), record],
  ]);
  const count = counted(t, index);
  const layer = await withSource(path, async (_, info) => info);
  assert.equal(layer.featureCount, entries);
  assert.ok(count.bytes >= 8 * entries);
  count.bytes = 0;
  await withSource(
    path,
    async (source) => {
      const { rows } = await readSlices(source, [{ start: entries, end: entries + 1 }]);
      assert.deepEqual(rows[0]!.polygons, last[0]!.polygons);
    },
    { known: [JSON.parse(JSON.stringify(layer)) as LayerInfo] },
  );
  assert.ok(count.bytes < 2 ** 20, `${count.bytes}`);
});

test('tasks of one thread that are told of a GeoParquet file read its footer once', async (t) => {
  const path = join(temporaryFolder(t), 'a.parquet');
  const geometry = { encoding: 'WKB', geometry_types: [] };
  const geo = { version: '1.1.0', primary_column: 'geometry', columns: { geometry } };
  const values = Array.from({ length: 3000 }, (_, i) => wkbOf([[square(i % 60, 20, 1)]]));
  const filler = 'x'.repeat(2 ** 19);
  const write = (seed: string): void => {
    const keyValues = { geo: JSON.stringify(geo), filler: seed + filler };
    const column = { name: 'geometry', type: 'BYTE_ARRAY' as const, values };
    writeSparse(path, [[0, parquetBytes([column], { keyValues, groupRows: 1 })]]);
  };
  write('a');
  const count = counted(t, path);
  const layer = await withSource(path, async (_, info) => info);
  const known = [JSON.parse(JSON.stringify(layer)) as LayerInfo];
  const read = (at: number) =>
    withSource(
      path,
      async (source) => {
        const { rows } = await readSlices(source, [{ start: at, end: at + 1 }]);
        return rows.map(({ position }) => position);
      },
      { known },
    );
  assert.deepEqual(await read(2), [2]);
  count.bytes = 0;
  for (const at of [1, 1500, 3000]) assert.deepEqual(await read(at), [at]);
  assert.ok(count.bytes < 2 ** 19, `${count.bytes}`);
  // Another file in its place is read as it is.
  write('b');
  assert.deepEqual(await withSource(path, async (_, info) => info.featureCount), 3000);
  await withSource(path, async (source) => {
    assert.equal((await readSlices(source)).rows.length, 3000);
  });
});

test('without a .shx, slices begin where the records were found', async (t) => {
  const path = entryOf('shapefile').write(temporaryFolder(t), 'a', INPUT);
  for (const end of ['.dbf', '.shx']) rmSync(path.replace(/\.shp$/, end));
  const records = 400_000;
  const contents = Array.from({ length: records }, (): Buffer => NULL_SHAPE);
  contents[records - 1] = polygonContent(5, [square(10, 20, 1)]);
  writeSparse(path, [[0, shapefileBytes(5, contents).shp]]);
  let slices: Slice[] = [];
  const layer = await withSource(path, async (source, info) => {
    slices = await source.slices(info.name, info.bytes / 40);
    return info;
  });
  const count = counted(t, path);
  await withSource(
    path,
    async (source) => {
      const { rows } = await readSlices(source, slices.slice(-1));
      assert.deepEqual(rows, [{ ...last[0], position: records, values: [] }]);
    },
    { known: [JSON.parse(JSON.stringify(layer)) as LayerInfo] },
  );
  assert.ok(count.bytes < 2 ** 20, `${count.bytes}`);
});
