/** The header of a tile: see header.ts for its fields. */

import type { ColumnType } from '../../../core/columns.ts';
import type { Crs } from '../../../crs/resolve.ts';
import { GEOMETRY_MULTI, GEOMETRY_POLYGON, GEOMETRY_XYZ } from '../../../geometry/kind.ts';
import type { StagedLayer } from '../../staged-format.ts';
import { MULTI_POLYGON, POLYGON } from '../geometry.ts';
import {
  BINARY,
  BOOL,
  DATE_METADATA,
  DATE_TIME,
  DOUBLE,
  JSON_TEXT,
  LONG,
  STRING,
} from '../schema.ts';
import { prefixedTable, type Table } from './flat-writer.ts';
import { ODD_METADATA, oddColumnName } from './odd-values.ts';
import { NODE_SIZE } from './tree-writer.ts';

const MAGIC = Buffer.from('fgb\x03fgb\0', 'latin1');

const CODES: Readonly<Record<ColumnType, number>> = {
  boolean: BOOL,
  integer: LONG,
  real: DOUBLE,
  text: STRING,
  date: DATE_TIME,
  datetime: DATE_TIME,
  blob: BINARY,
};

export interface TileContents {
  count: number;
  /** minX, minY, maxX, maxY of all rows. */
  envelope: Float64Array;
  /** Whether there is a column of odd values. */
  hasOdd: boolean;
  metadata: string;
}

/** The first bytes of the file and the header, in multiples of eight bytes. */
export function headBytes(layer: StagedLayer, contents: TileContents): Buffer {
  const { name, columns, crs, geometry } = layer;
  const { count, envelope, hasOdd, metadata } = contents;
  const tables = columns.map((column) =>
    columnTable(
      column.name,
      CODES[column.type],
      column.type === 'date' ? DATE_METADATA : undefined,
    ),
  );
  if (hasOdd) tables.push(columnTable(oddColumnName(columns), JSON_TEXT, ODD_METADATA));
  const header = prefixedTable({
    0: { text: name },
    1: count === 0 ? undefined : { vector: bytesOf(envelope), size: 8 },
    2: { u8: geometryType(geometry) },
    3: { u8: hasHeights(geometry) ? 1 : 0 },
    7: tables.length === 0 ? undefined : { tables },
    8: { u64: BigInt(count) },
    // An index of nothing keeps other software from ever ending.
    9: { u16: count === 0 ? 0 : NODE_SIZE },
    10: { table: crsTable(crs) },
    13: { text: metadata },
  });
  return Buffer.concat([MAGIC, header]);
}

/** Whether a vertex of the layer has a height. @param geometry - GEOMETRY_… bits */
export function hasHeights(geometry: number): boolean {
  return (geometry & GEOMETRY_XYZ) !== 0;
}

function geometryType(geometry: number): number {
  const kinds = geometry & (GEOMETRY_POLYGON | GEOMETRY_MULTI);
  if (kinds === GEOMETRY_POLYGON) return POLYGON;
  return kinds === GEOMETRY_MULTI ? MULTI_POLYGON : 0;
}

function columnTable(name: string, code: number, metadata: string | undefined): Table {
  return {
    0: { text: name },
    1: { u8: code },
    10: metadata === undefined ? undefined : { text: metadata },
  };
}

/** WGS 84 with longitude first is 4326 here: coordinates are easting or longitude first in any case. */
function crsTable(crs: Crs): Table {
  const id = crs.id === 'OGC:CRS84' ? 'EPSG:4326' : crs.id;
  const [org, code] = id?.split(':') ?? [];
  const number = /^\d{1,9}$/.test(code ?? '') ? Number(code) : null;
  return {
    0: org === undefined ? undefined : { text: org },
    1: number === null ? undefined : { i32: number },
    2: { text: crs.name },
    4: { text: crs.wkt },
    5: code === undefined || number !== null ? undefined : { text: code },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
