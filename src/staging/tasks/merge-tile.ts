/**
 * Puts one tile in its place: a built file as it is, if that is the whole tile, else one that is
 * written from the rows that it keeps and the rows that it gets.
 */

import { closeSync, existsSync, openSync, readSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Column } from '../../core/columns.ts';
import { type ErrorJson, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { fileBelow } from '../../core/files/make-folder.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import { takesDirectWrites } from '../../machine/file-system.ts';
import {
  attributesOf,
  FILENAME_PROPERTY,
  isLabelled,
  type PropertyNames,
} from '../configuration/properties.ts';
import type { TileInput } from '../folder/journal/journal.ts';
import { moveFile, removeTile } from '../folder/move-file.ts';
import { layerName, tileFormat, tilePath } from '../folder/tile-place.ts';
import { bringWhole } from '../judging/whole-tiles.ts';
import { openTileIfThere } from '../packs/open-tile.ts';
import { InputRows } from '../rows/input-rows.ts';
import { isBuiltFile, lostBuilt, placeOf } from './built-file.ts';
import { BuiltRows } from './built-rows.ts';
import type { MergeCommon, PlannedBuilt, TilePlan } from './merge-plan.ts';
import {
  copier,
  type KeptRows,
  type Piece,
  type TilePart,
  type WrittenTile,
  writeTile,
} from './write-tile.ts';

export type TileStatus = 'new' | 'changed' | 'unchanged' | 'removed';

/** A tile whose rows that should stay can't be read: it is left as it is. */
export interface DamagedTile {
  /** `tile-damaged`. */
  error: ErrorJson;
  /** Names of all inputs that have rows in it. */
  inputs: string[];
}

export interface MergedTile extends WrittenTile {
  x: number;
  y: number;
  status: TileStatus;
  /** Whether it was written now, and not before, as a built file. */
  written: boolean;
}

/** What a merge task has made of its tiles. */
export interface MergedPartition {
  tiles: MergedTile[];
  damaged: DamagedTile[];
}

export interface MergeTileOptions {
  folder: string;
  common: MergeCommon;
  tile: TilePlan;
  /** Rows that stay, in the order of their inputs' names. */
  kept: readonly TileInput[];
  /** Name for the file while it is written. */
  temporary: string;
  /** Whether a file of another origin is replaced. */
  adopt: boolean;
}

/** @throws TilewrightError tile-damaged, and what writing meets */
export function mergeTile(options: MergeTileOptions): MergedTile {
  const { folder, tile, temporary, kept } = options;
  const { settings } = options.common;
  const { x, y } = tile;
  // A late twin, whose folder is gone, leaves what is there as it is.
  if (existsSync(dirname(temporary))) bringWhole(folder, settings, x, y);
  if (namesOf(options).length === 0) {
    removeTile(join(folder, tilePath(settings, x, y)), folder, temporary);
    return { x, y, status: 'removed', inputs: [], rows: 0, bytes: 0, written: false };
  }
  const whole = kept.length === 0 && tile.segments.length === 0 ? wholeOf(tile.built) : null;
  if (whole !== null) return placeBuilt(whole, options);
  const path = join(folder, tilePath(settings, x, y));
  const old = kept.length === 0 ? null : reading(options, () => openKept(options));
  const built = new Map<PlannedBuilt, BuiltRows>();
  try {
    const parts = partsOf(options, old, built);
    // One that is compared with the tile that is there is read again at once.
    const direct = !existsSync(path) && takesDirectWrites(folder);
    const written = writeTile({ settings, x, y, parts, path: temporary, direct });
    try {
      return { x, y, status: place(temporary, options), ...written, written: true };
    } catch (error) {
      throw toTilewrightError(error, { tile: idOf(options) }, 'output-unwritable');
    }
  } finally {
    old?.file.close();
    for (const rows of built.values()) rows.close();
  }
}

/** The one built file that is the tile; null if there are others, or rows in it that don't count. */
function wholeOf(built: readonly PlannedBuilt[]): PlannedBuilt | null {
  const [only, other] = built;
  if (only === undefined || other !== undefined) return null;
  return only.parts.every(({ input }) => input >= 0) ? only : null;
}

/** Renames a built file into place; one that is there already was, by a run that was interrupted. */
function placeBuilt(built: PlannedBuilt, options: MergeTileOptions): MergedTile {
  const { folder, tile, common } = options;
  const { x, y } = tile;
  const inputs: WrittenTile['inputs'] = [];
  for (const { input, rows, geometry } of built.parts) {
    const { name } = common.inputs[input]!;
    const last = inputs.at(-1);
    if (last?.input === name) {
      last.rows += rows;
      last.geometry |= geometry;
    } else inputs.push({ input: name, rows, geometry, area: Number(built.areas[inputs.length]) });
  }
  const rows = inputs.reduce((sum, input) => sum + input.rows, 0);
  const made = { x, y, inputs, rows, bytes: built.bytes, written: false };
  const placed = join(folder, tilePath(common.settings, x, y));
  try {
    if (existsSync(built.path)) return { ...made, status: place(built.path, options) };
  } catch (error) {
    // A twin of this task may have been faster.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || existsSync(built.path)) {
      throw toTilewrightError(error, { tile: idOf(options) }, 'output-unwritable');
    }
  }
  if (!isBuiltFile(placed, built)) throw lostBuilt(built.path);
  return { ...made, status: 'unchanged' };
}

