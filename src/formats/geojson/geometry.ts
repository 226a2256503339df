/** Geometries of GeoJSON (RFC 7946, section 3.1) → FeatureBatch. */

import type { DropReason } from '../../core/drops.ts';
import { type FeatureBatch, HAS_Z, MULTI } from '../../geometry/batch.ts';
import { ringFault } from '../../geometry/ring-fault.ts';
import {
  CLOSE_BRACKET,
  COMMA,
  type JsonCursor,
  NULL,
  OPEN_BRACE,
  OPEN_BRACKET,
  STRING,
} from './json-cursor.ts';
import { COORDINATES, memberOf, TYPE } from './members.ts';
import { readNumber } from './number.ts';

const POLYGON = Buffer.from('Polygon');
const MULTI_POLYGON = Buffer.from('MultiPolygon');
/** Types of RFC 7946, and of JSON-FG (OGC 21-045), that have no polygon or that hold other geometries. */
export const OTHER_TYPES: ReadonlySet<string> = new Set([
  ...['Point', 'MultiPoint', 'LineString', 'MultiLineString', 'GeometryCollection'],
  ...['CircularString', 'CompoundCurve', 'MultiCurve', 'PolyhedralSurface', 'TIN', 'Triangle'],
  ...['Polyhedron', 'MultiPolyhedron', 'Prism', 'MultiPrism'],
]);
export const CURVED_TYPES: ReadonlySet<string> = new Set(['CurvePolygon', 'MultiSurface']);

/** Room that is made at a time for the vertices of a ring. */
const VERTICES = 512;

/** What a geometry is by its type; null: that is not known yet. */
type Kind = 'polygon' | 'multipolygon' | DropReason | null;

export class GeometryReader {
  /** Whether positions of the last geometry had more than three numbers. */
  droppedM = false;
  readonly #number = new Float64Array(1);
  readonly #checksRings: boolean;
  #hasZ = false;
  #firstVertex = 0;

  /** @param checksRings - whether rings that are not closed or too short are refused */
  constructor(checksRings = true) {
    this.#checksRings = checksRings;
  }

  /**
   * Appends the geometry at whose first byte the cursor is to the feature that was begun last, and sets its MULTI and
   * HAS_Z flags; or says why it can't be staged, and the caller drops the feature. All of it is checked to be JSON.
   * Positions may have two or more numbers; where some have a third, it is 0 for the others.
   */
  read(cursor: JsonCursor, batch: FeatureBatch): DropReason | null {
    this.droppedM = false;
    if (cursor.bytes[cursor.at] !== OPEN_BRACE) {
      return cursor.value() === NULL ? 'null geometry' : 'malformed geometry';
    }
    let kind: Kind = null;
    let at = -1;
    let readAs: Kind = null;
    let reason: DropReason | null = 'malformed geometry';
    for (let more = cursor.openObject(); more; more = cursor.nextMember()) {
      const member = memberOf(cursor, cursor.string());
      cursor.colon();
      if (member === COORDINATES && (kind === 'polygon' || kind === 'multipolygon')) {
        at = cursor.at;
        readAs = kind;
        reason = this.#coordinates(cursor, batch, kind);
        continue;
      }
      if (member === COORDINATES) {
        at = cursor.at;
        readAs = null;
      }
      const isText = cursor.value() === STRING;
      if (member === TYPE) kind = isText ? kindOf(cursor) : 'malformed geometry';
    }
    if (kind !== 'polygon' && kind !== 'multipolygon') return kind ?? 'malformed geometry';
    // The type came behind the coordinates, or twice.
    if (readAs !== kind && at >= 0) {
      const end = cursor.at;
      cursor.at = at;
      reason = this.#coordinates(cursor, batch, kind);
      cursor.at = end;
    }
    return reason;
  }

  #coordinates(cursor: JsonCursor, batch: FeatureBatch, kind: Kind): DropReason | null {
    const { at } = cursor;
    // Of coordinates that came before, if a key is there twice.
    batch.dropFeature();
    const { polygonCount, featureCount: i } = batch;
    this.#hasZ = false;
    this.#firstVertex = batch.vertexCount;
    const isMulti = kind === 'multipolygon';
    let reason = isMulti ? this.#polygons(cursor, batch) : this.#polygon(cursor, batch);
    if (reason === null && batch.polygonCount === polygonCount) reason = 'empty geometry';
    batch.flags[i] = (isMulti ? MULTI : 0) | (this.#hasZ ? HAS_Z : 0);
    if (reason !== null) {
      cursor.at = at;
      cursor.value();
    }
    return reason;
  }

