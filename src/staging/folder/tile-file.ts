/** Reads the rows of a staged tile back, as records, in their order. */

import { existsSync } from 'node:fs';
import type { Column, ColumnType } from '../../core/columns.ts';
import { SQL_TYPES } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { PageFile } from '../../formats/sqlite/page-file.ts';
import { readRow, serialTypeLength, VarintReader } from '../../formats/sqlite/record.ts';
import { TableCursor } from '../../formats/sqlite/table-cursor.ts';
import { FILENAME_PROPERTY, PROPERTY_COUNT } from '../configuration/properties.ts';

const TYPE_OF: ReadonlyMap<string, ColumnType> = new Map(
  Object.entries(SQL_TYPES).map(([type, sql]) => [sql, type as ColumnType]),
);

export class TileFile {
  /** The attributes, without key, geometry and added properties. */
  readonly columns: Column[];
  /** Name of the input that the current row is from; null after the last row. */
  input: string | null = null;
  readonly cursor: TableCursor;
  readonly #pages: PageFile;
  readonly #varint = new VarintReader();
  #inputBytes: Uint8Array = new Uint8Array(0);

  /** Null if there is no such tile. @param layer - name of the layer in it */
  static open(path: string, layer: string): TileFile | null {
    return existsSync(path) ? new TileFile(path, layer) : null;
  }

  private constructor(path: string, layer: string) {
    this.#pages = new PageFile(path);
    try {
      const { rootPage, sql } = findTable(this.#pages, layer);
      this.columns = columnsOf(sql, path).slice(2, -PROPERTY_COUNT);
      this.cursor = new TableCursor(this.#pages, rootPage);
      this.cursor.seek(-Infinity);
      this.next();
    } catch (error) {
      this.#pages.close();
      throw error;
    }
  }

  /** Moves to the next row, and to null after the last. */
  next(): void {
    if (this.cursor.next()) this.#readInput();
    else this.input = null;
  }

  /** Finds the input's name in the record; neighbours mostly have the same. */
  #readInput(): void {
    const { payload, payloadStart } = this.cursor;
    const varint = this.#varint;
    let at = varint.read(payload, payloadStart);
    let body = payloadStart + varint.value;
    const place = 2 + this.columns.length + FILENAME_PROPERTY;
    for (let c = 0; c < place; c++) {
      at = varint.read(payload, at);
      body += serialTypeLength(varint.value);
    }
    varint.read(payload, at);
    const length = serialTypeLength(varint.value);
    const known = this.#inputBytes;
    let same = this.input !== null && length === known.length;
    for (let i = 0; same && i < length; i++) same = payload[body + i] === known[i];
    if (same) return;
    this.#inputBytes = payload.slice(body, body + length);
    this.input = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#inputBytes);
  }

  close(): void {
    this.#pages.close();
  }
}

function findTable(pages: PageFile, layer: string): { rootPage: number; sql: string } {
  const cursor = new TableCursor(pages, 1);
  const varint = new VarintReader();
  cursor.seek(-Infinity);
  while (cursor.next()) {
    const { payload, payloadStart } = cursor;
    const types = varint.read(payload, payloadStart);
    const body = payloadStart + varint.value;
    const [type, name, , rootPage, sql] = readRow(payload, types, body, payload, body);
    if (type === 'table' && name === layer) {
      return { rootPage: Number(rootPage), sql: String(sql) };
    }
  }
  throw notOurs(pages.path);
}

/** Columns of a table that GeoPackageWriter declared: quoted names, each with one type word. */
function columnsOf(sql: string, path: string): Column[] {
  const list = sql.slice(sql.indexOf('('));
  const columns: Column[] = [];
  for (const [, name, declared] of list.matchAll(/"((?:[^"]|"")*)" ([A-Z]+)/g)) {
    columns.push({ name: name!.replaceAll('""', '"'), type: TYPE_OF.get(declared!) ?? 'text' });
  }
  if (columns.length < 2 + PROPERTY_COUNT) throw notOurs(path);
  return columns;
}

function notOurs(path: string): TilewrightError {
  return new TilewrightError('staged-folder', `${path} is not as it was staged`);
}
