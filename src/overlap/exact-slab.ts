/**
 * Whether two features meet between two vertical lines, where edges cross: in rational numbers, for the
 * rare slabs in which doubles don't decide. Values are fractions of integers, denominators positive.
 */

import { exactInteger } from '../geometry/orientation.ts';

interface ExactEdge {
  x: bigint;
  y: bigint;
  dx: bigint;
  dy: bigint;
  polygon: number;
}

type Fraction = readonly [numerator: bigint, denominator: bigint];

/**
 * Whether there is room inside of both features for start < x < end.
 * @param edges - startX, startY, endX, endY of each edge, startX < endX
 * @param active - the edges that go on from start to end
 * @param polygon - the polygon of each edge; those of the first feature are below `firstCount`
 */
export function meetInSlab(
  edges: Float64Array,
  active: Int32Array,
  polygon: Int32Array,
  firstCount: number,
  start: number,
  end: number,
): boolean {
  const exact = Array.from(active, (e): ExactEdge => {
    const [x, y, endX, endY] = Array.from(edges.subarray(4 * e, 4 * e + 4), exactInteger) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return { x, y, dx: endX - x, dy: endY - y, polygon: polygon[e]! };
  });
  // Each part is judged in its middle, and divided where neighbours cross: there are as many parts as
  // there are crossings, at most.
  const parts: [Fraction, Fraction][] = [
    [
      [exactInteger(start), 1n],
      [exactInteger(end), 1n],
    ],
  ];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part;
    const middle: Fraction = [from[0] * to[1] + to[0] * from[1], 2n * from[1] * to[1]];
    exact.sort((e, f) => order(e, f, middle));
    if (hasRoom(exact, middle, firstCount)) return true;
    for (let n = 1; n < exact.length; n++) {
      const crossing = crossingOf(exact[n - 1]!, exact[n]!);
      if (crossing !== null && isLess(from, crossing) && isLess(crossing, to)) {
        parts.push([from, crossing], [crossing, to]);
        break;
      }
    }
  }
  return false;
}

/** Whether e is above (positive), below or on f at x, or, where they meet there, just east of it. */
function order(e: ExactEdge, f: ExactEdge, [x, by]: Fraction): number {
  // y of e at x: (y dx by + dy (x − by · e.x)) / (dx by)
  const ofE = (e.y * e.dx * by + e.dy * (x - by * e.x)) * f.dx;
  const ofF = (f.y * f.dx * by + f.dy * (x - by * f.x)) * e.dx;
  return sign(ofE - ofF) || sign(e.dy * f.dx - f.dy * e.dx);
}

function hasRoom(exact: readonly ExactEdge[], x: Fraction, firstCount: number): boolean {
  const inside = new Set<number>();
  let insideFirst = 0;
  for (const [n, edge] of exact.entries()) {
    if (insideFirst > 0 && inside.size > insideFirst && order(exact[n - 1]!, edge, x) !== 0) {
      return true;
    }
    const entered = !inside.delete(edge.polygon);
    if (entered) inside.add(edge.polygon);
    if (edge.polygon < firstCount) insideFirst += entered ? 1 : -1;
  }
  return false;
}

/** Where the lines through two edges cross; null if they are parallel. */
function crossingOf(e: ExactEdge, f: ExactEdge): Fraction | null {
  const denominator = e.dy * f.dx - f.dy * e.dx;
  if (denominator === 0n) return null;
  // y + (x − e.x) dy / dx is the same for both.
  const numerator = (f.y - e.y) * e.dx * f.dx + e.x * e.dy * f.dx - f.x * f.dy * e.dx;
  return denominator > 0n ? [numerator, denominator] : [-numerator, -denominator];
}

function isLess([a, b]: Fraction, [c, d]: Fraction): boolean {
  return a * d < c * b;
}

function sign(value: bigint): number {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}
