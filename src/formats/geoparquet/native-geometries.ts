/**
 * Geometries in GeoArrow's encodings: polygons as lists of rings, lists of vertices. Coordinates are
 * separate columns x, y, z, m, or lists of them.
 */

import type { DropReason } from '../../core/drops.ts';
import { type FeatureBatch, grow, HAS_Z, MULTI } from '../../geometry/batch.ts';
import { ringFault } from '../../geometry/ring-fault.ts';
import { ColumnReader } from '../parquet/column-reader.ts';
import { ParquetFault, unsupported } from '../parquet/fault.ts';
import type { ParquetFile } from '../parquet/file.ts';
import type { PageBudget } from '../parquet/page-budget.ts';
import { type Leaf, leavesBelow, type SchemaNode } from '../parquet/schema.ts';
import type { Geometries } from './wkb-geometries.ts';

/** Numbers of one geometry: more don't come in a row. */
const MAX_NUMBERS = 1 << 26;

/** One column of numbers: those of a row, with the levels that tell which ring each is of. */
class Numbers {
  readonly leaf: Leaf;
  /** Of the row: number k, if its definition is the leaf's. */
  values = new Float64Array(256);
  definition = new Uint8Array(256);
  repetition = new Uint8Array(256);
  count = 0;
  readonly #reader: ColumnReader;
  #next = 0;
  #end = 0;
  #row: number;

  constructor(file: ParquetFile, group: number, leaf: Leaf, row: number, budget: PageBudget) {
    this.leaf = leaf;
    this.#reader = new ColumnReader(file, group, leaf, budget);
    this.#row = this.#reader.seek(row);
  }

  take(row: number): void {
    for (; this.#row <= row; this.#row++) this.#takeNext();
  }

  #takeNext(): void {
    const { vector } = this.#reader;
    this.count = 0;
    for (;;) {
      if (this.#next === this.#end) {
        this.#end = this.#reader.read();
        this.#next = 0;
        if (this.#end === 0) {
          if (this.count > 0) return;
          throw new ParquetFault('has fewer rows than it says');
        }
      }
      const i = this.#next;
      const repetition = vector.repetition[i]!;
      if (repetition === 0 && this.count > 0) return;
      if (repetition !== 0 && this.count === 0)
        throw new ParquetFault('has a row without a beginning');
      const k = this.count++;
      if (k === this.values.length) this.#grow();
      this.values[k] = vector.float64[i]!;
      this.definition[k] = vector.levelOf(i);
      this.repetition[k] = repetition;
      this.#next++;
    }
  }

  #grow(): void {
    const size = 2 * this.values.length;
    if (size > MAX_NUMBERS)
      throw new ParquetFault(`has a geometry of more than ${MAX_NUMBERS} numbers`);
    this.values = grow(this.values, size) as Float64Array<ArrayBuffer>;
    const [definition, repetition] = [new Uint8Array(size), new Uint8Array(size)];
    definition.set(this.definition);
    repetition.set(this.repetition);
    this.definition = definition;
    this.repetition = repetition;
  }
}

/** What the levels of the columns mean. */
interface Shape {
  isMulti: boolean;
  /** Levels from which on there is a geometry, a polygon, a ring, a vertex. */
  geometry: number;
  polygon: number;
  ring: number;
  vertex: number;
  /** Of a vertex that isn't the first of its ring. */
  vertexRepetition: number;
  x: Leaf;
  y: Leaf;
  z: Leaf | null;
  hasM: boolean;
  /** Coordinates are in lists of so many; 0: separate columns. */
  isInterleaved: boolean;
}

export class NativeGeometries implements Geometries {
  droppedM = false;
  readonly #shape: Shape;
  readonly #x: Numbers;
  readonly #y: Numbers;
  readonly #z: Numbers | null;

  constructor(
    file: ParquetFile,
    group: number,
    field: SchemaNode,
    isMulti: boolean,
    row: number,
    budget: PageBudget,
  ) {
    const shape = shapeOf(field, isMulti);
    const numbers = (leaf: Leaf): Numbers => new Numbers(file, group, leaf, row, budget);
    this.#shape = shape;
    this.#x = numbers(shape.x);
    this.#y = shape.isInterleaved ? this.#x : numbers(shape.y);
    this.#z = shape.z === null ? null : numbers(shape.z);
  }

