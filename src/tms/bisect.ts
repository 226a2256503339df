/**
 * The tiles of a big polygon, without a test for each tile against each edge. A range of tiles is
 * halved until no edge touches it, and is then inside or outside as a whole, or until it is a
 * single tile. Each half is given only those edges of the whole that touch it.
 *
 * Inside or outside is known for each range at one point next to its lower left corner (px, py):
 * P' = (px + ε, py + ε²) for an infinitely small ε > 0 (Edelsbrunner and Mücke, "Simulation of
 * Simplicity", ACM TOG 9, 1990). P' is on no edge, so that polygons whose edges lie along tiles'
 * edges need no cases of their own. On the way to the other half's corner, along a side of the
 * range, each edge that is crossed turns inside to outside; all such edges touch the range.
 */

import { type FeatureBatch, grow } from '../geometry/batch.ts';
import { orient2d } from '../geometry/orientation.ts';
import { segmentIntersectsRectangle } from '../geometry/rectangle.ts';
import type { TileList } from './tile-list.ts';
import type { TileMatrix } from './tile-matrix.ts';

/**
 * A feature in more tiles than these is refused: it would be staged whole into each of them, and
 * each is a file of its own. At z 13 of WGS1984Quad they are 506 square degrees.
 */
const MAX_TILES_PER_FEATURE = 2 ** 20;

/** Fields of a range on the stack: its tiles (inclusive), its edges [start, end), and inside. */
const STRIDE = 7;
/** Each halving leaves one range behind; 31 bits of columns and of rows can be halved. */
const stack = new Int32Array(STRIDE * 70);
/** First vertices of edges. A range's edges lie after those of the ranges below it on the stack. */
let edges = new Int32Array(1 << 12);

/**
 * Appends the tiles that polygon p intersects to `out`, in no order.
 *
 * @param coalesce - columns per tile; `first` and `last` count tiles of that width
 * @returns whether they are at most MAX_TILES_PER_FEATURE; if not, `out` has only some
 */
export function bisectCover(
  batch: FeatureBatch,
  p: number,
  matrix: TileMatrix,
  coalesce: number,
  first: number,
  minRow: number,
  last: number,
  maxRow: number,
  out: TileList,
): boolean {
  const { xy } = batch;
  const topLeft = matrix.cornerOfOrigin === 'topLeft';
  const tileSpanX = coalesce * matrix.spanX;
  const { spanY } = matrix;
  begin(batch, p, matrix, coalesce, first, minRow, last, maxRow);
  let depth = 1;
  while (depth > 0) {
    const top = --depth * STRIDE;
    const j0 = stack[top]!;
    const r0 = stack[top + 1]!;
    const j1 = stack[top + 2]!;
    const r1 = stack[top + 3]!;
    const start = stack[top + 4]!;
    const end = stack[top + 5]!;
    const inside = stack[top + 6]!;
    if (start === end) {
      if (inside === 1 && !pushBlock(j0, r0, j1, r1, coalesce, out)) return false;
      continue;
    }
    const columns = j1 - j0 + 1;
    const rows = r1 - r0 + 1;
    if (columns === 1 && rows === 1) {
      out.push(j0 * coalesce, r0);
      if (out.length > MAX_TILES_PER_FEATURE) return false;
      continue;
    }
    const minX = matrix.edgeX(j0 * coalesce);
    const maxX = matrix.edgeX((j1 + 1) * coalesce);
    const minY = matrix.edgeY(topLeft ? r1 + 1 : r0);
    const maxY = matrix.edgeY(topLeft ? r0 : r1 + 1);
    const splitX = rows === 1 || (columns > 1 && columns * tileSpanX >= rows * spanY);
    // The near half keeps the corner, the far half gets the one at `at` on the axis.
    const middle = splitX ? j0 + (columns >>> 1) : r0 + (rows >>> 1);
    const at = splitX ? matrix.edgeX(middle * coalesce) : matrix.edgeY(middle);
    if (2 * end - start > edges.length) edges = grow(edges, 2 * end - start);
    const list = edges;
    let near = start;
    let far = end;
    let farInside = inside;
    for (let k = start; k < end; k++) {
      const edge = list[k]!;
      const x1 = xy[2 * edge]!;
      const y1 = xy[2 * edge + 1]!;
      const x2 = xy[2 * edge + 2]!;
      const y2 = xy[2 * edge + 3]!;
      if (splitX) {
        if (crossesHorizontal(x1, y1, x2, y2, minX, at, minY)) farInside ^= 1;
        if (x1 < at && x2 < at) list[near++] = edge;
        else if (x1 > at && x2 > at) list[far++] = edge;
        else {
          if (segmentIntersectsRectangle(x1, y1, x2, y2, at, minY, maxX, maxY)) list[far++] = edge;
          if (segmentIntersectsRectangle(x1, y1, x2, y2, minX, minY, at, maxY)) list[near++] = edge;
        }
      } else {
        if (crossesVertical(x1, y1, x2, y2, minX, minY, at)) farInside ^= 1;
        if (y1 < at && y2 < at) list[near++] = edge;
        else if (y1 > at && y2 > at) list[far++] = edge;
        else {
          if (segmentIntersectsRectangle(x1, y1, x2, y2, minX, at, maxX, maxY)) list[far++] = edge;
          if (segmentIntersectsRectangle(x1, y1, x2, y2, minX, minY, maxX, at)) list[near++] = edge;
        }
      }
    }
    list.copyWithin(near, end, far);
    // The near rows are the southern ones, which come last when rows are counted from the top.
    const nearIsFirst = splitX || !topLeft;
    const nearAt = depth * STRIDE;
    const farAt = nearAt + STRIDE;
    depth += 2;
    setTiles(
      nearIsFirst ? nearAt : farAt,
      j0,
      r0,
      splitX ? middle - 1 : j1,
      splitX ? r1 : middle - 1,
    );
    setTiles(nearIsFirst ? farAt : nearAt, splitX ? middle : j0, splitX ? r0 : middle, j1, r1);
    setEdges(nearAt, start, near, inside);
    setEdges(farAt, near, near + far - end, farInside);
  }
  return true;
}

