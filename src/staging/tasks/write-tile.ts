/**
 * Writes a tile from its pieces, in one order (input, then position in it), into a file that nobody
 * else knows.
 */

import { rmSync } from 'node:fs';
import type { Column } from '../../core/columns.ts';
import { toTilewrightError } from '../../core/errors.ts';
import type { FileIdentity } from '../../core/files/file-sum.ts';
import { OutputFile } from '../../core/files/output-file.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import type { StagedWriter } from '../../formats/staged-format.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import {
  PROPERTY_COUNT,
  type PropertyNames,
  propertyColumns,
} from '../configuration/properties.ts';
import type { FolderSettings, TileInput } from '../folder/journal/journal.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { layerName, tileFormat } from '../folder/tile-place.ts';
import { NO_LABEL, NOT_DUPLICATED, Unlabelled } from '../judging/label.ts';
import { PropertyValues } from '../rows/property-values.ts';
import { readChunks, type TileRows } from '../rows/row-chunks.ts';
import { RowRemapper } from '../rows/row-remap.ts';
import { sameColumns, uniteColumns } from '../rows/schema-union.ts';
import type { Segment } from '../rows/shuffle-format.ts';
import { readSegment } from '../rows/shuffle-reader.ts';
import type { ShuffleRow } from '../rows/shuffle-row.ts';
import type { BuiltRows } from './built-rows.ts';

/** Rows of one slice in a tile. */
export type Piece =
  | { rows: TileRows }
  | { path: string; segment: Segment }
  | { built: BuiltRows; part: number; geometry: number };

/** Rows of an input that come from the tile as it is now. */
export interface KeptRows {
  geometry: number;
  copy(writer: StagedWriter, united: Column[]): void;
}

/** One input's part of a tile. */
export interface TilePart {
  name: string;
  /** Its columns with the types that its values need, and as its rows have them. */
  own: Column[];
  record: Column[];
  /** In the order of the slices. */
  rows: Piece[] | KeptRows;
}

export interface WrittenTile {
  /** Inputs of which there are pieces, in the order of their names. */
  inputs: Omit<TileInput, 'x' | 'y'>[];
  rows: number;
  /** Size of the file. */
  bytes: number;
  identity?: FileIdentity | null;
}

export interface WriteTileOptions {
  settings: FolderSettings;
  x: number;
  y: number;
  /** In the order of their names; at least one. */
  parts: readonly TilePart[];
  /** Of the file, which is not there yet, and which an error leaves no trace of. */
  path: string;
  /** Whether it may go past the page cache: it is not read again at once. */
  direct: boolean;
  /** Whether its checksum is made. */
  summed?: boolean;
}

/** @throws TilewrightError with the tile */
export function writeTile(options: WriteTileOptions): WrittenTile {
  const { settings, x, y, parts, path, direct, summed = false } = options;
  const united = uniteColumns(parts.map((part) => part.own));
  let output: OutputFile | undefined;
  try {
    // What lies there is somebody else's, and not written to.
    output = OutputFile.create(path, { direct, summed });
    const names = settings.properties as unknown as PropertyNames;
    const properties = propertyColumns(names, isLabelledFolder(settings));
    const writer = tileFormat(settings).create(output, {
      name: layerName(settings, x, y),
      columns: [...united, ...properties],
      crs: crsOf(settings),
      geometry: parts.reduce((kinds, part) => kinds | kindsOf(part), 0),
    });
    const inputs: WrittenTile['inputs'] = [];
    for (const part of parts) {
      if (!Array.isArray(part.rows)) part.rows.copy(writer, united);
      else inputs.push(writePart(writer, part, part.rows, united, settings, x, y));
    }
    writer.finish();
    output.close();
    return { inputs, rows: writer.rows, bytes: output.size, identity: output.identity };
  } catch (error) {
    output?.close();
    // The task's next tile may have the same name.
    if (output !== undefined) rmSync(path, { force: true });
    throw toTilewrightError(error, { tile: `${settings.z}/${x}/${y}` }, 'output-unwritable');
  }
}

/** Of the tiles of the thread's last task. */
let last: { definition: string; crs: Crs } | undefined;

function crsOf({ tmsDefinition }: FolderSettings): Crs {
  if (last?.definition !== tmsDefinition) {
    const { crs } = tileMatrixSet(JSON.parse(tmsDefinition));
    last = { definition: tmsDefinition, crs: resolveCrs(crs) };
  }
  return last.crs;
}

/** GEOMETRY_… bits of a part's rows. */
function kindsOf({ rows }: TilePart): number {
  if (!Array.isArray(rows)) return rows.geometry;
  return rows.reduce((kinds, piece) => kinds | kindsIn(piece), 0);
}

function kindsIn(piece: Piece): number {
  if ('rows' in piece) return piece.rows.geometry;
  return 'segment' in piece ? piece.segment.geometry : piece.geometry;
}

function writePart(
  writer: StagedWriter,
  part: TilePart,
  pieces: Piece[],
  united: Column[],
  settings: FolderSettings,
  x: number,
  y: number,
): WrittenTile['inputs'][number] {
  const { name, own, record } = part;
  const remapper =
    sameColumns(record, united) && sameColumns(own, united)
      ? null
      : new RowRemapper(record, own, united, 0);
  const properties = new PropertyValues(name, settings.z, x, y, isLabelledFolder(settings));
  let rows = 0;
  let area = 0;
  const take = (row: ShuffleRow): void => {
    rows++;
    area += row.area;
    properties.of(row);
    writer.add(remapper === null ? row : remapper.remap(row), properties);
  };
  for (const piece of pieces) {
    if ('rows' in piece) readChunks(piece.rows, take);
    else if ('segment' in piece) readSegment(piece.path, piece.segment, take);
    else {
      const { built } = piece;
      const copy = copier(writer, built, own, united, settings);
      built.readPart(piece.part, (its) => {
        rows++;
        area += its;
        copy(built.rows);
      });
    }
  }
  return { input: name, rows, area, geometry: kindsOf(part) };
}

/**
 * Copies rows of a tile, which have the properties already, into another one: unlabelled, or with the
 * label of a row that nothing is known against.
 */
export function copier(
  writer: StagedWriter,
  { attributes, labelled }: { attributes: Column[]; labelled: boolean },
  own: Column[],
  united: Column[],
  settings: FolderSettings,
): (rows: BuiltRows['rows']) => void {
  const labels = isLabelledFolder(settings);
  const same = sameColumns(attributes, united);
  if (same && !labels && !labelled) return (rows) => writer.copy(rows);
  const remapper = same ? null : new RowRemapper(attributes, own, united, PROPERTY_COUNT);
  const label = labels ? NOT_DUPLICATED : NO_LABEL;
  const unlabelled = labelled ? new Unlabelled() : null;
  return ({ row }) => {
    const plain = unlabelled?.of(row) ?? row;
    writer.add(remapper?.remap(plain) ?? plain, label);
  };
}
