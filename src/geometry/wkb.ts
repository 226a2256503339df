/**
 * Well-known binary (OGC 06-103r4, ISO 13249-3) to and from a FeatureBatch. Both byte orders, the
 * ISO codes for Z and M (1000, 2000, 3000) and the flags of EWKB.
 */

import { endianness } from 'node:os';
import { type FeatureBatch, HAS_Z, MULTI } from './batch.ts';
import { ringFault } from './ring-fault.ts';

if (endianness() !== 'LE') throw new Error('Tilewright runs on little-endian machines only');

/** What came of decoding. Codes ≥ FIRST_DROP mean that the feature can't be staged. */
export const WKB_OK = 0;
/** Decoded; M values were left out. */
export const WKB_DROPPED_M = 1;
export const FIRST_DROP = 2;
export const WKB_EMPTY = 2;
export const WKB_NOT_POLYGON = 3;
export const WKB_MALFORMED = 4;
export const WKB_UNCLOSED_RING = 5;
export const WKB_FEW_POINTS = 6;
export const WKB_NON_FINITE = 7;
export const WKB_CURVED = 8;

const POLYGON = 3;
const MULTI_POLYGON = 6;
const CURVE_POLYGON = 10;
const MULTI_SURFACE = 12;

/**
 * Appends the polygon or multipolygon at bytes[start, end) to the feature that was begun last;
 * sets its MULTI and HAS_Z flags. On a drop code the caller drops the feature.
 */
export function decodeWkb(
  batch: FeatureBatch,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  reader.open(bytes, start, end);
  const kind = reader.header();
  if (kind === POLYGON) {
    setFlags(batch, 0);
    const polygons = batch.polygonCount;
    const status = reader.polygon(batch);
    if (status >= FIRST_DROP) return status;
    return batch.polygonCount === polygons ? WKB_EMPTY : status;
  }
  if (kind === CURVE_POLYGON || kind === MULTI_SURFACE) return WKB_CURVED;
  if (kind !== MULTI_POLYGON) return kind < 0 ? WKB_MALFORMED : WKB_NOT_POLYGON;
  setFlags(batch, MULTI);
  const { hasZ } = reader;
  const count = reader.count(9);
  if (count < 0) return WKB_MALFORMED;
  const polygons = batch.polygonCount;
  let result = WKB_OK;
  for (let i = 0; i < count; i++) {
    if (reader.header() !== POLYGON || reader.hasZ !== hasZ) return WKB_MALFORMED;
    const status = reader.polygon(batch);
    if (status >= FIRST_DROP) return status;
    if (status > result) result = status;
  }
  return batch.polygonCount === polygons ? WKB_EMPTY : result;
}

function setFlags(batch: FeatureBatch, multi: number): void {
  const i = batch.featureCount;
  batch.flags[i] = (batch.flags[i]! & ~(MULTI | HAS_Z)) | multi | (reader.hasZ ? HAS_Z : 0);
}

