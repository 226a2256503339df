/**
 * A row between staging and the tile, in no format's encoding. What later steps ask for lies in its
 * header, the rest is bytes that are only copied (little-endian):
 *
 *   0   3 × uint32   bytes of the serial types, of the attributes, of the geometry
 *   12  uint32       GEOMETRY_… bits of its geometry: see geometry/kind.ts
 *   16  float64      position in its input
 *   24  2 × int32    column and row of its home tile; −1, −1 outside of the TileMatrixSet
 *   32  4 × float64  bounds: minX, minY, maxX, maxY
 *   64  3 × float64  area, centroid x, centroid y
 *   88               serial types of the attributes, their values, ISO WKB
 *
 * Bounds and measures are in the CRS of the TileMatrixSet.
 */

import { EncodedRow } from '../../formats/encoded-row.ts';

export const ROW_HEADER = 88;

/** Bytes of the row at `at`, of which at least the header is there. */
export function rowLength(view: DataView, at: number): number {
  return (
    ROW_HEADER +
    view.getUint32(at, true) +
    view.getUint32(at + 4, true) +
    view.getUint32(at + 8, true)
  );
}

export class ShuffleRow extends EncodedRow {
  kind = 0;
  position = 0;
  homeColumn = 0;
  homeRow = 0;
  area = 0;
  centroidX = 0;
  centroidY = 0;

  /** @param view - of `bytes` */
  read(bytes: Uint8Array, view: DataView, at: number): void {
    this.types = this.body = this.geometry = bytes;
    this.typesStart = at + ROW_HEADER;
    this.typesEnd = this.bodyStart = this.typesStart + view.getUint32(at, true);
    this.bodyEnd = this.geometryStart = this.bodyStart + view.getUint32(at + 4, true);
    this.geometryEnd = this.geometryStart + view.getUint32(at + 8, true);
    this.kind = view.getUint32(at + 12, true);
    this.position = view.getFloat64(at + 16, true);
    this.homeColumn = view.getInt32(at + 24, true);
    this.homeRow = view.getInt32(at + 28, true);
    this.minX = view.getFloat64(at + 32, true);
    this.minY = view.getFloat64(at + 40, true);
    this.maxX = view.getFloat64(at + 48, true);
    this.maxY = view.getFloat64(at + 56, true);
    this.area = view.getFloat64(at + 64, true);
    this.centroidX = view.getFloat64(at + 72, true);
    this.centroidY = view.getFloat64(at + 80, true);
  }
}

/** Writes the header of a row whose parts have these lengths; they follow it. */
export function writeRowHeader(
  view: DataView,
  at: number,
  lengths: { types: number; body: number; geometry: number },
  kind: number,
  position: number,
  home: { column: number; row: number },
  bounds: Float64Array,
  measures: Float64Array,
): void {
  view.setUint32(at, lengths.types, true);
  view.setUint32(at + 4, lengths.body, true);
  view.setUint32(at + 8, lengths.geometry, true);
  view.setUint32(at + 12, kind, true);
  view.setFloat64(at + 16, position, true);
  view.setInt32(at + 24, home.column, true);
  view.setInt32(at + 28, home.row, true);
  for (let i = 0; i < 4; i++) view.setFloat64(at + 32 + 8 * i, bounds[i]!, true);
  for (let i = 0; i < 3; i++) view.setFloat64(at + 64 + 8 * i, measures[i]!, true);
}
