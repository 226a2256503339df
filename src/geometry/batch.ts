/**
 * A batch: features as flat typed arrays, in GeoArrow's layout. It is what readers fill, kernels
 * take and tests build.
 *
 *   feature i   polygons  featureOffsets[i] … featureOffsets[i + 1] (exclusive)
 *   polygon p   rings     polygonOffsets[p] … polygonOffsets[p + 1]; the first is the shell
 *   ring r      vertices  ringOffsets[r] … ringOffsets[r + 1]; the last repeats the first
 *   vertex v    x = xy[2 v], y = xy[2 v + 1] (easting or longitude first), z = z[v]
 *
 * A polygon feature has one polygon. Attributes are kept as encoded rows (see formats/sqlite/record.ts):
 * they travel from the input to the tile as bytes and are only decoded where schemas differ.
 */

/** Bits of `flags`. */
export const MULTI = 1;
export const HAS_Z = 2;
/** A value's storage class is not the one that its column declares, or it is an integer past ±2^53. */
export const ODD_VALUES = 4;

export class FeatureBatch {
  featureCount = 0;
  polygonCount = 0;
  ringCount = 0;
  vertexCount = 0;

  xy = new Float64Array(1 << 16);
  /** As long as there are vertices, but meaningful only for features with HAS_Z. */
  z = new Float64Array(0);
  ringOffsets = new Int32Array(1 << 12);
  polygonOffsets = new Int32Array(1 << 12);
  featureOffsets = new Int32Array(1 << 12);
  flags = new Uint8Array(1 << 12);
  /** Position of the feature in its input: GeoPackage fid, shapefile record number (from 1). */
  positions = new Float64Array(1 << 12);

  /** Attribute rows: serial types of feature i at types[typeOffsets[i] … typeOffsets[i + 1]]. */
  types = new Uint8Array(1 << 14);
  typeOffsets = new Int32Array(1 << 12);
  /** Attribute values of feature i at body[bodyOffsets[i] … bodyOffsets[i + 1]]. */
  body = new Uint8Array(1 << 16);
  bodyOffsets = new Int32Array(1 << 12);

  clear(): void {
    this.featureCount = 0;
    this.polygonCount = 0;
    this.ringCount = 0;
    this.vertexCount = 0;
  }

  /** Room for `count` more vertices; z is grown along when it is in use or asked for. */
  reserveVertices(count: number, withZ = this.z.length > 0): void {
    const needed = this.vertexCount + count;
    if (needed * 2 > this.xy.length) this.xy = grow(this.xy, needed * 2);
    if (withZ && this.z.length * 2 < this.xy.length) this.z = grow(this.z, this.xy.length / 2);
  }

  /** Begins a ring at the current end of the vertices; they are appended after it. */
  beginRing(): void {
    if (this.ringCount + 2 > this.ringOffsets.length) {
      this.ringOffsets = grow(this.ringOffsets, this.ringCount + 2);
    }
    this.ringOffsets[this.ringCount++] = this.vertexCount;
    this.ringOffsets[this.ringCount] = this.vertexCount;
  }

  /** Ends the ring that was begun last. */
  endRing(): void {
    this.ringOffsets[this.ringCount] = this.vertexCount;
  }

  /** Begins a polygon; rings that follow are its own. */
  beginPolygon(): void {
    if (this.polygonCount + 2 > this.polygonOffsets.length) {
      this.polygonOffsets = grow(this.polygonOffsets, this.polygonCount + 2);
    }
    this.polygonOffsets[this.polygonCount++] = this.ringCount;
  }

  endPolygon(): void {
    this.polygonOffsets[this.polygonCount] = this.ringCount;
  }

  /** Begins a feature; polygons that follow are its own, until `endFeature` or `dropFeature`. */
  beginFeature(position: number, flags = 0): void {
    const needed = this.featureCount + 2;
    if (needed > this.featureOffsets.length) {
      this.featureOffsets = grow(this.featureOffsets, needed);
      this.flags = grow(this.flags, needed);
      this.positions = grow(this.positions, needed);
      this.typeOffsets = grow(this.typeOffsets, needed);
      this.bodyOffsets = grow(this.bodyOffsets, needed);
    }
    const i = this.featureCount;
    if (i === 0) {
      this.featureOffsets[0] = 0;
      this.typeOffsets[0] = 0;
      this.bodyOffsets[0] = 0;
    }
    this.positions[i] = position;
    this.flags[i] = flags;
    this.typeOffsets[i + 1] = this.typeOffsets[i]!;
    this.bodyOffsets[i + 1] = this.bodyOffsets[i]!;
  }

