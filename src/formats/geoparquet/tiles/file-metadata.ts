/**
 * What the metadata of a file says besides the columns: `geo`, as GeoParquet 1.1 asks for it
 * (https://geoparquet.org/releases/v1.1.0), and `tilewright`, by which its own files are known.
 */

import { crc32 } from 'node:zlib';
import type { Column } from '../../../core/columns.ts';
import { formatProjJson } from '../../../crs/notations/format-projjson.ts';
import type { Crs } from '../../../crs/resolve.ts';
import type { StagedLayer } from '../../staged-format.ts';
import { BOX_SIDES, systemColumns } from './system-columns.ts';

/** Of `tilewright`; it grows when files are written in another way. */
export const FILE_VERSION = 1;

/** Where the exact values of a row group are: group, offset, bytes, bytes unpacked, CRC-32 of the bytes. */
export type ExactRegion = readonly [number, number, number, number, number];

export type Extent = [minX: number, minY: number, maxX: number, maxY: number];

/** An entry of the index of tiles; null for the extent of no rows. */
export type PackedTile = readonly [
  x: number,
  y: number,
  firstGroup: number,
  groups: number,
  rows: number,
  minX: number | null,
  minY: number | null,
  maxX: number | null,
  maxY: number | null,
  groupsAt: number,
];

/** What is in such an entry, for others who read it. */
const TILE_FIELDS = [...['x', 'y', 'first_row_group', 'row_groups', 'rows'], ...BOX_SIDES];

/** The value of `tilewright`. */
export interface OwnMetadata {
  version: number;
  layer: string;
  columns: readonly Column[];
  extent: Extent | null;
  rows: number;
  /** Row groups: where they begin in the metadata, how many bytes they take, and how many there are. */
  groups: readonly [number, number, number];
  /** In a file of several tiles. */
  tileFields?: readonly string[];
  tiles?: readonly PackedTile[];
  exact: readonly ExactRegion[];
}

/** The key and what is around it in Thrift, which no text in JSON has. */
const OWN_KEY = '\x18\x0atilewright\x18';
/** The last of `tilewright`: the CRC-32 of the metadata with zeros in its place. */
const SUM = ',"sum":"';
const NO_SUM = '00000000';

export function keyValues(
  layer: StagedLayer,
  extent: Extent | null,
  geometryTypes: readonly string[],
  own: Pick<OwnMetadata, 'rows' | 'groups' | 'exact' | 'tiles'>,
): Map<string, string> {
  const { name, columns, crs } = layer;
  const { tiles, exact, ...rest } = own;
  const packed = tiles && { tileFields: TILE_FIELDS, tiles };
  const about = { version: FILE_VERSION, layer: name, columns, extent };
  const ours: OwnMetadata = { ...about, ...rest, ...packed, exact };
  const sealed = `${JSON.stringify(ours).slice(0, -1)}${SUM}${NO_SUM}"}`;
  return new Map([
    ['geo', geo(columns, crs, extent, geometryTypes)],
    ['tilewright', sealed],
  ]);
}

function geo(
  columns: readonly Column[],
  crs: Crs,
  extent: Extent | null,
  types: readonly string[],
): string {
  const { geometry, box } = systemColumns(columns);
  const covering = Object.fromEntries(BOX_SIDES.map((side) => [side, [box, side]]));
  const isFlat = types.every((type) => !type.endsWith('Z'));
  const description = {
    encoding: 'WKB',
    geometry_types: types,
    crs: projJson(crs),
    // With heights it would have theirs.
    ...(extent !== null && isFlat && { bbox: extent }),
    covering: { bbox: covering },
  };
  const column = { [geometry]: description };
  return JSON.stringify({ version: '1.1.0', primary_column: geometry, columns: column });
}

/** Of the tiles of the thread's last task. */
let last: { crs: Crs; json: object } | undefined;

function projJson(crs: Crs): object {
  if (last?.crs !== crs) last = { crs, json: formatProjJson(crs.definition, crs.id) };
  return last.json;
}

/** Puts the checksum of the metadata into it. */
export function seal(metadata: Uint8Array): void {
  const at = sumAt(metadata);
  Buffer.from(sumOf(metadata, at)).copy(metadata, at);
}

/** Whether the metadata is as it was sealed. */
export function isSealed(metadata: Uint8Array): boolean {
  const at = sumAt(metadata);
  const digits = metadata.subarray(at, at + NO_SUM.length);
  return at >= 0 && Buffer.from(digits).toString('latin1') === sumOf(metadata, at);
}

/** @param at - of the digits, which count as zeros */
function sumOf(metadata: Uint8Array, at: number): string {
  let sum = crc32(metadata.subarray(0, at));
  sum = crc32(NO_SUM, sum);
  sum = crc32(metadata.subarray(at + NO_SUM.length), sum);
  return sum.toString(16).padStart(NO_SUM.length, '0');
}

function sumAt(metadata: Uint8Array): number {
  const at = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length).lastIndexOf(SUM);
  return at < 0 ? -1 : at + SUM.length;
}

/** The value of `tilewright` before its key-value pair's end, found without reading what is before it. */
export function ownText(metadata: Uint8Array): string | null {
  const bytes = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length);
  const at = bytes.lastIndexOf(OWN_KEY);
  const end = sumAt(metadata) + NO_SUM.length + 2;
  const start = bytes.indexOf('{', at);
  return at < 0 || start < 0 || start >= end ? null : bytes.toString('utf8', start, end);
}
