/**
 * Writes one tile: the rows that it keeps and the rows that it gets, in one order (input, then
 * position in it), under a temporary name, then renamed.
 */

import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Column } from '../../core/columns.ts';
import { type ErrorJson, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { fileBelow, makeFolderBelow } from '../../core/files/make-folder.ts';
import { OutputFile } from '../../core/files/output-file.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import { RowWriter } from '../../formats/sqlite/record.ts';
import type { StagedFile, StagedWriter } from '../../formats/staged-format.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { takesDirectWrites } from '../../machine/file-system.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import {
  FILENAME_PROPERTY,
  PROPERTY_COUNT,
  type PropertyNames,
  propertyColumns,
} from '../configuration/properties.ts';
import type { FolderSettings, TileInput } from '../folder/journal.ts';
import { layerName, tilePath } from '../folder/staged-folder.ts';
import { InputRows } from '../rows/input-rows.ts';
import { PropertyValues } from '../rows/property-values.ts';
import { RowRemapper } from '../rows/row-remap.ts';
import { sameColumns, uniteColumns } from '../rows/schema-union.ts';
import type { Segment } from '../rows/shuffle-format.ts';
import { readSegment } from '../rows/shuffle-reader.ts';
import type { MergeCommon, TileSegments } from './merge-plan.ts';

export type TileStatus = 'new' | 'changed' | 'unchanged' | 'removed';

const MOVE_ATTEMPTS = 20;
const NOTHING_MORE = new RowWriter();

/** A tile whose rows that should stay can't be read: it is left as it is. */
export interface DamagedTile {
  /** `tile-damaged`. */
  error: ErrorJson;
  /** Names of all inputs that have rows in it. */
  inputs: string[];
}

export interface MergedTile {
  x: number;
  y: number;
  status: TileStatus;
  /** Rows of the inputs of the pending run, in the order of their names. */
  inputs: Omit<TileInput, 'x' | 'y'>[];
  rows: number;
  /** Size of its file. */
  bytes: number;
}

/** What a merge task has made of its tiles. */
export interface MergedPartition {
  tiles: MergedTile[];
  damaged: DamagedTile[];
}

export interface MergeTileOptions {
  folder: string;
  common: MergeCommon;
  tile: TileSegments;
  /** Rows that stay, in the order of their inputs' names. */
  kept: readonly TileInput[];
  /** Name for the file while it is written. */
  temporary: string;
  /** Whether a file of another origin is replaced. */
  adopt: boolean;
}

/** One input's part of a tile. */
type Part =
  | { name: string; own: Column[]; record: Column[]; kept: TileInput }
  | {
      name: string;
      own: Column[];
      record: Column[];
      fresh: { path: string; segment: Segment }[];
    };

/** @throws TilewrightError tile-damaged, and what writing meets */
export function mergeTile(options: MergeTileOptions): MergedTile {
  const { folder, tile } = options;
  const { settings } = options.common;
  const { x, y } = tile;
  const format = stagedFormat(settings.format);
  const below = tilePath(settings, x, y);
  const path = join(folder, below);
  const existed = fileBelow(folder, below) !== undefined;
  const parts = partsOf(options);
  if (parts.length === 0) {
    removeTile(path, folder, options.temporary);
    return { x, y, status: 'removed', inputs: [], rows: 0, bytes: 0 };
  }
  const united = uniteColumns(parts.map((part) => part.own));
  // A tile of which nothing is kept need not be readable: that is how a damaged one is mended.
  const keeps = parts.some((part) => 'kept' in part);
  const old = keeps ? reading(options, () => keptRows(path, settings)) : null;
  let output: OutputFile | undefined;
  try {
    // Nobody else has this name; what lies there is somebody else's, and not written to.
    // One that is compared with the tile that is there is read again at once.
    const direct = !existed && takesDirectWrites(folder);
    output = OutputFile.create(options.temporary, { direct });
    const crs = resolveCrs(tileMatrixSet(JSON.parse(settings.tmsDefinition)).crs);
    const properties = propertyColumns(settings.properties as unknown as PropertyNames);
    const writer = format.create(output, {
      name: layerName(settings, x, y),
      columns: [...united, ...properties],
      crs,
      geometry: parts.reduce((kinds, part) => kinds | kindsOf(part), 0),
    });
    const inputs: MergedTile['inputs'] = [];
    for (const part of parts) {
      if ('kept' in part) reading(options, () => copyKept(writer, old, part, united, path));
      else inputs.push(copyFresh(writer, part, united, options));
    }
    writer.finish();
    output.close();
    const status = !existed ? 'new' : sameFiles(options.temporary, path) ? 'unchanged' : 'changed';
    // A new tile that is there already is of this run, which was interrupted: then it is the same.
    if (status === 'changed' && tile.isNew && !options.adopt) throw inTheWay(path);
    if (status === 'unchanged') unlinkSync(options.temporary);
    else moveTile(options.temporary, folder, below);
    return { x, y, status, inputs, rows: writer.rows, bytes: output.size };
  } catch (error) {
    output?.close();
    // The task's next tile has the same name.
    if (output !== undefined) rmSync(options.temporary, { force: true });
    const tileId = `${settings.z}/${x}/${y}`;
    throw toTilewrightError(error, { tile: tileId }, 'output-unwritable');
  } finally {
    old?.file.close();
  }
}

function inTheWay(path: string): TilewrightError {
  return new TilewrightError(
    'tiles-foreign',
    `${path} was not staged here, and a new tile would replace it. Move it away, or let it be ` +
      'replaced with --adopt, and run the same command again: it goes on from here',
  );
}

/** Reads rows that stay: what is wrong with these is wrong with this tile alone. */
function reading<T>(options: MergeTileOptions, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, message } = toTilewrightError(error);
    if (code !== 'staged-folder' && !code.startsWith('input-')) throw error;
    const { tile, common } = options;
    const names = inputsOf(options);
    throw new TilewrightError(
      'tile-damaged',
      `${message}. It has rows of ${names.slice(0, 3).join(', ')}` +
        `${names.length > 3 ? ` and ${names.length - 3} others` : ''}. Run the same command again: ` +
        'they are staged anew, and the tile with them',
      { tile: `${common.settings.z}/${tile.x}/${tile.y}`, cause: error },
    );
  }
}

