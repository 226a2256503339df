/**
 * Geometries of a FlatGeobuf to a FeatureBatch. A polygon's vertices are one vector of x, y, and `ends`
 * says after which vertex each ring ends, if there is more than one; a multipolygon has polygons as parts.
 */

import type { DropReason } from '../../core/drops.ts';
import { type FeatureBatch, HAS_Z, MULTI } from '../../geometry/batch.ts';
import { ringFault } from '../../geometry/ring-fault.ts';
import { type FlatReader, MalformedTable } from './flat-table.ts';

export const POLYGON = 3;
export const MULTI_POLYGON = 6;
const CURVE_POLYGON = 10;
const MULTI_SURFACE = 12;

/** By code. */
export const GEOMETRY_TYPES: readonly string[] = [
  ...['Unknown', 'Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon'],
  ...['GeometryCollection', 'CircularString', 'CompoundCurve', 'CurvePolygon', 'MultiCurve'],
  ...['MultiSurface', 'Curve', 'Surface', 'PolyhedralSurface', 'TIN', 'Triangle'],
];

/** Fields of the table Geometry. */
export const [ENDS, XY, Z, TYPE, PARTS] = [0, 1, 2, 6, 7] as const;
const M = 3;

export class GeometryDecoder {
  /** Whether the feature that was decoded last had M values. */
  droppedM = false;
  #hasZ = false;
  /** Bytes that the vectors of the feature can still have: parts that lie over each other are none. */
  #room = 0;

  /**
   * Appends the polygon or multipolygon of a table to the feature that was begun last and sets its
   * MULTI and HAS_Z flags. On a reason the caller drops the feature.
   * @param headerType - the type of all geometries; one that a geometry has itself goes before it
   * @param bytes - of the whole feature
   */
  decode(
    batch: FeatureBatch,
    reader: FlatReader,
    table: number,
    headerType: number,
    bytes: number,
  ): DropReason | null {
    this.droppedM = false;
    this.#hasZ = false;
    this.#room = bytes;
    try {
      return this.#decode(batch, reader, table, headerType);
    } catch (error) {
      if (error instanceof MalformedTable) return 'malformed geometry';
      throw error;
    }
  }

  #decode(
    batch: FeatureBatch,
    reader: FlatReader,
    table: number,
    headerType: number,
  ): DropReason | null {
    reader.enter(table);
    const type = reader.uint8(TYPE, 0) || headerType;
    if (type === CURVE_POLYGON || type === MULTI_SURFACE) return 'curved polygon';
    if (type !== POLYGON && type !== MULTI_POLYGON) {
      return type > 0 && type < GEOMETRY_TYPES.length ? 'not a polygon' : 'malformed geometry';
    }
    const before = batch.polygonCount;
    let reason: DropReason | null = null;
    const parts = type === MULTI_POLYGON ? reader.vectorOf(PARTS, 4) : 0;
    // Some writers leave out the parts of a multipolygon of one.
    if (parts === 0) reason = this.#polygon(batch, reader);
    else {
      for (let i = 0, { count } = reader; i < count && reason === null; i++) {
        reader.enter(reader.element(parts, i));
        const partType = reader.uint8(TYPE, POLYGON);
        if (partType !== POLYGON && partType !== 0) return 'malformed geometry';
        reason = this.#polygon(batch, reader);
      }
    }
    if (reason !== null) return reason;
    if (batch.polygonCount === before) return 'empty geometry';
    const i = batch.featureCount;
    const kept = batch.flags[i]! & ~(MULTI | HAS_Z);
    batch.flags[i] = kept | (type === MULTI_POLYGON ? MULTI : 0) | (this.#hasZ ? HAS_Z : 0);
    return null;
  }

  /** Appends the polygon of the table that was entered last; nothing for one without vertices. */
  #polygon(batch: FeatureBatch, reader: FlatReader): DropReason | null {
    const zAt = reader.vectorOf(Z, 8);
    const heights = reader.count;
    reader.vectorOf(M, 8);
    const measures = reader.count;
    const endsAt = reader.vectorOf(ENDS, 4);
    const ends = reader.count;
    const xyAt = reader.vectorOf(XY, 8);
    const vertices = reader.count / 2;
    this.#room -= 16 * vertices + 8 * (heights + measures) + 4 * ends;
    const isWhole = Number.isInteger(vertices) && (heights === 0 || heights === vertices);
    if (!isWhole || this.#room < 0) return 'malformed geometry';
    if (vertices === 0) return null;
    if (batch.polygonCount === firstPolygon(batch)) this.#hasZ = heights > 0;
    else if (this.#hasZ !== heights > 0) return 'malformed geometry';
    // Vertices of holes without a shell are those of no polygon; an empty hole is no hole.
    if (ends > 0 && reader.view.getUint32(endsAt, true) === 0) return 'malformed geometry';
    if (measures > 0) this.droppedM = true;
    const rings = Math.max(1, ends);
    batch.reserveVertices(vertices, heights > 0 || batch.z.length > 0);
    batch.beginPolygon();
    for (let r = 0, start = 0; r < rings; r++) {
      const end = ends === 0 ? vertices : reader.view.getUint32(endsAt + 4 * r, true);
      if (end < start || end > vertices || (r === rings - 1 && end < vertices)) {
        return 'malformed geometry';
      }
      if (end > start) {
        batch.beginRing();
        const first = batch.vertexCount;
        const finite = copyRing(
          batch,
          reader.view,
          xyAt + 16 * start,
          zAt + 8 * start,
          heights > 0,
          end - start,
        );
        if (!finite) return 'non-finite coordinate';
        const fault = ringFault(batch.xy, first, batch.vertexCount);
        if (fault !== null) return fault;
        batch.endRing();
      }
      start = end;
    }
    batch.endPolygon();
    return null;
  }
}

/** Number of the first polygon of the feature that was begun last. */
function firstPolygon(batch: FeatureBatch): number {
  return batch.featureCount === 0 ? 0 : batch.featureOffsets[batch.featureCount]!;
}

/** Appends vertices to the ring that was begun last; returns whether all x and y are finite. */
function copyRing(
  batch: FeatureBatch,
  view: DataView,
  xyAt: number,
  zAt: number,
  hasZ: boolean,
  count: number,
): boolean {
  const { xy, z, vertexCount: first } = batch;
  // x − x is 0 for finite numbers, NaN for all others.
  let check = 0;
  for (let k = 2 * first, end = k + 2 * count, at = xyAt; k < end; k++, at += 8) {
    const value = view.getFloat64(at, true);
    xy[k] = value;
    check += value - value;
  }
  if (hasZ) for (let k = 0; k < count; k++) z[first + k] = view.getFloat64(zAt + 8 * k, true);
  batch.vertexCount = first + count;
  return check === 0;
}