class WkbReader {
  hasZ = false;
  #hasM = false;
  #littleEndian = true;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Reads byte order and type; returns the type without its dimensions, or −1. */
  header(): number {
    const at = this.#at;
    if (at + 5 > this.#end) return -1;
    const order = this.#bytes[at]!;
    if (order > 1) return -1;
    this.#littleEndian = order === 1;
    let code = this.#view.getUint32(at + 1, this.#littleEndian);
    this.#at = at + 5;
    this.hasZ = (code & 0x80000000) !== 0;
    this.#hasM = (code & 0x40000000) !== 0;
    if ((code & 0x20000000) !== 0) this.#at += 4;
    code &= 0x1fffffff;
    const dimensions = Math.trunc(code / 1000);
    if (dimensions > 3) return -1;
    if (dimensions === 1 || dimensions === 3) this.hasZ = true;
    if (dimensions >= 2) this.#hasM = true;
    return code % 1000;
  }

  /** Reads a count of things of at least `size` bytes each; −1 if there can't be as many. */
  count(size: number): number {
    if (this.#at + 4 > this.#end) return -1;
    const count = this.#view.getUint32(this.#at, this.#littleEndian);
    this.#at += 4;
    return count * size > this.#end - this.#at ? -1 : count;
  }

  /** Reads rings into one polygon; an empty polygon leaves nothing behind. */
  polygon(batch: FeatureBatch): number {
    const rings = this.count(4);
    if (rings < 0) return WKB_MALFORMED;
    const stride = 2 + (this.hasZ ? 1 : 0) + (this.#hasM ? 1 : 0);
    let begun = false;
    for (let r = 0; r < rings; r++) {
      const count = this.count(8 * stride);
      if (count < 0) return WKB_MALFORMED;
      if (count === 0) {
        // Without a shell there is no polygon, whatever holes follow; an empty hole is no hole.
        if (r === 0) return this.#skipRings(rings - 1, stride);
        continue;
      }
      if (!begun) batch.beginPolygon();
      begun = true;
      batch.beginRing();
      const status = this.#ring(batch, count, stride);
      if (status !== WKB_OK) return status;
      batch.endRing();
    }
    if (begun) batch.endPolygon();
    return this.#hasM && begun ? WKB_DROPPED_M : WKB_OK;
  }

  #skipRings(rings: number, stride: number): number {
    for (let r = 0; r < rings; r++) {
      const count = this.count(8 * stride);
      if (count < 0) return WKB_MALFORMED;
      this.#at += 8 * stride * count;
    }
    return WKB_OK;
  }

  #ring(batch: FeatureBatch, count: number, stride: number): number {
    batch.reserveVertices(count, this.hasZ || batch.z.length > 0);
    const first = batch.vertexCount;
    const xy = batch.xy;
    const view = this.#view;
    const little = this.#littleEndian;
    // x − x is 0 for finite numbers, NaN for all others.
    let check = 0;
    let at = this.#at;
    for (let v = first; v < first + count; v++) {
      const x = view.getFloat64(at, little);
      const y = view.getFloat64(at + 8, little);
      xy[2 * v] = x;
      xy[2 * v + 1] = y;
      check += x - x + (y - y);
      if (this.hasZ) batch.z[v] = view.getFloat64(at + 16, little);
      at += 8 * stride;
    }
    this.#at = at;
    batch.vertexCount = first + count;
    if (check !== 0) return WKB_NON_FINITE;
    const fault = ringFault(xy, first, first + count);
    if (fault === null) return WKB_OK;
    return fault === 'unclosed ring' ? WKB_UNCLOSED_RING : WKB_FEW_POINTS;
  }
}

/** Of one call, as all that modules of kernels keep: a kernel never waits. */
const reader = new WkbReader();

/** Bytes of feature i as WKB. */
export function wkbLength(batch: FeatureBatch, i: number): number {
  const firstPolygon = batch.featureOffsets[i]!;
  const lastPolygon = batch.featureOffsets[i + 1]!;
  const firstRing = batch.polygonOffsets[firstPolygon]!;
  const lastRing = batch.polygonOffsets[lastPolygon]!;
  const vertices = batch.ringOffsets[lastRing]! - batch.ringOffsets[firstRing]!;
  const flags = batch.flags[i]!;
  return (
    (flags & MULTI ? 9 : 0) +
    9 * (lastPolygon - firstPolygon) +
    4 * (lastRing - firstRing) +
    (flags & HAS_Z ? 24 : 16) * vertices
  );
}

/**
 * Writes feature i as little-endian ISO WKB at target[at]: a MultiPolygon if MULTI is set, else its
 * one polygon. Returns the offset after it. `target` has room for `wkbLength` bytes.
 */
export function encodeWkb(
  batch: FeatureBatch,
  i: number,
  target: Uint8Array,
  view: DataView,
  at: number,
): number {
  const flags = batch.flags[i]!;
  const hasZ = (flags & HAS_Z) !== 0;
  const firstPolygon = batch.featureOffsets[i]!;
  const lastPolygon = batch.featureOffsets[i + 1]!;
  const dimension = hasZ ? 1000 : 0;
  if (flags & MULTI) {
    target[at] = 1;
    view.setUint32(at + 1, MULTI_POLYGON + dimension, true);
    view.setUint32(at + 5, lastPolygon - firstPolygon, true);
    at += 9;
  }
  for (let p = firstPolygon; p < lastPolygon; p++) {
    const firstRing = batch.polygonOffsets[p]!;
    const lastRing = batch.polygonOffsets[p + 1]!;
    target[at] = 1;
    view.setUint32(at + 1, POLYGON + dimension, true);
    view.setUint32(at + 5, lastRing - firstRing, true);
    at += 9;
    for (let r = firstRing; r < lastRing; r++) {
      const first = batch.ringOffsets[r]!;
      const last = batch.ringOffsets[r + 1]!;
      view.setUint32(at, last - first, true);
      at += 4;
      if (hasZ) {
        for (let v = first; v < last; v++) {
          view.setFloat64(at, batch.xy[2 * v]!, true);
          view.setFloat64(at + 8, batch.xy[2 * v + 1]!, true);
          view.setFloat64(at + 16, batch.z[v]!, true);
          at += 24;
        }
      } else {
        // No view of it: making one takes as long as a hundred of these.
        const { xy } = batch;
        for (let k = 2 * first; k < 2 * last; k++, at += 8) view.setFloat64(at, xy[k]!, true);
      }
    }
  }
  return at;
}
