/** One row of a layer as bytes: what a staged format's writer takes, and what its reader gives. */

/** Values one after the other, in SQLite's encoding: see sqlite/record.ts. */
export interface EncodedValues {
  /** Serial types: types[0 … typesLength). */
  readonly types: Uint8Array;
  readonly typesLength: number;
  /** Values: body[0 … bodyLength). */
  readonly body: Uint8Array;
  readonly bodyLength: number;
}

/** No values. */
export const NOTHING: EncodedValues = {
  types: new Uint8Array(0),
  typesLength: 0,
  body: new Uint8Array(0),
  bodyLength: 0,
};

/** Its bytes are valid until what filled it goes on. */
export class EncodedRow {
  /** Serial types of its values: types[typesStart … typesEnd). */
  types: Uint8Array = new Uint8Array(0);
  typesStart = 0;
  typesEnd = 0;
  /** The values: body[bodyStart … bodyEnd). */
  body: Uint8Array = this.types;
  bodyStart = 0;
  bodyEnd = 0;
  /** Little-endian ISO WKB of a polygon or multipolygon: geometry[geometryStart … geometryEnd). */
  geometry: Uint8Array = this.types;
  geometryStart = 0;
  geometryEnd = 0;
  /** Of the geometry, in the layer's CRS, easting or longitude first. */
  minX = 0;
  minY = 0;
  maxX = 0;
  maxY = 0;
}
