/** WKB for tests: an independent writer of every byte order, code and dimension. */

export type Ring = number[][];

export interface Dialect {
  little: boolean;
  /** 0 XY, 1 XYZ, 2 XYM, 3 XYZM. */
  dimensions: number;
  /** `iso` codes, or the flags of EWKB with or without an SRID. */
  codes: 'iso' | 'ewkb' | 'ewkb-srid';
}

export const XY: Dialect = { little: true, dimensions: 0, codes: 'iso' };

/** An independent writer: numbers one after the other. */
export class WkbBuilder {
  readonly #parts: Buffer[] = [];

  readonly dialect: Dialect;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  head(type: number, dimensions = this.dialect.dimensions): this {
    const { codes, little } = this.dialect;
    this.#parts.push(Buffer.of(little ? 1 : 0));
    if (codes === 'iso') return this.uint32(type + 1000 * dimensions);
    const flags = (dimensions & 1 ? 0x80000000 : 0) + (dimensions & 2 ? 0x40000000 : 0);
    if (codes === 'ewkb') return this.uint32(type + flags);
    return this.uint32(type + flags + 0x20000000).uint32(3413);
  }

  uint32(value: number): this {
    const part = Buffer.alloc(4);
    if (this.dialect.little) part.writeUInt32LE(value);
    else part.writeUInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  double(value: number): this {
    const part = Buffer.alloc(8);
    if (this.dialect.little) part.writeDoubleLE(value);
    else part.writeDoubleBE(value);
    this.#parts.push(part);
    return this;
  }

  /** @param rings - of vertices with as many numbers as the dialect has dimensions */
  polygon(rings: Ring[]): this {
    this.head(3).uint32(rings.length);
    for (const ring of rings) {
      this.uint32(ring.length);
      for (const value of ring.flat()) this.double(value);
    }
    return this;
  }

  multiPolygon(polygons: Ring[][]): this {
    this.head(6).uint32(polygons.length);
    for (const rings of polygons) this.polygon(rings);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export const build = (dialect: Dialect = XY): WkbBuilder => new WkbBuilder(dialect);
