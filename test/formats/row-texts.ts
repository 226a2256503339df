/** Rows of a layer `l` as comparable texts: what SQLite says, and what the project reads. */

import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { DropCounter } from '../../src/core/drops.ts';
import type { Random } from '../../src/core/random.ts';
import { decodeBlob, FIRST_DROP } from '../../src/formats/geopackage/geometry-blob.ts';
import { openGeoPackage } from '../../src/formats/geopackage/source.ts';
import { isPlain } from '../../src/formats/sqlite/page-file.ts';
import { serialTypeLength } from '../../src/formats/sqlite/record.ts';
import { VarintReader } from '../../src/formats/sqlite/varint.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { encodeWkb, wkbLength } from '../../src/geometry/wkb.ts';
import { quoted } from './sqlite/random-database.ts';

export interface Rows {
  /** All rows, also those without a polygon. */
  count: number;
  columns: string[];
  /** Polygons in order: position, geometry, values. */
  rows: { position: string; wkb: string; values: string[] }[];
  /** For SQLite's: words of errors by which a sound file may be refused. */
  refusable: string[];
}

/** Keys of these names, perhaps with a number behind, number the rows; others are columns too. */
const NUMBERING = 'fid id ogc_fid ogr_fid gid rowid oid _rowid_ pkuid pk_uid'.split(' ');

/** One for all: a batch begins with megabytes. */
const batch = new FeatureBatch();

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function real(value: number): string {
  if (Number.isNaN(value)) return 'null';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `real ${bytes.toString('hex')}`;
}

function wkbOf(batch: FeatureBatch, i: number): string {
  const wkb = new Uint8Array(wkbLength(batch, i));
  encodeWkb(batch, i, wkb, new DataView(wkb.buffer), 0);
  return hex(wkb);
}

/** @throws SQLite's errors */
export function rowsOfSqlite(path: string): Rows {
  const url = pathToFileURL(path);
  if (isPlain(path)) url.searchParams.set('immutable', '1');
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    const encoding = String(db.prepare('pragma encoding').get()!['encoding']).toLowerCase();
    const utf16 = encoding.startsWith('utf-16')
      ? new TextDecoder(encoding, { ignoreBOM: true })
      : null;
    const info = db
      .prepare('pragma table_xinfo(l)')
      .all()
      .map((c) => String(c['name']));
    const key = keyOf(db);
    const position = positionOf(db, info, key);
    const columns = info.filter(
      (name) =>
        !(name === key && NUMBERING.includes(key.toLowerCase().replace(/_\d+$/, ''))) &&
        name.toLowerCase() !== 'geom',
    );
    const values = columns.map(quoted);
    const statement = db.prepare(
      `select ${position ?? 'null'}, geom, ${values
        .map((c) => `typeof(${c}), iif(typeof(${c}) = 'text', cast(${c} as blob), ${c})`)
        .concat('1')
        .join()} from l not indexed ${position === null ? '' : `order by ${position}`}`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const all = statement.all() as unknown as unknown[][];
    if (position === null) for (const [i, row] of all.entries()) row[0] = BigInt(i + 1);
    batch.clear();
    const rows: Rows['rows'] = [];
    const refusable = new Set<string>();
    for (const row of all) {
      if (typeof row[0] !== 'bigint' || !Number.isSafeInteger(Number(row[0])))
        refusable.add('2^53');
      const texts = columns.map((_, k) => {
        const [type, value] = [row[2 + 2 * k], row[3 + 2 * k]];
        if (type === 'null') return 'null';
        if (type === 'real') return real(value as number);
        if (type !== 'text') return `${type} ${value instanceof Uint8Array ? hex(value) : value}`;
        const text = utf16?.decode(value as Uint8Array);
        // Only what is not UTF-16 becomes U+FFFD here: the generator has none.
        if (text?.includes('\ufffd')) refusable.add('not UTF-16');
        return `text ${hex(text === undefined ? (value as Uint8Array) : Buffer.from(text))}`;
      });
      if (!(row[1] instanceof Uint8Array)) continue;
      batch.clear();
      batch.beginFeature(0);
      if (decodeBlob(batch, row[1], 0, row[1].length) >= FIRST_DROP) continue;
      batch.endFeature();
      rows.push({ position: String(row[0]), wkb: wkbOf(batch, 0), values: texts });
    }
    // Of a damaged tree SQLite gives rows as they lie there, also if an order is asked for.
    if (position !== null) rows.sort((a, b) => Number(a.position) - Number(b.position));
    return { count: all.length, columns, rows, refusable: [...refusable] };
  } finally {
    db.close();
  }
}

