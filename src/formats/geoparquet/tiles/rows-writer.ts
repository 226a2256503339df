/** Rows as row groups: attributes, the geometry as WKB, and its box in a struct. */

import { crc32 } from 'node:zlib';
import type { Column } from '../../../core/columns.ts';
import type { OutputFile } from '../../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../../encoded-row.ts';
import { compress } from '../../parquet/write/compress.ts';
import type { Leaf } from '../../parquet/write/layout.ts';
import { RealValues } from '../../parquet/write/number-values.ts';
import { ParquetWriter } from '../../parquet/write/parquet-writer.ts';
import { StreamedBytes } from '../../parquet/write/streamed-bytes.ts';
import { ValueWalk } from '../../sqlite/record.ts';
import type { StagedLayer } from '../../staged-format.ts';
import { type AttributeValues, attributeValues } from './attribute-values.ts';
import { ExactWriter } from './exact-values.ts';
import {
  type ExactRegion,
  type Extent,
  keyValues,
  type PackedTile,
  seal,
} from './file-metadata.ts';
import { leavesOf } from './system-columns.ts';

/** What a row group holds at the most: about so many bytes of rows are in memory. */
const GROUP_ROWS = 1 << 16;
const GROUP_BYTES = 1 << 24;

/** Rows of one tile. */
export interface TileRows {
  rows: number;
  /** Null without rows. */
  extent: Extent | null;
  firstGroup: number;
  groups: number;
  /** Where its row groups are in the metadata, from the first one of the file on. */
  groupsAt: number;
}

/** WKB's codes of polygon and multipolygon, without and with Z, and GeoParquet's names of them. */
const KINDS = new Map([
  [3, 'Polygon'],
  [6, 'MultiPolygon'],
  [1003, 'Polygon Z'],
  [1006, 'MultiPolygon Z'],
]);

/** Columns as they are filled, a row group at a time; empty again when one is written. */
class GroupColumns {
  readonly columns: readonly Column[];
  readonly leaves: readonly Leaf[];
  readonly attributes: readonly AttributeValues[];
  readonly geometry: StreamedBytes;
  readonly box: readonly RealValues[];
  readonly own: ValueWalk;
  readonly more: ValueWalk;
  readonly exact = new ExactWriter(0);

  constructor(columns: readonly Column[]) {
    this.columns = columns;
    this.leaves = leavesOf(columns);
    this.attributes = columns.map(attributeValues);
    this.geometry = new StreamedBytes(this.leaves[columns.length]!);
    this.box = this.leaves.slice(columns.length + 1).map((leaf) => new RealValues(leaf));
    this.own = new ValueWalk(columns.length);
    this.more = new ValueWalk(columns.length);
  }

  suits(columns: readonly Column[]): boolean {
    const own = this.columns;
    if (columns.length !== own.length) return false;
    return columns.every(({ name, type }, i) => name === own[i]!.name && type === own[i]!.type);
  }
}

/** Of the writer that has finished, with its memory: tiles mostly have the columns of the one before. */
let idle: GroupColumns | undefined;

export class RowsWriter {
  readonly parquet: ParquetWriter;
  readonly exact: ExactRegion[] = [];
  readonly #columns: GroupColumns;
  /** WKB's codes of the geometries so far. */
  readonly #kinds = new Set<number>();
  #lastKind = 0;
  #extent: Extent = [Infinity, Infinity, -Infinity, -Infinity];
  #groupRows = 0;
  #groupBytes = 0;
  #firstGroup = 0;
  #groupsAt = 0;
  #rows = 0;

