/** Random polygons for tests of overlaps: as polygons → rings → x, y, x, y, … */

import type { Random } from '../../src/core/random.ts';
import type { FeatureBatch } from '../../src/geometry/batch.ts';
import { batchOf } from '../conformance/jts.ts';

export type Ring = number[];
export type Shape = Ring[][];

export function batchOfShapes(...shapes: Shape[]): FeatureBatch {
  return batchOf(
    ...shapes.map((polygons) => ({
      type: 'MULTIPOLYGON',
      coordinates: polygons.flat(2),
      polygons,
    })),
  );
}

/** The same with every vertex moved to what `place` makes of it. */
export function moved(shape: Shape, place: (x: number, y: number) => [number, number]): Shape {
  return shape.map((rings) =>
    rings.map((ring) => ring.flatMap((_, k) => (k & 1 ? [] : place(ring[k]!, ring[k + 1]!)))),
  );
}

/** A ring around (x, y), the closer to a circle the smaller `roughness` (0 … 1) is; snapped to whole numbers of `grid`. */
export function star(
  random: Random,
  [x, y]: readonly [number, number],
  radius: number,
  vertices: number,
  roughness: number,
  grid = 0,
): Ring {
  const snap = (value: number): number => (grid > 0 ? Math.round(value / grid) * grid : value);
  const ring: number[] = [];
  for (let k = 0; k < vertices; k++) {
    const angle = (2 * Math.PI * (k + 0.8 * random.next())) / vertices;
    const distance = radius * (1 - roughness * random.next());
    const [px, py] = [snap(x + distance * Math.cos(angle)), snap(y + distance * Math.sin(angle))];
    if (px !== ring.at(-2) || py !== ring.at(-1)) ring.push(px, py);
  }
  if (ring[0] !== ring.at(-2) || ring[1] !== ring.at(-1)) ring.push(ring[0]!, ring[1]!);
  return ring;
}

/** A star with up to two small stars cut out. */
export function starWithHoles(
  random: Random,
  at: readonly [number, number],
  size: number,
  grid = 0,
): Ring[] {
  const rings = [star(random, at, size, 4 + random.integer(28), 0.5, grid)];
  for (let holes = random.integer(3); holes > 0; holes--) {
    const x = at[0] + (holes === 1 ? 0.22 : -0.22) * size;
    rings.push(star(random, [x, at[1]], 0.2 * size, 3 + random.integer(6), 0.5, grid));
  }
  return rings;
}

/** One to four parts side by side, with holes. */
export function parts(random: Random, size: number, grid = 0): Shape {
  const count = 1 + random.integer(4);
  const [x, y] = [size * random.next(), size * random.next()];
  return Array.from({ length: count }, (_, n) =>
    starWithHoles(
      random,
      [x + (n & 1) * size, y + (n >> 1) * size],
      size / (count > 1 ? 2 : 1),
      grid,
    ),
  );
}

/**
 * A closed walk along the lines of a grid of whole numbers 0 … size: mostly one that crosses and
 * covers itself.
 */
export function walk(random: Random, size: number, turns: number): Ring {
  const [x0, y0] = [random.integer(size + 1), random.integer(size + 1)];
  const ring = [x0, y0];
  let [x, y] = [x0, y0];
  for (let k = 0; k < turns; k++) {
    if (k & 1) y = random.integer(size + 1);
    else x = random.integer(size + 1);
    ring.push(x, y);
  }
  ring.push(x, y0, x0, y0);
  return ring;
}

/** Cells of the grid that are inside of one of the polygons, each by the parity of edges to its west. */
export function cellsInside(shape: Shape, size: number): Set<number> {
  const cells = new Set<number>();
  for (const rings of shape) {
    for (let cell = 0; cell < size * size; cell++) {
      const [x, y] = [(cell % size) + 0.5, Math.floor(cell / size) + 0.5];
      let edges = 0;
      for (const ring of rings) {
        for (let k = 2; k < ring.length; k += 2) {
          const spans = ring[k - 1]! > y !== ring[k + 1]! > y;
          if (spans && ring[k]! < x) edges++;
        }
      }
      if (edges & 1) cells.add(cell);
    }
  }
  return cells;
}
