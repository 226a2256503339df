/**
 * What the metadata of a file says besides the columns: `geo`, as GeoParquet 1.1 asks for it
 * (https://geoparquet.org/releases/v1.1.0), and `tilewright`, by which its own files are known.
 */

import { crc32 } from 'node:zlib';
import type { Column } from '../../../core/columns.ts';
import { formatProjJson } from '../../../crs/notations/format-projjson.ts';
import type { Crs } from '../../../crs/resolve.ts';
import type { StagedLayer } from '../../staged-format.ts';
import type { ExactRegion, Extent } from './rows-writer.ts';
import { BOX_SIDES, systemColumns } from './system-columns.ts';

/** Of `tilewright`; it grows when files are written in another way. */
export const FILE_VERSION = 1;

/** A row of the index of tiles: x, y, first row group, row groups, rows, extent. */
export type PackedTile = readonly [number, number, number, number, number, Extent | null];

/** The value of `tilewright`. */
export interface OwnMetadata {
  version: number;
  layer: string;
  columns: readonly Column[];
  extent: Extent | null;
  /** In a file of several tiles. */
  tiles?: readonly PackedTile[];
  exact: readonly ExactRegion[];
}

/** The last of `tilewright`: the CRC-32 of the metadata with zeros in its place. */
const SUM = ',"sum":"';
const NO_SUM = '00000000';

export function keyValues(
  layer: StagedLayer,
  extent: Extent | null,
  geometryTypes: readonly string[],
  own: Pick<OwnMetadata, 'exact' | 'tiles'>,
): Map<string, string> {
  const { name, columns, crs } = layer;
  const ours: OwnMetadata = { version: FILE_VERSION, layer: name, columns, extent, ...own };
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
  const sum = crc32(metadata).toString(16).padStart(8, '0');
  Buffer.from(sum).copy(metadata, at);
}

/** Whether the metadata is as it was sealed. */
export function isSealed(metadata: Uint8Array): boolean {
  const at = sumAt(metadata);
  if (at < 0) return false;
  const bytes = Buffer.from(metadata);
  const sum = bytes.toString('latin1', at, at + NO_SUM.length);
  bytes.write(NO_SUM, at, 'latin1');
  return sum === crc32(bytes).toString(16).padStart(8, '0');
}

function sumAt(metadata: Uint8Array): number {
  const at = Buffer.from(metadata.buffer, metadata.byteOffset, metadata.length).lastIndexOf(SUM);
  return at < 0 ? -1 : at + SUM.length;
}