  #polygons(cursor: JsonCursor, batch: FeatureBatch): DropReason | null {
    for (let state = begin(cursor); state !== END; state = next(cursor)) {
      const reason = state === ITEM ? this.#polygon(cursor, batch) : 'malformed geometry';
      if (reason !== null) return reason;
    }
    return null;
  }

  /** Without a shell there is no polygon, whatever holes follow; an empty hole is no hole. */
  #polygon(cursor: JsonCursor, batch: FeatureBatch): DropReason | null {
    let rings = 0;
    let isEmpty = false;
    for (let state = begin(cursor); state !== END; state = next(cursor)) {
      if (state !== ITEM) return 'malformed geometry';
      if (isEmpty) {
        if (cursor.bytes[cursor.at] !== OPEN_BRACKET) return 'malformed geometry';
        cursor.value();
        continue;
      }
      const first = begin(cursor);
      if (first === END) {
        isEmpty = rings === 0;
        continue;
      }
      if (rings++ === 0) batch.beginPolygon();
      batch.beginRing();
      const reason = first === ITEM ? this.#ring(cursor, batch) : 'malformed geometry';
      if (reason !== null) return reason;
      batch.endRing();
    }
    if (rings > 0) batch.endPolygon();
    return null;
  }

  /** Reads positions, at the first of which the cursor is. */
  #ring(cursor: JsonCursor, batch: FeatureBatch): DropReason | null {
    const { bytes } = cursor;
    const first = batch.vertexCount;
    let { xy } = batch;
    // x − x is 0 for finite numbers, NaN for all others.
    let check = 0;
    let v = first;
    for (let c = bytes[cursor.at]!; ; v++) {
      if (c !== OPEN_BRACKET) return 'malformed geometry';
      if (2 * v + 2 > xy.length) {
        batch.vertexCount = v;
        batch.reserveVertices(VERTICES, this.#hasZ);
        xy = batch.xy;
      }
      cursor.at++;
      if (bytes[cursor.at]! <= 0x20) cursor.space();
      if (!readNumber(cursor, xy, 2 * v)) return 'malformed geometry';
      if (bytes[cursor.at] !== COMMA && cursor.space() !== COMMA) return 'malformed geometry';
      cursor.at++;
      if (bytes[cursor.at]! <= 0x20) cursor.space();
      if (!readNumber(cursor, xy, 2 * v + 1)) return 'malformed geometry';
      const x = xy[2 * v]!;
      const y = xy[2 * v + 1]!;
      check += x - x + (y - y);
      c = bytes[cursor.at]!;
      if (c !== CLOSE_BRACKET || this.#hasZ) {
        if (!this.#height(cursor, batch, v)) return 'malformed geometry';
      }
      c = bytes[++cursor.at]!;
      if (c !== COMMA) c = cursor.space();
      if (c === CLOSE_BRACKET) break;
      if (c !== COMMA) return 'malformed geometry';
      c = bytes[++cursor.at]!;
      if (c <= 0x20) c = cursor.space();
    }
    cursor.at++;
    batch.vertexCount = v + 1;
    if (check !== 0) return 'non-finite coordinate';
    return this.#checksRings ? ringFault(xy, first, v + 1) : null;
  }

  /** Reads what follows x and y of vertex v, up to the closing bracket; false for what is no number. */
  #height(cursor: JsonCursor, batch: FeatureBatch, v: number): boolean {
    let count = 0;
    while (cursor.space() === COMMA) {
      cursor.at++;
      cursor.space();
      if (!readNumber(cursor, this.#number, 0)) return false;
      if (count++ > 0) continue;
      if (!this.#hasZ || batch.z.length < batch.xy.length / 2) {
        batch.reserveVertices(0, true);
        if (!this.#hasZ) batch.z.fill(0, this.#firstVertex, v);
        this.#hasZ = true;
      }
      batch.z[v] = this.#number[0]!;
    }
    if (count === 0 && this.#hasZ) {
      batch.reserveVertices(0, true);
      batch.z[v] = 0;
    }
    if (count > 1) this.droppedM = true;
    return cursor.space() === CLOSE_BRACKET;
  }
}

const END = 0;
const ITEM = 1;
const NO_ARRAY = 2;

/** Enters an array, up to the first byte of its first item. */
function begin(cursor: JsonCursor): number {
  if (cursor.bytes[cursor.at] !== OPEN_BRACKET) return NO_ARRAY;
  cursor.at++;
  if (cursor.space() !== CLOSE_BRACKET) return ITEM;
  cursor.at++;
  return END;
}

/** Goes from behind an item to the first byte of the next one, or behind the array. */
function next(cursor: JsonCursor): number {
  const c = cursor.space();
  if (c !== COMMA && c !== CLOSE_BRACKET) return NO_ARRAY;
  cursor.at++;
  if (c === CLOSE_BRACKET) return END;
  cursor.space();
  return ITEM;
}

function kindOf(cursor: JsonCursor): Kind {
  if (cursor.textIs(POLYGON)) return 'polygon';
  if (cursor.textIs(MULTI_POLYGON)) return 'multipolygon';
  const name = cursor.bytes.toString('latin1', cursor.valueStart, cursor.valueEnd);
  if (CURVED_TYPES.has(name)) return 'curved polygon';
  return OTHER_TYPES.has(name) ? 'not a polygon' : 'malformed geometry';
}
