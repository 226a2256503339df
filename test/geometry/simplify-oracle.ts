/**
 * The same simplification as plainly as it can be written: recursion, arrays of points, every
 * segment looked at. Only for tests.
 */

import { orient2d } from '../../src/geometry/orientation.ts';

type Point = readonly [number, number];
type Segment = readonly [Point, Point];

interface Line {
  points: Point[];
  /** By index: the input segments that are still there. */
  input: (Segment | null)[];
  result: Segment[];
}

/** @param rings - closed rings of one feature as x, y, x, y, …; returns the simplified ones */
export function simplifyPlainly(rings: number[][], tolerance: number): number[][] {
  const lines: Line[] = rings.map((ring) => {
    const points: Point[] = [];
    for (let i = 0; i < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
    const input = points.slice(1).map((point, i): Segment => [points[i]!, point]);
    return { points, input, result: [] };
  });
  const output = new Set<Segment>();
  for (const line of lines) {
    simplifyLine(line, lines, output, tolerance);
  }
  return lines.map(({ result }) => [...result.flatMap(([p]) => p), ...result.at(-1)![1]]);
}

function simplifyLine(line: Line, lines: Line[], output: Set<Segment>, tolerance: number): void {
  const { points, input, result } = line;

  const isFree = (flat: Segment, from: number, to: number) =>
    lines.every((other) =>
      other.input.every(
        (segment, i) =>
          segment === null || (other === line && i >= from && i < to) || !meets(segment, flat),
      ),
    ) && [...output].every((segment) => !meets(segment, flat));

  const jumps = (flat: Segment, path: Segment[]) => {
    const xs = path.flatMap(([p, q]) => [p[0], q[0]]);
    const ys = path.flatMap(([p, q]) => [p[1], q[1]]);
    const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const;
    return lines.some((other) => {
      if (other === line) return false;
      const [x, y] = other.result[0]?.[0] ?? other.points[1]!;
      if (x < box[0] || y < box[1] || x > box[2] || y > box[3]) return false;
      const crossings = [flat, ...path].filter((segment) => crossesRay(segment, x, y));
      return crossings.length % 2 === 1;
    });
  };

  const simplifySection = (i: number, j: number, depth: number): void => {
    if (j === i + 1) {
      // A copy, so that it is not found among the input.
      result.push([points[i]!, points[j]!]);
      return;
    }
    const flat: Segment = [points[i]!, points[j]!];
    let furthest = i;
    let distance = -1;
    for (let k = i + 1; k < j; k++) {
      const d = distanceTo(flat, points[k]!);
      if (d > distance) {
        distance = d;
        furthest = k;
      }
    }
    const size = result.length === 0 ? 0 : result.length + 1;
    const path = points.slice(i, j).map((p, k): Segment => [p, points[i + k + 1]!]);
    if (
      (size >= 4 || depth + 1 >= 4) &&
      distance <= tolerance &&
      isFree(flat, i, j) &&
      !jumps(flat, path)
    ) {
      input.fill(null, i, j);
      output.add(flat);
      result.push(flat);
      return;
    }
    simplifySection(i, furthest, depth + 1);
    simplifySection(furthest, j, depth + 1);
  };

  simplifySection(0, points.length - 1, 1);
  if (result.length + 1 <= 4) return;
  const first = result[0]!;
  const last = result.at(-1)!;
  const flat: Segment = [last[0], first[1]];
  if (distanceTo(flat, first[0]) > tolerance) return;
  const collinear = orient2d(...flat[0], ...flat[1], ...first[0]) === 0;
  if (!collinear && (!isFree(flat, 0, 0) || jumps(flat, [last, first]))) return;
  output.delete(first);
  output.delete(last);
  output.add(flat);
  result[0] = flat;
  result.pop();
}

/** The distance of p from a segment, with GEOS's operations in GEOS's order. */
function distanceTo([a, b]: Segment, p: Point): number {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const r = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy);
  if (!(r > 0)) return length(p[0] - a[0], p[1] - a[1]);
  if (r >= 1) return length(p[0] - b[0], p[1] - b[1]);
  const s = ((a[1] - p[1]) * dx - (a[0] - p[0]) * dy) / (dx * dx + dy * dy);
  return Math.abs(s) * length(dx, dy);
}

function length(dx: number, dy: number): number {
  return Math.sqrt(dx * dx + dy * dy);
}

function crossesRay([a, b]: Segment, x: number, y: number): boolean {
  if (a[1] > y === b[1] > y) return false;
  return orient2d(...a, ...b, x, y) * (b[1] - a[1]) > 0;
}

/** Whether two segments are equal or have a point in common that is not an end of both. */
function meets([a, b]: Segment, [c, d]: Segment): boolean {
  const same = (p: Point, q: Point) => p[0] === q[0] && p[1] === q[1];
  if ((same(a, c) && same(b, d)) || (same(a, d) && same(b, c))) return true;
  const within = (p: Point, [q, r]: Segment) =>
    p[0] >= Math.min(q[0], r[0]) &&
    p[0] <= Math.max(q[0], r[0]) &&
    p[1] >= Math.min(q[1], r[1]) &&
    p[1] <= Math.max(q[1], r[1]);
  const [onC, onD] = [orient2d(...a, ...b, ...c), orient2d(...a, ...b, ...d)];
  const [onA, onB] = [orient2d(...c, ...d, ...a), orient2d(...c, ...d, ...b)];
  // Crossing in the interior of both.
  if (Math.sign(onC) * Math.sign(onD) < 0 && Math.sign(onA) * Math.sign(onB) < 0) return true;
  // An end of one that lies on the other, but not at one of its ends.
  const inside = (p: Point, side: number, [q, r]: Segment) =>
    side === 0 && within(p, [q, r]) && !same(p, q) && !same(p, r);
  return (
    inside(a, onA, [c, d]) ||
    inside(b, onB, [c, d]) ||
    inside(c, onC, [a, b]) ||
    inside(d, onD, [a, b])
  );
}
