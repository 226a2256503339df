/**
 * GeoPackage geometry blobs (OGC 12-128r18, clause 2.1.3): `GP`, version, flags, srs_id, an
 * optional envelope, then WKB.
 */

import type { DropReason } from '../../core/drops.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import {
  decodeWkb,
  FIRST_DROP,
  WKB_CURVED,
  WKB_DROPPED_M,
  WKB_EMPTY,
  WKB_FEW_POINTS,
  WKB_MALFORMED,
  WKB_NON_FINITE,
  WKB_NOT_POLYGON,
  WKB_UNCLOSED_RING,
} from '../../geometry/wkb.ts';
import type { EncodedRow } from '../encoded-row.ts';

/** Envelope bytes by the three bits of the envelope kind; kinds 5 to 7 are invalid. */
const ENVELOPE_BYTES = [0, 32, 48, 48, 64, -1, -1, -1];
const EMPTY_FLAG = 0x10;
const EXTENDED_FLAG = 0x20;
/** Flags: little-endian, an envelope of x and y, not empty. */
const XY_ENVELOPE = 0x03;
/** Header and XY envelope. */
export const BLOB_HEADER_BYTES = 40;

/**
 * Appends the geometry of the blob bytes[start, end) to the feature begun last. Returns one of the
 * codes of geometry/wkb.ts.
 */
export function decodeBlob(
  batch: FeatureBatch,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (end - start < 8 || bytes[start] !== 0x47 || bytes[start + 1] !== 0x50) return WKB_MALFORMED;
  const flags = bytes[start + 3]!;
  if (flags & EXTENDED_FLAG) return WKB_NOT_POLYGON;
  const envelope = ENVELOPE_BYTES[(flags >> 1) & 7]!;
  const wkb = start + 8 + envelope;
  if (envelope < 0 || wkb > end) return WKB_MALFORMED;
  const status = decodeWkb(batch, bytes, wkb, end);
  // An empty geometry is told by its flag; how its WKB says so differs from writer to writer.
  const isOther = status === WKB_NOT_POLYGON || status === WKB_CURVED;
  if (flags & EMPTY_FLAG && status >= FIRST_DROP && !isOther) return WKB_EMPTY;
  return status;
}

/**
 * Fills `box` with minX, minY, maxX, maxY of the envelope of the blob bytes[start, end), of which the end
 * may be missing.
 * @returns 0; where there is no envelope, the offset of the WKB; −1 if the blob is no geometry or an empty one
 */
export function envelopeOf(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  box: Float64Array,
): number {
  if (end - start < 8 || bytes[start] !== 0x47 || bytes[start + 1] !== 0x50) return -1;
  const flags = bytes[start + 3]!;
  const envelope = ENVELOPE_BYTES[(flags >> 1) & 7]!;
  if (flags & (EXTENDED_FLAG | EMPTY_FLAG) || envelope < 0) return -1;
  if (envelope === 0) return start + 8;
  if (start + BLOB_HEADER_BYTES > end) return -1;
  const little = (flags & 1) === 1;
  box[0] = view.getFloat64(start + 8, little);
  box[2] = view.getFloat64(start + 16, little);
  box[1] = view.getFloat64(start + 24, little);
  box[3] = view.getFloat64(start + 32, little);
  return 0;
}

/** The reason behind a code ≥ FIRST_DROP. */
export function dropReason(code: number): DropReason {
  switch (code) {
    case WKB_EMPTY:
      return 'empty geometry';
    case WKB_NOT_POLYGON:
      return 'not a polygon';
    case WKB_CURVED:
      return 'curved polygon';
    case WKB_UNCLOSED_RING:
      return 'unclosed ring';
    case WKB_FEW_POINTS:
      return 'too few points';
    case WKB_NON_FINITE:
      return 'non-finite coordinate';
    default:
      return 'malformed geometry';
  }
}

export { FIRST_DROP, WKB_DROPPED_M };

/** Writes the header of a blob, an XY envelope with it, of BLOB_HEADER_BYTES: its WKB follows. */
export function writeBlobHeader(
  target: Uint8Array,
  view: DataView,
  at: number,
  srsId: number,
  { minX, minY, maxX, maxY }: Pick<EncodedRow, 'minX' | 'minY' | 'maxX' | 'maxY'>,
): void {
  target[at] = 0x47;
  target[at + 1] = 0x50;
  target[at + 2] = 0;
  target[at + 3] = XY_ENVELOPE;
  view.setInt32(at + 4, srsId, true);
  view.setFloat64(at + 8, minX, true);
  view.setFloat64(at + 16, maxX, true);
  view.setFloat64(at + 24, minY, true);
  view.setFloat64(at + 32, maxY, true);
}

/** Reads the same. @returns whether it is such a header */
export function readBlobHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  row: EncodedRow,
): boolean {
  if (bytes[at] !== 0x47 || bytes[at + 1] !== 0x50 || bytes[at + 3] !== XY_ENVELOPE) return false;
  row.minX = view.getFloat64(at + 8, true);
  row.maxX = view.getFloat64(at + 16, true);
  row.minY = view.getFloat64(at + 24, true);
  row.maxY = view.getFloat64(at + 32, true);
  return true;
}
