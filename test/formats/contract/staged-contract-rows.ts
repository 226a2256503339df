/** Rows of every kind for the contract of staged formats, and what is to come back of them. */

import type { Column, ColumnType, Value } from '../../../src/core/columns.ts';
import { Random } from '../../../src/core/random.ts';
import { EncodedRow } from '../../../src/formats/encoded-row.ts';
import { RowWriter, readRow } from '../../../src/formats/sqlite/record.ts';
import type { StagedFile } from '../../../src/formats/staged-format.ts';
import { multiPolygonWkb, polygonWkb } from '../../staging/support.ts';

export type Box = [minX: number, minY: number, maxX: number, maxY: number];

/** A row as a test has it. */
export interface Row {
  values: Value[];
  wkb: Uint8Array;
  box: Box;
}

export const COLUMNS: Column[] = [
  { name: 'yes', type: 'boolean' },
  { name: 'n', type: 'integer' },
  { name: 'depth "m"', type: 'real' },
  { name: 'Größe 🧊', type: 'text' },
  { name: 'day', type: 'date' },
  { name: 'at', type: 'datetime' },
  { name: 'photo', type: 'blob' },
];
const EXTREMES: Record<ColumnType, Value[]> = {
  boolean: [0, 1],
  integer: [
    0,
    1,
    -1,
    127,
    128,
    -129,
    2 ** 31,
    2 ** 47,
    -(2 ** 47) - 1,
    2 ** 53 - 1,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ],
  real: [0.5, -1e308, 1e308, 5e-324, 1e21, Infinity, -Infinity, 2 ** 53, 3, 0.1 + 0.2],
  text: [
    '',
    'a',
    '\u0000',
    'a\u0000b',
    '🧊 Eiskeil',
    '\ufeffbom',
    'it\'s "quoted"\n',
    'x'.repeat(9000),
  ],
  date: ['2026-11-28', '0001-01-01', ''],
  datetime: ['2026-11-28T20:00:00Z', ''],
  blob: [
    Uint8Array.of(),
    Uint8Array.of(0),
    Uint8Array.of(0x7b, 0x22, 0xff, 0x0a),
    new Uint8Array(5000).fill(9),
  ],
};

/** A rectangle, perhaps with a hole, with Z, or as one of a multipolygon. */
function shape(box: Box, kind: number): Uint8Array {
  const z = kind & 1 ? [7.5] : [];
  const ring = ([west, south, east, north]: Box): number[][] =>
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ].map((p) => [...p, ...z]);
  const [west, south, east, north] = box;
  const third = (a: number, b: number, k: number): number => a + ((b - a) * k) / 3;
  const inner: Box = [
    third(west, east, 1),
    third(south, north, 1),
    third(west, east, 2),
    third(south, north, 2),
  ];
  const rings = kind & 2 ? [ring(box), ring(inner)] : [ring(box)];
  return kind & 4 ? multiPolygonWkb([rings, [ring(inner)]]) : polygonWkb(rings);
}

export function randomRows(
  seed: number,
  count: number,
  columns: readonly Column[] = COLUMNS,
): Row[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const [x, y] = [(random.next() - 0.5) * 2e6, (random.next() - 0.5) * 2e6];
    const box: Box = [x, y, x + 1e4 * random.next(), y + 1e4 * random.next()];
    const values = columns.map(({ type }) => {
      const all = [null, ...EXTREMES[type]];
      return all[random.integer(all.length)]!;
    });
    return { values, box, wkb: shape(box, random.integer(8)) };
  });
}

/** The row as a writer takes it, from bytes that are not at their start. */
export function encoded({ values, wkb, box }: Row, columns: readonly Column[]): EncodedRow {
  const writer = new RowWriter();
  for (const [i, value] of values.entries()) {
    if (typeof value === 'number' && columns[i]!.type === 'real') writer.real(value);
    else writer.value(value);
  }
  const bytes = Buffer.concat([
    Buffer.from('head'),
    ...[
      writer.types.subarray(0, writer.typesLength),
      writer.body.subarray(0, writer.bodyLength),
      wkb,
    ],
    Buffer.from('tail'),
  ]);
  const row = new EncodedRow();
  row.types = row.body = row.geometry = new Uint8Array(bytes);
  row.typesStart = 4;
  row.typesEnd = row.bodyStart = 4 + writer.typesLength;
  row.bodyEnd = row.geometryStart = row.bodyStart + writer.bodyLength;
  row.geometryEnd = row.geometryStart + wkb.length;
  [row.minX, row.minY, row.maxX, row.maxY] = box;
  return row;
}

export function decoded(row: EncodedRow): Row {
  return {
    values: readRow(row.types, row.typesStart, row.typesEnd, row.body, row.bodyStart).map(
      (value) => (value instanceof Uint8Array ? Uint8Array.from(value) : value),
    ),
    wkb: Uint8Array.from(row.geometry.subarray(row.geometryStart, row.geometryEnd)),
    box: [row.minX, row.minY, row.maxX, row.maxY],
  };
}

export const comparable = ({ values, wkb, box }: Row): Row => ({
  values,
  wkb: Uint8Array.from(wkb),
  box,
});

export function allOf(file: StagedFile): Row[] {
  const rows: Row[] = [];
  for (const cursor = file.rows(); cursor.next(); ) rows.push(decoded(cursor.row));
  return rows;
}

export function extentOf(rows: readonly Row[]): Box | null {
  if (rows.length === 0) return null;
  const side = (i: number, of: typeof Math.min): number =>
    rows.reduce((a, { box }) => of(a, box[i]!), rows[0]!.box[i]!);
  return [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)];
}

export const touches = (a: Box, b: Box): boolean =>
  a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

/** For JSON: what would be lost. */
export function shown(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}
