/**
 * Values of a DBF row, from their bytes straight to an attribute row. Blank is NULL everywhere, and
 * so are asterisks, with which writers fill what has no value or does not fit, but in text. A value
 * that its field's type does not allow is kept as text: nothing is lost.
 */

import type { RowWriter } from '../sqlite/record.ts';
import type { DbfEncoding } from './encoding.ts';

const NUL = 0x00;
const SPACE = 0x20;
const ASTERISK = 0x2a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Powers of ten that are doubles exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** The end of a value: before the first NUL, as writers in C pad fields, and trailing spaces. */
function valueEnd(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === NUL)) end--;
  for (let i = start; i < end; i++) {
    if (bytes[i] !== NUL) continue;
    end = i;
    while (end > start && bytes[end - 1] === SPACE) end--;
    break;
  }
  return end;
}

/** Whether there are asterisks in bytes[start, end), and nothing else but blanks. */
function isStarred(bytes: Uint8Array, start: number, end: number): boolean {
  let stars = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === ASTERISK) stars++;
    else if (byte !== SPACE && byte !== NUL) return false;
  }
  return stars > 0;
}

/** Text of bytes[start, end); its leading spaces are its own. */
export function writeText(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  encoding: DbfEncoding,
): void {
  const fieldEnd = end;
  end = valueEnd(bytes, start, end);
  if (end === start) {
    row.null();
    return;
  }
  let high = 0;
  for (let i = start; i < end; i++) high |= bytes[i]!;
  if (high < 0x80) {
    row.utf8(bytes, start, end);
    return;
  }
  const value = bytes.subarray(start, end);
  if (encoding.isUtf8(value)) row.utf8(bytes, start, end);
  else row.text(encoding.decode(value, end === fieldEnd));
}

/** The digits of a number that may have more of them than 64 bits hold, as text without padding. */
export function writeDigits(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  encoding: DbfEncoding,
): void {
  while (start < end && bytes[start] === SPACE) start++;
  if (isStarred(bytes, start, end)) row.null();
  else writeText(row, bytes, start, end, encoding);
}

/**
 * A number of an integer or real column. A real is the nearest double: of more than 17 digits the
 * last ones don't count. A value with a fraction, or past 64 bits, in an integer column is written
 * as a real, what is not a number as text; then it returns true, and for an integer past 2^53, which
 * no real holds. NaN is NULL.
 */
export function writeNumber(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  integer: boolean,
  encoding: DbfEncoding,
): boolean {
  const fieldStart = start;
  while (start < end && bytes[start] === SPACE) start++;
  while (end > start && (bytes[end - 1] === SPACE || bytes[end - 1] === NUL)) end--;
  if (start === end || (bytes[start] === ASTERISK && isStarred(bytes, start, end))) {
    row.null();
    return false;
  }
  const value = parseDecimal(bytes, start, end);
  if (Number.isNaN(value))
    return writeUnusualNumber(row, bytes, fieldStart, end, integer, encoding);
  if (!integer) {
    row.real(value);
    return false;
  }
  if (Number.isSafeInteger(value)) {
    row.integer(value);
    return false;
  }
  row.real(value);
  return true;
}

