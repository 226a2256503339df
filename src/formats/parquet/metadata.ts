/** The footer of a Parquet file: what https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift says. */

import { ParquetFault } from './fault.ts';
import { RowGroups } from './row-groups.ts';
import { ThriftReader } from './thrift.ts';

/** Physical types, by their numbers. */
export const PHYSICAL_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;
export type PhysicalType = (typeof PHYSICAL_TYPES)[number];

/** Annotations that say what a physical type means; converted types are told as these. */
export type LogicalType =
  | { kind: 'STRING' | 'MAP' | 'LIST' | 'ENUM' | 'DATE' | 'UNKNOWN' | 'JSON' | 'BSON' | 'UUID' }
  | { kind: 'FLOAT16' | 'VARIANT' | 'INTERVAL' }
  | { kind: 'DECIMAL'; scale: number; precision: number }
  | { kind: 'TIME' | 'TIMESTAMP'; utc: boolean; unit: 'MILLIS' | 'MICROS' | 'NANOS' }
  | { kind: 'INTEGER'; bits: number; signed: boolean }
  | { kind: 'GEOMETRY' | 'GEOGRAPHY'; crs: string | null; algorithm: number };

const REQUIRED = 0;
export const OPTIONAL = 1;
export const REPEATED = 2;

export interface SchemaElement {
  name: string;
  /** Null for a group. */
  type: PhysicalType | null;
  /** Bytes of a value of FIXED_LEN_BYTE_ARRAY. */
  length: number;
  repetition: number;
  children: number;
  logical: LogicalType | null;
}

export interface FileMetadata {
  schema: SchemaElement[];
  rows: number;
  rowGroups: RowGroups;
  keyValues: Map<string, string>;
  createdBy: string;
  encrypted: boolean;
}

/** @throws ParquetFault */
export function parseMetadata(bytes: Uint8Array): FileMetadata {
  const reader = new ThriftReader(bytes);
  const metadata: FileMetadata = {
    ...{ schema: [], rows: 0, createdBy: '', encrypted: false },
    ...{ keyValues: new Map(), rowGroups: new RowGroups(bytes, 0) },
  };
  const outer = reader.begin();
  while (reader.next()) {
    if (reader.id === 2) reader.structs(() => metadata.schema.push(readElement(reader)));
    else if (reader.id === 3) metadata.rows = reader.int();
    else if (reader.id === 4) {
      const leaves = metadata.schema.filter(({ type }) => type !== null).length;
      metadata.rowGroups = new RowGroups(bytes, leaves);
      reader.structs(() => metadata.rowGroups.add(reader));
    } else if (reader.id === 5) {
      reader.structs(() => readKeyValue(reader, metadata.keyValues));
    } else if (reader.id === 6) metadata.createdBy = reader.text();
    else if (reader.id === 8) {
      metadata.encrypted = true;
      reader.skip();
    } else reader.skip();
  }
  reader.end(outer);
  return metadata;
}

function readElement(reader: ThriftReader): SchemaElement {
  let [type, length, repetition, name, children] = [-1, 0, REQUIRED, '', 0];
  let [converted, scale, precision] = [-1, 0, 0];
  let logical: LogicalType | null = null;
  const outer = reader.begin();
  while (reader.next()) {
    if (reader.id === 1) type = reader.int();
    else if (reader.id === 2) length = reader.int();
    else if (reader.id === 3) repetition = reader.int();
    else if (reader.id === 4) name = reader.text();
    else if (reader.id === 5) children = reader.int();
    else if (reader.id === 6) converted = reader.int();
    else if (reader.id === 7) scale = reader.int();
    else if (reader.id === 8) precision = reader.int();
    else if (reader.id === 10) logical = readLogical(reader);
    else reader.skip();
  }
  reader.end(outer);
  if (type >= PHYSICAL_TYPES.length) throw new ParquetFault(`has a column of unknown type ${type}`);
  if (!(repetition >= 0 && repetition <= 2)) throw new ParquetFault('has a damaged schema');
  const isFixed = type === PHYSICAL_TYPES.indexOf('FIXED_LEN_BYTE_ARRAY');
  if (isFixed && !(length > 0 && length < 2 ** 28)) {
    throw new ParquetFault(`has a column "${name}" of values of ${length} bytes`);
  }
  const old = convertedType(converted, scale, precision);
  if (logical?.kind === 'DECIMAL' && old?.kind === 'DECIMAL' && logical.scale !== old.scale) {
    const both = `${logical.scale} and ${old.scale}`;
    throw new ParquetFault(`has a column "${name}" of decimals of two scales, ${both}`);
  }
  return {
    ...{ name, length, repetition, children },
    // A group has children, or no type: an empty one is still no column.
    type: type < 0 || children > 0 ? null : PHYSICAL_TYPES[type]!,
    logical: logical ?? old,
  };
}

