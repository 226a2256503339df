/** Reads tiles that GeoJsonTileWriter wrote, whose checksum is looked at first. */

import type { Column } from '../../../core/columns.ts';
import type { EncodedRow } from '../../encoded-row.ts';
import { FileWindow } from '../../file-window.ts';
import type { BoxVisitor, StagedFile } from '../../staged-format.ts';
import { JsonCursor, UNDERFLOW } from '../json-cursor.ts';
import { notOurs, readBox, TileRows } from './tile-rows.ts';
import {
  addToSum,
  NO_FEATURES,
  parseTrailer,
  SUM_BYTES,
  sumText,
  TRAILER_HEAD,
} from './trailer.ts';

const BLOCK_BYTES = 1 << 20;
/** Read at a time for a single row. */
const ROW_BYTES = 1 << 14;
const NEWLINE = 10;
/** Boxes that are looked at between two questions. */
const PATIENCE = 1 << 12;

export class GeoJsonTile implements StagedFile {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  readonly extent: [number, number, number, number] | null;
  readonly #window: FileWindow;
  /** Where each line begins. */
  readonly #lines: number[] = [0];
  readonly #single: TileRows;
  #boxes: Float64Array | null = null;

  /** @throws TilewrightError input-missing, input-format (no file), staged-folder */
  constructor(path: string, layer: string) {
    this.path = path;
    this.#window = new FileWindow(path, path);
    try {
      this.#scan();
      const { columns, rows, extent } = this.#readTrailer(layer);
      this.columns = columns;
      this.rowCount = rows;
      this.extent = extent;
      this.#single = new TileRows(this.#window, columns, rows, ROW_BYTES);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  rows(): TileRows {
    return new TileRows(this.#window, this.columns, this.rowCount);
  }

  row(number: number): EncodedRow | null {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.rowCount)) return null;
    this.#single.readAt(this.#lines[number - 1]!);
    return this.#single.row;
  }

  search(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    visit: BoxVisitor,
    isCancelled: () => boolean = () => false,
  ): boolean {
    this.#boxes ??= this.#readBoxes();
    const boxes = this.#boxes;
    for (let i = 0, at = 0; at < boxes.length; i++, at += 4) {
      if (i % PATIENCE === 0 && isCancelled()) return false;
      const [west, south, east, north] = [
        boxes[at]!,
        boxes[at + 1]!,
        boxes[at + 2]!,
        boxes[at + 3]!,
      ];
      if (west > maxX || east < minX || south > maxY || north < minY) continue;
      if (visit(i + 1, west, south, east, north) === false) return false;
    }
    return true;
  }

  close(): void {
    this.#window.close();
  }

  /** Finds the lines, and checks the sum. */
  #scan(): void {
    const { size } = this.#window;
    const summed = size - SUM_BYTES;
    if (summed < 0) throw notOurs(this.path);
    const block = Buffer.allocUnsafe(Math.min(size, BLOCK_BYTES));
    let sum = 0;
    for (let start = 0; start < size; start += block.length) {
      const length = Math.min(block.length, size - start);
      this.#window.copy(start, length, block, 0);
      sum = addToSum(sum, block, Math.max(0, Math.min(length, summed - start)));
      const read = block.subarray(0, length);
      for (let at = read.indexOf(NEWLINE); at >= 0; at = read.indexOf(NEWLINE, at + 1)) {
        this.#lines.push(start + at + 1);
      }
    }
    if (this.#text(summed, size) !== sumText(sum)) throw notOurs(this.path);
    // Behind the last line there is none.
    this.#lines.pop();
  }

  #readTrailer(layer: string) {
    const start = this.#lines.at(-1)!;
    const line = this.#text(start, this.#window.size - SUM_BYTES);
    const at = line.lastIndexOf(TRAILER_HEAD);
    const trailer = at < 0 ? null : parseTrailer(line.slice(at));
    if (trailer === null || trailer.layer !== layer) throw notOurs(this.path);
    const { rows } = trailer;
    const isEmpty = rows === 0 && line.slice(0, at) === NO_FEATURES;
    if (this.#lines.length !== (isEmpty ? 1 : rows)) throw notOurs(this.path);
    return trailer;
  }

  #text(start: number, end: number): string {
    const bytes = Buffer.allocUnsafe(end - start);
    this.#window.copy(start, end - start, bytes, 0);
    return bytes.toString();
  }

  /** minX, minY, maxX, maxY of each row. */
  #readBoxes(): Float64Array {
    const boxes = new Float64Array(4 * this.rowCount);
    const cursor = new JsonCursor(this.#window, this.path);
    for (let i = 0; i < this.rowCount; i++) {
      const offset = this.#lines[i]!;
      const at = offset - cursor.base;
      try {
        if (at >= cursor.end) throw UNDERFLOW;
        cursor.at = at;
        readBox(cursor, boxes, 4 * i);
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        cursor.seek(offset);
        readBox(cursor, boxes, 4 * i);
      }
    }
    return boxes;
  }
}
