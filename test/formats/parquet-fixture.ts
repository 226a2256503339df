/** A plain writer of Parquet for tests: the encoding PLAIN, pages of version 1 with checksums. */

import { crc32 } from 'node:zlib';
import type { Value } from '../../src/core/columns.ts';

/** Numbers of Parquet's enumerations. */
export const PHYSICAL = { BOOLEAN: 0, INT32: 1, INT64: 2, FLOAT: 4, DOUBLE: 5, BYTE_ARRAY: 6 };
export const CONVERTED = { UTF8: 0, DATE: 6, TIMESTAMP_MILLIS: 9 };

export interface FixtureColumn {
  name: string;
  type: keyof typeof PHYSICAL;
  converted?: number;
  /** Days, milliseconds and the like are numbers here. */
  values: Value[];
  /** Instead of its pages. */
  forged?: ForgedPage;
}

/** A page whose head says anything. */
export interface ForgedPage {
  codec: number;
  body: Buffer;
  uncompressedBytes: number;
  /** Of its head; left out: as many as there are. */
  compressedBytes?: number;
  values?: number;
  isDictionary?: boolean;
}

export interface FixtureOptions {
  keyValues?: Record<string, string>;
  groupRows?: number;
  pageRows?: number;
  checksums?: boolean;
  /** Bytes of nothing behind the first four, which the caller puts there: offsets count them. */
  hole?: number;
}

type Field = [id: number, type: number, bytes: Buffer];
const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12];

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Buffer.from([...bytes, Number(value)]);
}

const zigzag = (value: number): Buffer =>
  varint(value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value));
const i32 = (id: number, value: number): Field => [id, I32!, zigzag(value)];
const i64 = (id: number, value: number): Field => [id, I64!, zigzag(value)];
const sized = (bytes: Buffer): Buffer => Buffer.concat([varint(BigInt(bytes.length)), bytes]);
const text = (id: number, value: string): Field => [id, BINARY!, sized(Buffer.from(value))];
const inner = (id: number, fields: Field[]): Field => [id, STRUCT!, struct(fields)];

function list(id: number, type: number, items: Buffer[]): Field {
  const head = Buffer.concat([Buffer.from([0xf0 | type]), varint(BigInt(items.length))]);
  return [id, LIST!, Buffer.concat([head, ...items])];
}

function struct(fields: Field[]): Buffer {
  let last = 0;
  const parts = fields.flatMap(([id, type, bytes]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return [head, bytes];
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function plain(type: FixtureColumn['type'], values: Value[]): Buffer {
  if (type === 'BOOLEAN') {
    const bits = Buffer.alloc(Math.ceil(values.length / 8));
    for (const [i, value] of values.entries()) if (value === 1) bits[i >> 3]! |= 1 << (i & 7);
    return bits;
  }
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(type === 'INT32' || type === 'FLOAT' ? 4 : 8);
      if (type === 'INT32') bytes.writeInt32LE(Number(value));
      else if (type === 'INT64') bytes.writeBigInt64LE(BigInt(value as number));
      else if (type === 'FLOAT') bytes.writeFloatLE(Number(value));
      else if (type === 'DOUBLE') bytes.writeDoubleLE(Number(value));
      else {
        const own = Buffer.from(value as string);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(own.length);
        return Buffer.concat([length, own]);
      }
      return bytes;
    }),
  );
}

/** Runs of one: 0 for a value that is null. */
function levels(values: Value[]): Buffer {
  const runs = Buffer.concat(values.map((value) => Buffer.from([2, value === null ? 0 : 1])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return Buffer.concat([length, runs]);
}

function page(column: FixtureColumn, values: Value[], isSummed: boolean): Buffer {
  const there = values.filter((value) => value !== null);
  const body = Buffer.concat([levels(values), plain(column.type, there)]);
  const crc = crc32(body) | 0;
  const about = inner(5, [i32(1, values.length), i32(2, 0), i32(3, 3), i32(4, 3)]);
  const sizes = [i32(2, body.length), i32(3, body.length), ...(isSummed ? [i32(4, crc)] : [])];
  return Buffer.concat([struct([i32(1, 0), ...sizes, about]), body]);
}

function forgedPage(forged: ForgedPage, rows: number): Buffer {
  const { body, uncompressedBytes, compressedBytes = body.length, isDictionary = false } = forged;
  const { values = rows } = forged;
  const about = isDictionary
    ? inner(7, [i32(1, values), i32(2, 0)])
    : inner(5, [i32(1, values), i32(2, 0), i32(3, 3), i32(4, 3)]);
  const sizes = [i32(2, uncompressedBytes), i32(3, compressedBytes)];
  return Buffer.concat([struct([i32(1, isDictionary ? 2 : 0), ...sizes, about]), body]);
}

/** The bytes of a file; all columns may be null. */
export function parquetBytes(columns: FixtureColumn[], options: FixtureOptions = {}): Buffer {
  const { keyValues = {}, groupRows = 1000, pageRows = 100, checksums = true, hole = 0 } = options;
  const rows = columns[0]?.values.length ?? 0;
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let at = 4 + hole;
  const groups: Buffer[] = [];
  for (let start = 0; start < rows; start += groupRows) {
    const end = Math.min(rows, start + groupRows);
    const chunks = columns.map((column) => {
      const first = at;
      const { forged } = column;
      for (let p = start; p < end; p += forged === undefined ? pageRows : groupRows) {
        const bytes =
          forged !== undefined
            ? forgedPage(forged, end - start)
            : page(column, column.values.slice(p, Math.min(end, p + pageRows)), checksums);
        parts.push(bytes);
        at += bytes.length;
      }
      const encodings = list(2, I32!, [zigzag(0), zigzag(3)]);
      const path = list(3, BINARY!, [sized(Buffer.from(column.name))]);
      const [type, size] = [i32(1, PHYSICAL[column.type]), at - first];
      const codec = i32(4, forged?.codec ?? 0);
      const numbers = [codec, i64(5, end - start), i64(6, size), i64(7, size), i64(9, first)];
      return struct([i64(2, first), inner(3, [type, encodings, path, ...numbers])]);
    });
    groups.push(struct([list(1, STRUCT!, chunks), i64(2, at), i64(3, end - start)]));
  }
  const root = struct([text(4, 'schema'), i32(5, columns.length)]);
  const schema = columns.map(({ name, type, converted }) => {
    const said = converted === undefined ? [] : [i32(6, converted)];
    return struct([i32(1, PHYSICAL[type]), i32(3, 1), text(4, name), ...said]);
  });
  const pairs = Object.entries(keyValues).map(([key, value]) =>
    struct([text(1, key), text(2, value)]),
  );
  const footer = struct([
    i32(1, 1),
    list(2, STRUCT!, [root, ...schema]),
    i64(3, rows),
    list(4, STRUCT!, groups),
    list(5, STRUCT!, pairs),
    text(6, 'fixture'),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}