  endFeature(): void {
    this.featureCount++;
    this.featureOffsets[this.featureCount] = this.polygonCount;
    this.polygonOffsets[this.polygonCount] = this.ringCount;
    this.ringOffsets[this.ringCount] = this.vertexCount;
  }

  /** Forgets the feature that was begun last, with all that was appended for it. */
  dropFeature(): void {
    this.polygonCount = this.featureCount === 0 ? 0 : this.featureOffsets[this.featureCount]!;
    this.ringCount = this.polygonCount === 0 ? 0 : this.polygonOffsets[this.polygonCount]!;
    this.vertexCount = this.ringCount === 0 ? 0 : this.ringOffsets[this.ringCount]!;
  }

  /** Appends feature i of another batch, with its row. */
  appendFeature(source: FeatureBatch, i: number): void {
    this.beginFeature(source.positions[i]!, source.flags[i]!);
    const hasZ = (source.flags[i]! & HAS_Z) !== 0;
    for (let p = source.featureOffsets[i]!; p < source.featureOffsets[i + 1]!; p++) {
      this.beginPolygon();
      for (let r = source.polygonOffsets[p]!; r < source.polygonOffsets[p + 1]!; r++) {
        this.beginRing();
        const start = source.ringOffsets[r]!;
        this.appendVertices(source.xy, hasZ ? source.z : null, start, source.ringOffsets[r + 1]!);
        this.endRing();
      }
      this.endPolygon();
    }
    this.copyRow(source, i);
    this.endFeature();
  }

  /** Appends vertices start ≤ v < end to the ring that was begun last. */
  appendVertices(xy: Float64Array, z: Float64Array | null, start: number, end: number): void {
    const at = this.vertexCount;
    this.reserveVertices(end - start, z !== null || this.z.length > 0);
    this.xy.set(xy.subarray(2 * start, 2 * end), 2 * at);
    if (z !== null) this.z.set(z.subarray(start, end), at);
    this.vertexCount = at + end - start;
  }

  /** Appends the attribute row of feature i of another batch to the feature that was begun last. */
  copyRow({ types, typeOffsets, body, bodyOffsets }: FeatureBatch, i: number): void {
    const [typesAt, bodyAt] = [typeOffsets[i]!, bodyOffsets[i]!];
    this.appendRow(types, typesAt, typeOffsets[i + 1]!, body, bodyAt, bodyOffsets[i + 1]!);
  }

  /** Appends bytes to the attribute row of the feature that was begun last. */
  appendRow(
    types: Uint8Array,
    typesStart: number,
    typesEnd: number,
    body: Uint8Array,
    bodyStart: number,
    bodyEnd: number,
  ): void {
    const i = this.featureCount + 1;
    const typesAt = this.typeOffsets[i]!;
    const bodyAt = this.bodyOffsets[i]!;
    const typesTo = typesAt + typesEnd - typesStart;
    const bodyTo = bodyAt + bodyEnd - bodyStart;
    if (typesTo > this.types.length) this.types = grow(this.types, typesTo);
    if (bodyTo > this.body.length) this.body = grow(this.body, bodyTo);
    copyBytes(types, typesStart, typesEnd, this.types, typesAt);
    copyBytes(body, bodyStart, bodyEnd, this.body, bodyAt);
    this.typeOffsets[i] = typesTo;
    this.bodyOffsets[i] = bodyTo;
  }
}

/** Copies source[start, end) to target at `at`; a loop beats `set` for the short runs of a row. */
export function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start < 48) {
    for (let i = start; i < end; i++) target[at++] = source[i]!;
  } else {
    target.set(source.subarray(start, end), at);
  }
}

type Growable = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The same array, at least `length` long and at least half as long again as before. */
export function grow<T extends Growable>(array: T, length: number): T {
  const size = Math.max(length, Math.ceil(array.length * 1.5), 16);
  const grown = new (array.constructor as new (size: number) => T)(size);
  (grown as Uint8Array).set(array as Uint8Array);
  return grown;
}