/**
 * The decimal number bytes[start, end), `[+-]digits[.digits][e[+-]digits]`, if it has at most 15
 * digits and its exponent is such that one division or multiplication of exact doubles gives the
 * nearest double (Clinger, How to Read Floating Point Numbers Accurately, 1990); otherwise NaN.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  const negative = bytes[i] === MINUS;
  if (negative || bytes[i] === PLUS) i++;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let seen = false;
  let pointAt = -1;
  for (; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      seen = true;
      if (mantissa !== 0 && ++digits > 15) return Number.NaN;
    } else if (bytes[i] === POINT && pointAt < 0) {
      pointAt = i;
    } else {
      break;
    }
  }
  if (!seen) return Number.NaN;
  if (pointAt >= 0) exponent = pointAt + 1 - i;
  if (i < end) {
    if ((bytes[i]! | 0x20) !== 0x65) return Number.NaN;
    i++;
    const negativeExponent = bytes[i] === MINUS;
    if (negativeExponent || bytes[i] === PLUS) i++;
    if (i >= end || end - i > 3) return Number.NaN;
    let written = 0;
    for (; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      written = written * 10 + digit;
    }
    exponent += negativeExponent ? -written : written;
  }
  if (exponent < -22 || exponent > 22) return Number.NaN;
  const value = exponent < 0 ? mantissa / POWERS[-exponent]! : mantissa * POWERS[exponent]!;
  return negative ? -value : value;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INTEGER = /^[+-]?\d+$/;
/** How C runtimes print what is not a number, and infinity. */
const NOT_A_NUMBER = /^[+-]?(nan|1\.#(qnan|snan|ind)\d*)$/i;
const INFINITE = /^([+-]?)(inf|infinity|1\.#inf\d*)$/i;

function writeUnusualNumber(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  integer: boolean,
  encoding: DbfEncoding,
): boolean {
  end = valueEnd(bytes, start, end);
  const text = bytes.toString('latin1', start, end).trim();
  if (text === '' || NOT_A_NUMBER.test(text)) {
    row.null();
    return false;
  }
  if (integer && INTEGER.test(text)) {
    const value = BigInt(text.replace('+', ''));
    if (BigInt.asIntN(64, value) === value) {
      const safe = Number.isSafeInteger(Number(value));
      if (safe) row.integer(Number(value));
      else row.bigint(value);
      return !safe;
    }
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null || NUMBER.test(text)) {
    const value = infinite === null ? Number(text) : infinite[1] === '-' ? -Infinity : Infinity;
    const fits = integer && Number.isSafeInteger(value);
    if (fits) row.integer(value);
    else row.real(value);
    return integer && !fits;
  }
  writeText(row, bytes, start, end, encoding);
  return true;
}

/** T, t, Y, y, 1 and F, f, N, n, 0; '?' and '*' are NULL. All else stays text and returns true. */
export function writeBoolean(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  encoding: DbfEncoding,
): boolean {
  const valueAt = valueEnd(bytes, start, end);
  const letter = valueAt === start ? '?' : bytes.toString('latin1', start, valueAt).trim();
  if (letter === '?' || letter === '*' || letter === '') row.null();
  else if ('TtYy1'.includes(letter)) row.integer(1);
  else if ('FfNn0'.includes(letter)) row.integer(0);
  else {
    writeText(row, bytes, start, end, encoding);
    return true;
  }
  return false;
}

/** Of one call. */
const date = Buffer.alloc(10, '0000-00-00');
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether there is such a day in the Gregorian calendar. */
function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
  return day >= 1 && day <= days;
}

/** A date YYYYMMDD as the text YYYY-MM-DD; zeros are NULL, what is no date stays as it is. */
export function writeDate(
  row: RowWriter,
  bytes: Buffer,
  start: number,
  end: number,
  encoding: DbfEncoding,
): void {
  const valueAt = valueEnd(bytes, start, end);
  let zeros = true;
  let digits = true;
  for (let i = start; i < valueAt; i++) {
    const byte = bytes[i]!;
    if (byte !== ZERO && byte !== SPACE) zeros = false;
    if (byte < ZERO || byte > ZERO + 9) digits = false;
  }
  if (zeros || (bytes[start] === ASTERISK && isStarred(bytes, start, valueAt))) {
    row.null();
    return;
  }
  const number = digits && valueAt - start === 8 ? parseDecimal(bytes, start, valueAt) : 0;
  const [month, day] = [Math.floor(number / 100) % 100, number % 100];
  if (!isDay(Math.floor(number / 10_000), month, day)) {
    writeText(row, bytes, start, end, encoding);
    return;
  }
  bytes.copy(date, 0, start, start + 4);
  bytes.copy(date, 5, start + 4, start + 6);
  bytes.copy(date, 8, start + 6, start + 8);
  row.utf8(date, 0, 10);
}
