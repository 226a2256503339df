/**
 * On which side of a line a point lies, and whether it is in a ring: with the sign always right,
 * because a tile's edge and a polygon's vertex coincide often, and touching counts.
 */

/**
 * Relative error bound of the determinant in doubles, (3 + 16 ε) ε with ε = 2⁻⁵³: Shewchuk,
 * Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates (1997), §4.3.
 */
const ERROR_BOUND = (3 + 16 * 2 ** -53) * 2 ** -53;
/** Between these, no product in the filter or in `twoProductTail` over- or underflows. */
const TINY = 2 ** -900;
const HUGE = 2 ** 900;
/** Splits a double into two halves of 26 bits (Dekker 1971). */
const SPLITTER = 2 ** 27 + 1;

/**
 * Sign of the turn a → b → c: positive counter-clockwise (c is left of a → b), negative clockwise,
 * 0 when the three are collinear. The sign is exact for all finite doubles; the value approximates
 * twice the triangle's area, but may be just ±1 where that is tiny or huge. NaN when a coordinate
 * is not finite.
 *
 *   | ax − cx   ay − cy |
 *   | bx − cx   by − cy |
 */
export function orient2d(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
): number {
  const left = (ax - cx) * (by - cy);
  const right = (ay - cy) * (bx - cx);
  const determinant = left - right;
  const magnitude = Math.abs(left) + Math.abs(right);
  if (
    Math.abs(determinant) > ERROR_BOUND * magnitude &&
    magnitude > TINY &&
    magnitude < Number.MAX_VALUE
  ) {
    return determinant;
  }
  return orient2dExact(ax, ay, bx, by, cx, cy);
}

function orient2dExact(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
): number {
  const acx = ax - cx;
  const acy = ay - cy;
  const bcx = bx - cx;
  const bcy = by - cy;
  if (!Number.isFinite(ax + ay + bx + by + cx + cy) && !allFinite(ax, ay, bx, by, cx, cy)) {
    return Number.NaN;
  }
  // A difference of doubles is 0 only if they are equal. Edges along an axis end here.
  if ((acx === 0 || bcy === 0) && (acy === 0 || bcx === 0)) return 0;
  if (
    differenceTail(ax, cx, acx) === 0 &&
    differenceTail(ay, cy, acy) === 0 &&
    differenceTail(bx, cx, bcx) === 0 &&
    differenceTail(by, cy, bcy) === 0
  ) {
    const left = acx * bcy;
    const right = acy * bcx;
    if (isModerate(acx, bcy, left) && isModerate(acy, bcx, right)) {
      // Rounding is monotone, so the rounded products decide unless they are equal.
      if (left !== right) return left - right;
      return twoProductTail(acx, bcy, left) - twoProductTail(acy, bcx, right) || 0;
    }
  }
  return orient2dBigInt(ax, ay, bx, by, cx, cy);
}

function allFinite(a: number, b: number, c: number, d: number, e: number, f: number): boolean {
  return (
    Number.isFinite(a) &&
    Number.isFinite(b) &&
    Number.isFinite(c) &&
    Number.isFinite(d) &&
    Number.isFinite(e) &&
    Number.isFinite(f)
  );
}

/** Exact a − b minus the rounded difference (Knuth's TwoDiff; NaN after an overflow). */
function differenceTail(a: number, b: number, difference: number): number {
  const bVirtual = a - difference;
  const aVirtual = difference + bVirtual;
  return a - aVirtual + (bVirtual - b);
}

/** Whether `twoProductTail(a, b, product)` is exact: no over- or underflow on the way. */
function isModerate(a: number, b: number, product: number): boolean {
  const magnitude = Math.abs(product);
  return magnitude > TINY && magnitude < HUGE && Math.abs(a) < HUGE && Math.abs(b) < HUGE;
}

/** Exact a · b minus the rounded product (Dekker's TwoProduct, Shewchuk 1997, theorem 18). */
function twoProductTail(a: number, b: number, product: number): number {
  const aBig = SPLITTER * a;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = SPLITTER * b;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

const view = new DataView(new ArrayBuffer(8));

/** A finite double times 2^1074, which makes every one of them an integer. */
function scaled(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 0n ? magnitude : -magnitude;
}

function orient2dBigInt(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
): number {
  const turn = exactTurn(ax, ay, bx, by, cx, cy);
  return turn > 0n ? 1 : turn < 0n ? -1 : 0;
}

/** The determinant of `orient2d` of finite doubles, times 2^2148. */
export function exactTurn(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
): bigint {
  const x = scaled(cx);
  const y = scaled(cy);
  return (scaled(ax) - x) * (scaled(by) - y) - (scaled(ay) - y) * (scaled(bx) - x);
}

/**
 * Where the point lies: −1 outside the ring, 0 on it, 1 inside. The ring is the vertices
 * [start, end) of interleaved x, y, its closing vertex included; of rings that cross themselves
 * the even–odd interior counts. Exact for all finite doubles.
 */
export function pointInRing(
  x: number,
  y: number,
  xy: Float64Array,
  start: number,
  end: number,
): -1 | 0 | 1 {
  let inside = false;
  let x1 = xy[2 * start]!;
  let y1 = xy[2 * start + 1]!;
  for (let i = 2 * start + 2; i < 2 * end; i += 2) {
    const x2 = xy[i]!;
    const y2 = xy[i + 1]!;
    if (y1 > y !== y2 > y) {
      // The edge crosses the horizontal through the point (upper end exclusive): is that right
      // of the point?
      if (x1 >= x || x2 >= x) {
        const side = orient2d(x1, y1, x2, y2, x, y);
        if (side === 0) return 0;
        if (side > 0 === y2 > y1) inside = !inside;
      }
    } else if (y1 === y && y2 === y) {
      if (x1 <= x ? x2 >= x : x2 <= x) return 0;
    }
    if (x2 === x && y2 === y) return 0;
    x1 = x2;
    y1 = y2;
  }
  return inside ? 1 : -1;
}
