/**
 * GeoPackage geometry blobs (OGC 12-128r18, clause 2.1.3): `GP`, version, flags, srs_id, an
 * optional envelope, then WKB.
 */

import type { DropReason } from '../../core/drops.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import {
  decodeWkb,
  encodeWkb,
  FIRST_DROP,
  WKB_DROPPED_M,
  WKB_EMPTY,
  WKB_INVALID_RING,
  WKB_MALFORMED,
  WKB_NON_FINITE,
  WKB_NOT_POLYGON,
  wkbLength,
} from '../../geometry/wkb.ts';

/** Envelope bytes by the three bits of the envelope kind; kinds 5 to 7 are invalid. */
const ENVELOPE_BYTES = [0, 32, 48, 48, 64, -1, -1, -1];
const EMPTY_FLAG = 0x10;
const EXTENDED_FLAG = 0x20;
/** Header and XY envelope, as `encodeBlob` writes them. */
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
  if (flags & EMPTY_FLAG && status >= FIRST_DROP && status !== WKB_NOT_POLYGON) return WKB_EMPTY;
  return status;
}

/** The reason behind a code ≥ FIRST_DROP. */
export function dropReason(code: number): DropReason {
  switch (code) {
    case WKB_EMPTY:
      return 'empty geometry';
    case WKB_NOT_POLYGON:
      return 'not a polygon';
    case WKB_INVALID_RING:
      return 'invalid ring';
    case WKB_NON_FINITE:
      return 'non-finite coordinate';
    default:
      return 'malformed geometry';
  }
}

export { FIRST_DROP, WKB_DROPPED_M };

/** Bytes of feature i as a blob. */
export function blobLength(batch: FeatureBatch, i: number): number {
  return BLOB_HEADER_BYTES + wkbLength(batch, i);
}

/**
 * Writes feature i as a blob with an XY envelope at target[at]; returns the offset after it.
 * @param bounds - minX, minY, maxX, maxY at bounds[0 … 3]
 */
export function encodeBlob(
  batch: FeatureBatch,
  i: number,
  srsId: number,
  bounds: Float64Array,
  target: Uint8Array,
  view: DataView,
  at: number,
): number {
  target[at] = 0x47;
  target[at + 1] = 0x50;
  target[at + 2] = 0;
  target[at + 3] = 0x03;
  view.setInt32(at + 4, srsId, true);
  view.setFloat64(at + 8, bounds[0]!, true);
  view.setFloat64(at + 16, bounds[2]!, true);
  view.setFloat64(at + 24, bounds[1]!, true);
  view.setFloat64(at + 32, bounds[3]!, true);
  return encodeWkb(batch, i, target, view, at + BLOB_HEADER_BYTES);
}
