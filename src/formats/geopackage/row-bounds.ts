/**
 * The box of a row's geometry, by what its leaf page holds of the record: the blob's envelope or,
 * without one, what there is of its first ring. For estimates: what is odd has no box.
 */

import { polygonBounds } from '../../geometry/wkb-bounds.ts';
import { ValueWalk } from '../sqlite/record.ts';
import type { TableCursor } from '../sqlite/table-cursor.ts';
import { VarintReader } from '../sqlite/varint.ts';
import { envelopeOf } from './geometry-blob.ts';

export class RowBounds {
  readonly #geometry: number;
  readonly #values: ValueWalk;
  readonly #varint = new VarintReader();
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** @param geometry - index of the geometry column in the table's records */
  constructor(geometry: number) {
    this.#geometry = geometry;
    this.#values = new ValueWalk(geometry + 1);
  }

  /**
   * Fills `box` with minX, minY, maxX, maxY of the row that the cursor is at.
   * @returns whether it has a box
   */
  read({ payload, payloadStart, payloadEnd }: TableCursor, box: Float64Array): boolean {
    const at = this.#varint.read(payload, payloadStart);
    const body = payloadStart + this.#varint.value;
    if (!(body <= payloadEnd) || !this.#values.walk(payload, at, body, body)) return false;
    const length = this.#values.blobLength(this.#geometry);
    const start = this.#values.bodyAt[this.#geometry]!;
    if (length === null || start >= payloadEnd) return false;
    if (this.#view.buffer !== payload.buffer) {
      this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    }
    const end = Math.min(start + length, payloadEnd);
    const wkb = envelopeOf(payload, this.#view, start, end, box);
    return wkb === 0 || (wkb > 0 && polygonBounds(this.#view, wkb, end, box));
  }
}
