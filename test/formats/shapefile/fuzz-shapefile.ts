/**
 * Writes shapefiles at random and compares what src/formats/shapefile reads, whole and in slices,
 * with a plain reader.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DropCounter } from '../../../src/core/drops.ts';
import { Random } from '../../../src/core/random.ts';
import { openShapefile, type ShapefileSource } from '../../../src/formats/shapefile/source.ts';
import type { ReadNotes, Slice } from '../../../src/formats/source.ts';
import { readRow } from '../../../src/formats/sqlite/record.ts';
import { FeatureBatch, HAS_Z } from '../../../src/geometry/batch.ts';
import { type DbfField, dbfBytes } from './shapefile-fixture.ts';
import { type PlainRecord, readPlain } from './shapefile-plain-reader.ts';

interface Files {
  shp: Buffer;
  /** What is written beside the main file, null for no file. */
  shx: Buffer | null;
  dbf: Buffer | null;
  /** Whether the .shx says where the records are; if not, it contradicts the main file. */
  indexed: boolean;
}

export interface Checked {
  records: number;
  features: number;
}

/** Checks `count` files, of the seeds from `first` on. A failure names its seed. */
export function checkSeeds(first: number, count: number): Checked {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-fuzz-'));
  const checked = { records: 0, features: 0 };
  try {
    for (let seed = first; seed < first + count; seed++) {
      const random = new Random(seed);
      try {
        checkFile(random, randomFiles(random), join(folder, 'f'), checked);
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return checked;
}

function checkFile(random: Random, files: Files, stem: string, checked: Checked): void {
  for (const part of ['shp', 'shx', 'dbf'] as const) {
    if (files[part] === null) rmSync(`${stem}.${part}`, { force: true });
    else writeFileSync(`${stem}.${part}`, files[part]);
  }
  const expected = readPlain(files.shp, files.indexed ? files.shx : null, files.dbf);
  const source = openShapefile(`${stem}.shp`);
  try {
    const count = expected.length;
    assert.equal(source.layers()[0]!.featureCount, count);
    checkSlices(source, expected, [{ start: 1, end: count + 1 }], 1000);
    if (count === 0) return;
    const sizes = count < 200 ? [1, 300, 20_000] : [50_000 + random.integer(1 << 20)];
    const size = sizes[random.integer(sizes.length)]!;
    const slices = source.slices('f', size);
    let next = 1;
    for (const { start, end } of slices) {
      assert.equal(start, next);
      next = end;
    }
    assert.equal(next, count + 1);
    // In another order, as workers take them; each step back reads a block again.
    if (slices.length < 20) shuffle(random, slices);
    checkSlices(source, expected, slices, 1 + random.integer(50));
    checked.records += count;
    checked.features += expected.filter(({ reason }) => reason === null).length;
  } finally {
    source.close();
  }
}

const batch = new FeatureBatch();

function checkSlices(
  source: ShapefileSource,
  expected: PlainRecord[],
  slices: Slice[],
  maxFeatures: number,
): void {
  const drops = new DropCounter();
  const notes: ReadNotes = { rowsRead: 0, droppedM: 0 };
  const options = { maxFeatures, maxVertices: 50_000, drops, notes };
  for (const slice of slices) {
    let record = slice.start;
    for (const filled of source.read('f', slice, batch, options)) {
      for (let i = 0; i < filled.featureCount; i++) {
        while (expected[record - 1]!.reason !== null) record++;
        assert.equal(filled.positions[i], record);
        checkFeature(filled, i, expected[record - 1]!, record);
        record++;
      }
    }
    while (record < slice.end && expected[record - 1]!.reason !== null) record++;
    assert.equal(record, slice.end, 'a feature is missing');
  }
  const reasons = new Map<string, number>();
  for (const { reason } of expected) {
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const dropped = Object.entries(drops.toJSON()).map(([reason, { count }]) => [reason, count]);
  assert.deepEqual(dropped, [...reasons].sort());
  const measured = expected.filter((record) => record.reason === null && record.measured).length;
  assert.deepEqual(notes, { rowsRead: expected.length, droppedM: measured });
}

function checkFeature(
  filled: FeatureBatch,
  i: number,
  expected: PlainRecord,
  record: number,
): void {
  const where = `record ${record}`;
  const { xy, z, ringOffsets, polygonOffsets, featureOffsets } = filled;
  const firstRing = polygonOffsets[featureOffsets[i]!]!;
  const endRing = polygonOffsets[featureOffsets[i + 1]!]!;
  const first = ringOffsets[firstRing]!;
  const count = ringOffsets[endRing]! - first;
  assert.equal(endRing - firstRing, expected.ringEnds.length, where);
  for (const [r, end] of expected.ringEnds.entries()) {
    assert.equal(ringOffsets[firstRing + r + 1]! - first, end, where);
  }
  const vertices = Buffer.from(xy.buffer, xy.byteOffset + 16 * first, 16 * count);
  assert.ok(vertices.equals(expected.xy), `${where}: other vertices`);
  assert.equal((filled.flags[i]! & HAS_Z) !== 0, expected.z !== null, where);
  if (expected.z !== null) {
    const heights = Buffer.from(z.buffer, z.byteOffset + 8 * first, 8 * count);
    assert.ok(heights.equals(expected.z), `${where}: other heights`);
  }
  const { types, typeOffsets, body, bodyOffsets } = filled;
  const values = readRow(types, typeOffsets[i]!, typeOffsets[i + 1]!, body, bodyOffsets[i]!);
  assert.equal(values.length, expected.values.length, where);
  for (const [v, value] of values.entries()) assert.equal(value, expected.values[v], where);
}

function randomFiles(random: Random): Files {
  const chance = random.next();
  let count = random.integer(30);
  if (chance > 0.9995) count = 20_000 + random.integer(40_000);
  else if (chance > 0.98) count = random.integer(6000);
  else if (chance > 0.8) count = random.integer(300);
  const type = [5, 5, 15, 25][random.integer(4)]!;
  const large = random.next() < 0.002 ? random.integer(count + 1) : -1;
  const contents: Buffer[] = [];
  for (let i = 0; i < count; i++) contents.push(randomContent(random, type, i === large));
  const layout = random.next();
  const indexed = layout < 0.7;
  const gaps = indexed && layout < 0.2;
  const order = contents.map((_, i) => i);
  if (indexed && layout < 0.3) shuffle(random, order);
  const { shp, offsets } = mainFile(random, type, contents, order, gaps);
  let shx: Buffer | null = indexFile(random, type, contents, offsets, gaps);
  if (!indexed) shx = contradicting(random, shx, count);
  return { shp, shx, dbf: random.next() < 0.1 ? null : randomTable(random, count), indexed };
}

/** A .shx that must not be believed: none, cut short, pointing outside, or of fewer records. */
function contradicting(random: Random, shx: Buffer, count: number): Buffer | null {
  const kind = count === 0 ? 0 : random.integer(4);
  if (kind === 0) return null;
  if (kind === 1) return shx.subarray(0, random.integer(shx.length));
  if (kind === 2) shx.writeUInt32BE(2 ** 31, 100 + 8 * random.integer(count));
  else {
    shx = shx.subarray(0, 100 + 8 * random.integer(count));
    shx.writeUInt32BE(shx.length / 2, 24);
  }
  if (kind === 2) for (let i = 0; i < count; i++) shx.writeUInt32BE(22, 104 + 8 * i);
  return shx;
}

function shuffle<T>(random: Random, order: T[]): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

function randomContent(random: Random, type: number, large: boolean): Buffer {
  const kind = random.next();
  if (!large && kind < 0.02) return Buffer.alloc(4);
  if (!large && kind < 0.03) {
    const point = Buffer.alloc(20);
    point[0] = 1;
    return point;
  }
  const pairs = !large && kind < 0.15 ? 1 + random.integer(3) : 0;
  let points = 4 + random.integer(random.next() < 0.01 ? 2000 : 12);
  if (large) points = 20_000 + random.integer(80_000);
  if (pairs > 0) points = 10 * pairs;
  else if (!large && kind > 0.99) points = 0;
  const parts = pairs > 0 ? 2 * pairs : points === 0 ? 0 : 1;
  const withM = type !== 5 && random.next() < 0.5;
  const z = type === 15 ? 16 + 8 * points : 0;
  const content = Buffer.alloc(44 + 4 * parts + 16 * points + z + (withM ? 16 + 8 * points : 0));
  content.writeInt32LE(type, 0);
  content.writeInt32LE(parts, 36);
  content.writeInt32LE(points, 40);
  for (let p = 0; p < parts; p++) content.writeInt32LE(5 * p, 44 + 4 * p);
  let at = 44 + 4 * parts;
  if (pairs > 0) at = writePairs(content, at, random.integer(1000), pairs);
  else if (points > 0) at = writeRing(random, content, at, points);
  if (type === 15) at = writeMeasures(random, content, at, points, 1);
  if (withM) writeMeasures(random, content, at, points, random.integer(3) - 1);
  return content;
}

/** A closed ring of any shape. */
function writeRing(random: Random, content: Buffer, at: number, points: number): number {
  const first = at;
  for (let i = 0; i < 2 * (points - 1); i++, at += 8) {
    content.writeDoubleLE(random.uint32() / 2 ** 20, at);
  }
  content.copy(content, at, first, first + 16);
  return at + 16;
}

/** Squares with a hole each, one beside the other. */
function writePairs(content: Buffer, at: number, x: number, pairs: number): number {
  for (let p = 0; p < pairs; p++, x += 20) {
    for (const [i, j] of ['00', '01', '11', '10', '00', '00', '10', '11', '01', '00'].entries()) {
      const scale = i < 5 ? 9 : 3;
      const shift = i < 5 ? 0 : 2;
      content.writeDoubleLE(x + shift + scale * Number(j[0]), at);
      content.writeDoubleLE(shift + scale * Number(j[1]), at + 8);
      at += 16;
    }
  }
  return at;
}

/** Z or M: their range, which nobody reads, and values; without a sign they are no data. */
function writeMeasures(
  random: Random,
  content: Buffer,
  at: number,
  points: number,
  sign: number,
): number {
  at += 16;
  for (let i = 0; i < points; i++, at += 8) {
    content.writeDoubleLE(sign > 0 ? random.uint32() : -1.7e308, at);
  }
  return at;
}

function fileHeader(type: number, length: number): Buffer {
  const header = Buffer.alloc(100);
  header.writeInt32BE(9994, 0);
  header.writeUInt32BE(length / 2, 24);
  header.writeInt32LE(1000, 28);
  header.writeInt32LE(type, 32);
  return header;
}

function mainFile(
  random: Random,
  type: number,
  contents: Buffer[],
  order: number[],
  gaps: boolean,
): { shp: Buffer; offsets: number[] } {
  const offsets: number[] = [];
  const pieces: Buffer[] = [];
  let at = 100;
  for (const i of order) {
    if (gaps && random.next() < 0.2) {
      const gap = Buffer.alloc(2 * random.integer(random.next() < 0.02 ? 20_000 : 40), 0xee);
      pieces.push(gap);
      at += gap.length;
    }
    offsets[i] = at;
    const header = Buffer.alloc(8);
    header.writeUInt32BE(i + 1, 0);
    header.writeUInt32BE(contents[i]!.length / 2, 4);
    pieces.push(header, contents[i]!);
    at += 8 + contents[i]!.length;
  }
  return { shp: Buffer.concat([fileHeader(type, at), ...pieces], at), offsets };
}

function indexFile(
  random: Random,
  type: number,
  contents: Buffer[],
  offsets: number[],
  gaps: boolean,
): Buffer {
  const shx = Buffer.alloc(100 + 8 * contents.length);
  fileHeader(type, shx.length).copy(shx);
  for (const [i, content] of contents.entries()) {
    // A record that an editor removed has an entry without content.
    if (gaps && random.next() < 0.05) continue;
    shx.writeUInt32BE(offsets[i]! / 2, 100 + 8 * i);
    shx.writeUInt32BE(content.length / 2, 104 + 8 * i);
  }
  return shx;
}

function randomTable(random: Random, count: number): Buffer {
  const rows = random.next() < 0.1 ? random.integer(count + 20) : count;
  const fields: DbfField[] = [{ name: 'ID', type: 'N', width: 9 }];
  if (random.next() < 0.7) fields.push({ name: 'NAME', type: 'C', width: 1 + random.integer(60) });
  if (random.next() < 0.3) fields.push({ name: 'AREA', type: 'N', width: 15, decimals: 3 });
  // Rows of several kilobytes end up on the borders of what is read at a time.
  for (let i = random.next() < 0.05 && count < 3000 ? 20 : 0; i > 0; i--) {
    fields.push({ name: `T${i}`, type: 'C', width: 254 });
  }
  const values: string[][] = [];
  const deleted: number[] = [];
  for (let row = 1; row <= rows; row++) {
    if (random.next() < 0.01) deleted.push(row);
    values.push(
      fields.map(({ type, width, decimals }, f) => {
        if (random.next() < 0.05) return type === 'C' ? '' : '*'.repeat(width);
        if (type === 'C') return `${row}-${f} ${'x'.repeat(random.integer(width))}`.slice(0, width);
        const number =
          decimals === undefined ? String(row) : (random.uint32() / 64).toFixed(decimals);
        return number.padStart(width);
      }),
    );
  }
  return dbfBytes(fields, values, 0, deleted);
}
