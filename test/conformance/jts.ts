/**
 * Reads the XML test files of the JTS Topology Suite: cases with two geometries and operations
 * with their expected results. Only for tests.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FeatureBatch } from '../../src/geometry/batch.ts';

const FOLDER = join(import.meta.dirname, '../../../shared/data/conformance/jts-testxml/testxml');

/** For `node:test`: why the JTS vectors can't run, or false when they are there. */
export const jtsSkip: string | false = existsSync(FOLDER)
  ? false
  : 'the JTS test files are not in ../shared/data/conformance/jts-testxml';

/** One operation of a case. */
export interface JtsTest {
  /** Path of the XML file below `testxml/`. */
  file: string;
  description: string;
  /** Lower case, e.g. `getcentroid`, `simplifydp`, `intersects`. */
  op: string;
  /** arg1, arg2, arg3, … as written (`A`, `b`, `10.0`); arg1 first. */
  args: string[];
  /** DE-9IM pattern of a `relate` that has one as an attribute of its own. */
  pattern: string | null;
  /** Text of the result: `true`, a number, WKT or WKB. */
  expected: string;
  /** Geometries of the case as WKT or WKB in hex; B may be missing. */
  a: string;
  b: string | null;
  /** Null for floating precision; otherwise coordinates are multiples of 1 / scale. */
  scale: number | null;
  /** Tolerance of the file for comparing results. */
  tolerance: number;
}

export interface JtsGeometry {
  /** Upper case OGC name, e.g. `POLYGON`, `MULTIPOLYGON`, `GEOMETRYCOLLECTION`. */
  type: string;
  /** All vertices as x, y, x, y, … in the order of the text. */
  coordinates: number[];
  /** Polygons → rings → x, y, x, y, …; null unless the type is POLYGON or MULTIPOLYGON. */
  polygons: number[][][] | null;
}

/** All operations of the given name (any case), of all files or of those whose path matches. */
export function jtsTests(op: string, file = /./): JtsTest[] {
  const wanted = op.toLowerCase();
  return readAll().filter((test) => test.op === wanted && file.test(test.file));
}

/** The geometry that an argument stands for: A or B of the case; null for other arguments. */
export function jtsArgument(test: JtsTest, index: number): JtsGeometry | null {
  const name = test.args[index]?.toLowerCase();
  const text = name === 'a' ? test.a : name === 'b' ? test.b : null;
  return text === null ? null : parseGeometry(text, test.scale);
}

let all: JtsTest[] | undefined;

function readAll(): JtsTest[] {
  if (all === undefined) {
    all = [];
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
    for (const name of files.filter((file) => file.endsWith('.xml')).sort()) {
      readJtsFile(join(FOLDER, name), all);
    }
  }
  return all;
}

function readJtsFile(path: string, tests: JtsTest[]): void {
  const xml = readFileSync(path, 'utf8').replace(/<!--[\s\S]*?-->/g, '');
  const file = relative(FOLDER, path).replaceAll('\\', '/');
  const model = /<precisionModel\b([^>]*)>/.exec(xml);
  const scale = model === null ? undefined : attributes(model[1]!).get('scale');
  const tolerance = Number(element(xml, 'tolerance') ?? 0);
  for (const [, body] of xml.matchAll(/<case\b[^>]*>([\s\S]*?)<\/case>/g)) {
    const a = element(body!, 'a');
    if (a === null) continue;
    for (const [, head, text] of body!.matchAll(/<op\b([^>]*)>([\s\S]*?)<\/op>/g)) {
      const attribute = attributes(head!);
      const args = [1, 2, 3, 4, 5].map((n) => attribute.get(`arg${n}`) ?? '');
      while (args.at(-1) === '') args.pop();
      tests.push({
        file,
        description: (element(body!, 'desc') ?? '').trim().replace(/\s+/g, ' '),
        op: attribute.get('name')!.toLowerCase(),
        args,
        pattern: attribute.get('pattern') ?? null,
        expected: text!.trim(),
        a,
        b: element(body!, 'b'),
        scale: scale === undefined ? null : Number(scale),
        tolerance,
      });
    }
  }
}

function element(xml: string, name: string): string | null {
  return new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1]?.trim() ?? null;
}

function attributes(head: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, double, single] of head.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    found.set(name!, (double ?? single)!.trim());
  }
  return found;
}

/** @param scale - as in `JtsTest`: rounds coordinates to multiples of 1 / scale */
export function parseGeometry(text: string, scale: number | null = null): JtsGeometry {
  const geometry = /^[0-9a-f\s]+$/i.test(text)
    ? new WkbScanner(Buffer.from(text.replace(/\s/g, ''), 'hex')).geometry()
    : new WktScanner(text).geometry();
  if (scale !== null) {
    const round = (value: number) => Math.floor(value * scale + 0.5) / scale;
    geometry.coordinates = geometry.coordinates.map(round);
    geometry.polygons =
      geometry.polygons?.map((rings) => rings.map((ring) => ring.map(round))) ?? null;
  }
  return geometry;
}

/** Appends a polygonal geometry as a feature; throws for other types. */
export function appendGeometry(
  batch: FeatureBatch,
  geometry: JtsGeometry,
  position = batch.featureCount,
): void {
  if (geometry.polygons === null) throw new Error(`${geometry.type} is not polygonal`);
  batch.beginFeature(position, geometry.type === 'MULTIPOLYGON' ? 1 : 0);
  for (const rings of geometry.polygons) {
    batch.beginPolygon();
    for (const ring of rings) {
      batch.beginRing();
      batch.reserveVertices(ring.length / 2);
      batch.xy.set(ring, 2 * batch.vertexCount);
      batch.vertexCount += ring.length / 2;
      batch.endRing();
    }
    batch.endPolygon();
  }
  batch.endFeature();
}

