/**
 * The area of a repaired feature by a plain second way, in doubles: between the heights of all vertices and
 * crossings edges don't cross, and what is inside is a row of trapezoids.
 */

import { orient2d } from '../../../src/geometry/orientation.ts';
import type { Polygons } from './mutilated.ts';

interface Edge {
  ring: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

interface Ring {
  polygon: number;
  isShell: boolean;
  coordinates: number[];
}

/**
 * Rings must be closed.
 *
 * @param islands - whether holes that are apart from their shell are added to it
 */
export function areaBySlabs(polygons: Polygons, islands = true): number {
  const rings: Ring[] = polygons.flatMap((all, polygon) =>
    all.map((coordinates, r) => ({ polygon, isShell: r === 0, coordinates })),
  );
  const edges = rings.flatMap((ring, r) => edgesOf(ring.coordinates, r));
  const cells = [...cellsOf(edges, heights(edges))];
  const shells = rings.map((ring) => rings.findIndex((other) => other.polygon === ring.polygon));
  // Less is rounding.
  const some = 1e-9 * Math.max(...cells.map(({ area }) => area));
  const has = (r: number, ...others: number[]): boolean =>
    cells.some(({ area, around }) => area > some && [r, ...others].every((s) => around.has(s)));
  const shellHasArea = rings.map((_, r) => has(shells[r]!));
  const meets = rings.map((_, r) => !islands || has(r, shells[r]!) || touch(edges, r, shells[r]!));
  let sum = 0;
  for (const { area, around } of cells) {
    const inside = polygons.some((_, p) => {
      const own = [...around].filter((r) => rings[r]!.polygon === p);
      if (own.some((r) => !meets[r] && !rings[r]!.isShell && shellHasArea[r])) return true;
      return own.length === 1 && rings[own[0]!]!.isShell;
    });
    if (inside) sum += area;
  }
  return sum;
}

function edgesOf(ring: number[], index: number): Edge[] {
  const edges: Edge[] = [];
  for (let k = 0; k + 3 < ring.length; k += 2) {
    const [x1, y1, x2, y2] = ring.slice(k, k + 4) as [number, number, number, number];
    edges.push({ ring: index, x1, y1, x2, y2 });
  }
  return edges;
}

function heights(edges: Edge[]): number[] {
  const all = edges.map((edge) => edge.y1);
  for (const [i, e] of edges.entries()) {
    for (const f of edges.slice(0, i)) {
      const cross = (e.x2 - e.x1) * (f.y2 - f.y1) - (e.y2 - e.y1) * (f.x2 - f.x1);
      const t = ((f.x1 - e.x1) * (f.y2 - f.y1) - (f.y1 - e.y1) * (f.x2 - f.x1)) / cross;
      const s = ((f.x1 - e.x1) * (e.y2 - e.y1) - (f.y1 - e.y1) * (e.x2 - e.x1)) / cross;
      if (t > 0 && t < 1 && s > 0 && s < 1) all.push(e.y1 + t * (e.y2 - e.y1));
    }
  }
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Trapezoids, with the rings that go around each. */
function* cellsOf(edges: Edge[], ys: number[]): Generator<{ area: number; around: Set<number> }> {
  for (let k = 0; k + 1 < ys.length; k++) {
    const [low, high] = [ys[k]!, ys[k + 1]!];
    const y = (low + high) / 2;
    const row = edges
      .filter((e) => Math.min(e.y1, e.y2) <= low && Math.max(e.y1, e.y2) >= high && e.y1 !== e.y2)
      .map((e) => ({ ...e, x: e.x1 + ((y - e.y1) / (e.y2 - e.y1)) * (e.x2 - e.x1) }))
      .sort((e, f) => e.x - f.x);
    const winding = new Map<number, number>();
    for (const [n, { ring, y1, y2, x }] of row.entries()) {
      winding.set(ring, (winding.get(ring) ?? 0) + (y2 > y1 ? 1 : -1));
      const around = new Set([...winding].filter(([, w]) => w !== 0).map(([r]) => r));
      const width = (row[n + 1]?.x ?? x) - x;
      if (width > 0) yield { area: width * (high - low), around };
    }
  }
}

/** Whether what two rings go around touches in a vertex of either. */
function touch(edges: Edge[], a: number, b: number): boolean {
  const own = edges.filter((edge) => edge.ring === a);
  const others = edges.filter((edge) => edge.ring === b);
  const size = Math.max(...own.map(({ x1, y1, x2, y2 }) => Math.hypot(x2 - x1, y2 - y1)));
  const isShared = ({ x1, y1 }: Edge, by: Edge[]): boolean =>
    by.some((edge) => isOn(x1, y1, edge)) && [own, others].every((of) => reaches(x1, y1, size, of));
  return own.some((e) => isShared(e, others)) || others.some((e) => isShared(e, own));
}

function isOn(x: number, y: number, { x1, y1, x2, y2 }: Edge): boolean {
  return (
    orient2d(x1, y1, x2, y2, x, y) === 0 && (x - x1) * (x - x2) <= 0 && (y - y1) * (y - y2) <= 0
  );
}

/** Whether a ring goes around something next to the point, on either side of an edge that leaves it. */
function reaches(x: number, y: number, size: number, ring: Edge[]): boolean {
  const angles = ring
    .filter((edge) => isOn(x, y, edge))
    .flatMap(({ x1, y1, x2, y2 }) => [Math.atan2(y1 - y, x1 - x), Math.atan2(y2 - y, x2 - x)]);
  return angles
    .flatMap((angle) => [angle - 1e-3, angle + 1e-3])
    .some((angle) => {
      const px = x + 1e-3 * size * Math.cos(angle);
      const py = y + 1e-3 * size * Math.sin(angle);
      let winding = 0;
      for (const { x1, y1, x2, y2 } of ring) {
        if (y1 <= py === y2 <= py) continue;
        if (orient2d(x1, y1, x2, y2, px, py) > 0 === y2 > y1) winding += y2 > y1 ? 1 : -1;
      }
      return winding !== 0;
    });
}
