/** The main file of a shapefile: its header and the polygons in its records. */

import { endianness } from 'node:os';
import type { DropReason } from '../../core/drops.ts';
import { TilewrightError } from '../../core/errors.ts';
import { type FeatureBatch, HAS_Z, MULTI } from '../../geometry/batch.ts';
import { ringFault } from '../../geometry/ring-fault.ts';
import type { FileWindow } from '../file-window.ts';
import { groupRings } from './rings.ts';

if (endianness() !== 'LE') throw new Error('Tilewright runs on little-endian machines only');

/** 0x0000270a, big-endian. */
export const FILE_CODE = 9994;
export const HEADER_BYTES = 100;
/** Shape type, bounding box, numParts and numPoints. */
export const POLYGON_HEADER_BYTES = 44;

const POLYGON = 5;
const POLYGON_Z = 15;
const POLYGON_M = 25;

/** M values below this are no data (ESRI Shapefile Technical Description, 1998, p. 2). */
const NO_DATA = -1e38;

const SHAPE_TYPES: Readonly<Record<number, string>> = {
  0: 'Null Shape',
  1: 'Point',
  3: 'PolyLine',
  5: 'Polygon',
  8: 'MultiPoint',
  11: 'PointZ',
  13: 'PolyLineZ',
  15: 'PolygonZ',
  18: 'MultiPointZ',
  21: 'PointM',
  23: 'PolyLineM',
  25: 'PolygonM',
  28: 'MultiPointM',
  31: 'MultiPatch',
};

export interface ShapefileHeader {
  /** Bytes that the file says it has. */
  fileLength: number;
  shapeType: string;
  /** [minX, minY, maxX, maxY], null if they make no sense. */
  extent: [number, number, number, number] | null;
}

/** @throws TilewrightError input-empty, input-format, input-truncated */
export function readShapefileHeader(shp: FileWindow): ShapefileHeader {
  const { path, input } = shp;
  if (shp.size === 0) {
    throw new TilewrightError(
      'input-empty',
      `${path} is empty (0 bytes). Copy or download it again`,
      { input },
    );
  }
  if (shp.size < 4 || shp.uint32BE(0) !== FILE_CODE) {
    throw new TilewrightError(
      'input-format',
      `${path} is not a shapefile: it does not begin with the file code ${FILE_CODE}`,
      { input },
    );
  }
  if (shp.size < HEADER_BYTES) {
    throw new TilewrightError(
      'input-truncated',
      `${path} is cut short within its header: it has ${shp.size} bytes and no record 1. ` +
        'Copy or download it again',
      { input, feature: 1 },
    );
  }
  const type = shp.int32LE(32);
  const minX = shp.float64LE(36);
  const minY = shp.float64LE(44);
  const maxX = shp.float64LE(52);
  const maxY = shp.float64LE(60);
  // Infinite and NaN differences fail these comparisons.
  const sane = maxX - minX >= 0 && maxX - minX < Infinity && maxY - minY >= 0;
  return {
    fileLength: 2 * shp.uint32BE(24),
    shapeType: SHAPE_TYPES[type] ?? `shape type ${type}`,
    extent: sane && maxY - minY < Infinity ? [minX, minY, maxX, maxY] : null,
  };
}

/**
 * Fills `box` with the box of a polygon's record: minX, minY, maxX, maxY.
 * @param at - offset of the record's content
 * @returns whether it is a polygon's
 */
export function readBox(shp: FileWindow, at: number, box: Float64Array): boolean {
  const type = shp.int32LE(at);
  if (type !== POLYGON && type !== POLYGON_Z && type !== POLYGON_M) return false;
  for (let k = 0; k < 4; k++) box[k] = shp.float64LE(at + 4 + 8 * k);
  return true;
}

/** Decodes the contents of records into a batch; it keeps what memory that takes. */
export class PolygonDecoder {
  /** Whether the feature that was decoded last had M values. */
  droppedM = false;
  #ringOffsets = new Int32Array(64);
  #xyBytes = new Uint8Array(0);
  #zBytes = new Uint8Array(0);

