/** The commonest sound ring is found first, and cheaply. */

/** As in orientation.ts: of the determinant's rounding, relative to its products. */
const ERROR_BOUND = (3 + 16 * 2 ** -53) * 2 ** -53;
const TINY = 2 ** -900;

/**
 * Whether every edge of the ring [start, end), closing vertex included, turns the same way around
 * the mean of its vertices, and all of them go round once: then it is simple. 1 if so and it runs
 * counter-clockwise, −1 clockwise; 0 says nothing, also where rounding leaves a sign open.
 */
export function starDirection(xy: Float64Array, start: number, end: number): -1 | 0 | 1 {
  const first = 2 * start;
  const last = 2 * end - 2;
  if (last - first < 6 || xy[first] !== xy[last] || xy[first + 1] !== xy[last + 1]) return 0;
  let x = 0;
  let y = 0;
  for (let k = first; k < last; k += 2) {
    x += xy[k]!;
    y += xy[k + 1]!;
  }
  const count = (last - first) / 2;
  x /= count;
  y /= count;
  let x1 = xy[first]! - x;
  let y1 = xy[first + 1]! - y;
  let turns = 0;
  let isRight = false;
  for (let k = first + 2; k <= last; k += 2) {
    const x2 = xy[k]! - x;
    const y2 = xy[k + 1]! - y;
    const a = x1 * y2;
    const b = y1 * x2;
    const determinant = a - b;
    const magnitude = Math.abs(a) + Math.abs(b);
    // Fails for NaN and infinity, too.
    if (!(Math.abs(determinant) > ERROR_BOUND * magnitude && magnitude > TINY)) {
      if (xy[k] === xy[k - 2] && xy[k + 1] === xy[k - 1]) continue;
      return 0;
    }
    if (determinant > 0 === isRight) {
      if (k > first + 2) return 0;
      isRight = !isRight;
    }
    // An edge that turns by less than half a circle can't jump over both halves.
    if (y1 > 0 !== y2 > 0) turns++;
    x1 = x2;
    y1 = y2;
  }
  if (turns !== 2) return 0;
  return isRight ? -1 : 1;
}
