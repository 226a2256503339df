/**
 * Staged GeoParquet as others read it: DuckDB and hyparquet give the rows that were written, and the
 * metadata follow the rules of GeoParquet 1.1.
 */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Column, Value } from '../../../src/core/columns.ts';
import { OutputFile } from '../../../src/core/files/output-file.ts';
import { Random } from '../../../src/core/random.ts';
import { parseDefinition } from '../../../src/crs/notations/parse.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { sameNumbers } from '../../../src/crs/same.ts';
import { geoParquetTiles } from '../../../src/formats/geoparquet/format.ts';
import { seal } from '../../../src/formats/geoparquet/tiles/file-metadata.ts';
import { RowWriter } from '../../../src/formats/sqlite/record.ts';
import { temporaryFolder } from '../../staging/support.ts';
import {
  allOf,
  COLUMNS,
  comparable,
  encoded,
  type Row,
  randomRows,
} from '../contract/staged-contract-rows.ts';
import { duckRows } from '../duckdb.ts';

const NOTHING = new RowWriter();

function write(
  path: string,
  rows: readonly Row[],
  columns: readonly Column[] = COLUMNS,
  code = '3413',
): Buffer {
  const output = OutputFile.create(path);
  const crs = resolveCrs({ authority: code.startsWith('CRS') ? 'OGC' : 'EPSG', code });
  const writer = geoParquetTiles.create(output, { name: 'tile', columns, crs, geometry: 15 });
  for (const row of rows) writer.add(encoded(row, columns), NOTHING);
  writer.finish();
  output.close();
  return readFileSync(path);
}

/** What others are to see in a column: what is no date is NULL. */
function seen(value: Value, { type }: Column): unknown {
  if (value === null) return null;
  if (type === 'boolean') return value === 1;
  if (type === 'integer') return BigInt(value as number | bigint);
  if ((type === 'date' || type === 'datetime') && value === '') return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return value;
}

/** Values that come in runs, ascend, or differ all: what encodings are chosen by. */
function patterned(seed: number, count: number): Row[] {
  const random = new Random(seed);
  const rows = randomRows(seed, count);
  return rows.map((row, i) => {
    const isGone = i % 97 > 60;
    const values: Value[] = [
      Math.floor(i / 50) % 2,
      isGone ? null : i * 3 - 5000 + random.integer(4) * (seed % 2 === 0 ? 1 : 2 ** 40),
      isGone ? null : random.next() * 100,
      seed % 3 === 0 ? `${i} ${random.next()}` : ['a', 'bb', 'ü🧊'][random.integer(3)]!,
      i % 500 > 400 ? null : `20${10 + (i % 90)}-0${1 + (i % 9)}-1${i % 10}`,
      `2026-11-28T2${i % 4}:00:${10 + (i % 50)}${['Z', '.125Z', '.125250Z'][i % 3]}`,
      i % 7 === 0 ? null : Uint8Array.of(i & 255, seed),
    ];
    return { ...row, values };
  });
}

const CASES: [string, () => Row[]][] = [
  ...[0, 1, 2, 300].map((n): [string, () => Row[]] => [
    `${n} rows of extremes`,
    () => randomRows(n + 7, n),
  ]),
  ...[1, 2, 3, 4].map((seed): [string, () => Row[]] => [
    `patterns, seed ${seed}`,
    () => patterned(seed, seed === 4 ? 40_000 : 3000),
  ]),
];

