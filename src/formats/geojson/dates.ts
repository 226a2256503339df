/**
 * Texts that are dates or times of day on a date, as GDAL's reader of GeoJSON takes them for such:
 * `2026-11-28`, `2026/11/28`; `2026-11-28T19:30:00.123Z`, also with a blank for the T, without seconds, and with `+01`,
 * `+01:00` or `+0100` for the Z.
 */

const DATE = /^(\d{4})([-/])(\d\d)\2(\d\d)$/;
const TIME = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const SHORTEST = 10;
const LONGEST = 40;

/** Whether bytes may be one of them, which few texts may. */
export function mayBeDate(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < SHORTEST || length > LONGEST) return false;
  const separator = bytes[start + 4]!;
  return (separator === 0x2d || separator === 0x2f) && bytes[start + 7] === separator;
}

/** As `YYYY-MM-DD`; null for what is no date. */
export function dateOf(text: string): string | null {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [, year, , month, day] = match;
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const isDate = +month! >= 1 && +month! <= 12 && +day! >= 1 && +day! <= days;
  return isDate ? `${year}-${month}-${day}` : null;
}

/**
 * As GDAL writes it into a GeoPackage: `YYYY-MM-DDThh:mm:ss.sss`, with more digits of the second if there are, then
 * `Z`, an offset `±hh:mm` or nothing, as it was. A date alone is its first second. Null for what is neither.
 */
export function dateTimeOf(text: string): string | null {
  const date = dateOf(text.slice(0, SHORTEST));
  if (date === null || text.length === SHORTEST) return date && `${date}T00:00:00.000`;
  if (text[SHORTEST] !== 'T' && text[SHORTEST] !== ' ') return null;
  const match = TIME.exec(text.slice(SHORTEST + 1));
  if (match === null) return null;
  const [, hour, minute, second = '00', fraction = '', zone = ''] = match;
  if (+hour! > 23 || +minute! > 59 || +second > 60) return null;
  return `${date}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}${zoneOf(zone)}`;
}

function zoneOf(zone: string): string {
  if (zone.length < 3) return zone;
  const minutes = zone.slice(-2);
  const offset = zone.length === 3 ? `${zone}:00` : `${zone.slice(0, 3)}:${minutes}`;
  return offset.endsWith('00:00') ? 'Z' : offset;
}
