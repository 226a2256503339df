/** Goes through rows of an own file, off the pages of its columns. */

import { EncodedRow } from '../../encoded-row.ts';
import { ColumnReader } from '../../parquet/column-reader.ts';
import { ParquetFault } from '../../parquet/fault.ts';
import type { ParquetFile } from '../../parquet/file.ts';
import type { Leaf } from '../../parquet/schema.ts';
import { VECTOR_ENTRIES, type Vector } from '../../parquet/values/vector.ts';
import { RowWriter, serialTypeLength } from '../../sqlite/record.ts';
import type { StagedRows } from '../../staged-format.ts';
import { ATTRIBUTE_READERS, type AttributeReader } from './attribute-reader.ts';
import type { ExactValues } from './exact-values.ts';
import { notOurs, type OwnFile } from './own-file.ts';
import type { TileRows } from './rows-writer.ts';
import { WkbBox } from './wkb-box.ts';

/** So many rows further on, a new reader is sooner there. */
const FAR = 4 * VECTOR_ENTRIES;

/** Stands somewhere in a column. */
class ColumnPlace {
  vector!: Vector;
  readonly #file: ParquetFile;
  readonly #leaf: Leaf;
  #reader!: ColumnReader;
  #group = -1;
  /** The vector holds rows start ≤ r < end of the group. */
  #start = 0;
  #end = 0;

  constructor(file: ParquetFile, leaf: Leaf) {
    this.#file = file;
    this.#leaf = leaf;
  }

  /** Brings the row into the vector; returns which entry it is. */
  find(group: number, row: number): number {
    if (group === this.#group && row >= this.#start && row < this.#end) return row - this.#start;
    if (group !== this.#group || row < this.#start || row >= this.#end + FAR) {
      this.#group = -1;
      this.#reader = new ColumnReader(this.#file, group, this.#leaf);
      this.vector = this.#reader.vector;
      if (row > 0) this.#reader.seek(row);
      this.#start = this.#end = row;
      this.#group = group;
    }
    while (row >= this.#end) {
      this.#start = this.#end;
      const count = this.#reader.read();
      if (count === 0) {
        this.#group = -1;
        const fault = new ParquetFault('has fewer rows than it says');
        throw this.#file.named(fault, this.#leaf, group);
      }
      this.#end += count;
    }
    return row - this.#start;
  }
}

/** The rows of a tile: those of the file as if it had no others. */
export class OpenTile {
  readonly own: OwnFile;
  readonly file: ParquetFile;
  readonly geometry: Leaf;
  /** Of the sides of boxes, in their order. */
  readonly box: readonly Leaf[];
  readonly #firstGroup: number;
  readonly #exact = new Map<number, ExactValues | null>();

  /**
   * @param end - of its row groups in the metadata
   * @throws TilewrightError staged-folder, input-corrupt
   */
  constructor(own: OwnFile, tile: TileRows, end: number) {
    this.own = own;
    this.file = own.fileOf(tile, end);
    const { leaves } = this.file.schema;
    const count = own.columns.length;
    this.geometry = leaves[count]!;
    this.box = leaves.slice(count + 1);
    this.#firstGroup = tile.firstGroup;
  }

  /** Values of the row group that its columns don't hold; null if there are none. */
  exactOf(group: number): ExactValues | null {
    let exact = this.#exact.get(group);
    if (exact !== undefined) return exact;
    const rows = this.file.metadata.rowGroups.rowsOf(group);
    exact = this.own.readExact(this.#firstGroup + group, rows);
    this.#exact.set(group, exact);
    return exact;
  }
}

export class RowsReader implements StagedRows {
  readonly row = new EncodedRow();
  readonly #tile: OpenTile;
  readonly #places: readonly ColumnPlace[];
  readonly #readers: readonly AttributeReader[];
  readonly #geometry: ColumnPlace;
  readonly #values = new RowWriter();
  readonly #box = new WkbBox();
  /** The row that is next, from 0. */
  #next = 0;
  /** The group of the current row, and the first row after it. */
  #group = -1;
  #groupStart = 0;
  #groupEnd = 0;
  #exact: ExactValues | null = null;

  constructor(tile: OpenTile) {
    const { own, file, geometry } = tile;
    const { leaves } = file.schema;
    this.#tile = tile;
    this.#places = own.columns.map((_, i) => new ColumnPlace(file, leaves[i]!));
    this.#readers = own.columns.map(({ type }) => ATTRIBUTE_READERS[type]);
    this.#geometry = new ColumnPlace(file, geometry);
  }

  next(): boolean {
    if (this.#next >= this.#tile.file.rows) return false;
    this.read(this.#next++);
    return true;
  }

  /** Moves to a row of the tile, from 0. */
  read(row: number): void {
    if (row < this.#groupStart || row >= this.#groupEnd) this.#enter(row);
    const group = this.#group;
    const inGroup = row - this.#groupStart;
    const values = this.#values;
    const exact = this.#exact;
    values.clear();
    let k = exact?.firstOf.get(inGroup) ?? -1;
    for (let c = 0; c < this.#places.length; c++) {
      if (k >= 0 && exact!.is(k, inGroup, c)) {
        const { bytes, types, starts } = exact!;
        values.encoded(types[k]!, bytes, starts[k]!, starts[k]! + serialTypeLength(types[k]!));
        k++;
        continue;
      }
      const place = this.#places[c]!;
      const i = place.find(group, inGroup);
      if (place.vector.has(i)) this.#readers[c]!(values, place.vector, i);
      else values.null();
    }
    const i = this.#geometry.find(group, inGroup);
    const { bytes, starts, ends } = this.#geometry.vector;
    const own = this.row;
    own.types = values.types;
    own.typesEnd = values.typesLength;
    own.body = values.body;
    own.bodyEnd = values.bodyLength;
    own.geometry = bytes;
    own.geometryStart = starts[i]!;
    own.geometryEnd = ends[i]!;
    if (!this.#box.fill(own)) throw notOurs(this.#tile.own.path);
  }

  #enter(row: number): void {
    const { file } = this.#tile;
    this.#groupEnd = 0;
    this.#group = file.groupOf(row);
    this.#exact = this.#tile.exactOf(this.#group);
    this.#groupStart = file.rowStarts[this.#group]!;
    this.#groupEnd = file.rowStarts[this.#group + 1]!;
  }
}