/** The column that identifies rows by whole numbers, as SQLite's programs treat it; or null. */
function keyOf(db: DatabaseSync): string | null {
  const withoutRowid = db.prepare('pragma table_list(l)').get()!['wr'] === 1;
  const info = db.prepare('pragma table_xinfo(l)').all();
  for (const { name, type } of info) {
    const program = db.prepare(`explain select ${quoted(String(name))} from l not indexed`).all();
    if (program.some((step) => step['opcode'] === 'Rowid')) return String(name);
    const keys = info.filter(({ pk }) => Number(pk) > 0);
    if (withoutRowid && keys.length === 1 && keys[0]!['name'] === name) {
      if (String(type).toUpperCase() === 'INTEGER') return String(name);
    }
  }
  return null;
}

/** What SQLite takes for a row's number; null if there is no such thing. */
function positionOf(db: DatabaseSync, info: string[], key: string | null): string | null {
  if (key !== null) return quoted(key);
  if (db.prepare('pragma table_list(l)').get()!['wr'] === 1) return null;
  const names = info.map((name) => name.toLowerCase());
  return ['rowid', '_rowid_', 'oid'].find((name) => !names.includes(name)) ?? null;
}

/** Read in slices of a random size. @throws TilewrightError */
export function rowsOfProject(path: string, random: Random): Rows {
  const source = openGeoPackage(path);
  try {
    const layer = source.layer('l');
    const notes = { rowsRead: 0, droppedM: 0 };
    const options = {
      maxFeatures: 1 + random.integer(40),
      maxVertices: 1e5,
      drops: new DropCounter(),
      notes,
    };
    batch.clear();
    const rows: Rows['rows'] = [];
    for (const slice of source.slices('l', layer.bytes / (1 + random.integer(4)))) {
      for (const filled of source.read('l', slice, batch, options)) {
        for (let i = 0; i < filled.featureCount; i++) {
          const isReal = layer.columns.map(({ type }) => type === 'real');
          const values = valuesOf(filled, i, isReal);
          rows.push({ position: String(filled.positions[i]), wkb: wkbOf(filled, i), values });
        }
      }
    }
    const columns = layer.columns.map(({ name }) => name);
    return { count: notes.rowsRead, columns, rows, refusable: [] };
  } finally {
    source.close();
  }
}

function valuesOf(batch: FeatureBatch, i: number, isReal: boolean[]): string[] {
  const varint = new VarintReader();
  const { types, body } = batch;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const texts: string[] = [];
  let at = batch.bodyOffsets[i]!;
  for (let t = batch.typeOffsets[i]!; t < batch.typeOffsets[i + 1]!; ) {
    t = varint.read(types, t);
    const type = varint.value;
    const length = serialTypeLength(type);
    if (type === 0 || type === 10 || type === 11) texts.push('null');
    else if (type === 7) texts.push(real(bytes.readDoubleBE(at)));
    else if (type >= 12) {
      texts.push(`${type % 2 ? 'text' : 'blob'} ${bytes.toString('hex', at, at + length)}`);
    } else {
      let value = BigInt(type === 9 ? 1 : 0);
      if (length > 0) {
        value = BigInt.asIntN(8 * length, BigInt(`0x${bytes.toString('hex', at, at + length)}`));
      }
      texts.push(`${isReal[texts.length] === true ? 'whole' : 'integer'} ${value}`);
    }
    at += length;
  }
  if (at !== batch.bodyOffsets[i + 1]) throw new Error('a row is not as long as its values');
  return texts;
}

/** What differs, or null. Whole numbers of REAL columns are packed as integers. */
export function difference(wanted: Rows, found: Rows): string | null {
  const brief = (rows: Rows): string => `${rows.count} rows, ${rows.rows.length} polygons`;
  if (wanted.columns.join('\n') !== found.columns.join('\n')) {
    return `columns ${JSON.stringify(found.columns)} instead of ${JSON.stringify(wanted.columns)}`;
  }
  if (brief(wanted) !== brief(found)) return `${brief(found)} instead of ${brief(wanted)}`;
  for (const [i, row] of wanted.rows.entries()) {
    const other = found.rows[i]!;
    if (row.position !== other.position) return `row ${other.position} instead of ${row.position}`;
    if (row.wkb !== other.wkb) return `row ${row.position}: another geometry`;
    if (row.values.length !== other.values.length)
      return `row ${row.position}: ${other.values.length} values`;
    for (const [k, value] of row.values.entries()) {
      let text = other.values[k]!;
      if (text.startsWith('whole ')) {
        const number = text.slice(6);
        text = value.startsWith('real') ? real(Number(number)) : `integer ${number}`;
      }
      if (text !== value) {
        return `row ${row.position}, ${wanted.columns[k]}: ${text} instead of ${value}`;
      }
    }
  }
  return null;
}
