/** Writes FlatGeobufs as tests want them, sound or not, field by field. */

import type { Column, ColumnType, Value } from '../../../src/core/columns.ts';
import {
  type Field,
  prefixedTable,
  type Table,
} from '../../../src/formats/flatgeobuf/write/flat-writer.ts';

/** Vertices of x, y and perhaps z. */
type Ring = readonly (readonly number[])[];

export interface FgbColumn {
  name: string;
  /** Code of its type. */
  type: number;
  metadata?: string;
}

export interface FgbFeature {
  geometry: Table | null;
  properties?: Uint8Array;
  columns?: FgbColumn[];
  /** Of its leaf. */
  box?: readonly number[];
}

export interface FgbFile {
  name?: string;
  geometryType?: number;
  columns?: FgbColumn[];
  crs?: Table;
  /** Size of the nodes of the index; 0, the default: none. */
  nodeSize?: number;
  /** Default: as many as there are. */
  count?: number;
  /** Numbers of features, from 0, in the order of their leaves. Default: as they are. */
  leaves?: number[];
  /** Other fields of the header. */
  header?: Table;
  features: FgbFeature[];
}

export const POLYGON = 3;
export const MULTI_POLYGON = 6;

export function doubles(...values: number[]): Field {
  return { vector: new Uint8Array(Float64Array.from(values).buffer), size: 8 };
}

export function uints(...values: number[]): Field {
  return { vector: new Uint8Array(Uint32Array.from(values).buffer), size: 4 };
}

/** A polygon; of vertices with three numbers the third is Z. */
export function polygonTable(rings: readonly Ring[], type?: number): Table {
  const all = rings.flat();
  const ends = rings.map((_, r) => rings.slice(0, r + 1).flat().length);
  return {
    ...(rings.length > 1 && { 0: uints(...ends) }),
    1: doubles(...all.flatMap(([x, y]) => [x!, y!])),
    ...(all.some(({ length }) => length > 2) && { 2: doubles(...all.map((vertex) => vertex[2]!)) }),
    ...(type !== undefined && { 6: { u8: type } }),
  };
}

export function multiPolygonTable(polygons: readonly (readonly Ring[])[]): Table {
  return { 6: { u8: MULTI_POLYGON }, 7: { tables: polygons.map((rings) => polygonTable(rings)) } };
}

const columnTable = ({ name, type, metadata }: FgbColumn): Table => ({
  0: { text: name },
  1: { u8: type },
  ...(metadata !== undefined && { 10: { text: metadata } }),
});

export function featureBytes({ geometry, properties, columns }: FgbFeature): Buffer {
  return prefixedTable({
    ...(geometry !== null && { 0: { table: geometry } }),
    ...(properties !== undefined && { 1: { vector: properties, size: 1 } as const }),
    ...(columns !== undefined && { 2: { tables: columns.map(columnTable) } }),
  });
}

/** The header behind its length. */
export function headerTable(file: Omit<FgbFile, 'features'>): Buffer {
  const { name, geometryType = 0, columns = [], crs, nodeSize = 0, count = 0 } = file;
  return prefixedTable({
    0: name === undefined ? undefined : { text: name },
    2: { u8: geometryType },
    7: columns.length === 0 ? undefined : { tables: columns.map(columnTable) },
    8: { u64: BigInt(count) },
    9: { u16: nodeSize },
    10: crs === undefined ? undefined : { table: crs },
    ...file.header,
  });
}

export function fgbBytes(file: FgbFile): Buffer {
  const { nodeSize = 0, features } = file;
  const header = headerTable({ count: features.length, ...file });
  const bodies = features.map(featureBytes);
  const index = nodeSize === 0 || features.length === 0 ? [] : [indexBytes(file, bodies)];
  return Buffer.concat([Buffer.from('fgb\x03fgb\0', 'latin1'), header, ...index, ...bodies]);
}

interface Node {
  box: readonly number[];
  offset: number;
}

function indexBytes(
  { nodeSize = 16, features, leaves }: FgbFile,
  bodies: readonly Buffer[],
): Buffer {
  const offsets = [0];
  for (const { length } of bodies) offsets.push(offsets.at(-1)! + length);
  const order = leaves ?? features.map((_, i) => i);
  const levels: Node[][] = [
    order.map((i) => ({ box: features[i]!.box ?? [0, 0, -1, -1], offset: offsets[i]! })),
  ];
  do {
    const below = levels[0]!;
    const nodes = Array.from({ length: Math.ceil(below.length / nodeSize) }, (_, n): Node => {
      const own = below.slice(n * nodeSize, (n + 1) * nodeSize).map(({ box }) => box);
      const side = (k: number): number => Math[k < 2 ? 'min' : 'max'](...own.map((box) => box[k]!));
      return { box: [0, 1, 2, 3].map(side), offset: n * nodeSize };
    });
    levels.unshift(nodes);
  } while (levels[0]!.length > 1);
  let first = 0;
  for (const [depth, nodes] of levels.entries()) {
    first += nodes.length;
    if (depth < levels.length - 1) for (const node of nodes) node.offset += first;
  }
  return Buffer.concat(
    levels.flat().map((node) => {
      const bytes = Buffer.alloc(40);
      for (const [k, value] of node.box.entries()) bytes.writeDoubleLE(value, 8 * k);
      bytes.writeBigUInt64LE(BigInt(node.offset), 32);
      return bytes;
    }),
  );
}

/** Codes of types by what they hold. */
export const TYPE_CODES: Record<ColumnType, number> = {
  ...{ boolean: 2, integer: 7, real: 10, text: 11, date: 13, datetime: 13, blob: 14 },
};

/** Values of a feature as its properties, NULLs left out. */
export function propertyBytes(columns: readonly Column[], values: readonly Value[]): Buffer {
  const codes = columns.map(({ type }) => TYPE_CODES[type]);
  return Buffer.concat(values.map((value, i) => propertyOf(i, codes[i]!, value)));
}

/** One value of a column of any type. */
export function propertyOf(column: number, code: number, value: Value): Buffer {
  if (value === null) return Buffer.alloc(0);
  const bytes = Buffer.alloc(10);
  const write = (): number => {
    const number = Number(value);
    if (code === 0) return bytes.writeInt8(number, 2);
    if (code === 1 || code === 2) return bytes.writeUInt8(number, 2);
    if (code === 3) return bytes.writeInt16LE(number, 2);
    if (code === 4) return bytes.writeUInt16LE(number, 2);
    if (code === 5) return bytes.writeInt32LE(number, 2);
    if (code === 6) return bytes.writeUInt32LE(number, 2);
    if (code === 7) return bytes.writeBigInt64LE(BigInt(value as bigint), 2);
    if (code === 8) return bytes.writeBigUInt64LE(BigInt(value as bigint), 2);
    if (code === 9) return bytes.writeFloatLE(number, 2);
    if (code === 10) return bytes.writeDoubleLE(number, 2);
    return bytes.writeUInt32LE(Buffer.from(value as string).length, 2);
  };
  bytes.writeUInt16LE(column);
  const head = bytes.subarray(0, write());
  return code > 10 ? Buffer.concat([head, Buffer.from(value as string)]) : head;
}