  decode(batch: FeatureBatch, row: number): DropReason | null {
    this.#x.take(row);
    if (this.#y !== this.#x) this.#y.take(row);
    this.#z?.take(row);
    const { geometry, isMulti, isInterleaved } = this.#shape;
    if (this.#x.definition[0]! < geometry) return 'null geometry';
    if (this.#y.count !== this.#x.count || (this.#z !== null && this.#z.count !== this.#x.count)) {
      throw new ParquetFault('has coordinates that are not as many as each other');
    }
    const i = batch.featureCount;
    const size = isInterleaved ? this.#vertexSize() : 0;
    const hasZ = isInterleaved ? size === 3 || size === 4 : this.#z !== null;
    batch.flags[i] =
      (batch.flags[i]! & ~(MULTI | HAS_Z)) | (isMulti ? MULTI : 0) | (hasZ ? HAS_Z : 0);
    this.droppedM = isInterleaved ? size === 4 : this.#shape.hasM;
    return this.#rings(batch, hasZ, Math.max(1, size));
  }

  /** How many numbers the first vertex has. */
  #vertexSize(): number {
    const { vertexRepetition } = this.#shape;
    const { repetition, count } = this.#x;
    let size = 1;
    while (size < count && repetition[size]! > vertexRepetition) size++;
    return size;
  }

  /** @param step - entries of a vertex */
  #rings(batch: FeatureBatch, hasZ: boolean, step: number): DropReason | null {
    const { ring, polygon, vertex, vertexRepetition, isMulti, isInterleaved } = this.#shape;
    const { values: x, definition, repetition, count } = this.#x;
    const y = this.#y.values;
    const z = this.#z?.values ?? null;
    const most = this.#shape.x.maxDefinition;
    const polygons = batch.polygonCount;
    let first = -1;
    let isOpen = false;
    let lacksShell = false;
    for (let k = 0; k < count; ) {
      const level = repetition[k]!;
      // What begins here: a vertex, a ring, a polygon.
      const beginsRing = level < vertexRepetition;
      const beginsPolygon = level === 0 || (isMulti && level < vertexRepetition - 1);
      if (beginsRing && first >= 0) {
        const fault = this.#endRing(batch, first);
        if (fault !== null) return fault;
        first = -1;
      }
      if (beginsPolygon) {
        if (isOpen) batch.endPolygon();
        isOpen = lacksShell = false;
      }
      const here = definition[k]!;
      if (here < ring || here < polygon || here < vertex) {
        // An empty list; a polygon without a shell has no holes either.
        if (here >= ring && !isOpen) lacksShell = true;
        k++;
        continue;
      }
      if (lacksShell) {
        k += step;
        continue;
      }
      if (here < most || k + step > count) return 'non-finite coordinate';
      if (!isOpen) batch.beginPolygon();
      isOpen = true;
      if (beginsRing) {
        batch.beginRing();
        first = batch.vertexCount;
      }
      batch.reserveVertices(1, hasZ || batch.z.length > 0);
      const v = batch.vertexCount++;
      batch.xy[2 * v] = x[k]!;
      batch.xy[2 * v + 1] = isInterleaved ? x[k + 1]! : y[k]!;
      if (hasZ) batch.z[v] = isInterleaved ? x[k + 2]! : z![k]!;
      if (isInterleaved) {
        for (let n = 1; n < step; n++) {
          if (repetition[k + n]! <= vertexRepetition || definition[k + n]! < most)
            return 'malformed geometry';
        }
        if (k + step < count && repetition[k + step]! > vertexRepetition)
          return 'malformed geometry';
      } else if (this.#y.definition[k]! < this.#y.leaf.maxDefinition)
        return 'non-finite coordinate';
      k += step;
    }
    if (first >= 0) {
      const fault = this.#endRing(batch, first);
      if (fault !== null) return fault;
    }
    if (isOpen) batch.endPolygon();
    return batch.polygonCount === polygons ? 'empty geometry' : null;
  }

  #endRing(batch: FeatureBatch, first: number): DropReason | null {
    batch.endRing();
    const { xy, vertexCount } = batch;
    let check = 0;
    for (let c = 2 * first; c < 2 * vertexCount; c++) check += xy[c]! - xy[c]!;
    return check !== 0 ? 'non-finite coordinate' : ringFault(xy, first, vertexCount);
  }
}

/** Walks down the lists to the coordinates. @throws ParquetFault for a column that is made otherwise */
function shapeOf(field: SchemaNode, isMulti: boolean): Shape {
  const polygons = isMulti ? listOf(field) : null;
  const rings = listOf(polygons?.element ?? field);
  const vertices = listOf(rings.element);
  const { element } = vertices;
  const levels = {
    isMulti,
    geometry: field.maxDefinition,
    polygon: polygons?.repeated.maxDefinition ?? 0,
    ring: rings.repeated.maxDefinition,
    vertex: vertices.repeated.maxDefinition,
    vertexRepetition: vertices.repeated.maxRepetition,
  };
  const leaves = leavesBelow(element);
  const named = (name: string): Leaf | null =>
    leaves.find(({ node }) => node.name === name) ?? null;
  const isReal =
    leaves.length > 0 && leaves.every(({ type }) => type === 'DOUBLE' || type === 'FLOAT');
  const [x, y] = [named('x'), named('y')];
  if (isReal && element.logical?.kind !== 'LIST' && x !== null && y !== null) {
    const isPlain = leaves.every(({ maxRepetition }) => maxRepetition === levels.vertexRepetition);
    if (isPlain) {
      return { ...levels, x, y, z: named('z'), hasM: named('m') !== null, isInterleaved: false };
    }
  }
  const [only] = leaves;
  if (isReal && leaves.length === 1 && only!.maxRepetition === levels.vertexRepetition + 1) {
    return { ...levels, x: only!, y: only!, z: null, hasM: false, isInterleaved: true };
  }
  throw otherShape(field);
}

function listOf(node: SchemaNode): { repeated: SchemaNode; element: SchemaNode } {
  const [repeated] = node.children;
  const [element] = repeated?.children ?? [];
  const isList = node.children.length === 1 && repeated?.repetition === 2;
  if (!isList || repeated.children.length !== 1 || element === undefined) throw otherShape(node);
  return { repeated, element };
}

function otherShape({ path }: SchemaNode): ParquetFault {
  const advice = 'Write it anew in the encoding WKB';
  return unsupported(`has geometries "${path[0]}" that are no lists as GeoArrow has them`, advice);
}
