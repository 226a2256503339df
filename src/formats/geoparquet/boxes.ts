/** Where the geometries of row groups and pages are, by the statistics of the file. */

import type { Bounds } from '../../tms/tile-matrix.ts';
import type { ParquetFile } from '../parquet/file.ts';
import { readPageBounds, readPageLocations } from '../parquet/page-index.ts';
import type { Leaf } from '../parquet/schema.ts';
import { leavesBelow } from '../parquet/schema.ts';
import type { GeometryColumn } from './geo-metadata.ts';

/** Rows start ≤ r < end of a row group. */
export interface RowRange {
  start: number;
  end: number;
}

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
  const { columns } = file.metadata.rowGroups[group]!;
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

/** The rows of a group whose pages of boxes may touch a box; all of them where no index of pages tells. */
export function rowsNear(
  file: ParquetFile,
  group: number,
  geometry: GeometryColumn,
  bbox: Bounds,
): RowRange[] {
  const { rows } = file.metadata.rowGroups[group]!;
  const { covering } = geometry;
  const isOrdered = groupBox(file, group, geometry) !== null;
  if (covering === null || !isOrdered) return [{ start: 0, end: rows }];
  // Of each side, what a box that touches has at the most or at the least.
  const [minX, minY, maxX, maxY] = widened(bbox, covering.sides[0]);
  const limits = [maxX, maxY, minX, minY];
  const apart = covering.sides.flatMap((leaf, side) =>
    pagesBeyond(file, group, leaf, limits[side]!, side < 2),
  );
  return without(apart, rows);
}

/** Rows of pages all of whose values are above the limit, or below it. */
function pagesBeyond(
  file: ParquetFile,
  group: number,
  leaf: Leaf,
  limit: number,
  isAbove: boolean,
): RowRange[] {
  const pages = readPageLocations(file, group, leaf);
  const bounds = pages === null ? null : readPageBounds(file, group, leaf, pages.length);
  if (pages === null || bounds === null) return [];
  const { rows } = file.metadata.rowGroups[group]!;
  return pages.flatMap(({ firstRow: start }, k) => {
    const value = bounds.isNull[k] ? null : realOf(leaf, isAbove ? bounds.min[k] : bounds.max[k]);
    const isBeyond = value !== null && (isAbove ? value > limit : value < limit);
    return isBeyond ? [{ start, end: pages[k + 1]?.firstRow ?? rows }] : [];
  });
}

/** What is left of rows 0 ≤ r < rows. */
function without(ranges: RowRange[], rows: number): RowRange[] {
  const left: RowRange[] = [];
  let from = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > from) left.push({ start: from, end: start });
    from = Math.max(from, end);
  }
  if (from < rows) left.push({ start: from, end: rows });
  return left;
}
