/** Writes small shapefiles byte by byte, and reads whole ones into plain objects. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Value } from '../../../src/core/columns.ts';
import { DropCounter, type DropJson } from '../../../src/core/drops.ts';
import { TilewrightError } from '../../../src/core/errors.ts';
import { openShapefile, type ShapefileSource } from '../../../src/formats/shapefile/source.ts';
import type { ReadNotes, Slice } from '../../../src/formats/source.ts';
import { readRow } from '../../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';

export type Ring = [number, number][];

/** The square [x, x + size] × [y, y + size]. */
export function square(x: number, y: number, size: number, clockwise = true): Ring {
  const ring: Ring = [
    [x, y],
    [x, y + size],
    [x + size, y + size],
    [x + size, y],
    [x, y],
  ];
  return clockwise ? ring : ring.reverse();
}

/** Content of a record; z and m have one value per vertex, in the order of the rings. */
export function polygonContent(type: number, rings: Ring[], z?: number[], m?: number[]): Buffer {
  const points = rings.flat();
  const parts: number[] = [];
  let first = 0;
  for (const ring of rings) {
    parts.push(first);
    first += ring.length;
  }
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const least = (values: number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), -Infinity);
  const numbers = (values: number[]): Buffer => Buffer.from(Float64Array.from(values).buffer);
  const measured = (values: number[]): Buffer => numbers([least(values), most(values), ...values]);
  return Buffer.concat([
    Buffer.from(Int32Array.of(type).buffer),
    numbers([least(xs), least(ys), most(xs), most(ys)]),
    Buffer.from(Int32Array.of(parts.length, points.length, ...parts).buffer),
    numbers(points.flat()),
    z === undefined ? Buffer.alloc(0) : measured(z),
    m === undefined ? Buffer.alloc(0) : measured(m),
  ]);
}

export const NULL_SHAPE = Buffer.alloc(4);

export function pointContent(x: number, y: number): Buffer {
  const content = Buffer.alloc(20);
  content.writeInt32LE(1, 0);
  content.writeDoubleLE(x, 4);
  content.writeDoubleLE(y, 12);
  return content;
}

export function shapefileBytes(type: number, contents: Buffer[]): { shp: Buffer; shx: Buffer } {
  const records: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 100;
  contents.forEach((content, i) => {
    const header = Buffer.alloc(8);
    header.writeInt32BE(i + 1, 0);
    header.writeInt32BE(content.length / 2, 4);
    records.push(header, content);
    const entry = Buffer.alloc(8);
    entry.writeInt32BE(offset / 2, 0);
    entry.writeInt32BE(content.length / 2, 4);
    entries.push(entry);
    offset += 8 + content.length;
  });
  const header = (length: number): Buffer => {
    const bytes = Buffer.alloc(100);
    bytes.writeInt32BE(9994, 0);
    bytes.writeInt32BE(length / 2, 24);
    bytes.writeInt32LE(1000, 28);
    bytes.writeInt32LE(type, 32);
    return bytes;
  };
  return {
    shp: Buffer.concat([header(offset), ...records]),
    shx: Buffer.concat([header(100 + 8 * contents.length), ...entries]),
  };
}

export interface DbfField {
  name: string | Buffer;
  type: string;
  width: number;
  decimals?: number;
}

/** Values are padded with spaces to the field's width; rows in `deleted` (from 1) are marked. */
export function dbfBytes(
  fields: DbfField[],
  rows: (string | Buffer)[][],
  languageDriver = 0,
  deleted: number[] = [],
): Buffer {
  const rowBytes = fields.reduce((sum, field) => sum + field.width, 1);
  const headerBytes = 33 + 32 * fields.length;
  const bytes = Buffer.alloc(headerBytes + rows.length * rowBytes + 1, 0x20);
  bytes.fill(0, 0, headerBytes);
  bytes[0] = 3;
  bytes.writeUInt32LE(rows.length, 4);
  bytes.writeUInt16LE(headerBytes, 8);
  bytes.writeUInt16LE(rowBytes, 10);
  bytes[29] = languageDriver;
  fields.forEach((field, i) => {
    const at = 32 + 32 * i;
    Buffer.from(field.name as string).copy(bytes, at, 0, 11);
    bytes.write(field.type, at + 11, 'latin1');
    bytes[at + 16] = field.width;
    bytes[at + 17] = field.decimals ?? 0;
  });
  bytes[headerBytes - 1] = 0x0d;
  rows.forEach((row, r) => {
    let at = headerBytes + r * rowBytes;
    if (deleted.includes(r + 1)) bytes[at] = 0x2a;
    at++;
    row.forEach((value, i) => {
      Buffer.from(value as string).copy(bytes, at, 0, fields[i]!.width);
      at += fields[i]!.width;
    });
  });
  bytes[bytes.length - 1] = 0x1a;
  return bytes;
}