const LOGICAL_KINDS: Readonly<Record<number, LogicalType['kind']>> = {
  ...{ 1: 'STRING', 2: 'MAP', 3: 'LIST', 4: 'ENUM', 6: 'DATE', 11: 'UNKNOWN', 12: 'JSON' },
  ...{ 13: 'BSON', 14: 'UUID', 15: 'FLOAT16', 16: 'VARIANT' },
};

/** A union: one field, whose number is the kind. One that is not known is as none. */
function readLogical(reader: ThriftReader): LogicalType | null {
  let logical: LogicalType | null = null;
  const outer = reader.beginField();
  while (reader.next()) {
    const { id } = reader;
    const kind = LOGICAL_KINDS[id];
    if (kind !== undefined) {
      logical = { kind } as LogicalType;
      reader.skip();
    } else if (id === 5) {
      const [scale = 0, precision = 0] = readNumbers(reader);
      logical = { kind: 'DECIMAL', scale, precision };
    } else if (id === 7 || id === 8) logical = readTime(reader, id === 7 ? 'TIME' : 'TIMESTAMP');
    else if (id === 10) {
      const [bits = 0, signed = 0] = readNumbers(reader);
      logical = { kind: 'INTEGER', bits, signed: signed === 1 };
    } else if (id === 17 || id === 18) logical = readGeometry(reader, id);
    else reader.skip();
  }
  reader.end(outer);
  return logical;
}

/** Fields 1 and 2 of a structure; truths as 1. */
function readNumbers(reader: ThriftReader): number[] {
  const numbers: number[] = [];
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 1) numbers[0] = reader.int();
    else if (reader.id === 2) numbers[1] = reader.isBool ? Number(reader.bool()) : reader.int();
    else reader.skip();
  }
  reader.end(outer);
  return numbers;
}

function readTime(reader: ThriftReader, kind: 'TIME' | 'TIMESTAMP'): LogicalType {
  let utc = false;
  let unit: 'MILLIS' | 'MICROS' | 'NANOS' | undefined;
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 1) utc = reader.bool();
    else if (reader.id === 2) {
      const inner = reader.beginField();
      while (reader.next()) {
        unit = (['MILLIS', 'MICROS', 'NANOS'] as const)[reader.id - 1];
        reader.skip();
      }
      reader.end(inner);
    } else reader.skip();
  }
  reader.end(outer);
  if (unit === undefined) throw new ParquetFault('has a time without a known unit');
  return { kind, utc, unit };
}

function readGeometry(reader: ThriftReader, id: number): LogicalType {
  let crs: string | null = null;
  let algorithm = 0;
  const outer = reader.beginField();
  while (reader.next()) {
    if (reader.id === 1) crs = reader.text();
    else if (reader.id === 2) algorithm = reader.int();
    else reader.skip();
  }
  reader.end(outer);
  return { kind: id === 17 ? 'GEOMETRY' : 'GEOGRAPHY', crs, algorithm };
}

/** Converted types, which came before logical ones. */
function convertedType(type: number, scale: number, precision: number): LogicalType | null {
  switch (type) {
    case 0:
      return { kind: 'STRING' };
    case 1:
    case 2:
      return { kind: 'MAP' };
    case 3:
      return { kind: 'LIST' };
    case 4:
      return { kind: 'ENUM' };
    case 5:
      return { kind: 'DECIMAL', scale, precision };
    case 6:
      return { kind: 'DATE' };
    case 7:
    case 8:
      return { kind: 'TIME', utc: true, unit: type === 7 ? 'MILLIS' : 'MICROS' };
    case 9:
    case 10:
      return { kind: 'TIMESTAMP', utc: true, unit: type === 9 ? 'MILLIS' : 'MICROS' };
    case 19:
      return { kind: 'JSON' };
    case 20:
      return { kind: 'BSON' };
    case 21:
      return { kind: 'INTERVAL' };
    default:
      if (type < 11 || type > 18) return null;
      return { kind: 'INTEGER', bits: 8 << ((type - 11) & 3), signed: type >= 15 };
  }
}

function readKeyValue(reader: ThriftReader, into: Map<string, string>): void {
  let key = '';
  let value = '';
  const outer = reader.begin();
  while (reader.next()) {
    if (reader.id === 1) key = reader.text();
    else if (reader.id === 2) value = new TextDecoder().decode(reader.binary());
    else reader.skip();
  }
  reader.end(outer);
  if (!into.has(key)) into.set(key, value);
}