/** Names of all inputs that have rows in the tile. */
export function inputsOf(options: MergeTileOptions): string[] {
  return partsOf(options).map((part) => part.name);
}

/** All inputs of the tile in the order of their names. */
function partsOf({ common, tile, kept }: MergeTileOptions): Part[] {
  const parts: Part[] = kept.map((entry) => {
    const { columns, recordColumns } = common.kept[entry.input]!;
    return { name: entry.input, own: columns, record: recordColumns, kept: entry };
  });
  for (const [index, fresh] of tile.byInput) {
    const { name, columns, recordColumns } = common.inputs[index]!;
    parts.push({ name, own: columns, record: recordColumns, fresh });
  }
  return parts.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The rows of a tile as they are now, those of the first input to come; null for a tile that is gone. */
function keptRows(
  path: string,
  { format }: FolderSettings,
): { file: StagedFile; rows: InputRows; attributes: Column[] } | null {
  if (!existsSync(path)) return null;
  const file = stagedFormat(format).open(path);
  try {
    const attributes = file.columns.slice(0, -PROPERTY_COUNT);
    const rows = new InputRows(file.rows(), attributes.length + FILENAME_PROPERTY);
    return { file, rows, attributes };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** GEOMETRY_… bits of a part's rows. */
function kindsOf(part: Part): number {
  if ('kept' in part) return part.kept.geometry;
  return part.fresh.reduce((kinds, { segment }) => kinds | segment.geometry, 0);
}

/**
 * Copies the rows that the tile has of an input. Rows of inputs that leave, or that an interrupted
 * run wrote, are passed over: the journal says what counts.
 */
function copyKept(
  writer: StagedWriter,
  old: ReturnType<typeof keptRows>,
  part: Part & { kept: TileInput },
  united: Column[],
  path: string,
): void {
  let count = 0;
  if (old !== null) {
    const { rows, attributes } = old;
    const remapper = sameColumns(attributes, united)
      ? null
      : new RowRemapper(attributes, part.own, united, PROPERTY_COUNT);
    while (rows.input !== null && rows.input < part.name) rows.next();
    for (; rows.input === part.name; rows.next(), count++) {
      if (remapper === null) writer.copy(rows.rows);
      else writer.add(remapper.remap(rows.rows.row), NOTHING_MORE);
    }
  }
  if (count !== part.kept.rows) {
    throw new TilewrightError(
      'staged-folder',
      `${path} has ${count} rows of ${part.name}, the journal says ${part.kept.rows}: something ` +
        'else changed it',
    );
  }
}

function copyFresh(
  writer: StagedWriter,
  part: Part & { fresh: { path: string; segment: Segment }[] },
  united: Column[],
  { common, tile }: MergeTileOptions,
): MergedTile['inputs'][number] {
  const remapper =
    sameColumns(part.record, united) && sameColumns(part.own, united)
      ? null
      : new RowRemapper(part.record, part.own, united, 0);
  const properties = new PropertyValues(part.name, common.settings.z, tile.x, tile.y);
  let rows = 0;
  let area = 0;
  for (const { path, segment } of part.fresh) {
    readSegment(path, segment, (row) => {
      rows++;
      area += row.area;
      properties.of(row);
      writer.add(remapper === null ? row : remapper.remap(row), properties);
    });
  }
  return { input: part.name, rows, area, geometry: kindsOf(part) };
}

/** Renames a finished tile into place. */
export function moveTile(temporary: string, folder: string, below: string): void {
  const path = join(folder, below);
  for (let attempt = 1; ; attempt++) {
    makeFolderBelow(folder, dirname(below));
    try {
      renameSync(temporary, path);
      return;
    } catch (error) {
      // A task that removes the last tile beside it may have removed the folder, which was empty. But
      // if the run is over, the temporary file is gone.
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(temporary);
      if (!gone || attempt === MOVE_ATTEMPTS) throw error;
    }
  }
}

/**
 * Removes a tile without rows, and the folders that this leaves empty. By way of the run's folder:
 * where that is gone, another run may have written the tile since.
 */
function removeTile(path: string, folder: string, temporary: string): void {
  try {
    renameSync(path, temporary);
    unlinkSync(temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  for (let above = dirname(path); above.length > folder.length; above = dirname(above)) {
    try {
      rmdirSync(above);
    } catch {
      // Not empty, or gone already.
      return;
    }
  }
}

function sameFiles(a: string, b: string): boolean {
  if (statSync(a).size !== statSync(b).size) return false;
  const fds = [openSync(a, 'r'), openSync(b, 'r')] as const;
  try {
    const buffers = [Buffer.allocUnsafe(1 << 18), Buffer.allocUnsafe(1 << 18)] as const;
    for (;;) {
      const read = readSync(fds[0], buffers[0]);
      if (readSync(fds[1], buffers[1]) !== read) return false;
      if (read === 0) return true;
      if (buffers[0].compare(buffers[1], 0, read, 0, read) !== 0) return false;
    }
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
