/**
 * What the last line of a tile says of all of it: members of its last Feature, or of a FeatureCollection without
 * features, that GeoJSON does not know and its readers pass over.
 *   …,"tilewright":{"version":1,"layer":"895","columns":[["n","integer"]],"rows":2,"extent":[0,0,1,1]},"crc32":"00c0ffee"}
 * The checksum is of all bytes before its key.
 */

import { crc32 } from 'node:zlib';
import type { Column, ColumnType } from '../../../core/columns.ts';

const VERSION = 1;
export const TRAILER_HEAD = ',"tilewright":{"version":';
export const NO_FEATURES = '{"type":"FeatureCollection","features":[]';
const SUM_HEAD = ',"crc32":"';
const SUM_END = '"}\n';
/** From the comma before the checksum to the end of the file. */
export const SUM_BYTES = SUM_HEAD.length + 8 + SUM_END.length;

export interface Trailer {
  layer: string;
  columns: readonly Column[];
  rows: number;
  extent: [number, number, number, number] | null;
}

/** As it is written, up to the checksum. */
export function trailerText({ layer, columns, rows, extent }: Trailer): string {
  const about = { layer, columns: columns.map(({ name, type }) => [name, type]), rows, extent };
  return `${TRAILER_HEAD}${VERSION},${JSON.stringify(about).slice(1)}`;
}

/** @param sum - CRC-32 of what is before it */
export function sumText(sum: number): string {
  return SUM_HEAD + sum.toString(16).padStart(8, '0') + SUM_END;
}

/** What such a text says; null for what is none. */
export function parseTrailer(text: string): Trailer | null {
  try {
    const { tilewright } = JSON.parse(`{${text.slice(1)}}`);
    const { version, layer, columns, rows, extent } = tilewright;
    const parsed: Trailer = {
      layer,
      columns: columns.map(([name, type]: [string, ColumnType]) => ({ name, type })),
      rows,
      extent,
    };
    // Whatever else is in it, or is not of its type, is not of this program.
    return version === VERSION && Number.isSafeInteger(rows) && trailerText(parsed) === text
      ? parsed
      : null;
  } catch {
    return null;
  }
}

/** Adds bytes to a checksum. */
export function addToSum(sum: number, bytes: Uint8Array, length: number): number {
  return crc32(bytes.subarray(0, length), sum);
}
