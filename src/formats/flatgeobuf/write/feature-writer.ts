/**
 * Features as bytes: a length, then the table Feature with its properties and its geometry. All is laid
 * out forwards, and doubles are at multiples of eight bytes:
 *
 *    0  length, root      8  vtable of Feature    16  Feature: geometry, properties
 *   32  properties, then the geometry; of a multipolygon its parts
 */

import { copyBytes } from '../../../geometry/batch.ts';
import type { EncodedRow } from '../../encoded-row.ts';
import { MULTI_POLYGON, POLYGON } from '../geometry.ts';

const FEATURE_BYTES = 32;
/** Vtable and table of a polygon, or of a multipolygon, with counts and room to align them. */
const POLYGON_BYTES = 96;
const WKB_HEADER = 9;
const WKB_Z = 1000;

/**
 * Of the table Geometry, behind the fields that the format has: 1 for a polygon without heights in a file where others
 * have some. Its heights are 0 then, as GDAL writes them.
 */
export const IS_FLAT = 8;
const IS_FLAT_SLOT = 4 + 2 * IS_FLAT;

export class FeatureWriter {
  readonly #hasZ: boolean;
  #target: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#target.buffer);
  /** Where the next byte goes. */
  #at = 0;
  #wkb: Uint8Array = this.#target;
  #wkbView: DataView = this.#view;
  #wkbAt = 0;

  /** @param hasZ - whether all features have heights; those that have none get IS_FLAT */
  constructor(hasZ: boolean) {
    this.#hasZ = hasZ;
  }

