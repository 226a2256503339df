/**
 * A second reader of shapefiles, plain and slow, that shares nothing with src/formats: it has each
 * file as one buffer. It expects whole files and rings in order, as fuzz-shapefile.ts writes them.
 */

import type { Value } from '../../../src/core/columns.ts';

export interface PlainRecord {
  /** Why the record is no feature, null if it is one. */
  reason: string | null;
  /** The vertices' x, y as the file has them, and how many vertices there are up to each ring's end. */
  xy: Buffer;
  ringEnds: number[];
  z: Buffer | null;
  /** Whether it has M values that are not "no data". */
  measured: boolean;
  values: Value[];
}

const NOTHING = Buffer.alloc(0);

/** All records in order, by the .shx if it is given, otherwise one after the other. */
export function readPlain(shp: Buffer, shx: Buffer | null, dbf: Buffer | null): PlainRecord[] {
  const records: PlainRecord[] = [];
  const table = dbf === null ? null : new PlainTable(dbf);
  const rest = (): PlainRecord[] => {
    // Rows without a record.
    while (records.length < (table?.rows ?? 0)) add(0, -8);
    return records;
  };
  const add = (offset: number, length: number): void => {
    const content = shp.subarray(offset + 8, offset + 8 + length);
    const record = {
      reason: null,
      xy: NOTHING,
      ringEnds: [],
      z: null,
      measured: false,
      values: [],
    };
    records.push(record);
    readContent(content, record);
    table?.readRow(records.length, record);
  };
  if (shx !== null) {
    for (let at = 100; at < shx.length; at += 8) {
      const listed = 2 * shx.readUInt32BE(at + 4);
      const offset = 2 * shx.readUInt32BE(at);
      add(offset, listed === 0 ? 0 : 2 * shp.readUInt32BE(offset + 4));
    }
    return rest();
  }
  const end = 2 * shp.readUInt32BE(24);
  for (let at = 100; at < end; ) {
    const length = 2 * shp.readUInt32BE(at + 4);
    add(at, length);
    at += 8 + length;
  }
  return rest();
}

function readContent(content: Buffer, record: PlainRecord): void {
  const type = content.length === 0 ? 0 : content.readInt32LE(0);
  if (type === 0) record.reason = 'null geometry';
  else if (type === 1) record.reason = 'not a polygon';
  if (record.reason !== null) return;
  const numParts = content.readInt32LE(36);
  const numPoints = content.readInt32LE(40);
  if (numPoints === 0) {
    record.reason = 'empty geometry';
    return;
  }
  for (let part = 1; part < numParts; part++) {
    record.ringEnds.push(content.readInt32LE(44 + 4 * part));
  }
  record.ringEnds.push(numPoints);
  let at = 44 + 4 * numParts;
  record.xy = content.subarray(at, at + 16 * numPoints);
  at += 16 * numPoints;
  if (type === 15) {
    record.z = content.subarray(at + 16, at + 16 + 8 * numPoints);
    at += 16 + 8 * numPoints;
  }
  if (type === 5) return;
  for (at += 16; at < content.length; at += 8) {
    if (content.readDoubleLE(at) > -1e38) record.measured = true;
  }
}

class PlainTable {
  readonly #dbf: Buffer;
  readonly rows: number;
  readonly #header: number;
  readonly #rowBytes: number;
  readonly #fields: { type: string; start: number; end: number }[] = [];

  constructor(dbf: Buffer) {
    this.#dbf = dbf;
    this.rows = dbf.readUInt32LE(4);
    this.#header = dbf.readUInt16LE(8);
    this.#rowBytes = dbf.readUInt16LE(10);
    let start = 1;
    for (let at = 32; dbf[at] !== 0x0d; at += 32) {
      const end = start + dbf[at + 16]!;
      this.#fields.push({ type: dbf.toString('latin1', at + 11, at + 12), start, end });
      start = end;
    }
  }

  /** A deleted row comes before what is wrong with the geometry; a row that is not there is NULLs. */
  readRow(number: number, record: PlainRecord): void {
    const at = this.#header + (number - 1) * this.#rowBytes;
    const missing = number > this.rows;
    if (!missing && this.#dbf[at] === 0x2a) record.reason = 'deleted row';
    record.values = this.#fields.map(({ type, start, end }) => {
      if (missing) return null;
      const text = this.#dbf.toString('latin1', at + start, at + end);
      if (type === 'C') return text.trimEnd() === '' ? null : text.trimEnd();
      return text.trim() === '' || text.startsWith('*') ? null : Number(text);
    });
  }
}
