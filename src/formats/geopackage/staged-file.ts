/** Reads GeoPackages as `GeoPackageWriter` writes them, off their pages: nothing in them is run. */

import { existsSync } from 'node:fs';
import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import { EncodedRow } from '../encoded-row.ts';
import { PageFile } from '../sqlite/page-file.ts';
import { ValueWalk } from '../sqlite/record.ts';
import { RTreeReader } from '../sqlite/rtree-reader.ts';
import { TableCursor } from '../sqlite/table-cursor.ts';
import { VarintReader } from '../sqlite/varint.ts';
import type { StagedFile, StagedRows } from '../staged-format.ts';
import { columnType, SQL_TYPES } from './column-types.ts';
import { layerTable } from './ddl.ts';
import { BLOB_HEADER_BYTES, readBlobHeader } from './geometry-blob.ts';
import { systemColumns } from './layer-frame.ts';

/** Columns of the schema's table, and of gpkg_contents. */
const SCHEMA_COLUMNS = 5;
const CONTENTS_COLUMNS = 10;

interface Table {
  root: number;
  sql: string;
}

export class GeoPackageFile implements StagedFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly extent: [number, number, number, number] | null;
  readonly #pages: PageFile;
  readonly #root: number;
  readonly #single: GeoPackageRows;
  readonly #boxes: RTreeReader;

  constructor(path: string, layer: string) {
    this.path = path;
    if (!existsSync(path)) {
      throw new TilewrightError('input-missing', `${path} is not there`, { input: path });
    }
    this.#pages = new PageFile(path);
    try {
      const tables = readTables(this.#pages);
      const features = tableOf(tables, layer, path);
      this.columns = columnsOf(layer, features.sql, path);
      this.#root = features.root;
      const { geometry } = systemColumns(this.columns);
      const nodes = tableOf(tables, `rtree_${layer}_${geometry}_node`, path);
      this.#boxes = new RTreeReader(this.#pages, nodes.root);
      this.#single = new GeoPackageRows(this.#pages, this.#root, this.columns.length);
      this.rowCount = this.#single.cursor.edges()?.last ?? 0;
      this.extent = extentOf(this.#pages, tableOf(tables, 'gpkg_contents', path).root);
    } catch (error) {
      this.#pages.close();
      throw error;
    }
  }

  rows(): GeoPackageRows {
    return new GeoPackageRows(this.#pages, this.#root, this.columns.length);
  }

  row(number: number): EncodedRow | null {
    return this.#single.find(number) ? this.#single.row : null;
  }

  search(...box: Parameters<StagedFile['search']>): boolean {
    return this.#boxes.search(...box);
  }

  close(): void {
    this.#pages.close();
  }
}

export class GeoPackageRows implements StagedRows {
  readonly row = new EncodedRow();
  /** Stands at the row's record. */
  readonly cursor: TableCursor;
  readonly #path: string;
  readonly #varint = new VarintReader();
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #begun = false;
  readonly #values: ValueWalk;

  /** @param columns - values of a row */
  constructor(pages: PageFile, root: number, columns: number) {
    this.cursor = new TableCursor(pages, root);
    this.#values = new ValueWalk(columns);
    this.#path = pages.path;
  }

  next(): boolean {
    if (!this.#begun) this.cursor.seek(Number.NEGATIVE_INFINITY);
    this.#begun = true;
    if (!this.cursor.next()) return false;
    this.#read();
    return true;
  }

  /** Moves to the row of this number; false if there is none. */
  find(number: number): boolean {
    if (!this.cursor.find(number)) return false;
    this.#read();
    return true;
  }

  #read(): void {
    const { payload, payloadStart, payloadEnd } = this.cursor;
    if (payload !== this.#bytes) {
      this.#bytes = payload;
      this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    }
    const { row } = this;
    const varint = this.#varint;
    let at = varint.read(payload, payloadStart);
    const body = payloadStart + varint.value;
    // The key, which is NULL: it is the rowid.
    const isKeyNull = payload[at++] === 0;
    at = varint.read(payload, at);
    const blob = (varint.value - 12) / 2;
    const end = body + blob;
    const isWhole =
      isKeyNull &&
      blob > BLOB_HEADER_BYTES &&
      end <= payloadEnd &&
      this.#values.fills(payload, at, body, end, payloadEnd);
    if (!isWhole || !readBlobHeader(payload, this.#view, body, row)) throw notOurs(this.#path);
    row.types = row.body = row.geometry = payload;
    row.typesStart = at;
    row.typesEnd = body;
    row.bodyStart = end;
    row.bodyEnd = payloadEnd;
    row.geometryStart = body + BLOB_HEADER_BYTES;
    row.geometryEnd = end;
  }
}

function readTables(pages: PageFile): Map<string, Table> {
  const tables = new Map<string, Table>();
  const cursor = new TableCursor(pages, 1);
  const values = new ValueWalk(SCHEMA_COLUMNS);
  cursor.seek(Number.NEGATIVE_INFINITY);
  while (cursor.next()) {
    const { payload, payloadStart } = cursor;
    if (!values.walkRecord(payload, payloadStart)) throw notOurs(pages.path);
    const [type, name, , root, sql] = [0, 1, 2, 3, 4].map((i) => values.value(payload, i));
    if (type === 'table') tables.set(String(name), { root: Number(root), sql: String(sql) });
  }
  return tables;
}

function tableOf(tables: ReadonlyMap<string, Table>, name: string, path: string): Table {
  const table = tables.get(name);
  if (table === undefined) throw notOurs(path);
  return table;
}

/** Columns of a table that GeoPackageWriter declared, but for the key and the geometry. */
function columnsOf(layer: string, sql: string, path: string): Column[] {
  const columns: Column[] = [];
  let geometryType = '';
  // Where one does not follow the other, it is no text of ours.
  const next = /"((?:[^"]|"")*)" ([A-Z]+)[^",]*(?:, |\))/y;
  next.lastIndex = sql.indexOf('(') + 1;
  for (let k = 0, match = next.exec(sql); match !== null; k++, match = next.exec(sql)) {
    const [, name, declared] = match;
    if (k === 1) geometryType = declared!;
    if (k < 2) continue;
    columns.push({ name: name!.replaceAll('""', '"'), type: columnType(declared!) });
  }
  const { key, geometry } = systemColumns(columns);
  const sqlTypes = columns.map(({ name, type }) => ({ name, sqlType: SQL_TYPES[type] }));
  if (layerTable(layer, key, geometry, geometryType, sqlTypes) !== sql) throw notOurs(path);
  return columns;
}

function extentOf(pages: PageFile, root: number): GeoPackageFile['extent'] {
  const cursor = new TableCursor(pages, root);
  const values = new ValueWalk(CONTENTS_COLUMNS);
  if (!cursor.find(1) || !values.walkRecord(cursor.payload, cursor.payloadStart)) return null;
  const [minX, minY, maxX, maxY] = [5, 6, 7, 8].map((i) => values.value(cursor.payload, i));
  const extent = [minX, minY, maxX, maxY];
  return extent.every((value) => typeof value === 'number')
    ? (extent as GeoPackageFile['extent'])
    : null;
}

function notOurs(path: string): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} is not as it was staged: another program has written it. Stage again with --force`,
  );
}
