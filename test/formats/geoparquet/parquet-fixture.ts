/** A plain writer of Parquet for tests: pages of version 1 with checksums, as a rule of the encoding PLAIN. */

import { crc32 } from 'node:zlib';
import type { Value } from '../../../src/core/columns.ts';

/** Numbers of Parquet's enumerations. */
export const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
};
export const CONVERTED = { UTF8: 0, DATE: 6, TIMESTAMP_MILLIS: 9 };

export interface FixtureColumn {
  name: string;
  type: keyof typeof PHYSICAL;
  converted?: number;
  /** Days, milliseconds and the like are numbers here; of INT96 they are the last of three words. */
  values: Value[];
  /** Of byte arrays: DELTA_BYTE_ARRAY. */
  isDelta?: boolean;
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
  /** Codec LZ4, as Hadoop frames it. */
  lz4?: boolean;
  /** Definition levels as writers of 2013 packed them: BIT_PACKED. */
  packedLevels?: boolean;
  /** Bytes of nothing behind the first four, which the caller puts there: offsets count them. */
  hole?: number;
}

/** Encodings, by their numbers. */
const [PLAIN, RLE, BIT_PACKED, DELTA_BYTE_ARRAY] = [0, 3, 4, 7];
const LZ4 = 5;

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
      else if (type === 'INT96') return Buffer.concat([bytes, plain('INT32', [value])]);
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

/** Bits from the highest on. */
function packedBits(values: Value[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [i, value] of values.entries()) if (value !== null) bits[i >> 3]! |= 128 >> (i & 7);
  return bits;
}

/** DELTA_BINARY_PACKED: blocks of 128 in 4 minis, all of 32 bits. */
function differences(values: number[]): Buffer {
  const parts = [varint(128n), varint(4n), varint(BigInt(values.length)), zigzag(values[0] ?? 0)];
  for (let at = 1; at < values.length; at += 128) {
    const steps = values.slice(at, at + 128).map((value, i) => value - values[at + i - 1]!);
    const least = Math.min(...steps);
    const minis = Math.ceil(steps.length / 32);
    const bytes = Buffer.alloc(128 * minis);
    for (const [i, step] of steps.entries()) bytes.writeUInt32LE(step - least, 4 * i);
    const widths = Buffer.alloc(4).fill(32, 0, minis);
    parts.push(zigzag(least), widths, bytes);
  }
  return Buffer.concat(parts);
}

/** What each shares with the one before, and the rest of it. */
function deltaTexts(values: Value[]): Buffer {
  const texts = values.map((value) => Buffer.from(value as string));
  const shared = texts.map((text, i) => {
    const before = texts[i - 1] ?? Buffer.alloc(0);
    let same = 0;
    while (same < Math.min(text.length, before.length) && text[same] === before[same]) same++;
    return same;
  });
  const rests = texts.map((text, i) => text.subarray(shared[i]));
  return Buffer.concat([
    differences(shared),
    differences(rests.map(({ length }) => length)),
    ...rests,
  ]);
}

/** One block of nothing but literals. */
function lz4(bytes: Buffer): Buffer {
  const more = bytes.length - 15;
  const length = more < 0 ? [] : [...Array(Math.floor(more / 255)).fill(255), more % 255];
  const block = Buffer.concat([Buffer.from([Math.min(15, bytes.length) << 4, ...length]), bytes]);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(bytes.length, 0);
  head.writeUInt32BE(block.length, 4);
  return Buffer.concat([head, block]);
}

interface WrittenPage {
  bytes: Buffer;
  /** Bytes that it has unpacked, with its head. */
  size: number;
}

function page(column: FixtureColumn, values: Value[], options: FixtureOptions): WrittenPage {
  const { checksums = true, lz4: isPacked = false, packedLevels = false } = options;
  const there = values.filter((value) => value !== null);
  const own = column.isDelta === true ? deltaTexts(there) : plain(column.type, there);
  const body = Buffer.concat([packedLevels ? packedBits(values) : levels(values), own]);
  const packed = isPacked ? lz4(body) : body;
  const encodings = [
    column.isDelta === true ? DELTA_BYTE_ARRAY! : PLAIN!,
    packedLevels ? BIT_PACKED! : RLE!,
  ];
  const about = inner(5, [
    i32(1, values.length),
    ...encodings.map((encoding, i) => i32(2 + i, encoding)),
    i32(4, RLE!),
  ]);
  const sum = checksums ? [i32(4, crc32(packed) | 0)] : [];
  const head = struct([i32(1, 0), i32(2, body.length), i32(3, packed.length), ...sum, about]);
  return { bytes: Buffer.concat([head, packed]), size: head.length + body.length };
}

function forgedPage(forged: ForgedPage, rows: number): WrittenPage {
  const { body, uncompressedBytes, compressedBytes = body.length, isDictionary = false } = forged;
  const { values = rows } = forged;
  const about = isDictionary
    ? inner(7, [i32(1, values), i32(2, 0)])
    : inner(5, [i32(1, values), i32(2, 0), i32(3, 3), i32(4, 3)]);
  const sizes = [i32(2, uncompressedBytes), i32(3, compressedBytes)];
  const bytes = Buffer.concat([struct([i32(1, isDictionary ? 2 : 0), ...sizes, about]), body]);
  return { bytes, size: bytes.length };
}

/** The bytes of a file; all columns may be null. */
export function parquetBytes(columns: FixtureColumn[], options: FixtureOptions = {}): Buffer {
  const { keyValues = {}, groupRows = 1000, pageRows = 100, hole = 0 } = options;
  const rows = columns[0]?.values.length ?? 0;
  const parts: Buffer[] = [Buffer.from('PAR1')];
  let at = 4 + hole;
  const groups: Buffer[] = [];
  for (let start = 0; start < rows; start += groupRows) {
    const end = Math.min(rows, start + groupRows);
    const chunks = columns.map((column) => {
      const first = at;
      const { forged } = column;
      let unpacked = 0;
      for (let p = start; p < end; p += forged === undefined ? pageRows : groupRows) {
        const values = column.values.slice(p, Math.min(end, p + pageRows));
        const { bytes, size } =
          forged === undefined ? page(column, values, options) : forgedPage(forged, end - start);
        parts.push(bytes);
        at += bytes.length;
        unpacked += size;
      }
      const encodings = list(2, I32!, [PLAIN!, RLE!, BIT_PACKED!, DELTA_BYTE_ARRAY!].map(zigzag));
      const path = list(3, BINARY!, [sized(Buffer.from(column.name))]);
      const [type, size] = [i32(1, PHYSICAL[column.type]), at - first];
      const codec = i32(4, forged?.codec ?? (options.lz4 === true ? LZ4 : 0));
      const numbers = [codec, i64(5, end - start), i64(6, unpacked), i64(7, size), i64(9, first)];
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
