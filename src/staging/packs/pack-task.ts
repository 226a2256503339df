/**
 * The task `pack`: writes a pack from its tiles, loose ones and those of the pack that is there. As a merge
 * task it may run twice at once, so it writes under a name of its own in a folder of the phase.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Column } from '../../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { fileBelow } from '../../core/files/make-folder.ts';
import { OutputFile } from '../../core/files/output-file.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import { type EncodedValues, NOTHING } from '../../formats/encoded-row.ts';
import type { StagedFile, StagedWriter } from '../../formats/staged-format.ts';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { takesDirectWrites } from '../../machine/file-system.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import {
  attributesOf,
  FILENAME_PROPERTY,
  isLabelled,
  MOST_PROPERTIES,
  type PropertyNames,
  propertyColumns,
} from '../configuration/properties.ts';
import type { FolderSettings } from '../folder/journal/journal-rows.ts';
import { moveFile } from '../folder/move-file.ts';
import { isLabelledFolder } from '../folder/settings.ts';
import { filePath, shownTile } from '../folder/tile-place.ts';
import { NOT_DUPLICATED } from '../judging/label.ts';
import { InputRows } from '../rows/input-rows.ts';
import { RowRemapper } from '../rows/row-remap.ts';
import { sameColumns, uniteColumns } from '../rows/schema-union.ts';
import { openTile } from './open-tile.ts';

export interface PackArgs {
  /** The staged folder, and the folder below it in which files are written. */
  folder: string;
  work: string;
  settings: FolderSettings;
  /** The file, as a tile: see tile-place.ts. */
  pack: Tile;
  /** Of the pack's tiles, in the order of their names. */
  inputs: { name: string; columns: Column[] }[];
  /** In the order in which they are written. */
  tiles: PackedTile[];
  /** Whether a file in its place is ours. */
  isOurs: boolean;
}

/**
 * GEOMETRY_… bits of a tile's rows, how many it has of each input, and whether what the pack has of it are
 * rows of before.
 */
export type PackedTile = [
  x: number,
  y: number,
  geometry: number,
  inputs: [number, number][],
  isLoose: boolean,
];

/** @returns bytes of the pack */
export function packTiles(args: PackArgs, task: TaskContext): number {
  const { folder, work, settings, pack, inputs, tiles, isOurs } = args;
  const below = filePath(settings, pack);
  if (fileBelow(folder, below) !== undefined && !isOurs) throw inTheWay(join(folder, below));
  const temporary = join(work, `${randomBytes(6).toString('hex')}.tmp`);
  const united = uniteColumns(inputs.map(({ columns }) => columns));
  const names = settings.properties as unknown as PropertyNames;
  const columns = [...united, ...propertyColumns(names, isLabelledFolder(settings))];
  const format = stagedFormat(settings.format);
  if (columns.length > format.maxColumns) throw tooWide(join(folder, below), columns.length);
  const output = OutputFile.create(temporary, { direct: takesDirectWrites(folder) });
  let size: number;
  let written = 0;
  try {
    const writer = format.pack!.create(output, {
      name: settings.tms,
      columns,
      crs: resolveCrs(tileMatrixSet(JSON.parse(settings.tmsDefinition)).crs),
      geometry: tiles.reduce((kinds, [, , geometry]) => kinds | geometry, 0),
    });
    for (const [x, y, geometry, counts, isLoose] of tiles) {
      try {
        const file = openTile(folder, settings, x, y, isLoose);
        try {
          const into = writer.tile(x, y, geometry);
          copyRows(file, into, { settings, inputs, counts, united });
          into.finish();
          task.progress(into.rows);
          written += into.rows;
        } finally {
          file.close();
        }
      } catch (error) {
        throw damaged(error, shownTile(settings, x, y));
      }
    }
    writer.finish();
    size = output.size;
  } finally {
    output.close();
  }
  moveFile(temporary, folder, below);
  task.note('tiles', tiles.length);
  task.note('rows', written);
  task.note('packBytes', size);
  return size;
}

/** Rows of the inputs one after the other, each as the columns of the pack want it. */
function copyRows(
  file: StagedFile,
  writer: StagedWriter,
  about: Pick<PackArgs, 'settings' | 'inputs'> & {
    counts: readonly (readonly [number, number])[];
    united: readonly Column[];
  },
): void {
  const { settings, inputs, counts, united } = about;
  const names = settings.properties as unknown as PropertyNames;
  const attributes = attributesOf(file.columns, names);
  const labels = isLabelledFolder(settings);
  const more: EncodedValues = labels && !isLabelled(file.columns, names) ? NOT_DUPLICATED : NOTHING;
  const same = sameColumns(attributes, united);
  const rows = new InputRows(file.rows(), attributes.length + FILENAME_PROPERTY);
  for (const [index, expected] of counts) {
    const { name, columns } = inputs[index]!;
    const remapper = same ? null : new RowRemapper(attributes, columns, united, MOST_PROPERTIES);
    let count = 0;
    for (; rows.input === name; rows.next(), count++) {
      if (remapper === null && more === NOTHING) writer.copy(rows.rows);
      else writer.add(remapper?.remap(rows.rows.row) ?? rows.rows.row, more);
    }
    if (count !== expected) throw otherRows(file.path, name, count, expected);
  }
  if (rows.input !== null) throw otherRows(file.path, rows.input, 1, 0);
}

function otherRows(path: string, input: string, count: number, expected: number): TilewrightError {
  return new TilewrightError(
    'staged-folder',
    `${path} has ${count === 1 && expected === 0 ? 'rows' : `${count} rows`} of ${input}, the journal ` +
      `says ${expected}: something else changed it`,
  );
}

function damaged(error: unknown, tile: string): TilewrightError {
  const { code, message } = toTilewrightError(error, { tile });
  if (code !== 'staged-folder' && !code.startsWith('input-')) {
    return toTilewrightError(error, { tile });
  }
  // What a reader advises for inputs is not for files of ours.
  const [fault] = message.split('. ');
  return new TilewrightError('tile-damaged', `${fault}. Stage its inputs anew with --force`, {
    tile,
    cause: error,
  });
}

function tooWide(path: string, columns: number): TilewrightError {
  return new TilewrightError(
    'input-columns',
    `${path} would have ${columns} columns, more than its format holds: pack fewer tiles into a file`,
  );
}

function inTheWay(path: string): TilewrightError {
  return new TilewrightError(
    'tiles-foreign',
    `${path} was not staged here, and a pack would replace it. Move it away, or let it be replaced ` +
      'with --adopt, and run the same command again',
  );
}
