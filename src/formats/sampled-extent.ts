/**
 * Where the features of slices are, reckoned from a few of them. An estimate: features may be
 * elsewhere, so that nothing may depend on it but when something is done.
 */

import { Random } from '../core/random.ts';
import type { Bounds } from '../tms/tile-matrix.ts';
import type { Slice } from './source.ts';

/** Rows of a slice that are looked at, unless another number is asked for. */
export const SAMPLES = 64;
/**
 * How much farther a slice reaches than its samples, in mean distances between these: the gap beyond
 * the outermost of many points at random is longer than t mean ones with a probability of e^−t.
 */
const GAPS = 3;
/** Samples over so much of the layer's extent are of slices that lie over all of it. */
const MOST_OF = 0.75;

/**
 * Reads the box of the feature at a position, or of one near it, into `box`: minX, minY, maxX, maxY.
 * Returns the feature's position; NaN where there is nothing that has a box.
 */
export type BoxNear = (position: number, box: Float64Array) => number;

/**
 * The extent of each slice, as far as can be told; null for one without a box.
 * @param whole - the extent that the layer is said to have, which is not believed if features lie outside
 * @param most - features of a slice that are looked at
 */
export function sampledExtents(
  slices: readonly Slice[],
  whole: Bounds | null,
  boxNear: BoxNear,
  most = SAMPLES,
): (Bounds | null)[] {
  const random = new Random(SAMPLES);
  const samples = slices.map((slice) => sampleSlice(slice, random, boxNear, most));
  const believed =
    whole?.every(Number.isFinite) === true &&
    samples.every((sample) => sample === null || holds(whole, sample.bounds));
  return samples.map((sample) => {
    if (sample === null) return null;
    const [minX, minY, maxX, maxY] = sample.bounds;
    const { marginX, marginY } = sample;
    const wide: Bounds = [minX - marginX, minY - marginY, maxX + marginX, maxY + marginY];
    return believed ? within(wide, whole) : wide;
  });
}

/** The bounds of the samples, and how far others may reach beyond these. */
interface SliceSample {
  bounds: Bounds;
  marginX: number;
  marginY: number;
}

/**
 * The first and the last row, and one at random in each of as many parts of the slice between: rows may
 * be in scan lines, and steps that fall in with these would see one of their ends alone.
 */
function sampleSlice(
  { start, end }: Slice,
  random: Random,
  boxNear: BoxNear,
  most: number,
): SliceSample | null {
  if (!(end - start < Infinity)) return null;
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  // Of the centres of the boxes.
  const centres: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const box = new Float64Array(4);
  let widest = 0;
  let highest = 0;
  let count = 0;
  let last = Number.NaN;
  const steps = Math.min(end - start, most) - 1;
  const all = end - start <= most;
  for (let k = 0; k <= steps; k++) {
    const moved = all || k === 0 || k === steps ? 0 : random.next() - 0.5;
    const at = steps === 0 ? start : start + Math.round(((end - 1 - start) * (k + moved)) / steps);
    const position = boxNear(at, box);
    if (!(position >= start && position < end) || position === last) continue;
    last = position;
    const [minX, minY, maxX, maxY] = box as unknown as Bounds;
    const width = maxX - minX;
    const height = maxY - minY;
    // Written so that NaN and infinities are passed over.
    if (!(width >= 0 && width < Infinity && height >= 0 && height < Infinity)) continue;
    extend(bounds, minX, minY, maxX, maxY);
    const x = minX + width / 2;
    const y = minY + height / 2;
    extend(centres, x, y, x, y);
    if (width > widest) widest = width;
    if (height > highest) highest = height;
    count++;
  }
  if (count === 0) return null;
  const gaps = all ? 0 : GAPS / count;
  return {
    bounds,
    marginX: all ? 0 : (centres[2] - centres[0]) * gaps + widest,
    marginY: all ? 0 : (centres[3] - centres[1]) * gaps + highest,
  };
}

function extend(bounds: Bounds, minX: number, minY: number, maxX: number, maxY: number): void {
  if (minX < bounds[0]) bounds[0] = minX;
  if (minY < bounds[1]) bounds[1] = minY;
  if (maxX > bounds[2]) bounds[2] = maxX;
  if (maxY > bounds[3]) bounds[3] = maxY;
}

/** But for rounding: extents may be kept as texts, or in single precision. */
function holds(whole: Bounds, [minX, minY, maxX, maxY]: Bounds): boolean {
  const slack = 1e-6 * Math.max(whole[2] - whole[0], whole[3] - whole[1]);
  return (
    minX >= whole[0] - slack &&
    minY >= whole[1] - slack &&
    maxX <= whole[2] + slack &&
    maxY <= whole[3] + slack
  );
}

/** Clipped, on each axis: to all of it where little is left out, as of the lines of a scan. */
function within(bounds: Bounds, whole: Bounds): Bounds {
  const clipped = bounds.map((side, i) =>
    i < 2 ? Math.max(side, whole[i]!) : Math.min(side, whole[i]!),
  );
  for (const axis of [0, 1]) {
    const reach = clipped[axis + 2]! - clipped[axis]!;
    if (reach < MOST_OF * (whole[axis + 2]! - whole[axis]!)) continue;
    clipped[axis] = whole[axis]!;
    clipped[axis + 2] = whole[axis + 2]!;
  }
  return clipped as Bounds;
}