function setTiles(at: number, j0: number, r0: number, j1: number, r1: number): void {
  stack[at] = j0;
  stack[at + 1] = r0;
  stack[at + 2] = j1;
  stack[at + 3] = r1;
}

function setEdges(at: number, start: number, end: number, inside: number): void {
  stack[at + 4] = start;
  stack[at + 5] = end;
  stack[at + 6] = inside;
}

/** Puts the whole range on the stack, with the polygon's edges that touch it. */
function begin(
  batch: FeatureBatch,
  p: number,
  matrix: TileMatrix,
  coalesce: number,
  first: number,
  minRow: number,
  last: number,
  maxRow: number,
): void {
  const { xy, ringOffsets, polygonOffsets } = batch;
  const topLeft = matrix.cornerOfOrigin === 'topLeft';
  const minX = matrix.edgeX(first * coalesce);
  const maxX = matrix.edgeX((last + 1) * coalesce);
  const minY = matrix.edgeY(topLeft ? maxRow + 1 : minRow);
  const maxY = matrix.edgeY(topLeft ? minRow : maxRow + 1);
  const endRing = polygonOffsets[p + 1]!;
  let count = 0;
  let inside = 0;
  for (let r = polygonOffsets[p]!; r < endRing; r++) {
    const end = ringOffsets[r + 1]! - 1;
    if (count + end - ringOffsets[r]! > edges.length) {
      edges = grow(edges, count + end - ringOffsets[r]!);
    }
    for (let v = ringOffsets[r]!; v < end; v++) {
      const x1 = xy[2 * v]!;
      const y1 = xy[2 * v + 1]!;
      const x2 = xy[2 * v + 2]!;
      const y2 = xy[2 * v + 3]!;
      // Along the horizontal from P' to infinity.
      if (y1 > minY !== y2 > minY && isRightOf(x1, y1, x2, y2, minX, minY)) inside ^= 1;
      if (segmentIntersectsRectangle(x1, y1, x2, y2, minX, minY, maxX, maxY)) edges[count++] = v;
    }
  }
  setTiles(0, first, minRow, last, maxRow);
  setEdges(0, 0, count, inside);
}

/** Whether an edge that crosses the horizontal through P' does so right of it. */
function isRightOf(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  px: number,
  py: number,
): boolean {
  const side = orient2d(x1, y1, x2, y2, px, py);
  // With P on the edge, P' is right of it.
  return side !== 0 && side > 0 === y2 > y1;
}

/** Whether the edge passes between P' of (px, py) and P' of (qx, py), px < qx. */
function crossesHorizontal(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  px: number,
  qx: number,
  py: number,
): boolean {
  if (y1 > py === y2 > py) return false;
  if ((x1 < px && x2 < px) || (x1 > qx && x2 > qx)) return false;
  return isRightOf(x1, y1, x2, y2, px, py) && !isRightOf(x1, y1, x2, y2, qx, py);
}

/** Whether the edge passes between P' of (px, py) and P' of (px, qy), py < qy. */
function crossesVertical(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  px: number,
  py: number,
  qy: number,
): boolean {
  if (x1 > px === x2 > px) return false;
  if ((y1 < py && y2 < py) || (y1 > qy && y2 > qy)) return false;
  return isAbove(x1, y1, x2, y2, px, py) && !isAbove(x1, y1, x2, y2, px, qy);
}

/** Whether an edge that crosses the vertical through P' does so above it. */
function isAbove(x1: number, y1: number, x2: number, y2: number, px: number, py: number): boolean {
  const side = orient2d(x1, y1, x2, y2, px, py);
  // P' is below the edge if it is right of x1 → x2 in the direction of growing x. With P on the
  // edge, P' is beside it by ε: below where the edge rises, above where it falls or is level.
  if (side === 0) return y2 !== y1 && y2 > y1 === x2 > x1;
  return side < 0 === x2 > x1;
}

/** Appends all tiles of the range; false if there are too many. */
function pushBlock(
  j0: number,
  r0: number,
  j1: number,
  r1: number,
  coalesce: number,
  out: TileList,
): boolean {
  const count = (j1 - j0 + 1) * (r1 - r0 + 1);
  if (out.length + count > MAX_TILES_PER_FEATURE) return false;
  out.reserve(count);
  const { columns, rows } = out;
  let n = out.length;
  for (let row = r0; row <= r1; row++) {
    for (let j = j0; j <= j1; j++) {
      columns[n] = j * coalesce;
      rows[n++] = row;
    }
  }
  out.length = n;
  return true;
}