/** A batch with one feature per geometry; throws for types that are not polygonal. */
export function batchOf(...geometries: (JtsGeometry | string)[]): FeatureBatch {
  const batch = new FeatureBatch();
  for (const geometry of geometries) {
    appendGeometry(batch, typeof geometry === 'string' ? parseGeometry(geometry) : geometry);
  }
  return batch;
}

/** Polygons of feature i as nested arrays: polygons → rings → x, y, x, y, … */
export function polygonsOf(batch: FeatureBatch, i: number): number[][][] {
  const polygons: number[][][] = [];
  for (let p = batch.featureOffsets[i]!; p < batch.featureOffsets[i + 1]!; p++) {
    const rings: number[][] = [];
    for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
      rings.push([...batch.xy.subarray(2 * batch.ringOffsets[r]!, 2 * batch.ringOffsets[r + 1]!)]);
    }
    polygons.push(rings);
  }
  return polygons;
}

class WktScanner {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/[(),]|[^\s(),]+/g) ?? [];
  }

  geometry(): JtsGeometry {
    const type = this.#next().toUpperCase();
    if (/^(Z|M|ZM)$/i.test(this.#peek())) this.#at++;
    const geometry: JtsGeometry = { type, coordinates: [], polygons: null };
    if (type === 'POLYGON') {
      const rings = this.#rings(geometry);
      geometry.polygons = rings.length === 0 ? [] : [rings];
    } else if (type === 'MULTIPOLYGON') {
      geometry.polygons = this.#list(() => this.#rings(geometry)).filter(
        (rings) => rings.length > 0,
      );
    } else if (type === 'GEOMETRYCOLLECTION') {
      for (const part of this.#list(() => this.geometry())) {
        geometry.coordinates.push(...part.coordinates);
      }
    } else {
      this.#points(geometry);
    }
    return geometry;
  }

  #rings(geometry: JtsGeometry): number[][] {
    return this.#list(() => {
      const ring = this.#list(() => this.#vertex()).flat();
      for (const value of ring) geometry.coordinates.push(value);
      return ring;
    });
  }

  /** Lists of vertices with or without parentheses of their own, at any depth. */
  #points(geometry: JtsGeometry): void {
    if (this.#peek() === '(' || /^EMPTY$/i.test(this.#peek())) {
      this.#list(() => this.#points(geometry));
    } else {
      geometry.coordinates.push(...this.#vertex());
    }
  }

  #list<T>(item: () => T): T[] {
    const items: T[] = [];
    const open = this.#next();
    if (/^EMPTY$/i.test(open)) return items;
    if (open !== '(') throw new Error(`WKT: '(' or EMPTY expected, found '${open}'`);
    for (;;) {
      items.push(item());
      const separator = this.#next();
      if (separator === ')') return items;
      if (separator !== ',') throw new Error(`WKT: ',' or ')' expected, found '${separator}'`);
    }
  }

  #vertex(): number[] {
    const values: number[] = [];
    while (!/^[(),]?$/.test(this.#peek())) {
      const token = this.#next();
      const value = Number(token);
      if (Number.isNaN(value) && token !== 'NaN') throw new Error(`WKT: '${token}' is no number`);
      values.push(value);
    }
    if (values.length < 2) throw new Error(`WKT: coordinates expected at '${this.#peek()}'`);
    return values.slice(0, 2);
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? '';
  }
}

const WKB_TYPES = [
  '',
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRYCOLLECTION',
];

/** ISO WKB and EWKB, either byte order. */
class WkbScanner {
  readonly #bytes: Buffer;
  #at = 0;
  #little = true;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  geometry(): JtsGeometry {
    this.#little = this.#bytes.readUInt8(this.#at++) === 1;
    const code = this.#uint();
    if (code & 0x20000000) this.#uint();
    const iso = Math.floor((code & 0xfffffff) / 1000);
    const dimensions =
      2 + (code & 0x80000000 || iso & 1 ? 1 : 0) + (code & 0x40000000 || iso & 2 ? 1 : 0);
    const type = WKB_TYPES[(code & 0xfffffff) % 1000];
    if (type === undefined) throw new Error(`WKB: unknown type ${code}`);
    const geometry: JtsGeometry = { type, coordinates: [], polygons: null };
    switch (type) {
      case 'POINT':
        geometry.coordinates = this.#vertices(1, dimensions);
        break;
      case 'LINESTRING':
        geometry.coordinates = this.#vertices(this.#uint(), dimensions);
        break;
      case 'POLYGON': {
        const rings: number[][] = [];
        for (let left = this.#uint(); left > 0; left--) {
          rings.push(this.#vertices(this.#uint(), dimensions));
        }
        geometry.coordinates = rings.flat();
        geometry.polygons = rings.length === 0 ? [] : [rings];
        break;
      }
      default: {
        if (type === 'MULTIPOLYGON') geometry.polygons = [];
        for (let left = this.#uint(); left > 0; left--) {
          const part = this.geometry();
          geometry.coordinates = geometry.coordinates.concat(part.coordinates);
          if (part.polygons !== null) geometry.polygons?.push(...part.polygons);
        }
      }
    }
    return geometry;
  }

  #uint(): number {
    const at = this.#at;
    this.#at += 4;
    return this.#little ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  #vertices(count: number, dimensions: number): number[] {
    const values: number[] = [];
    for (let i = 0; i < count * dimensions; i++, this.#at += 8) {
      if (i % dimensions > 1) continue;
      values.push(
        this.#little ? this.#bytes.readDoubleLE(this.#at) : this.#bytes.readDoubleBE(this.#at),
      );
    }
    return values;
  }
}
