/** A tile that is open for reading: all row groups of a file, or some that follow one another. */

import type { Column } from '../../../core/columns.ts';
import type { EncodedRow } from '../../encoded-row.ts';
import { readColumn } from '../../parquet/read-column.ts';
import type { BoxVisitor, StagedFile, StagedRows } from '../../staged-format.ts';
import type { Extent } from './file-metadata.ts';
import type { OwnFile } from './own-file.ts';
import { OpenTile, RowsReader } from './rows-reader.ts';
import type { TileRows } from './rows-writer.ts';

/** How many boxes are looked at between two questions whether to go on. */
const STEP = 1024;

export class GeoParquetTile implements StagedFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly extent: Extent | null;
  readonly #tile: OpenTile;
  readonly #single: RowsReader;
  /** By row group: minX of all rows, minY, maxX, maxY. */
  readonly #boxes = new Map<number, readonly Float64Array[]>();
  readonly #close: () => void;

  /**
   * @param end - of its row groups in the metadata
   * @throws TilewrightError staged-folder, input-corrupt
   */
  constructor(own: OwnFile, tile: TileRows, end: number, close: () => void) {
    this.#tile = new OpenTile(own, tile, end);
    this.path = own.path;
    this.columns = own.columns;
    this.rowCount = tile.rows;
    this.extent = tile.extent;
    this.#close = close;
    this.#single = new RowsReader(this.#tile);
  }

  rows(): StagedRows {
    return new RowsReader(this.#tile);
  }

  row(number: number): EncodedRow | null {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.rowCount)) return null;
    this.#single.read(number - 1);
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
    const { rowStarts } = this.#tile.file;
    for (let group = 0; group < rowStarts.length - 1; group++) {
      if (isCancelled?.()) return false;
      if (!this.#touches(group, minX, minY, maxX, maxY)) continue;
      const [west, south, east, north] = this.#boxesOf(group) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      const first = rowStarts[group]! + 1;
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
    const { file, box } = this.#tile;
    const { columns } = file.metadata.rowGroups.at(group);
    const bound = (side: number, isLeast: boolean): number => {
      const statistics = columns[box[side]!.index]!.statistics;
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
    const { file, box } = this.#tile;
    const [start, end] = [file.rowStarts[group]!, file.rowStarts[group + 1]!];
    const boxes = box.map((leaf) => readColumn(file, leaf, start, end).float64);
    this.#boxes.set(group, boxes);
    return boxes;
  }

  close(): void {
    this.#close();
  }
}
