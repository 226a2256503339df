/**
 * Dates as days and datetimes as microseconds since 1970, UTC, and back: texts in other forms than these
 * give are read as far as they are clear.
 *   date      2026-11-28
 *   datetime  2026-11-28T20:00:00.125Z, 2026-11-28T20:00:00.125250Z
 */

const DAY_SECONDS = 86_400;
const ZERO = 48;

/** Days from 1970-01-01 to a day of the Gregorian calendar (H. Hinnant, days_from_civil). */
function daysOf(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Two digits; NaN for others. */
function two(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at]! - ZERO, bytes[at + 1]! - ZERO];
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? 10 * a + b : Number.NaN;
}

function monthLength(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days of the ten bytes YYYY-MM-DD at bytes[at]; NaN if they are no date. */
export function parseDay(bytes: Uint8Array, at: number): number {
  const year = 100 * two(bytes, at) + two(bytes, at + 2);
  const month = two(bytes, at + 5);
  const day = two(bytes, at + 8);
  const isDate =
    year > 0 &&
    bytes[at + 4] === 0x2d &&
    bytes[at + 7] === 0x2d &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= monthLength(year, month);
  return isDate ? daysOf(year, month, day) : Number.NaN;
}

/** The seconds and microseconds that `parseInstant` found. */
export const instant = { seconds: 0, micros: 0 };

const FORM =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Reads a datetime into `instant`; one without a zone is in UTC, as GeoPackage says.
 * @returns 'exact' if `formatInstant` gives the same text, else 'near' or, if it is none, 'none'
 */
export function parseInstant(
  bytes: Uint8Array,
  at: number,
  end: number,
): 'exact' | 'near' | 'none' {
  const length = end - at;
  const hasFraction = length === 24 || length === 27;
  if ((length === 20 || hasFraction) && bytes[end - 1] === 0x5a && bytes[at + 10] === 0x54) {
    const day = parseDay(bytes, at);
    const [hour, minute, second] = [two(bytes, at + 11), two(bytes, at + 14), two(bytes, at + 17)];
    const isColon = bytes[at + 13] === 0x3a && bytes[at + 16] === 0x3a;
    if (!Number.isNaN(day) && isColon && hour < 24 && minute < 60 && second < 60) {
      instant.seconds = day * DAY_SECONDS + hour * 3600 + minute * 60 + second;
      instant.micros = hasFraction ? fraction(bytes, at + 19, end - 1) : 0;
      const { micros } = instant;
      if (length === 24 ? micros >= 0 : length === 27 && micros % 1000 > 0) return 'exact';
    }
  }
  return parseOther(Buffer.from(bytes.subarray(at, end)).toString('latin1'));
}

/** Microseconds of a point and three or six digits; NaN for others. */
function fraction(bytes: Uint8Array, at: number, end: number): number {
  let micros = bytes[at] === 0x2e ? 0 : Number.NaN;
  for (let i = at + 1; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    micros = digit >= 0 && digit <= 9 ? 10 * micros + digit : Number.NaN;
  }
  return end - at === 4 ? micros * 1000 : micros;
}

function parseOther(text: string): 'near' | 'none' {
  const [all, date, hour, minute, second = '0', digits = '', zone = 'Z'] = FORM.exec(text) ?? [];
  if (all === undefined) return 'none';
  const day = parseDay(Buffer.from(date!), 0);
  const offset =
    zone === 'Z'
      ? 0
      : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  if (Number.isNaN(day) || !isTime) return 'none';
  instant.seconds =
    day * DAY_SECONDS + Number(hour) * 3600 + (Number(minute) - offset) * 60 + Number(second);
  instant.micros = Number(digits.padEnd(6, '0'));
  return 'near';
}

const SIX = 1_000_000;

/** Halves of the microseconds of `instant`, as an INT64: the low one unsigned. */
export function microseconds(): { high: number; low: number } {
  const total = BigInt(instant.seconds) * BigInt(SIX) + BigInt(instant.micros);
  return { high: Number(total >> 32n), low: Number(total & 0xffffffffn) };
}

/** Appends YYYY-MM-DD of the days to a text. */
export function writeDay(out: Uint8Array, at: number, days: number): number {
  // The inverse of daysOf (civil_from_days).
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  at = writeTwo(out, at, Math.floor(year / 100));
  at = writeTwo(out, at, year % 100);
  out[at++] = 0x2d;
  at = writeTwo(out, at, month);
  out[at++] = 0x2d;
  return writeTwo(out, at, dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1);
}

function writeTwo(out: Uint8Array, at: number, value: number): number {
  out[at] = ZERO + Math.floor(value / 10);
  out[at + 1] = ZERO + (value % 10);
  return at + 2;
}

/** Writes the datetime of an INT64 of microseconds, given as its halves; returns where it ends. */
export function writeInstant(out: Uint8Array, at: number, high: number, low: number): number {
  let seconds: number;
  let micros: number;
  const total = high * 2 ** 32 + (low >>> 0);
  if (Number.isSafeInteger(total)) {
    seconds = Math.floor(total / SIX);
    micros = total - seconds * SIX;
  } else {
    const exact = (BigInt(high) << 32n) | BigInt(low >>> 0);
    micros = Number(((exact % BigInt(SIX)) + BigInt(SIX)) % BigInt(SIX));
    seconds = Number((exact - BigInt(micros)) / BigInt(SIX));
  }
  const day = Math.floor(seconds / DAY_SECONDS);
  const ofDay = seconds - day * DAY_SECONDS;
  at = writeDay(out, at, day);
  out[at++] = 0x54;
  at = writeTwo(out, at, Math.floor(ofDay / 3600));
  out[at++] = 0x3a;
  at = writeTwo(out, at, Math.floor(ofDay / 60) % 60);
  out[at++] = 0x3a;
  at = writeTwo(out, at, ofDay % 60);
  out[at++] = 0x2e;
  const digits = micros % 1000 === 0 ? 3 : 6;
  let rest = digits === 3 ? micros / 1000 : micros;
  for (let k = digits - 1; k >= 0; k--) {
    out[at + k] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  at += digits;
  out[at] = 0x5a;
  return at + 1;
}
