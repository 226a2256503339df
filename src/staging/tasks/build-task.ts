/** Writes tiles of which all rows are there, into the run's folder. */

import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { takesDirectWrites } from '../../machine/file-system.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import { isBuiltName, isShuffleName, runFolder } from '../folder/staged-folder.ts';
import { type BuiltTile, INFINITE } from '../groups/record.ts';
import type { BuildInput, BuildPart, TileToBuild } from '../groups/steps.ts';
import { type Piece, type TilePart, writeTile } from './write-tile.ts';

export interface BuildArgs {
  folder: string;
  runId: string;
  settings: FolderSettings;
  inputs: Record<number, BuildInput>;
  tiles: TileToBuild[];
}

export function buildTiles(args: BuildArgs, context: TaskContext): BuiltTile[] {
  const started = performance.now();
  const built = args.tiles.map((tile) => {
    const bytes = tile.parts.reduce((sum, part) => sum + bytesOf(part), 0);
    const made = buildTile(tile, args);
    context.note('tiles', 1);
    context.note('tileBytes', made.bytes);
    context.note('builtBytes', bytes);
    return made;
  });
  context.note('buildMs', performance.now() - started);
  return built;
}

function buildTile(tile: TileToBuild, { folder, runId, settings, inputs }: BuildArgs): BuiltTile {
  const { x, y, file } = tile;
  const place = runFolder(folder, runId);
  requireOwnNames(tile);
  const parts: (TilePart & { rows: Piece[] })[] = [];
  const recorded: number[] = [];
  let last = -1;
  for (const part of tile.parts) {
    const { name, recordColumns, columns } = inputs[part.input]!;
    if (part.input !== last) parts.push({ name, own: columns, record: recordColumns, rows: [] });
    last = part.input;
    const isHeld = 'rows' in part;
    const piece = isHeld ? part : { path: join(place, part.shuffle), segment: part.segment };
    parts.at(-1)!.rows.push(piece);
    const { rows, geometry } = isHeld ? part.rows : part.segment;
    recorded.push(part.slice, rows, geometry);
  }
  // A twin of this task, on another machine, has a name of its own.
  const temporary = join(place, `${file}.${randomBytes(6).toString('hex')}.tmp`);
  const direct = takesDirectWrites(folder);
  const written = writeTile({ settings, x, y, parts, path: temporary, direct, summed: true });
  renameSync(temporary, join(place, file));
  const areas = written.inputs.map(({ area }) => (Number.isFinite(area) ? area : INFINITE));
  return { x, y, file, ...written.identity!, parts: recorded, areas };
}

/** Of the rows of a part. */
function bytesOf(part: BuildPart): number {
  return 'rows' in part ? part.rows.ends.reduce((sum, end) => sum + end, 0) : part.segment.length;
}

/** A queue may hold what a stranger has put there. */
function requireOwnNames({ file, parts }: TileToBuild): void {
  const other = parts.find((part) => 'shuffle' in part && !isShuffleName(part.shuffle));
  if (isBuiltName(file) && other === undefined) return;
  const name = JSON.stringify(isBuiltName(file) ? other : file);
  throw new TilewrightError('task-arguments', `No tile is built as or from ${name}`);
}
