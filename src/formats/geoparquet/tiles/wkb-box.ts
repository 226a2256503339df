/** The box of a polygon or multipolygon in little-endian ISO WKB. */

import type { EncodedRow } from '../../encoded-row.ts';

const [POLYGON, MULTI, Z] = [3, 6, 1000];

export class WkbBox {
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #row!: EncodedRow;

  /**
   * Fills the row's box from its geometry.
   * @returns false if that is not as staging writes it
   */
  fill(row: EncodedRow): boolean {
    const { geometry, geometryStart, geometryEnd } = row;
    if (geometry !== this.#bytes) {
      this.#bytes = geometry;
      this.#view = new DataView(geometry.buffer, geometry.byteOffset, geometry.byteLength);
    }
    this.#row = row;
    row.minX = row.minY = Infinity;
    row.maxX = row.maxY = -Infinity;
    const head = this.#head(geometryStart, geometryEnd);
    if (head !== MULTI && head !== MULTI + Z) {
      return this.#polygon(geometryStart, geometryEnd) === geometryEnd;
    }
    let at = geometryStart + 9;
    if (at > geometryEnd) return false;
    for (let left = this.#view.getUint32(geometryStart + 5, true); left > 0; left--) {
      if (this.#head(at, geometryEnd) !== head - MULTI + POLYGON) return false;
      at = this.#polygon(at, geometryEnd);
      if (at < 0) return false;
    }
    return at === geometryEnd;
  }

  /** The type's code; −1 for none. */
  #head(at: number, end: number): number {
    return at + 5 <= end && this.#bytes[at] === 1 ? this.#view.getUint32(at + 1, true) : -1;
  }

  /** Where the polygon ends; −1 if it is none. */
  #polygon(at: number, end: number): number {
    const code = this.#head(at, end);
    if ((code !== POLYGON && code !== POLYGON + Z) || at + 9 > end) return -1;
    const stride = code === POLYGON ? 16 : 24;
    const view = this.#view;
    let rings = view.getUint32(at + 5, true);
    at += 9;
    let { minX, minY, maxX, maxY } = this.#row;
    for (; rings > 0; rings--) {
      if (at + 4 > end) return -1;
      const stop = at + 4 + stride * view.getUint32(at, true);
      if (stop > end) return -1;
      for (at += 4; at < stop; at += stride) {
        const x = view.getFloat64(at, true);
        const y = view.getFloat64(at + 8, true);
        if (x < minX) minX = x;
        if (x > maxX) maxX = x;
        if (y < minY) minY = y;
        if (y > maxY) maxY = y;
      }
    }
    const row = this.#row;
    row.minX = minX;
    row.minY = minY;
    row.maxX = maxX;
    row.maxY = maxY;
    return at;
  }
}