/** Renames a finished file to the tile's path, unless the tile has these very bytes. */
function place(from: string, options: MergeTileOptions): TileStatus {
  const { folder, common, tile, adopt, temporary } = options;
  const below = tilePath(common.settings, tile.x, tile.y);
  const path = join(folder, below);
  const existed = fileBelow(folder, below) !== undefined;
  const isPacked = !existed && common.settings.pack !== undefined && !tile.isNew;
  const status = isPacked
    ? 'changed'
    : !existed
      ? 'new'
      : sameFiles(from, path)
        ? 'unchanged'
        : 'changed';
  // A new tile that is there already is of this run, which was interrupted: then it is the same, or was
  // written by another version.
  if (status === 'changed' && tile.isNew && !adopt && !haveSameRows(from, path, options)) {
    if (from === temporary) unlinkSync(temporary);
    throw inTheWay(path);
  }
  if (status !== 'unchanged') moveFile(from, folder, below);
  // A built file stays: whoever finishes the run after us knows it by that.
  else if (from === temporary) unlinkSync(temporary);
  return status;
}

/** Whether both are tiles with as many rows of the same inputs. */
function haveSameRows(a: string, b: string, { common, tile }: MergeTileOptions): boolean {
  const { settings } = common;
  const layer = layerName(settings, tile.x, tile.y);
  const rowsOf = (path: string): string => {
    const file = tileFormat(settings).open(path, layer);
    try {
      const names = settings.properties as unknown as PropertyNames;
      const place = attributesOf(file.columns, names).length + FILENAME_PROPERTY;
      const counts: [input: string, rows: number][] = [];
      for (const rows = new InputRows(file.rows(), place); rows.input !== null; rows.next()) {
        const last = counts.at(-1);
        if (last?.[0] === rows.input) last[1]++;
        else counts.push([rows.input, 1]);
      }
      return JSON.stringify(counts);
    } finally {
      file.close();
    }
  };
  try {
    return rowsOf(a) === rowsOf(b);
  } catch (error) {
    if (error instanceof TilewrightError) return false;
    throw error;
  }
}

function idOf({ common, tile }: MergeTileOptions): string {
  return `${common.settings.z}/${tile.x}/${tile.y}`;
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
    const names = namesOf(options);
    throw new TilewrightError(
      'tile-damaged',
      `${message}. It has rows of ${names.slice(0, 3).join(', ')}` +
        `${names.length > 3 ? ` and ${names.length - 3} others` : ''}. Run the same command again: ` +
        'they are staged anew, and the tile with them',
      { tile: idOf(options), cause: error },
    );
  }
}

