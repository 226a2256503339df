/** A tile that is open for reading: all row groups of a file, or some. */

import type { Column } from '../../../core/columns.ts';
import type { EncodedRow } from '../../encoded-row.ts';
import { readColumn } from '../../parquet/read-column.ts';
import type { BoxVisitor, StagedFile, StagedRows } from '../../staged-format.ts';
import { notOurs, type OwnFile } from './own-file.ts';
import { RowsReader } from './rows-reader.ts';
import type { Extent, TileRows } from './rows-writer.ts';

/** How many boxes are looked at between two questions whether to go on. */
const STEP = 1024;

export class GeoParquetTile implements StagedFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly extent: Extent | null;
  readonly #own: OwnFile;
  readonly #firstGroup: number;
  readonly #endGroup: number;
  /** First row of the file that is the tile's, from 0. */
  readonly #start: number;
  readonly #single: RowsReader;
  /** By row group: minX of all rows, minY, maxX, maxY. */
  readonly #boxes = new Map<number, readonly Float64Array[]>();
  readonly #close: () => void;

  /** @throws TilewrightError staged-folder if the row groups do not hold so many rows */
  constructor(own: OwnFile, tile: TileRows, close: () => void) {
    const { firstGroup, groups, rows, extent } = tile;
    const { rowStarts } = own.file;
    this.#own = own;
    this.path = own.path;
    this.columns = own.columns;
    this.rowCount = rows;
    this.extent = extent;
    this.#firstGroup = firstGroup;
    this.#endGroup = firstGroup + groups;
    this.#start = rowStarts[firstGroup]!;
    this.#close = close;
    if (rowStarts[this.#endGroup]! - this.#start !== rows) throw notOurs(own.path);
    this.#single = new RowsReader(own, 0, 0);
  }

  rows(): StagedRows {
    return new RowsReader(this.#own, this.#start, this.#start + this.rowCount);
  }

  row(number: number): EncodedRow | null {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.rowCount)) return null;
    this.#single.read(this.#start + number - 1);
    return this.#single.row;
  }

  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled?: () => boolean,
  ): boolean {
    for (let group = this.#firstGroup; group < this.#endGroup; group++) {
      if (isCancelled?.()) return false;
      if (!this.#touches(group, minX, minY, maxX, maxY)) continue;
      const [west, south, east, north] = this.#boxesOf(group) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const first = this.#own.file.rowStarts[group]! - this.#start + 1;
      for (let i = 0; i < west.length; i++) {
        if (i % STEP === STEP - 1 && isCancelled?.()) return false;
        if (!(west[i]! <= maxX && east[i]! >= minX && south[i]! <= maxY && north[i]! >= minY)) {
          continue;
        }
        if (visit(first + i, west[i]!, south[i]!, east[i]!, north[i]!) === false) return false;
      }
    }
    return true;
  }

  /** By the statistics of the group; true where it has none. */
  #touches(group: number, minX: number, minY: number, maxX: number, maxY: number): boolean {
    const { columns } = this.#own.file.metadata.rowGroups[group]!;
    const bound = (side: number, isLeast: boolean): number => {
      const statistics = columns[this.#own.box[side]!.index]!.statistics;
      const bytes = isLeast ? statistics?.min : statistics?.max;
      if (bytes?.length !== 4) return isLeast ? -Infinity : Infinity;
      return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
    };
    return (
      bound(0, true) <= maxX &&
      bound(2, false) >= minX &&
      bound(1, true) <= maxY &&
      bound(3, false) >= minY
    );
  }

  #boxesOf(group: number): readonly Float64Array[] {
    const known = this.#boxes.get(group);
    if (known !== undefined) return known;
    const { file, box } = this.#own;
    const [start, end] = [file.rowStarts[group]!, file.rowStarts[group + 1]!];
    const boxes = box.map((leaf) => readColumn(file, leaf, start, end).float64);
    this.#boxes.set(group, boxes);
    return boxes;
  }

  close(): void {
    this.#close();
  }
}
