/** The header of a FlatGeobuf (https://github.com/flatgeobuf/flatgeobuf, header.fbs, version 3). */

import { TilewrightError } from '../../core/errors.ts';
import type { CrsReference } from '../../crs/reference.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { FileWindow } from '../file-window.ts';
import { FlatReader, MalformedTable } from './flat-table.ts';
import { packedTreeBytes } from './packed-tree.ts';
import { isFlatGeobuf, MAGIC_BYTES } from './recognise.ts';
import { type FlatColumn, readColumns } from './schema.ts';

const VERSION = 3;
/** What GDAL and the flatgeobuf package read. */
const MOST_HEADER_BYTES = 10 << 20;
/** A feature of nothing: its length, a root, a table and its vtable. */
const LEAST_FEATURE_BYTES = 16;

/** Fields of the table Header, and of Crs. */
const [NAME, ENVELOPE, GEOMETRY_TYPE, HAS_Z, HAS_M, HAS_T, HAS_TM, COLUMNS] = [
  0, 1, 2, 3, 4, 5, 6, 7,
];
const [FEATURES_COUNT, INDEX_NODE_SIZE, CRS, METADATA] = [8, 9, 10, 13];
const [CRS_ORG, CRS_CODE, CRS_NAME, CRS_WKT, CRS_CODE_STRING] = [0, 1, 2, 4, 5];

export interface FlatHeader {
  name: string;
  /** Code of a geometry type: see geometry.ts. */
  geometryType: number;
  hasZ: boolean;
  hasM: boolean;
  /** Values of time at the vertices, of either kind. */
  hasTimes: boolean;
  envelope: Bounds | null;
  columns: FlatColumn[];
  /** 0 where the file does not say it. */
  featuresCount: number;
  /** 0 where there is no index. */
  indexNodeSize: number;
  crs: CrsReference | null;
  metadata: string | null;
  /** Offsets in the file of the index, or where it would be, and of the first feature. */
  indexAt: number;
  featuresAt: number;
}

/** @throws TilewrightError input-empty, input-format, input-truncated, input-corrupt */
export function readFlatHeader(window: FileWindow): FlatHeader {
  const { path, size } = window;
  const refuse = (
    code: 'input-empty' | 'input-format' | 'input-truncated' | 'input-corrupt',
    what: string,
  ) => new TilewrightError(code, `${path} ${what}`, { input: path });
  if (size === 0) throw refuse('input-empty', 'is empty (0 bytes). Copy or download it again');
  const head = new Uint8Array(MAGIC_BYTES);
  window.copy(0, Math.min(size, MAGIC_BYTES), head, 0);
  if (!isFlatGeobuf(head)) {
    throw refuse('input-format', 'is not a FlatGeobuf: it does not begin with its eight bytes');
  }
  if (head[3] !== VERSION) {
    throw refuse(
      'input-format',
      `is a FlatGeobuf of version ${head[3]}; version ${VERSION} is read. Write it anew with the software ` +
        'that made it, in a newer release',
    );
  }
  const cutShort = 'is cut short within its header. Copy or download it again';
  if (size < MAGIC_BYTES + 4) throw refuse('input-truncated', cutShort);
  const bytes = window.uint32LE(MAGIC_BYTES);
  const indexAt = MAGIC_BYTES + 4 + bytes;
  if (indexAt > size) throw refuse('input-truncated', cutShort);
  if (bytes > MOST_HEADER_BYTES) {
    throw refuse(
      'input-corrupt',
      `says that its header has ${bytes} bytes, and no reader takes that`,
    );
  }
  const table = new Uint8Array(bytes);
  window.copy(MAGIC_BYTES + 4, bytes, table, 0);
  let header: Omit<FlatHeader, 'indexAt' | 'featuresAt'>;
  try {
    header = readTable(table);
  } catch (error) {
    if (!(error instanceof MalformedTable)) throw error;
    throw refuse(
      'input-corrupt',
      `has a damaged header: ${error.message}. Copy or download it again`,
    );
  }
  const { featuresCount: count } = header;
  const indexBytes = header.indexNodeSize === 0 ? 0 : packedTreeBytes(count, header.indexNodeSize);
  const featuresAt = indexAt + indexBytes;
  if (featuresAt + count * LEAST_FEATURE_BYTES > size) {
    throw refuse(
      'input-truncated',
      `is cut short: it has ${size} bytes, and ${count.toLocaleString('en')} features do not fit into ` +
        'these. Copy or download it again',
    );
  }
  return { ...header, indexAt, featuresAt };
}

function readTable(bytes: Uint8Array): Omit<FlatHeader, 'indexAt' | 'featuresAt'> {
  const reader = new FlatReader();
  const view = new DataView(bytes.buffer);
  reader.open(bytes, view, 0, bytes.length);
  const root = reader.enterRoot();
  const count = reader.uint64(FEATURES_COUNT);
  if (count > BigInt(Number.MAX_SAFE_INTEGER))
    throw new MalformedTable(`says it has ${count} features`);
  const nodeSize = reader.uint16(INDEX_NODE_SIZE, 16);
  if (nodeSize === 1) throw new MalformedTable('says that nodes of its index have room for one');
  const header = {
    name: reader.text(NAME) ?? '',
    geometryType: reader.uint8(GEOMETRY_TYPE, 0),
    hasZ: reader.uint8(HAS_Z, 0) !== 0,
    hasM: reader.uint8(HAS_M, 0) !== 0,
    hasTimes: reader.uint8(HAS_T, 0) !== 0 || reader.uint8(HAS_TM, 0) !== 0,
    envelope: readEnvelope(reader),
    metadata: reader.text(METADATA),
    featuresCount: Number(count),
    indexNodeSize: count === 0n ? 0 : nodeSize,
  };
  const at = reader.vectorOf(COLUMNS, 4);
  const columns = at === 0 ? [] : readColumns(reader, at, bytes.length);
  reader.enter(root);
  const crs = reader.tableOf(CRS);
  return { ...header, columns, crs: crs === 0 ? null : readCrs(reader, crs) };
}

function readEnvelope(reader: FlatReader): Bounds | null {
  const at = reader.vectorOf(ENVELOPE, 8);
  if (reader.count !== 4) return null;
  const [minX, minY, maxX, maxY] = [0, 8, 16, 24].map((k) =>
    reader.view.getFloat64(at + k, true),
  ) as Bounds;
  // Infinite and NaN differences fail these comparisons.
  const isBox = maxX - minX >= 0 && maxX - minX < Infinity && maxY - minY >= 0;
  return isBox && maxY - minY < Infinity ? [minX, minY, maxX, maxY] : null;
}

/** Without an organisation a code is one of EPSG. */
function readCrs(reader: FlatReader, table: number): CrsReference | null {
  reader.enter(table);
  const text = (field: number): string => reader.text(field)?.trim() ?? '';
  const number = reader.int32(CRS_CODE, 0);
  const code = text(CRS_CODE_STRING) || (number === 0 ? '' : String(number));
  const [definition, name] = [text(CRS_WKT), text(CRS_NAME)];
  const authority = text(CRS_ORG).toUpperCase() || 'EPSG';
  if (code === '' && definition === '') return null;
  return {
    ...(code !== '' && { authority, code }),
    ...(definition !== '' && { definition }),
    ...(name !== '' && { name }),
  };
}