  constructor(output: OutputFile, columns: readonly Column[]) {
    this.#columns = idle?.suits(columns) ? idle : new GroupColumns(columns);
    idle = undefined;
    this.parquet = new ParquetWriter(output, this.#columns.leaves);
  }

  /** Of the tile that is under way. */
  get rows(): number {
    return this.#rows;
  }

  /** GeoParquet's names of what the geometries so far are. */
  get geometryTypes(): string[] {
    return [...KINDS].filter(([code]) => this.#kinds.has(code)).map(([, name]) => name);
  }

  add(row: EncodedRow, more: EncodedValues): void {
    const { types, typesStart, typesEnd, body, bodyStart } = row;
    const { geometry, geometryStart, geometryEnd } = row;
    const { own, attributes } = this.#columns;
    own.walk(types, typesStart, typesEnd, bodyStart);
    for (let i = 0; i < own.count; i++) this.#addValue(i, own, i, body);
    let count = own.count;
    if (more.typesLength > 0) {
      const walk = this.#columns.more;
      walk.walk(more.types, 0, more.typesLength, 0);
      for (let i = 0; i < walk.count; i++) this.#addValue(count++, walk, i, more.body);
    }
    for (; count < attributes.length; count++) attributes[count]!.values.null();
    this.#columns.geometry.add(geometry, geometryStart, geometryEnd);
    const kind = geometry[geometryStart + 1]! | (geometry[geometryStart + 2]! << 8);
    if (kind !== this.#lastKind) this.#kinds.add(kind);
    this.#lastKind = kind;
    this.#noteBox(row);
    this.#rows++;
    this.#groupRows++;
    this.#groupBytes +=
      geometryEnd - geometryStart + row.bodyEnd - bodyStart + more.bodyLength + 16;
    if (this.#groupRows === GROUP_ROWS || this.#groupBytes > GROUP_BYTES) this.#endGroup();
  }

  #addValue(column: number, walk: ValueWalk, i: number, body: Uint8Array): void {
    const type = walk.types[i]!;
    const at = walk.bodyAt[i]!;
    const end = walk.bodyAt[i + 1]!;
    const attribute = this.#columns.attributes[column];
    if (attribute === undefined || attribute.add(type, body, at, end)) return;
    this.#columns.exact.add(this.#groupRows, column, type, body, at, end);
  }

  #noteBox({ minX, minY, maxX, maxY }: EncodedRow): void {
    const extent = this.#extent;
    if (minX < extent[0]) extent[0] = minX;
    if (minY < extent[1]) extent[1] = minY;
    if (maxX > extent[2]) extent[2] = maxX;
    if (maxY > extent[3]) extent[3] = maxY;
    const [west, south, east, north] = this.#columns.box;
    west!.add(roundedDown(minX));
    south!.add(roundedDown(minY));
    east!.add(-roundedDown(-maxX));
    north!.add(-roundedDown(-maxY));
  }

  #endGroup(): void {
    if (this.#groupRows === 0) return;
    const { attributes, geometry, box, exact } = this.#columns;
    const values = attributes.map((attribute) => attribute.values);
    const group = this.parquet.groupCount;
    this.parquet.writeGroup([...values, geometry, ...box], this.#groupRows);
    if (exact.length > 0) {
      const packed = compress(exact.filled);
      const at = this.parquet.writeAside(packed);
      this.exact.push([group, at, packed.length, exact.length, crc32(packed)]);
      exact.clear();
    }
    this.#groupRows = this.#groupBytes = 0;
  }

  /** Ends the tile; what is added afterwards is another one's. */
  endTile(): TileRows {
    this.#endGroup();
    const rows = this.#rows;
    const extent = rows === 0 ? null : this.#extent;
    const firstGroup = this.#firstGroup;
    const groupsAt = this.#groupsAt;
    this.#firstGroup = this.parquet.groupCount;
    this.#groupsAt = this.parquet.groupBytes;
    this.#rows = 0;
    this.#extent = [Infinity, Infinity, -Infinity, -Infinity];
    return { rows, extent, firstGroup, groups: this.#firstGroup - firstGroup, groupsAt };
  }

  /**
   * Writes all that is not rows, after the last tile.
   * @param tiles - their index, in a file of several
   */
  finish(layer: StagedLayer, extent: Extent | null, tiles?: readonly PackedTile[]): void {
    const { parquet, exact } = this;
    const { groupBytes, groupCount, rows } = parquet;
    const about = (at: number): Map<string, string> =>
      keyValues(layer, extent, this.geometryTypes, {
        ...{ rows, groups: [at, groupBytes, groupCount], exact },
        ...(tiles && { tiles }),
      });
    parquet.finish(about, seal);
    idle = this.#columns;
  }
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The greatest float of 32 bits that is not above the value. */
function roundedDown(value: number): number {
  float[0] = value;
  if (float[0]! <= value) return float[0]!;
  if (float[0] === 0) return -(2 ** -149);
  bits[0]! += float[0]! > 0 ? -1 : 1;
  return float[0]!;
}
