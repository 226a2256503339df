/** Which boxes of many touch: candidates for features that overlap. */

/** Bits of the whole numbers that boxes are ordered by, from west to east; two digits of 11 bits. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const MAX_KEY = DIGITS * DIGITS - 1;

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
  const count = groups.length;
  if (!within && groups.every((group) => group === groups[0])) return;
  let sound = 0;
  let minX = Number.POSITIVE_INFINITY;
  let minY = Number.POSITIVE_INFINITY;
  let maxX = Number.NEGATIVE_INFINITY;
  let maxY = Number.NEGATIVE_INFINITY;
  let heights = 0;
  for (let k = 0; k < 4 * count; k += 4) {
    if (!isSound(boxes, k)) continue;
    sound++;
    minX = Math.min(minX, boxes[k]!);
    minY = Math.min(minY, boxes[k + 1]!);
    maxX = Math.max(maxX, boxes[k + 2]!);
    maxY = Math.max(maxY, boxes[k + 3]!);
    heights += boxes[k + 3]! - boxes[k + 1]!;
  }
  if (sound < 2) return;
  const strips = stripCount(sound, maxY - minY, heights / sound);
  // Rounding is monotone, and so are these: who is west of another doesn't come after it.
  const perX = maxX > minX ? MAX_KEY / (maxX - minX) : 0;
  const perY = maxY > minY ? strips / (maxY - minY) : 0;
  const keyOf = (x: number): number => Math.min(MAX_KEY, (x - minX) * perX) | 0;
  const stripOf = (y: number): number => Math.min(strips - 1, (y - minY) * perY) | 0;

  const order = orderByKey(boxes, sound, keyOf);
  // Where each strip ends; while boxes are dealt, where the next one of it goes.
  const ends = new Int32Array(strips + 1);
  for (const i of order) {
    const last = stripOf(boxes[4 * i + 3]!);
    for (let s = stripOf(boxes[4 * i + 1]!); s <= last; s++) ends[s + 1]!++;
  }
  for (let s = 0; s < strips; s++) ends[s + 1]! += ends[s]!;
  const dealt = new Int32Array(ends[strips]!);
  const keys = new Int32Array(dealt.length);
  for (const i of order) {
    const key = keyOf(boxes[4 * i]!);
    const last = stripOf(boxes[4 * i + 3]!);
    for (let s = stripOf(boxes[4 * i + 1]!); s <= last; s++) {
      const at = ends[s]!++;
      dealt[at] = i;
      keys[at] = key;
    }
  }

  let at = 0;
  for (let s = 0; s < strips; s++) {
    const end = ends[s]!;
    for (; at < end; at++) {
      const i = dealt[at]!;
      const lastKey = keyOf(boxes[4 * i + 2]!);
      for (let next = at + 1; next < end && keys[next]! <= lastKey; next++) {
        const j = dealt[next]!;
        if (!touch(boxes, 4 * i, 4 * j) || (!within && groups[i] === groups[j])) continue;
        // Both may lie in several strips: the first that both lie in tells of them.
        if (stripOf(Math.max(boxes[4 * i + 1]!, boxes[4 * j + 1]!)) !== s) continue;
        if (i < j) visit(i, j);
        else visit(j, i);
      }
    }
  }
}

function isSound(boxes: Float64Array, k: number): boolean {
  return boxes[k]! <= boxes[k + 2]! && boxes[k + 1]! <= boxes[k + 3]!;
}

function touch(boxes: Float64Array, k: number, l: number): boolean {
  return (
    boxes[k + 1]! <= boxes[l + 3]! &&
    boxes[l + 1]! <= boxes[k + 3]! &&
    boxes[k]! <= boxes[l + 2]! &&
    boxes[l]! <= boxes[k + 2]!
  );
}

/** Strips twice as high as the boxes, but not more than a quarter of them. */
function stripCount(boxes: number, height: number, meanHeight: number): number {
  return Math.max(1, Math.min(boxes >> 2, Math.floor(height / (2 * meanHeight)) || 1));
}

/** Indices of sound boxes, by the key of their western side: a radix sort of two digits. */
function orderByKey(boxes: Float64Array, sound: number, keyOf: (x: number) => number): Int32Array {
  const low = new Int32Array(DIGITS + 1);
  const high = new Int32Array(DIGITS + 1);
  for (let k = 0; k < boxes.length; k += 4) {
    if (!isSound(boxes, k)) continue;
    const key = keyOf(boxes[k]!);
    low[(key & (DIGITS - 1)) + 1]!++;
    high[(key >> DIGIT_BITS) + 1]!++;
  }
  for (let d = 0; d < DIGITS; d++) {
    low[d + 1]! += low[d]!;
    high[d + 1]! += high[d]!;
  }
  const half = new Int32Array(sound);
  for (let k = 0; k < boxes.length; k += 4) {
    if (isSound(boxes, k)) half[low[keyOf(boxes[k]!) & (DIGITS - 1)]!++] = k >> 2;
  }
  const order = new Int32Array(sound);
  for (const i of half) order[high[keyOf(boxes[4 * i]!) >> DIGIT_BITS]!++] = i;
  return order;
}
