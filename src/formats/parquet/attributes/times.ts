/** Dates and times of Parquet as ISO 8601 text, written letter by letter: no Date, no bigint. */

import type { RowWriter } from '../../sqlite/record.ts';
import { ParquetFault } from '../fault.ts';

/** Seconds. */
export const DAY = 86_400;
/** Units of a fraction of a second, by their names in Parquet. */
export const PER_SECOND = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 } as const;
const DIGITS: Readonly<Record<number, number>> = { 1e3: 3, 1e6: 6, 1e9: 9 };

const text = new Uint8Array(48);
let at = 0;

/** YYYY-MM-DD of days since 1970-01-01, in the proleptic Gregorian calendar. */
export function writeDate(row: RowWriter, days: number): void {
  at = 0;
  putDate(days);
  row.utf8(text, 0, at);
}

/**
 * YYYY-MM-DDTHH:MM:SS.sss, with more digits where they say something, and Z: as GDAL has it in a GeoPackage.
 * @param low - with `high` a count of units since 1970-01-01, as two words
 * @param perSecond - units: 1e3, 1e6 or 1e9
 */
export function writeTimestamp(
  row: RowWriter,
  low: number,
  high: number,
  perSecond: number,
  isUtc: boolean,
): void {
  const seconds = split(low, high, perSecond);
  writeInstant(row, seconds, rest, perSecond, isUtc);
}

/** @param fraction - units, less than a second's */
export function writeInstant(
  row: RowWriter,
  seconds: number,
  fraction: number,
  perSecond: number,
  isUtc: boolean,
): void {
  at = 0;
  const days = Math.floor(seconds / DAY);
  putDate(days);
  text[at++] = 84;
  putTime(seconds - days * DAY);
  putFraction(fraction, perSecond);
  if (isUtc) text[at++] = 90;
  row.utf8(text, 0, at);
}

/** HH:MM:SS of units since midnight. @throws ParquetFault for what is no time of a day */
export function writeTime(
  row: RowWriter,
  low: number,
  high: number,
  perSecond: number,
  isUtc: boolean,
): void {
  const seconds = split(low, high, perSecond);
  // 24:00 is the end of one.
  if (seconds < 0 || seconds + Number(rest > 0) > DAY) {
    throw new ParquetFault(`has a time of day of ${seconds} seconds`);
  }
  at = 0;
  putTime(seconds);
  if (rest !== 0) putFraction(rest, perSecond);
  if (isUtc) text[at++] = 90;
  row.utf8(text, 0, at);
}

let rest = 0;

/** Whole seconds of a count of 64 bits, exactly; what is left is in `rest`. */
function split(low: number, high: number, perSecond: number): number {
  // The quotient of the rounded count is off by one at the most, which the low words tell.
  let seconds = Math.floor((high * 2 ** 32 + (low >>> 0)) / perSecond);
  rest = (low - Math.imul(seconds % 2 ** 32, perSecond)) | 0;
  if (rest < 0) {
    seconds--;
    rest += perSecond;
  } else if (rest >= perSecond) {
    seconds++;
    rest -= perSecond;
  }
  return seconds;
}

/** Civil from days: https://howardhinnant.github.io/date_algorithms.html */
function putDate(days: number): void {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  );
  const ofYear =
    ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0) text[at++] = 45;
  const absolute = Math.abs(year);
  putDigits(absolute, absolute > 9999 ? String(absolute).length : 4);
  text[at++] = 45;
  putDigits(month, 2);
  text[at++] = 45;
  putDigits(day, 2);
}

function putTime(seconds: number): void {
  putDigits(Math.floor(seconds / 3600), 2);
  text[at++] = 58;
  putDigits(Math.floor(seconds / 60) % 60, 2);
  text[at++] = 58;
  putDigits(seconds % 60, 2);
}

function putFraction(fraction: number, perSecond: number): void {
  text[at++] = 46;
  let digits = DIGITS[perSecond]!;
  // No more digits than say something, in threes.
  while (digits > 3 && fraction % 1000 === 0) {
    fraction /= 1000;
    digits -= 3;
  }
  putDigits(fraction, digits);
}

function putDigits(value: number, digits: number): void {
  for (let i = digits - 1; i >= 0; i--) {
    const next = Math.floor(value / 10);
    text[at + i] = 48 + value - 10 * next;
    value = next;
  }
  at += digits;
}