suite('staged GeoParquet as others read it', () => {
  for (const [name, make] of CASES) {
    test(`DuckDB and hyparquet: ${name}`, async (t) => {
      const path = join(temporaryFolder(t), 'tile.parquet');
      const rows = make();
      const bytes = write(path, rows);
      const expected = rows.map(({ values }) => values.map((value, i) => seen(value, COLUMNS[i]!)));
      const quoted = COLUMNS.map(({ name: column }) => `"${column.replaceAll('"', '""')}"`);
      const [yes, n, depth, text, day, at, photo] = quoted;
      const sql = `select ${yes} as c0, ${n} as c1, ${depth} as c2,
        lower(hex(encode(${text}))) as c3,
        strftime(${day}, '%Y-%m-%d') as c4, epoch_us(${at}) as c5, lower(hex(${photo})) as c6,
        lower(hex(ST_AsWKB(geometry))) as wkb, bbox from '${path}'`;
      const found = await duckRows(sql).catch(() =>
        duckRows(sql.replace('ST_AsWKB(geometry)', 'geometry::blob')),
      );
      assert.equal(found.length, rows.length);
      const micros = (value: unknown): unknown =>
        typeof value !== 'string' ? value : BigInt(Date.parse(value)) * 1000n + lastMicros(value);
      for (const [i, row] of found.entries()) {
        const want = expected[i]!.map((value, c) => {
          if (c === 3 && typeof value === 'string') return Buffer.from(value).toString('hex');
          return c === 5 ? micros(value) : value;
        });
        assert.deepEqual(
          [0, 1, 2, 3, 4, 5, 6].map((c) => row[`c${c}`]),
          want,
          `row ${i}`,
        );
        assert.equal(row['wkb'], Buffer.from(rows[i]!.wkb).toString('hex'));
      }
      const objects = await parquetReadObjects({
        file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
        compressors: { ZSTD: (packed: Uint8Array) => zstdDecompressSync(packed) },
        geoparquet: false,
        utf8: false,
      });
      assert.equal(objects.length, rows.length);
      for (const [i, row] of objects.entries()) {
        const own = COLUMNS.map(({ name: column }) => row[column]);
        const [b, integer, real, string, date, instant, blob] = own;
        const plain = [
          ...[b, integer, real, string],
          date instanceof Date ? date.toISOString().slice(0, 10) : date,
          instant instanceof Date ? instant.getTime() : instant,
          blob instanceof Uint8Array ? Buffer.from(blob).toString('hex') : blob,
        ].map((value) => value ?? null);
        const want = expected[i]!.map((value, c) =>
          typeof value !== 'string'
            ? value
            : // Its decoder takes a byte order mark away.
              c === 5
              ? Date.parse(value)
              : value.replace(/^\ufeff/, ''),
        );
        assert.deepEqual(plain, want, `row ${i}`);
        assert.equal(
          Buffer.from(row['geometry'] as Uint8Array).toString('hex'),
          Buffer.from(rows[i]!.wkb).toString('hex'),
        );
        const { xmin, ymin, xmax, ymax } = row['bbox'] as Record<string, number>;
        const [minX, minY, maxX, maxY] = rows[i]!.box;
        assert.ok(xmin! <= minX && ymin! <= minY && xmax! >= maxX && ymax! >= maxY);
        assert.deepEqual(
          [xmin, ymin, xmax, ymax].map((v) => Math.fround(v!)),
          [xmin, ymin, xmax, ymax],
        );
        assert.ok(minX - xmin! < 0.25 && ymax! - maxY < 0.25);
      }
    });
  }

  test('statistics let DuckDB pass over nothing that it wants', async (t) => {
    const path = join(temporaryFolder(t), 'tile.parquet');
    const rows = patterned(6, 40_000);
    write(path, rows);
    const random = new Random(6);
    for (let n = 0; n < 20; n++) {
      const { values, box } = rows[random.integer(rows.length)]!;
      const [[{ count }], [inBox]] = (await Promise.all([
        duckRows(
          `select count(*)::int as count from '${path}' where n is not distinct from ${values[1]}`,
        ),
        duckRows(
          `select count(*)::int as count from '${path}' where bbox.xmin <= ${box[0]} and bbox.xmax >= ${box[0]} and bbox.ymin <= ${box[1]} and bbox.ymax >= ${box[1]}`,
        ),
      ])) as [[{ count: number }], [{ count: number }]];
      assert.equal(count, rows.filter((row) => row.values[1] === values[1]).length);
      assert.ok(inBox.count >= 1);
    }
  });

  for (const code of ['3413', '4326', 'CRS84', '3857']) {
    test(`the metadata follow GeoParquet 1.1: ${code}`, (t) => {
      const folder = temporaryFolder(t);
      for (const [n, rows] of [
        randomRows(1, 0),
        randomRows(2, 50),
        flat(randomRows(3, 50)),
      ].entries()) {
        const bytes = write(join(folder, `${n}.parquet`), rows, COLUMNS, code);
        const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
        const {
          schema,
          key_value_metadata: pairs,
          row_groups: groups,
        } = parquetMetadata(file as ArrayBuffer);
        const geo = JSON.parse(pairs!.find(({ key }) => key === 'geo')!.value!);
        assert.equal(geo.version, '1.1.0');
        assert.equal(geo.primary_column, 'geometry');
        assert.deepEqual(Object.keys(geo.columns), ['geometry']);
        const {
          encoding,
          geometry_types: types,
          crs,
          bbox,
          covering,
          edges,
          orientation,
        } = geo.columns.geometry;
        assert.equal(encoding, 'WKB');
        const kinds = new Set(rows.map(({ wkb }) => kindOf(wkb)));
        assert.deepEqual(new Set(types), kinds);
        assert.equal(types.length, kinds.size);
        // What is said must be true; what is left out has a default that is.
        assert.deepEqual([edges, orientation], [undefined, undefined]);
        const expected = resolveCrs({ authority: code.startsWith('CRS') ? 'OGC' : 'EPSG', code });
        assert.ok(sameNumbers(parseDefinition(JSON.stringify(crs)), expected.definition));
        assert.equal(`${crs.id.authority}:${crs.id.code}`, expected.id);
        if (n === 2) {
          const side = (i: number, of: typeof Math.min): number =>
            rows.map(({ box }) => box[i]!).reduce((a, b) => of(a, b));
          assert.deepEqual(bbox, [
            side(0, Math.min),
            side(1, Math.min),
            side(2, Math.max),
            side(3, Math.max),
          ]);
        } else assert.equal(bbox, undefined);
        for (const name of ['xmin', 'ymin', 'xmax', 'ymax']) {
          assert.deepEqual(covering.bbox[name], ['bbox', name]);
        }
        // At the root; a struct of floats or doubles; required or optional, the geometry neither group nor repeated.
        const at = (name: string) => schema.findIndex((element) => element.name === name);
        assert.deepEqual(schema[at('geometry')]!.type, 'BYTE_ARRAY');
        assert.deepEqual(schema[at('geometry')]!.repetition_type, 'REQUIRED');
        assert.equal(schema[at('bbox')]!.num_children, 4);
        assert.deepEqual(
          schema.slice(at('bbox') + 1, at('bbox') + 5).map(({ name, type }) => [name, type]),
          ['xmin', 'ymin', 'xmax', 'ymax'].map((name) => [name, 'FLOAT']),
        );
        for (const { columns } of groups) assert.equal(columns.length, COLUMNS.length + 5);
      }
    });
  }

  test('columns that have the names of the geometry and its box', async (t) => {
    const path = join(temporaryFolder(t), 'tile.parquet');
    const columns: Column[] = [
      { name: 'Geometry', type: 'text' },
      { name: 'bbox', type: 'integer' },
    ];
    const rows = randomRows(8, 20, columns);
    write(path, rows, columns);
    const [first] = await duckRows(`select * from '${path}'`);
    assert.deepEqual(Object.keys(first!), ['Geometry', 'bbox', 'geometry_1', 'bbox_1']);
    const file = geoParquetTiles.open(path);
    assert.deepEqual(allOf(file), rows.map(comparable));
    file.close();
  });

  test('sealed metadata that say more than there is: refused by name, without memory for it', (t) => {
    const path = join(temporaryFolder(t), 'tile.parquet');
    const bytes = write(path, patterned(1, 20));
    const at = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    const footer = bytes.toString('latin1', at, bytes.length - 8);
    for (const groups of ['4,9007199254740000,1', '9007199254740000,4,1', '4,4294967296,1']) {
      const forged = Buffer.from(footer.replace(/(?<="groups":\[)[\d,]+/, groups), 'latin1');
      seal(forged);
      const end = Buffer.from(bytes.subarray(-8));
      end.writeUInt32LE(forged.length);
      writeFileSync(path, Buffer.concat([bytes.subarray(0, at), forged, end]));
      assert.throws(() => geoParquetTiles.open(path), { code: 'staged-folder' }, groups);
    }
  });

  test('texts that are no UTF-8, and dates in other forms, come back as they were', async (t) => {
    const path = join(temporaryFolder(t), 'tile.parquet');
    const columns: Column[] = [
      { name: 'text', type: 'text' },
      { name: 'day', type: 'date' },
      { name: 'at', type: 'datetime' },
      { name: 'yes', type: 'boolean' },
    ];
    const [{ wkb, box }] = randomRows(9, 1) as [Row];
    const forms = [
      ['2026-11-28', '2026-11-28T20:00:00Z'],
      ['2026-02-30', '2026-11-28T20:00:00.000Z'],
      ['28.11.2026', '2026-11-28 22:00:00+02:00'],
      ['2026-11-28T00:00', '2026-11-28T20:00'],
      ['', 'soon'],
    ] as const;
    const output = OutputFile.create(path);
    const crs = resolveCrs({ authority: 'EPSG', code: '3413' });
    const tile = geoParquetTiles.create(output, { name: 'tile', columns, crs, geometry: 5 });
    const bad = Uint8Array.of(0x61, 0xff, 0xfe);
    for (const [day, at] of forms) {
      const values = new RowWriter();
      values.utf8(bad, 0, 3);
      values.text(day);
      values.text(at);
      values.integer(5);
      tile.add(encoded({ values: [], wkb, box }, []), values);
    }
    tile.finish();
    output.close();
    const seenBy = await duckRows(
      `select text, day::varchar as day, epoch("at")::int as instant, yes from '${path}'`,
    );
    const expected = Date.parse('2026-11-28T20:00:00Z') / 1000;
    assert.deepEqual(
      seenBy.map(({ text, day, instant, yes }) => [text, day, instant, yes]),
      forms.map((_, i) => [
        'a\ufffd\ufffd',
        i === 0 ? '2026-11-28' : null,
        i < 4 ? expected : null,
        true,
      ]),
    );
    const file = geoParquetTiles.open(path);
    for (const cursor = file.rows(), k = { at: 0 }; cursor.next(); k.at++) {
      const { body, bodyStart, bodyEnd } = cursor.row;
      const [day, at] = forms[k.at]!;
      const want = Buffer.concat([bad, Buffer.from(`${day}${at}`), Uint8Array.of(5)]);
      assert.deepEqual(Buffer.from(body.subarray(bodyStart, bodyEnd)), want);
    }
    assert.equal(file.rowCount, forms.length);
    file.close();
  });
});

function lastMicros(text: string): bigint {
  return BigInt(/\.\d{3}(\d{3})Z/.exec(text)?.[1] ?? 0);
}

function kindOf(wkb: Uint8Array): string {
  const code = new DataView(wkb.buffer, wkb.byteOffset).getUint32(1, true);
  return `${code % 1000 === 3 ? 'Polygon' : 'MultiPolygon'}${code >= 1000 ? ' Z' : ''}`;
}

/** Without heights. */
function flat(rows: readonly Row[]): Row[] {
  return rows.filter(({ wkb }) => !kindOf(wkb).endsWith('Z'));
}
