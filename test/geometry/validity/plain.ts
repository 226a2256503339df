/** Whether a ring is simple, by comparing all its edges, in whole numbers. */

type Point = readonly [bigint, bigint];

function side(a: Point, b: Point, c: Point): number {
  const value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

/** Whether a point is on a segment. */
function isOn(p: Point, a: Point, b: Point): boolean {
  const dot = (a[0] - p[0]) * (b[0] - p[0]) + (a[1] - p[1]) * (b[1] - p[1]);
  return side(a, b, p) === 0 && dot <= 0n;
}

/** @param ring - x, y, x, y, … as multiples of 1 / scale, the closing vertex included */
export function isSimplePlainly(ring: number[], scale: number): boolean {
  const points: Point[] = [];
  for (let k = 0; k < ring.length - 2; k += 2) {
    const point: Point = [BigInt(ring[k]! * scale), BigInt(ring[k + 1]! * scale)];
    const last = points.at(-1);
    if (last?.[0] !== point[0] || last[1] !== point[1]) points.push(point);
  }
  const same = (p: Point, q: Point): boolean => p[0] === q[0] && p[1] === q[1];
  while (points.length > 1 && same(points[0]!, points.at(-1)!)) points.pop();
  const n = points.length;
  if (n < 3) return false;
  for (let i = 0; i < n; i++) {
    const a = points[i]!;
    const b = points[(i + 1) % n]!;
    // The next edge may only begin on this one, or this one only end on the next.
    const c = points[(i + 2) % n]!;
    if (isOn(c, a, b) || isOn(a, b, c)) return false;
    for (let j = i + 2; j < n - (i === 0 ? 1 : 0); j++) {
      const p = points[j]!;
      const q = points[(j + 1) % n]!;
      if (isOn(p, a, b) || isOn(q, a, b) || isOn(a, p, q) || isOn(b, p, q)) return false;
      if (side(a, b, p) * side(a, b, q) < 0 && side(p, q, a) * side(p, q, b) < 0) return false;
    }
  }
  return true;
}