  /**
   * Appends the polygon of a record to the feature that was begun last and sets its MULTI and
   * HAS_Z flags. On a reason the caller drops the feature.
   * @param at - offset of the record's content in the main file, which is its bytes
   *   [at, at + length)
   */
  decode(batch: FeatureBatch, shp: FileWindow, at: number, length: number): DropReason | null {
    this.droppedM = false;
    if (length < 4) return 'malformed geometry';
    const type = shp.int32LE(at);
    if (type === 0) return 'null geometry';
    if (type !== POLYGON && type !== POLYGON_Z && type !== POLYGON_M) {
      return type in SHAPE_TYPES ? 'not a polygon' : 'malformed geometry';
    }
    if (length < POLYGON_HEADER_BYTES) return 'malformed geometry';
    const numParts = shp.int32LE(at + 36);
    const numPoints = shp.int32LE(at + 40);
    if (numParts < 0 || numPoints < 0) return 'malformed geometry';
    if (numParts === 0 || numPoints === 0) return 'empty geometry';
    const hasZ = type === POLYGON_Z;
    const pointsAt = at + POLYGON_HEADER_BYTES + 4 * numParts;
    const zAt = pointsAt + 16 * numPoints;
    const mAt = hasZ ? zAt + 16 + 8 * numPoints : zAt;
    // Before memory is taken for the points, so that no forged count takes more than the file has.
    if (mAt > at + length) return 'malformed geometry';
    const rings = this.#readParts(shp, at + POLYGON_HEADER_BYTES, numParts, numPoints);
    if (rings < 0) return 'malformed geometry';

    const first = batch.vertexCount;
    batch.reserveVertices(numPoints, hasZ || batch.z.length > 0);
    this.#copyPoints(batch, shp, pointsAt, numPoints, hasZ);
    const reason = this.#checkRings(batch.xy, first, rings);
    if (reason !== null) return reason;

    const polygons = this.#append(batch, rings, numPoints, hasZ);
    const i = batch.featureCount;
    const kept = batch.flags[i]! & ~(MULTI | HAS_Z);
    batch.flags[i] = kept | (polygons > 1 ? MULTI : 0) | (hasZ ? HAS_Z : 0);
    if (type !== POLYGON && mAt + 16 + 8 * numPoints <= at + length) {
      this.droppedM = hasRealM(shp, mAt + 16, numPoints);
    }
    return null;
  }

  /**
   * Reads the index of each part's first point into `#ringOffsets`, leaving out empty parts, and
   * numPoints after the last. Returns the number of rings, −1 if the parts make no sense.
   */
  #readParts(shp: FileWindow, at: number, numParts: number, numPoints: number): number {
    if (numParts >= this.#ringOffsets.length) {
      this.#ringOffsets = new Int32Array(Math.ceil(numParts * 1.5) + 1);
    }
    const offsets = this.#ringOffsets;
    if (shp.int32LE(at) !== 0) return -1;
    let rings = 0;
    offsets[0] = 0;
    for (let p = 1; p <= numParts; p++) {
      const next = p === numParts ? numPoints : shp.int32LE(at + 4 * p);
      if (next < offsets[rings]! || next > numPoints) return -1;
      if (next > offsets[rings]!) offsets[++rings] = next;
    }
    return rings;
  }

  /** A copy of bytes: doubles in the file are not aligned. */
  #copyPoints(
    batch: FeatureBatch,
    shp: FileWindow,
    at: number,
    count: number,
    hasZ: boolean,
  ): void {
    const first = batch.vertexCount;
    if (this.#xyBytes.buffer !== batch.xy.buffer) {
      this.#xyBytes = new Uint8Array(batch.xy.buffer, batch.xy.byteOffset, batch.xy.byteLength);
    }
    shp.copy(at, 16 * count, this.#xyBytes, 16 * first);
    if (!hasZ) return;
    if (this.#zBytes.buffer !== batch.z.buffer) {
      this.#zBytes = new Uint8Array(batch.z.buffer, batch.z.byteOffset, batch.z.byteLength);
    }
    shp.copy(at + 16 * count + 16, 8 * count, this.#zBytes, 8 * first);
  }

  #checkRings(xy: Float64Array, first: number, rings: number): DropReason | null {
    const offsets = this.#ringOffsets;
    // x − x is 0 for finite numbers, NaN for all others.
    let check = 0;
    const end = 2 * (first + offsets[rings]!);
    for (let i = 2 * first; i < end; i++) check += xy[i]! - xy[i]!;
    if (check !== 0) return 'non-finite coordinate';
    for (let r = 0; r < rings; r++) {
      const fault = ringFault(xy, first + offsets[r]!, first + offsets[r + 1]!);
      if (fault !== null) return fault;
    }
    return null;
  }

  /** Makes polygons of the points after `vertexCount`; returns how many. */
  #append(batch: FeatureBatch, rings: number, numPoints: number, hasZ: boolean): number {
    const offsets = this.#ringOffsets;
    if (rings === 1) {
      batch.beginPolygon();
      batch.beginRing();
      batch.vertexCount += numPoints;
      batch.endRing();
      batch.endPolygon();
      return 1;
    }
    const first = batch.vertexCount;
    const source = batch.xy.subarray(2 * first, 2 * (first + numPoints));
    const { order, polygonStarts, inOrder } = groupRings(source, offsets, rings);
    const xy = inOrder ? source : source.slice();
    const z = hasZ && !inOrder ? batch.z.slice(first, first + numPoints) : null;
    for (let p = 0; p < polygonStarts.length - 1; p++) {
      batch.beginPolygon();
      for (let k = polygonStarts[p]!; k < polygonStarts[p + 1]!; k++) {
        const start = offsets[order[k]!]!;
        const end = offsets[order[k]! + 1]!;
        batch.beginRing();
        if (!inOrder) {
          batch.xy.set(xy.subarray(2 * start, 2 * end), 2 * batch.vertexCount);
          if (z !== null) batch.z.set(z.subarray(start, end), batch.vertexCount);
        }
        batch.vertexCount += end - start;
        batch.endRing();
      }
      batch.endPolygon();
    }
    return polygonStarts.length - 1;
  }
}

function hasRealM(shp: FileWindow, at: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (shp.float64LE(at + 8 * i) > NO_DATA) return true;
  return false;
}