  /** A view of the row's geometry, and of the bytes around it. */
  #viewOf({ geometry }: EncodedRow): DataView {
    if (geometry !== this.#wkb) {
      this.#wkbView = new DataView(geometry.buffer, geometry.byteOffset, geometry.byteLength);
      this.#wkb = geometry;
    }
    return this.#wkbView;
  }

  /** Bytes that a feature takes at the most. @param properties - bytes of these */
  mostBytes(row: EncodedRow, properties: number): number {
    const { geometryStart, geometryEnd } = row;
    const view = this.#viewOf(row);
    const isMulti = view.getUint32(geometryStart + 1, true) % WKB_Z === MULTI_POLYGON;
    const polygons = isMulti ? view.getUint32(geometryStart + 5, true) : 1;
    // Heights may be added to x and y.
    const wkb = 2 * (geometryEnd - geometryStart);
    return FEATURE_BYTES + properties + 16 + POLYGON_BYTES * (1 + polygons) + wkb;
  }

  /**
   * Writes a feature at target[at], a multiple of eight, where there are zeros.
   * @param properties - bytes [0, length)
   * @returns where it ends, a multiple of eight
   */
  write(
    target: Uint8Array,
    view: DataView,
    at: number,
    row: EncodedRow,
    properties: Uint8Array,
    length: number,
  ): number {
    this.#target = target;
    this.#view = view;
    this.#viewOf(row);
    this.#wkbAt = row.geometryStart;
    view.setUint32(at + 4, 12, true);
    this.#slots(at + 8, 12, 4, 8);
    view.setInt32(at + 16, 8, true);
    this.#at = at + FEATURE_BYTES;
    if (length > 0) {
      view.setUint32(at + 24, this.#at - at - 24, true);
      view.setUint32(this.#at, length, true);
      copyBytes(properties, 0, length, target, this.#at + 4);
      this.#at += 4 + length;
    } else view.setUint16(at + 14, 0, true);
    this.#geometry(at + 20);
    this.#align();
    view.setUint32(at, this.#at - at - 4, true);
    return this.#at;
  }

  /** @param ref - where the reference to it is */
  #geometry(ref: number): void {
    const code = this.#wkbView.getUint32(this.#wkbAt + 1, true);
    const hasZ = code > WKB_Z;
    if (code % WKB_Z === POLYGON) {
      this.#polygon(ref, hasZ);
      return;
    }
    const count = this.#wkbView.getUint32(this.#wkbAt + 5, true);
    this.#wkbAt += WKB_HEADER;
    this.#align();
    const vtable = this.#at;
    const table = vtable + 24;
    const view = this.#view;
    view.setUint16(vtable, 20, true);
    view.setUint16(vtable + 2, 9, true);
    view.setUint16(vtable + 16, 8, true);
    view.setUint16(vtable + 18, 4, true);
    view.setInt32(table, table - vtable, true);
    view.setUint32(ref, table - ref, true);
    this.#target[table + 8] = MULTI_POLYGON;
    view.setUint32(table + 4, 8, true);
    view.setUint32(table + 12, count, true);
    const parts = table + 16;
    this.#at = parts + 4 * count;
    for (let i = 0; i < count; i++) this.#polygon(parts + 4 * i, hasZ);
  }

  #polygon(ref: number, hasZ: boolean): void {
    this.#align();
    const view = this.#view;
    const vtable = this.#at;
    const table = vtable + 24;
    const withZ = hasZ || this.#hasZ;
    const rings = this.#wkbView.getUint32(this.#wkbAt + 5, true);
    this.#wkbAt += WKB_HEADER;
    this.#slots(vtable, 17, rings > 1 ? 4 : 0, 8);
    view.setUint16(vtable, 18, true);
    view.setUint16(vtable + 8, withZ ? 12 : 0, true);
    view.setUint16(vtable + 16, 16, true);
    view.setInt32(table, table - vtable, true);
    view.setUint32(ref, table - ref, true);
    this.#target[table + 16] = POLYGON;
    if (withZ && !hasZ) {
      view.setUint16(vtable, IS_FLAT_SLOT + 2, true);
      view.setUint16(vtable + 2, 18, true);
      view.setUint16(vtable + IS_FLAT_SLOT, 17, true);
      this.#target[table + 17] = 1;
    }
    this.#at = table + 20;
    const vertices = this.#ends(rings, hasZ, table + 4);
    // The count stands before a multiple of eight.
    this.#align();
    const xy = this.#at + 8;
    view.setUint32(table + 8, xy - 4 - table - 8, true);
    view.setUint32(xy - 4, 2 * vertices, true);
    const z = xy + 16 * vertices + 8;
    this.#at = xy + 16 * vertices;
    if (withZ) {
      view.setUint32(table + 12, z - 4 - table - 12, true);
      view.setUint32(z - 4, vertices, true);
      this.#at = z + 8 * vertices;
    }
    for (let r = 0, first = 0; r < rings; r++)
      first = this.#ring(xy + 16 * first, z + 8 * first, first, hasZ);
  }

  /** Writes where the rings end, if there are several; returns the number of vertices. */
  #ends(rings: number, hasZ: boolean, ref: number): number {
    const view = this.#view;
    let vertices = 0;
    let from = this.#wkbAt;
    const at = this.#at;
    for (let r = 0; r < rings; r++) {
      const count = this.#wkbView.getUint32(from, true);
      from += 4 + (hasZ ? 24 : 16) * count;
      vertices += count;
      if (rings > 1) view.setUint32(at + 4 + 4 * r, vertices, true);
    }
    if (rings > 1) {
      view.setUint32(ref, at - ref, true);
      view.setUint32(at, rings, true);
      this.#at = at + 4 + 4 * rings;
    }
    return vertices;
  }

  /** Copies the next ring; returns the number of vertices with it. */
  #ring(xy: number, z: number, first: number, hasZ: boolean): number {
    const wkb = this.#wkb;
    const count = this.#wkbView.getUint32(this.#wkbAt, true);
    let from = this.#wkbAt + 4;
    const target = this.#target;
    if (!hasZ) {
      copyBytes(wkb, from, from + 16 * count, target, xy);
      from += 16 * count;
    } else {
      for (let k = 0; k < count; k++, from += 24) {
        copyBytes(wkb, from, from + 16, target, xy + 16 * k);
        copyBytes(wkb, from + 16, from + 24, target, z + 8 * k);
      }
    }
    this.#wkbAt = from;
    return first + count;
  }

  /** A vtable of a table of so many bytes, of which two fields are first. */
  #slots(at: number, bytes: number, one: number, two: number): void {
    const view = this.#view;
    view.setUint16(at, 8, true);
    view.setUint16(at + 2, bytes, true);
    view.setUint16(at + 4, one, true);
    view.setUint16(at + 6, two, true);
  }

  #align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}
