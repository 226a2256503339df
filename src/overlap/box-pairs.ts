/** Which boxes of many touch: candidates for features that overlap. */

import { sortByKey } from './merge-sort.ts';

/**
 * Visits every pair i < j of closed boxes that touch, once: of different groups, or of all with
 * `within`. The order of pairs depends on the boxes alone. A box without extent is a point or a line;
 * one that is NaN somewhere or ends before it begins touches none.
 *
 * Boxes are dealt to horizontal strips that are twice as high as they are on average, so that they lie
 * in one and a half on average, and in every strip swept from west to east. Nothing is compared if all
 * boxes are of one group and `within` is false.
 * @param boxes - minX, minY, maxX, maxY of each
 * @param groups - the group of each box
 */
export function boxPairs(
  boxes: Float64Array,
  groups: Uint32Array,
  within: boolean,
  visit: (i: number, j: number) => void,
): void {
  if (!within && groups.every((group) => group === groups[0])) return;
  const strips = dealToStrips(boxes, groups.length);
  if (strips === null) return;
  const { ends, dealt, minY, perY } = strips;
  let most = 0;
  for (let s = 0; s < ends.length; s++) most = Math.max(most, ends[s]! - (ends[s - 1] ?? 0));
  const west = new Float64Array(most);
  const scratch = new Int32Array(most);
  const other = new Int32Array(most);
  const swept = new Float64Array(4 * most);
  for (let s = 0, start = 0; s < ends.length; s++) {
    const count = ends[s]! - start;
    for (let n = 0; n < count; n++) west[n] = boxes[4 * dealt[start + n]!]!;
    const order = sortByKey(west, count, scratch, other);
    for (let n = 0; n < count; n++) {
      const box = dealt[start + order[n]!]!;
      order[n] = box;
      swept[4 * n] = boxes[4 * box]!;
      swept[4 * n + 1] = boxes[4 * box + 1]!;
      swept[4 * n + 2] = boxes[4 * box + 2]!;
      swept[4 * n + 3] = boxes[4 * box + 3]!;
    }
    for (let n = 0; n < count; n++) {
      const i = order[n]!;
      const south = swept[4 * n + 1]!;
      const east = swept[4 * n + 2]!;
      const north = swept[4 * n + 3]!;
      for (let m = n + 1; m < count && swept[4 * m]! <= east; m++) {
        if (swept[4 * m + 1]! > north || swept[4 * m + 3]! < south) continue;
        const j = order[m]!;
        if (!within && groups[i] === groups[j]) continue;
        // Both may lie in several strips: the first that both lie in tells of them.
        const first = ((Math.max(south, swept[4 * m + 1]!) - minY) * perY) | 0;
        if (first !== s) continue;
        if (i < j) visit(i, j);
        else visit(j, i);
      }
    }
    start = ends[s]!;
  }
}

interface Strips {
  /** Where each strip ends in `dealt`. */
  ends: Int32Array;
  dealt: Int32Array;
  /** y is in strip ⌊(y − minY) · perY⌋; rounding keeps the order. */
  minY: number;
  perY: number;
}

/** Null for less than two boxes. */
function dealToStrips(boxes: Float64Array, count: number): Strips | null {
  let sound = 0;
  let minY = Number.POSITIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  let heights = 0;
  for (let k = 0; k < 4 * count; k += 4) {
    if (!isSound(boxes, k)) continue;
    sound++;
    if (boxes[k + 1]! < minY) minY = boxes[k + 1]!;
    if (boxes[k + 3]! > maxY) maxY = boxes[k + 3]!;
    heights += boxes[k + 3]! - boxes[k + 1]!;
  }
  if (sound < 2) return null;
  // The last strip is for the greatest y alone. Heights may be endless, or all 0.
  const wanted = ((maxY - minY) * sound) / (2 * heights);
  const strips = wanted > 1 ? Math.floor(Math.min(wanted, 1 + sound / 8)) : 1;
  const perY = maxY - minY > 0 ? strips / (maxY - minY) : 0;
  const ends = new Int32Array(strips + 2);
  for (let k = 0; k < 4 * count; k += 4) {
    if (!isSound(boxes, k)) continue;
    const last = ((boxes[k + 3]! - minY) * perY) | 0;
    for (let s = ((boxes[k + 1]! - minY) * perY) | 0; s <= last; s++) ends[s + 1]!++;
  }
  for (let s = 0; s <= strips; s++) ends[s + 1]! += ends[s]!;
  const dealt = new Int32Array(ends[strips + 1]!);
  for (let n = 0; n < count; n++) {
    const k = 4 * n;
    if (!isSound(boxes, k)) continue;
    const last = ((boxes[k + 3]! - minY) * perY) | 0;
    for (let s = ((boxes[k + 1]! - minY) * perY) | 0; s <= last; s++) dealt[ends[s]!++] = n;
  }
  return { ends: ends.subarray(0, strips + 1), dealt, minY, perY };
}

function isSound(boxes: Float64Array, k: number): boolean {
  return boxes[k]! <= boxes[k + 2]! && boxes[k + 1]! <= boxes[k + 3]!;
}
