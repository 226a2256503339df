/** Random polygons and multipolygons that are valid or not in every way, from a seed. */

import type { FeatureBatch } from '../../../src/geometry/batch.ts';
import { appendGeometry } from '../../conformance/jts.ts';

/** Polygons → rings → x, y, x, y, …, the closing vertex included. */
export type Polygons = number[][][];

export function append(batch: FeatureBatch, polygons: Polygons): void {
  const type = polygons.length === 1 ? 'POLYGON' : 'MULTIPOLYGON';
  appendGeometry(batch, { type, coordinates: [], polygons });
}

type Random = () => number;

const pick = (random: Random, count: number): number => Math.floor(random() * count);

export function closed(points: number[]): number[] {
  return [...points, points[0]!, points[1]!];
}

/** Vertices anywhere on a grid of so many lines. */
export function gridRing(random: Random, grid: number, most: number): number[] {
  const points: number[] = [];
  const count = 3 + pick(random, most - 2);
  for (let k = 0; k < count; k++) points.push(pick(random, grid), pick(random, grid));
  return closed(points);
}

/** A ring around a place, star-shaped unless it is rounded; rounded if there is a step. */
export function starRing(random: Random, x: number, y: number, radius: number, step = 0): number[] {
  const count = 3 + pick(random, 12);
  const points: number[] = [];
  for (let k = 0; k < count; k++) {
    const angle = (2 * Math.PI * (k + random() / 2)) / count;
    const r = radius * (0.3 + 0.7 * random());
    const at = [x + r * Math.cos(angle), y + r * Math.sin(angle)];
    points.push(...at.map((value) => (step > 0 ? Math.round(value / step) * step : value)));
  }
  return closed(random() < 0.5 ? points : reversed(points));
}

export function reversed(points: number[]): number[] {
  const turned: number[] = [];
  for (let k = points.length - 2; k >= 0; k -= 2) turned.push(points[k]!, points[k + 1]!);
  return turned;
}

export function box(x: number, y: number, width: number, height: number): number[] {
  return closed([x, y, x + width, y, x + width, y + height, x, y + height]);
}

/** Boxes and triangles of few sizes on a small grid: they touch, share edges and are equal often. */
function gridShape(random: Random, grid: number): number[] {
  const x = pick(random, grid);
  const y = pick(random, grid);
  const w = 1 + pick(random, 3);
  const h = 1 + pick(random, 3);
  const shape = [
    () => box(x, y, w, h),
    () => closed([x, y, x + w, y, x, y + h]),
    () => closed([x, y - h, x + w, y, x, y + h, x - w, y]),
    () => gridRing(random, grid, 4),
  ][pick(random, 4)]!();
  const turned = pick(random, shape.length / 2 - 1) * 2;
  const open = shape.slice(0, -2);
  return closed([...open.slice(turned), ...open.slice(0, turned)]);
}

/** A shell with holes that mostly fit into it, in the coarse grid where they touch. */
function holed(random: Random, x: number, y: number, grid: number): number[][] {
  const shell = random() < 0.7 ? box(x, y, grid, grid) : starRing(random, x, y, grid, 1);
  const rings = [shell];
  const holes = pick(random, 6);
  for (let h = 0; h < holes; h++) {
    rings.push(gridShape(random, grid).map((value, k) => value + (k & 1 ? y : x)));
  }
  return rings;
}

/** Makes something wrong, often: a vertex is moved to another one, doubled, or a spike. */
function mutilated(random: Random, polygons: Polygons): Polygons {
  const rings = polygons.flat();
  const ring = rings[pick(random, rings.length)]!;
  const open = ring.slice(0, -2);
  const vertices = open.length / 2;
  const at = 2 * pick(random, vertices);
  const other = rings[pick(random, rings.length)]!;
  const from = 2 * pick(random, other.length / 2);
  const place = [other[from]!, other[from + 1]!];
  const next = (at + 2) % open.length;
  const changes = [
    () => open.splice(at, 2, ...place),
    () => open.splice(at, 0, ...place),
    () => open.splice(at, 0, open[at]!, open[at + 1]!),
    // Out and back.
    () => open.splice(at, 0, open[at]!, open[at + 1]!, ...place),
    () => open.splice(at, 2, (open[next]! + place[0]!) / 2, (open[next + 1]! + place[1]!) / 2),
    () => vertices > 3 && open.splice(at, 2),
  ];
  changes[pick(random, changes.length)]!();
  ring.splice(0, ring.length, ...closed(open));
  return polygons;
}

const KINDS: ((random: Random) => Polygons)[] = [
  (random) => [[gridRing(random, 3 + pick(random, 5), 7)]],
  (random) => [[starRing(random, 0, 0, 10, random() < 0.5 ? 1 : 0)]],
  (random) => [holed(random, 0, 0, 4 + pick(random, 5))],
  (random) => {
    const polygons: Polygons = [];
    const count = 2 + pick(random, 4);
    for (let p = 0; p < count; p++) polygons.push([gridShape(random, 6)]);
    return polygons;
  },
  (random) => {
    const polygons: Polygons = [];
    const count = 1 + pick(random, 3);
    for (let p = 0; p < count; p++) {
      polygons.push(holed(random, 6 * pick(random, 2), 6 * pick(random, 2), 6));
    }
    // An island in a hole, perhaps.
    if (random() < 0.5) polygons.push([gridShape(random, 12)]);
    return polygons;
  },
  // Stars apart from each other: valid, before they are mutilated.
  (random) => {
    const polygons: Polygons = [];
    const count = 1 + pick(random, 3);
    for (let p = 0; p < count; p++) {
      const rings = [starRing(random, 30 * p, 0, 10)];
      if (random() < 0.6) rings.push(starRing(random, 30 * p, 0, 2));
      polygons.push(rings);
    }
    return polygons;
  },
];

/** One of all kinds. */
export function randomPolygons(random: Random): Polygons {
  const polygons = KINDS[pick(random, KINDS.length)]!(random);
  for (let left = pick(random, 3); left > 0; left--) mutilated(random, polygons);
  return polygons;
}
