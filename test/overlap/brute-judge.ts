/**
 * A judge of duplicates by the definition alone: all pairs, then the features from the most preferred
 * to the least. It shares nothing with the code under test: areas of intersections are sums over
 * triangles, clipped one against the other.
 */

import type { Value } from '../../src/core/columns.ts';

/** Polygons of rings, the shell first, whose last position repeats the first. */
export type Polygons = readonly (readonly (readonly (readonly number[])[])[])[];

export interface JudgedFeature {
  input: string;
  /** Key of the row in its input. */
  position: number;
  /** In the CRS of the tiles, valid. */
  polygons: Polygons;
  values: Readonly<Record<string, Value>>;
}

export interface JudgeRules {
  keepRules: readonly (readonly [column: string, keep: 'larger' | 'smaller'])[];
  /** Of the feature's own area, strictly above; null: no test. */
  overlapTolerance: number | null;
  overlapBoth: boolean;
  /** At most; null: no test. */
  centroidTolerance: number | null;
  /** Takes a position to where distances are measured; null: as it is. */
  project: ((x: number, y: number) => readonly [number, number]) | null;
  /** Column whose values tell groups, in place of inputs. */
  splitBy: string | null;
  /** Whether features of one group count as well. */
  within: boolean;
}

export interface Pair {
  /** Places of the two in the list of features; first < second. */
  first: number;
  second: number;
  /** Of the area of the first, and of the second. */
  overlap1: number;
  overlap2: number;
  distance: number;
}

export interface Judgement {
  /** For each feature, whether it goes. */
  goes: boolean[];
  pairs: Pair[];
  /**
   * How far the closest measure of a pair is from where it would count otherwise, as a part of 1: what
   * is below some 1e-9 is for nobody to say.
   */
  margin: number;
}

/** What is below this part of the smaller area is an edge in common, and rounding. */
const NOTHING = 1e-11;

/** x and y of three corners, counter-clockwise, and 1 or −1: what it adds to the polygon. */
interface Triangle {
  corners: number[];
  sign: number;
}

class Shape {
  readonly #triangles: Triangle[] = [];
  readonly area: number;
  readonly centroid: readonly [number, number];
  readonly bounds: readonly [number, number, number, number];

  constructor(polygons: Polygons) {
    const positions = polygons.flat(2);
    const xs = positions.map(([x]) => x!);
    const ys = positions.map(([, y]) => y!);
    this.bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const [apexX, apexY] = positions[0] as [number, number];
    let [area, momentX, momentY] = [0, 0, 0];
    for (const rings of polygons) {
      for (const [r, ring] of rings.entries()) {
        // From the apex to every edge: what is outside is taken away as often as it is added.
        const fan = ring.slice(1).map(([x2, y2], k) => {
          const [x1, y1] = ring[k] as [number, number];
          const cross = (x1 - apexX) * (y2! - apexY) - (x2! - apexX) * (y1 - apexY);
          return { x1, y1, x2: x2!, y2: y2!, cross };
        });
        const turn = Math.sign(fan.reduce((sum, { cross }) => sum + cross, 0)) * (r === 0 ? 1 : -1);
        for (const { x1, y1, x2, y2, cross } of fan) {
          if (cross === 0) continue;
          const signed = (turn * cross) / 2;
          area += signed;
          momentX += (signed * (x1 - apexX + (x2 - apexX))) / 3;
          momentY += (signed * (y1 - apexY + (y2 - apexY))) / 3;
          const corners =
            cross > 0 ? [apexX, apexY, x1, y1, x2, y2] : [apexX, apexY, x2, y2, x1, y1];
          this.#triangles.push({ corners, sign: Math.sign(signed) });
        }
      }
    }
    this.area = area;
    this.centroid = [apexX + momentX / area, apexY + momentY / area];
  }

  meetsBoxOf({ bounds: [minX, minY, maxX, maxY] }: Shape): boolean {
    const [left, bottom, right, top] = this.bounds;
    return left <= maxX && minX <= right && bottom <= maxY && minY <= top;
  }

  intersectionArea(other: Shape): number {
    let sum = 0;
    for (const a of this.#triangles) {
      for (const b of other.#triangles) {
        if (areApart(a.corners, b.corners)) continue;
        sum += a.sign * b.sign * clippedArea(a.corners, b.corners);
      }
    }
    return sum;
  }
}

function areApart(a: number[], b: number[]): boolean {
  return (
    Math.max(a[0]!, a[2]!, a[4]!) <= Math.min(b[0]!, b[2]!, b[4]!) ||
    Math.max(b[0]!, b[2]!, b[4]!) <= Math.min(a[0]!, a[2]!, a[4]!) ||
    Math.max(a[1]!, a[3]!, a[5]!) <= Math.min(b[1]!, b[3]!, b[5]!) ||
    Math.max(b[1]!, b[3]!, b[5]!) <= Math.min(a[1]!, a[3]!, a[5]!)
  );
}

