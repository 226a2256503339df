/** Dates and datetimes of ISO 8601 as numbers, so that they can be compared whatever their form. */

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const [DASH, COLON, POINT, PLUS] = [0x2d, 0x3a, 0x2e, 0x2b];
const [BLANK, T, Z] = [0x20, 0x54, 0x5a];

export function momentOfText(text: string): number {
  const bytes = new TextEncoder().encode(text);
  return momentOf(bytes, 0, bytes.length);
}

/**
 * Milliseconds since 1970-01-01T00:00:00Z of the text bytes[start, end): `2024-12-31`,
 * `2024-12-31T23:59`, `2024-12-31 23:59:59.5Z`, `2024-12-31T23:59:59+02:00`. Without a zone it is of UTC. NaN for
 * all else.
 */
export function momentOf(bytes: Uint8Array, start: number, end: number): number {
  const isDate = end - start >= 10 && bytes[start + 4] === DASH && bytes[start + 7] === DASH;
  if (!isDate) return Number.NaN;
  const year = 100 * two(bytes, start) + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const days = daysSince1970(year, month, day);
  if (end - start === 10) return days * DAY;
  const at = start + 11;
  const isTime = end - at >= 5 && bytes[at + 2] === COLON;
  if (!isTime || (bytes[at - 1] !== T && bytes[at - 1] !== BLANK)) return Number.NaN;
  const hour = two(bytes, at);
  const minute = two(bytes, at + 3);
  if (hour > 23 || minute > 59) return Number.NaN;
  let next = at + 5;
  let second = 0;
  if (bytes[next] === COLON && next + 3 <= end) {
    second = two(bytes, next + 1);
    // A leap second is the first one of the next minute.
    if (second > 60) return Number.NaN;
    next += 3;
    if (bytes[next] === POINT && next < end) {
      const first = ++next;
      let share = 1;
      for (; next < end && isDigit(bytes[next]!); next++) {
        share /= 10;
        second += (bytes[next]! - 0x30) * share;
      }
      if (next === first) return Number.NaN;
    }
  }
  return days * DAY + (hour * 60 + minute - zoneOf(bytes, next, end)) * MINUTE + second * 1000;
}

/** Minutes that a zone bytes[at, end) is before UTC. */
function zoneOf(bytes: Uint8Array, at: number, end: number): number {
  if (at === end || (bytes[at] === Z && at + 1 === end)) return 0;
  const sign = bytes[at] === PLUS ? 1 : bytes[at] === DASH ? -1 : Number.NaN;
  const hours = two(bytes, at + 1);
  if (end - at === 3) return sign * hours * 60;
  const minutes = bytes[at + 3] === COLON && end - at === 6 ? two(bytes, at + 4) : Number.NaN;
  return sign * (hours * 60 + (end - at === 5 ? two(bytes, at + 3) : minutes));
}

/** NaN for a day that the Gregorian calendar does not have. */
function daysSince1970(year: number, month: number, day: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : DAYS[month - 1];
  if (!(last !== undefined && day >= 1 && day <= last)) return Number.NaN;
  let days = day - 1;
  for (let m = 1; m < month; m++) days += DAYS[m - 1]!;
  if (isLeap && month > 2) days++;
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  // 719,162 days are from 0001-01-01 to 1970-01-01.
  return before * 365 + leaps + days - 719_162;
}

/** The number that two digits make; NaN if they aren't. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const units = bytes[at + 1]!;
  return isDigit(tens) && isDigit(units) ? 10 * tens + units - 0x210 : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