/** Calls `body` with a folder of its own, holding the given files; the folder is removed after. */
export function withFiles(
  files: Record<string, Buffer | string>,
  body: (path: (name: string) => string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-shapefile-'));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    body((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Feature {
  position: number;
  flags: number;
  polygons: Ring[][];
  /** Z of all vertices, empty without HAS_Z. */
  z: number[];
  values: Value[];
}

export interface Contents {
  features: Feature[];
  drops: DropJson;
  dropped: number;
  notes: ReadNotes;
  /** Features in each batch. */
  batches: number[];
}

export function readSource(
  source: ShapefileSource,
  slice?: Slice,
  maxFeatures = 1000,
  maxVertices = 100_000,
): Contents {
  const layer = source.layers()[0]!;
  const drops = new DropCounter();
  const notes = { rowsRead: 0, droppedM: 0 };
  const features: Feature[] = [];
  const batches: number[] = [];
  const batch = new FeatureBatch();
  const range = slice ?? { start: 1, end: layer.featureCount + 1 };
  for (const full of source.read(layer.name, range, batch, {
    maxFeatures,
    maxVertices,
    drops,
    notes,
  })) {
    batches.push(full.featureCount);
    for (let i = 0; i < full.featureCount; i++) features.push(featureOf(full, i));
  }
  return { features, drops: drops.toJSON(), dropped: drops.total, notes, batches };
}

function featureOf(batch: FeatureBatch, i: number): Feature {
  const polygons: Ring[][] = [];
  const z: number[] = [];
  const hasZ = (batch.flags[i]! & 2) !== 0;
  for (let p = batch.featureOffsets[i]!; p < batch.featureOffsets[i + 1]!; p++) {
    const rings: Ring[] = [];
    for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
      const ring: Ring = [];
      for (let v = batch.ringOffsets[r]!; v < batch.ringOffsets[r + 1]!; v++) {
        ring.push([batch.xy[2 * v]!, batch.xy[2 * v + 1]!]);
        if (hasZ) z.push(batch.z[v]!);
      }
      rings.push(ring);
    }
    polygons.push(rings);
  }
  const values = readRow(
    batch.types,
    batch.typeOffsets[i]!,
    batch.typeOffsets[i + 1]!,
    batch.body,
    batch.bodyOffsets[i]!,
  );
  return { position: batch.positions[i]!, flags: batch.flags[i]!, polygons, z, values };
}

/** Reads a whole file by its path. */
export function readFile(path: string): Contents {
  const source = openShapefile(path);
  try {
    return readSource(source);
  } finally {
    source.close();
  }
}

/** For assert.throws: a TilewrightError with this code and message. */
export const fails = (code: string, pattern: RegExp) => (error: unknown) =>
  error instanceof TilewrightError && error.code === code && pattern.test(error.message);

/** 300 squares with a number each; odd ones have a hole. */
export function squares(): { shp: Buffer; shx: Buffer; dbf: Buffer } {
  const contents = Array.from({ length: 300 }, (_, i) =>
    polygonContent(
      5,
      i % 2 ? [square(i, 0, 1), square(i + 0.2, 0.2, 0.5, false)] : [square(i, 0, 1)],
    ),
  );
  const rows = contents.map((_, i) => [String(i + 1)]);
  return {
    ...shapefileBytes(5, contents),
    dbf: dbfBytes([{ name: 'N', type: 'N', width: 5 }], rows),
  };
}