/** Names of all inputs that have rows in the tile, in their order. */
export function namesOf({ common, tile, kept }: MergeTileOptions): string[] {
  const names = new Set(kept.map(({ input }) => input));
  for (const { input } of tile.segments) names.add(common.inputs[input]!.name);
  for (const { parts } of tile.built) {
    for (const { input } of parts) if (input >= 0) names.add(common.inputs[input]!.name);
  }
  return [...names].sort();
}

/**
 * All inputs of the tile in the order of their names.
 * @param built - gets the files that are opened
 */
function partsOf(
  options: MergeTileOptions,
  old: OldRows | null,
  built: Map<PlannedBuilt, BuiltRows>,
): TilePart[] {
  const { common, tile, kept, folder } = options;
  const pieces = new Map<number, { order: number; piece: Piece }[]>();
  const add = (input: number, order: number, piece: Piece): void => {
    const those = pieces.get(input);
    if (those === undefined) pieces.set(input, [{ order, piece }]);
    else those.push({ order, piece });
  };
  for (const { input, order, path, segment } of tile.segments) add(input, order, { path, segment });
  for (const file of tile.built) {
    const placed = join(folder, tilePath(common.settings, tile.x, tile.y));
    const path = placeOf(file.path, placed, file);
    const counts = file.parts.map(({ rows }) => rows);
    const layer = layerName(common.settings, tile.x, tile.y);
    const rows = new BuiltRows(path, common.settings, layer, counts);
    built.set(file, rows);
    for (const [part, { input, order, geometry }] of file.parts.entries()) {
      if (input >= 0) add(input, order, { built: rows, part, geometry });
    }
  }
  const parts: TilePart[] = kept.map((entry) => {
    const { columns, recordColumns } = common.kept[entry.input]!;
    const rows = keptRows(entry, columns, old, options);
    return { name: entry.input, own: columns, record: recordColumns, rows };
  });
  for (const [index, those] of pieces) {
    const { name, columns, recordColumns } = common.inputs[index]!;
    const rows = those.sort((a, b) => a.order - b.order).map(({ piece }) => piece);
    parts.push({ name, own: columns, record: recordColumns, rows });
  }
  return parts.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The rows of a tile as they are now, those of the first input to come. */
interface OldRows {
  file: StagedFile;
  rows: InputRows;
  attributes: Column[];
  labelled: boolean;
}

/** Null for a tile that is gone. */
function openKept({ folder, common: { settings }, tile }: MergeTileOptions): OldRows | null {
  const file = openTileIfThere(folder, settings, tile.x, tile.y, tile.isLoose);
  if (file === null) return null;
  try {
    const names = settings.properties as unknown as PropertyNames;
    const attributes = attributesOf(file.columns, names);
    const rows = new InputRows(file.rows(), attributes.length + FILENAME_PROPERTY);
    return { file, rows, attributes, labelled: isLabelled(file.columns, names) };
  } catch (error) {
    file.close();
    throw error;
  }
}

/**
 * The rows that the tile has of an input. Rows of inputs that leave, or that an interrupted run wrote,
 * are passed over: the journal says what counts.
 */
function keptRows(
  entry: TileInput,
  own: Column[],
  old: OldRows | null,
  options: MergeTileOptions,
): KeptRows {
  return {
    geometry: entry.geometry,
    copy: (writer, united) =>
      reading(options, () => {
        let count = 0;
        if (old !== null) {
          const { rows } = old;
          const copy = copier(writer, old, own, united, options.common.settings);
          while (rows.input !== null && rows.input < entry.input) rows.next();
          for (; rows.input === entry.input; rows.next(), count++) copy(rows.rows);
        }
        if (count === entry.rows) return;
        const { x, y } = entry;
        const path = join(options.folder, tilePath(options.common.settings, x, y));
        throw new TilewrightError(
          'staged-folder',
          `${path} has ${count} rows of ${entry.input}, the journal says ${entry.rows}: something ` +
            'else changed it',
        );
      }),
  };
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
