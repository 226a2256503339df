/**
 * A judge of duplicates by the definition alone: all pairs, then the features from the most preferred
 * to the least. It shares nothing with the code under test.
 */

import type { Value } from '../../src/core/columns.ts';
import { commonArea, type Polygons, Shape } from './brute-area.ts';

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

/** Below 0 where a is preferred to b; a null loses; texts by their code points. */
function compareValues(a: Value, b: Value, keep: 'larger' | 'smaller'): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'string' && typeof b === 'string'
      ? Buffer.compare(Buffer.from(a), Buffer.from(b))
      : Number(a) - Number(b);
  return keep === 'larger' ? -order : order;
}

export function comparePreference(
  a: JudgedFeature,
  b: JudgedFeature,
  { keepRules }: Pick<JudgeRules, 'keepRules'>,
): number {
  for (const [column, keep] of keepRules) {
    const order = compareValues(a.values[column] ?? null, b.values[column] ?? null, keep);
    if (order !== 0) return order;
  }
  // Names as their tiles have them, by units of UTF-16.
  if (a.input !== b.input) return a.input < b.input ? -1 : 1;
  return a.position - b.position;
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
      const area = commonArea([a, b]);
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
