/**
 * Dates with a time as a row has them: `YYYY-MM-DDTHH:MM:SS.sss`, then `Z` or an offset where that is
 * known, as GDAL writes them into a GeoPackage.
 */

import type { RowWriter } from '../sqlite/record.ts';

/** Text that is longer is none. */
const MOST_BYTES = 40;
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d+)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/;
const [ZERO, NINE, POINT, T, Z] = [0x30, 0x39, 0x2e, 0x54, 0x5a];
const CANONICAL_BYTES = 23;

/** Writes the text bytes[start, end); what is no time stays as it is. */
export function writeDateTime(row: RowWriter, bytes: Uint8Array, start: number, end: number): void {
  if (isCanonical(bytes, start, end) || end - start > MOST_BYTES) {
    row.utf8(bytes, start, end);
    return;
  }
  const match = TIME.exec(
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString(),
  );
  if (match === null) {
    row.utf8(bytes, start, end);
    return;
  }
  const [, day, minutes = '00:00', seconds = ':00', fraction = '', zone = ''] = match;
  row.text(`${day}T${minutes}${seconds}.${fraction.slice(1).padEnd(3, '0')}${offsetOf(zone)}`);
}

function offsetOf(zone: string): string {
  if (zone === '' || zone === 'Z') return zone;
  const digits = zone.replace(':', '').slice(1).padEnd(4, '0');
  return digits === '0000' ? 'Z' : `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/** Whether it has this very form, in UTC or without a zone. */
function isCanonical(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length !== CANONICAL_BYTES && !(length === CANONICAL_BYTES + 1 && bytes[end - 1] === Z))
    return false;
  if (bytes[start + 10] !== T || bytes[start + 19] !== POINT) return false;
  const last = bytes[start + CANONICAL_BYTES - 1]!;
  return last >= ZERO && last <= NINE;
}
