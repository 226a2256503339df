/** Where the geometries of row groups and rows are, by what the file says of their boxes. */

import type { Bounds } from '../../tms/tile-matrix.ts';
import type { ParquetFile } from '../parquet/file.ts';
import { readColumn } from '../parquet/read-column.ts';
import type { Leaf } from '../parquet/schema.ts';
import { leavesBelow } from '../parquet/schema.ts';
import type { GeometryColumn } from './geo-metadata.ts';

/** Boxes in single precision may have been rounded the wrong way. */
const SINGLE = 2 ** -22;

/**
 * The box of all geometries of a row group; null where the file does not tell. It holds all that the file
 * says of them, boxes that cross the antimeridian make it null.
 */
export function groupBox(
  file: ParquetFile,
  group: number,
  { field, encoding, covering }: GeometryColumn,
): Bounds | null {
  const { columns } = file.metadata.rowGroups.at(group);
  const range = (leaf: Leaf): [number, number] | null => {
    const { min, max } = columns[leaf.index]!.statistics ?? {};
    const [low, high] = [realOf(leaf, min), realOf(leaf, max)];
    return low !== null && high !== null && low <= high ? [low, high] : null;
  };
  if (covering !== null) {
    const [xmin, ymin, xmax, ymax] = covering.sides.map(range);
    if (xmin && ymin && xmax && ymax) {
      // Where a west side is east of all east sides, a box goes around the back of the Earth.
      const isOrdered = xmin[1] <= xmax[1] && xmin[0] <= xmax[0];
      return isOrdered ? widened([xmin[0], ymin[0], xmax[1], ymax[1]], covering.sides[0]) : null;
    }
  }
  if (encoding === 'polygon' || encoding === 'multipolygon') {
    const [x, y] = ['x', 'y'].map((name) => {
      const leaf = leavesBelow(field).find(({ node }) => node.name === name);
      return leaf === undefined ? null : range(leaf);
    });
    if (x && y) return [x[0], y[0], x[1], y[1]];
  }
  const box = field.leaf === null ? null : columns[field.leaf.index]!.box;
  return box?.every(Number.isFinite) && box[0] <= box[2] ? box : null;
}

function widened([minX, minY, maxX, maxY]: Bounds, { type }: Leaf): Bounds {
  if (type !== 'FLOAT') return [minX, minY, maxX, maxY];
  const [dx, dy] = [
    SINGLE * Math.max(Math.abs(minX), Math.abs(maxX)),
    SINGLE * Math.max(Math.abs(minY), Math.abs(maxY)),
  ];
  return [minX - dx, minY - dy, maxX + dx, maxY + dy];
}

/** A value of FLOAT or DOUBLE as statistics have it; null for none, or none that says something. */
function realOf({ type }: Leaf, bytes: Uint8Array | null | undefined): number | null {
  if (bytes == null || bytes.length !== (type === 'FLOAT' ? 4 : 8)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = type === 'FLOAT' ? view.getFloat32(0, true) : view.getFloat64(0, true);
  return Number.isFinite(value) ? value : null;
}

export function touch(a: Bounds, b: Bounds): boolean {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}

/** A row group of more rows is not looked at row by row. */
const MOST_ROWS = 1 << 22;

/**
 * Which of rows start ≤ r < end of a group may touch a box, by the column of boxes: 1 for each that may.
 * Null: all, or there is no such column.
 */
export function rowsNear(
  file: ParquetFile,
  group: number,
  { covering }: GeometryColumn,
  bbox: Bounds,
  start: number,
  end: number,
): Uint8Array | null {
  if (covering === null || end - start > MOST_ROWS) return null;
  const first = file.rowStarts[group]!;
  const sides = covering.sides.map((leaf) => readColumn(file, leaf, first + start, first + end));
  const [xmin, ymin, xmax, ymax] = sides.map(({ float64 }) => float64) as [
    ...[Float64Array, Float64Array, Float64Array, Float64Array],
  ];
  const [minX, minY, maxX, maxY] = widened(bbox, covering.sides[0]);
  const near = new Uint8Array(end - start);
  for (let r = 0; r < near.length; r++) {
    // Written so that what is no number is near; a box from east to west crosses the antimeridian.
    const isApart =
      xmin[r]! <= xmax[r]! &&
      (xmin[r]! > maxX || xmax[r]! < minX || ymin[r]! > maxY || ymax[r]! < minY);
    near[r] = isApart ? 0 : 1;
  }
  for (const { defined } of sides) {
    for (let r = 0; defined !== null && r < near.length; r++) if (defined[r] === 0) near[r] = 1;
  }
  return near;
}
