/**
 * Numbers of JSON → doubles, each the one that is nearest, as JSON.parse reads them.
 *
 * Up to 18 significant digits are two integers a and b of nine digits, m = a · 10^n + b, and the number is m / 10^e.
 * With m ≤ 2^53 and e ≤ 22 both are doubles, and the quotient is rounded once (W. D. Clinger, How to read floating
 * point numbers accurately, 1990). Else m is a sum of two doubles s + t, and q = s / 10^e is mended by what is left,
 * (s − q · 10^e + t) / 10^e, where q · 10^e is exact as two doubles (T. J. Dekker, A floating-point technique for
 * extending the available precision, 1971). What lies so near to the middle of two doubles that this does not decide,
 * and all other spellings, go to Number().
 */

import { type JsonCursor, MINUS, NON_FINITE } from './json-cursor.ts';

const MOST_EXPONENT = 22;
const DIGITS = 9;
const POWERS = Float64Array.from({ length: MOST_EXPONENT + 1 }, (_, e) => Number(`1e${e}`));
/** Halves of a double's 53 bits: value = high + low. */
const SPLITTER = 2 ** 27 + 1;
const HIGH = POWERS.map(highOf);
const LOW = POWERS.map((power, e) => power - HIGH[e]!);
/** Far above the error of the correction, which is some 2^−51 of it. */
const DOUBT = 2 ** -40;

function highOf(value: number): number {
  const scaled = SPLITTER * value;
  return scaled - (scaled - value);
}

/**
 * Reads a number, at whose first byte the cursor is, into target[index].
 * @returns false for what is none, which leaves the cursor where it was
 */
export function readNumber(cursor: JsonCursor, target: Float64Array, index: number): boolean {
  const { bytes } = cursor;
  let { at } = cursor;
  let c = bytes[at]!;
  const isNegative = c === MINUS;
  if (isNegative) c = bytes[++at]!;
  let a = c ^ 0x30;
  let digit = bytes[++at]! ^ 0x30;
  if (a > 9 || (a === 0 && digit <= 9)) return slowly(cursor, target, index);
  let count = a === 0 ? 0 : 1;
  for (; digit <= 9; digit = bytes[++at]! ^ 0x30) {
    if (count === DIGITS) return slowly(cursor, target, index);
    a = a * 10 + digit;
    count++;
  }
  let b = 0;
  let behind = 0;
  let exponent = 0;
  // "." is 0x1e and "e" 0x55 where "0" is 0.
  if (digit === 0x1e) {
    const first = ++at;
    digit = bytes[at]! ^ 0x30;
    if (digit > 9) return slowly(cursor, target, index);
    if (a === 0) while (digit === 0) digit = bytes[++at]! ^ 0x30;
    for (; digit <= 9 && count < DIGITS; digit = bytes[++at]! ^ 0x30) {
      a = a * 10 + digit;
      count++;
    }
    for (; digit <= 9; digit = bytes[++at]! ^ 0x30) {
      if (behind === DIGITS) return slowly(cursor, target, index);
      b = b * 10 + digit;
      behind++;
    }
    exponent = at - first;
  }
  if (exponent > MOST_EXPONENT || (digit | 0x20) === 0x75) return slowly(cursor, target, index);
  const whole = a * POWERS[behind]! + b;
  const value =
    whole <= 2 ** 53 ? whole / POWERS[exponent]! : quotient(a, b, POWERS[behind]!, exponent);
  if (Number.isNaN(value)) return slowly(cursor, target, index);
  cursor.at = at;
  target[index] = isNegative ? -value : value;
  return true;
}

/** (a · power + b) / 10^exponent; NaN if it is too near to the middle of two doubles. */
function quotient(a: number, b: number, power: number, exponent: number): number {
  const high = (a >>> 15) * power * 2 ** 15;
  const low = (a & 0x7fff) * power + b;
  const s = high + low;
  const t = low - (s - high);
  const divisor = POWERS[exponent]!;
  const q = s / divisor;
  const scaled = SPLITTER * q;
  const qHigh = scaled - (scaled - q);
  const qLow = q - qHigh;
  const [dHigh, dLow] = [HIGH[exponent]!, LOW[exponent]!];
  const product = q * divisor;
  const error = qHigh * dHigh - product + qHigh * dLow + qLow * dHigh + qLow * dLow;
  const correction = (s - product - error + t) / divisor;
  const value = q + correction * (1 - DOUBT);
  return value === q + correction * (1 + DOUBT) ? value : Number.NaN;
}

function slowly(cursor: JsonCursor, target: Float64Array, index: number): boolean {
  const { at } = cursor;
  const c = cursor.bytes[at]!;
  if (c !== MINUS && c !== 0x49 && c !== 0x4e && (c ^ 0x30) > 9) return false;
  const kind = cursor.value();
  const text = cursor.bytes.toString('latin1', at, cursor.at);
  if (kind !== NON_FINITE) target[index] = Number(text);
  else target[index] = text === 'NaN' ? Number.NaN : text === 'Infinity' ? Infinity : -Infinity;
  return true;
}