/** Area of the part of triangle a that lies in b, both counter-clockwise (Sutherland, Hodgman 1974). */
function clippedArea(a: number[], b: number[]): number {
  const [x0, y0] = b as [number, number];
  let part = a.map((value, k) => value - (k % 2 === 0 ? x0 : y0));
  for (let side = 0; side < 6 && part.length > 0; side += 2) {
    const fromX = b[side]! - x0;
    const fromY = b[side + 1]! - y0;
    const alongX = b[(side + 2) % 6]! - x0 - fromX;
    const alongY = b[(side + 3) % 6]! - y0 - fromY;
    const left = (k: number) => alongX * (part[k + 1]! - fromY) - alongY * (part[k]! - fromX);
    const kept: number[] = [];
    for (let k = 0; k < part.length; k += 2) {
      const next = (k + 2) % part.length;
      const [here, there] = [left(k), left(next)];
      if (here >= 0) kept.push(part[k]!, part[k + 1]!);
      if (here > 0 === there > 0 || here === 0 || there === 0) continue;
      const t = here / (here - there);
      kept.push(part[k]! + t * (part[next]! - part[k]!));
      kept.push(part[k + 1]! + t * (part[next + 1]! - part[k + 1]!));
    }
    part = kept;
  }
  let twice = 0;
  for (let k = 2; k + 3 < part.length; k += 2) {
    const [x1, y1] = [part[k]! - part[0]!, part[k + 1]! - part[1]!];
    const [x2, y2] = [part[k + 2]! - part[0]!, part[k + 3]! - part[1]!];
    twice += x1 * y2 - x2 * y1;
  }
  return twice / 2;
}

/** Below 0 where a is preferred to b; a null loses; texts by their code points. */
function compareValues(a: Value, b: Value, keep: 'larger' | 'smaller'): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'string' && typeof b === 'string'
      ? Buffer.compare(Buffer.from(a), Buffer.from(b))
      : Number(a) - Number(b);
  return keep === 'larger' ? -order : order;
}

function comparePreference(a: JudgedFeature, b: JudgedFeature, { keepRules }: JudgeRules): number {
  for (const [column, keep] of keepRules) {
    const order = compareValues(a.values[column] ?? null, b.values[column] ?? null, keep);
    if (order !== 0) return order;
  }
  return compareValues(a.input, b.input, 'smaller') || a.position - b.position;
}

/** Pairs whose interiors overlap, of different groups unless within. */
export function pairsOf(features: readonly JudgedFeature[], rules: JudgeRules): Pair[] {
  const { splitBy, project, within } = rules;
  const shapes = features.map(({ polygons }) => new Shape(polygons));
  const groups = features.map(({ input, values }) => {
    return splitBy === null ? input : JSON.stringify(values[splitBy] ?? null);
  });
  const centroids = shapes.map(({ centroid: [x, y] }) => project?.(x, y) ?? ([x, y] as const));
  const pairs: Pair[] = [];
  for (const [first, a] of shapes.entries()) {
    for (let second = first + 1; second < shapes.length; second++) {
      const b = shapes[second]!;
      if (!a.meetsBoxOf(b) || (groups[first] === groups[second] && !within)) continue;
      const area = a.intersectionArea(b);
      if (area < NOTHING * Math.min(a.area, b.area)) continue;
      const [[x1, y1], [x2, y2]] = [centroids[first]!, centroids[second]!];
      const distance = Math.hypot(x2 - x1, y2 - y1);
      pairs.push({ first, second, overlap1: area / a.area, overlap2: area / b.area, distance });
    }
  }
  return pairs;
}

/** One that is a duplicate of a more preferred feature that stays, goes. */
export function judge(features: readonly JudgedFeature[], rules: JudgeRules): Judgement {
  const { overlapTolerance, overlapBoth, centroidTolerance } = rules;
  const pairs = pairsOf(features, rules);
  let margin = Number.POSITIVE_INFINITY;
  const duplicates = features.map((): number[] => []);
  for (const { first, second, overlap1, overlap2, distance } of pairs) {
    margin = Math.min(margin, Math.max(overlap1, overlap2));
    let counts = true;
    if (overlapTolerance !== null) {
      const above = [overlap1, overlap2].map((overlap) => overlap > overlapTolerance);
      counts = overlapBoth ? above[0]! && above[1]! : above[0]! || above[1]!;
      for (const overlap of [overlap1, overlap2]) {
        margin = Math.min(margin, Math.abs(overlap - overlapTolerance));
      }
    }
    if (centroidTolerance !== null) {
      counts &&= distance <= centroidTolerance;
      margin = Math.min(margin, Math.abs(distance - centroidTolerance) / centroidTolerance);
    }
    if (!counts) continue;
    duplicates[first]!.push(second);
    duplicates[second]!.push(first);
  }
  const order = features
    .map((_, i) => i)
    .sort((i, k) => comparePreference(features[i]!, features[k]!, rules));
  const stays = features.map(() => false);
  for (const i of order) stays[i] = !duplicates[i]!.some((other) => stays[other]);
  return { goes: stays.map((one) => !one), pairs, margin };
}
