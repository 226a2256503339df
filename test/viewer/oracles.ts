/** What is asked of the viewer, found in the plainest way from the rows of tiles. */

import type { Cell } from '../../src/viewer/shared/cell-format.ts';
import type { Box } from '../../src/viewer/shared/messages.ts';
import { blobRings, type TileRow } from '../staging/support.ts';

export function boxOfRow(row: TileRow): Box {
  const points = blobRings(row.geometry).flat();
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]!));
  return [Math.min(...xs!), Math.min(...ys!), Math.max(...xs!), Math.max(...ys!)];
}

/** By the even-odd rule. */
export function isInside(row: TileRow, x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of blobRings(row.geometry)) {
    for (const [i, [x1, y1]] of ring.slice(0, -1).entries()) {
      const [x2, y2] = ring[i + 1]!;
      if (y1! > y !== y2! > y && x < x1! + ((y - y1!) * (x2! - x1!)) / (y2! - y1!)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

export function distanceToEdge(row: TileRow, x: number, y: number): number {
  let least = Infinity;
  for (const ring of blobRings(row.geometry)) {
    for (const [i, [x1, y1]] of ring.slice(0, -1).entries()) {
      const [dx, dy] = [ring[i + 1]![0]! - x1!, ring[i + 1]![1]! - y1!];
      const part = ((x - x1!) * dx + (y - y1!) * dy) / (dx * dx + dy * dy || 1);
      const t = Math.min(1, Math.max(0, part));
      least = Math.min(least, Math.hypot(x1! + t * dx - x, y1! + t * dy - y));
    }
  }
  return least;
}

/** Whether the cell's outline of a polygon has the point inside, in sixteenths of a pixel. */
export function isDrawnAt(cell: Cell, fid: number, x: number, y: number): boolean {
  const p = cell.fids.indexOf(fid);
  if (p < 0) return false;
  let crossings = 0;
  for (let ring = p === 0 ? 0 : cell.rings[p - 1]!; ring < cell.rings[p]!; ring++) {
    const start = ring === 0 ? 0 : cell.ends[ring - 1]!;
    const end = cell.ends[ring]!;
    for (let v = start, last = end - 1; v < end; last = v++) {
      const [x1, y1, x2, y2] = [last, v].flatMap((k) => [cell.xy[2 * k]!, cell.xy[2 * k + 1]!]);
      const crosses = y1! > y !== y2! > y;
      if (crosses && x < x1! + ((y - y1!) * (x2! - x1!)) / (y2! - y1!)) crossings++;
    }
  }
  return crossings % 2 === 1;
}
