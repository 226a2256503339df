/**
 * The task `derive`: the products of some tiles. As a merge task it may run twice at once, so it
 * writes under names of its own in a folder of the phase: when that is gone the phase is over, and a
 * late twin can't change a file any more.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type ErrorJson, TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { fileBelow } from '../../core/files/make-folder.ts';
import { openOwn } from '../../core/files/regular-file.ts';
import type { StagedFile } from '../../formats/staged-format.ts';
import type { TaskContext } from '../../parallel/inside/call.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import type { Tile } from '../../tms/tile-matrix.ts';
import type { FolderSettings } from '../folder/journal/journal.ts';
import { moveFile } from '../folder/move-file.ts';
import { tilePath } from '../folder/tile-place.ts';
import { openTile, shownPath } from '../packs/open-tile.ts';
import {
  type MakeProduct,
  type Product,
  productPath,
  type SourceTile,
} from '../products/product.ts';
import { nameOf } from '../products/product-plan.ts';
import { isFatal } from './fatal-errors.ts';

export interface DeriveArgs {
  /** The staged folder, and the folder below it in which files are written. */
  folder: string;
  work: string;
  settings: FolderSettings;
  product: Pick<Product, 'name' | 'extension'>;
  tiles: DeriveTile[];
}

export interface DeriveTile extends Tile {
  /** Staged tiles that it is made of, or children with their products. */
  sources: [x: number, y: number][] | null;
  children: (Tile & FileSum)[] | null;
  /** Whether a file in its place is ours, or was put there by an attempt of this run. */
  isOurs: boolean;
}

/** Size in bytes and CRC-32 of a file. */
interface FileSum {
  size: number;
  sum: number;
}

export interface DerivedTiles {
  made: (Tile & FileSum)[];
  failed: (Tile & { error: ErrorJson })[];
  /** Children whose files are not as they were written. */
  damaged: Tile[];
}

/** A tile whose product can't be made is told of, and does not stop the others. */
export async function deriveTiles(
  make: MakeProduct,
  args: DeriveArgs,
  task: TaskContext,
): Promise<DerivedTiles> {
  const derived: DerivedTiles = { made: [], failed: [], damaged: [] };
  for (const tile of args.tiles) {
    const { z, x, y } = tile;
    try {
      const file = await deriveTile(make, args, tile, derived.damaged);
      derived.made.push({ z, x, y, ...file });
      task.note('products', 1);
      task.note('productBytes', file.size);
    } catch (caught) {
      const error = toTilewrightError(caught, { tile: nameOf(tile) }, 'product-failed');
      if (isFatal(error)) throw error;
      derived.failed.push({ z, x, y, error: error.toJSON() });
    }
    task.progress(1);
  }
  return derived;
}

async function deriveTile(
  make: MakeProduct,
  args: DeriveArgs,
  tile: DeriveTile,
  damaged: Tile[],
): Promise<FileSum> {
  const { folder, work, settings, product } = args;
  const below = productPath(product, settings, tile);
  const existed = fileBelow(folder, below) !== undefined;
  if (existed && !tile.isOurs) throw inTheWay(join(folder, below));
  const children = (tile.children ?? []).map((child) => ({
    tile: { z: child.z, x: child.x, y: child.y },
    path: childPath(args, child, damaged),
  }));
  const target = join(work, `${randomBytes(6).toString('hex')}${product.extension}`);
  const { z, x, y } = tile;
  await make({
    tile: { z, x, y },
    tms: tileMatrixSet(JSON.parse(settings.tmsDefinition)),
    tiles: (tile.sources ?? []).map((source) => sourceTile(folder, settings, source)),
    children,
    target,
  });
  const file = sumOf(target);
  if (file === null) {
    throw new TilewrightError('product-failed', `Nothing was written for ${join(folder, below)}`);
  }
  moveFile(target, folder, below);
  return file;
}

function inTheWay(path: string): TilewrightError {
  return new TilewrightError(
    'tiles-foreign',
    `${path} was not made here, and a product would replace it. Move it away, or let it be ` +
      'replaced with --adopt, and run the same command again',
  );
}

function sourceTile(
  folder: string,
  settings: FolderSettings,
  [x, y]: [number, number],
): SourceTile {
  const loose = fileBelow(folder, tilePath(settings, x, y)) !== undefined;
  const path = join(folder, loose ? tilePath(settings, x, y) : shownPath(settings, x, y));
  if (!existsSync(path)) {
    throw new TilewrightError(
      'tile-damaged',
      `${path} is gone. Stage its inputs anew with --force`,
    );
  }
  const open = (): StagedFile => openTile(folder, settings, x, y);
  return { tile: { z: settings.z, x, y }, path, open };
}

/** @throws TilewrightError product-failed for a file that something else has changed */
function childPath(
  { folder, settings, product }: DeriveArgs,
  child: Tile & FileSum,
  damaged: Tile[],
): string {
  const below = productPath(product, settings, child);
  const path = join(folder, below);
  const file = fileBelow(folder, below) === undefined ? null : sumOf(path);
  if (file?.size === child.size && file.sum === child.sum) return path;
  damaged.push({ z: child.z, x: child.x, y: child.y });
  throw new TilewrightError(
    'product-failed',
    `${path} is not as it was made: something else has changed or removed it. Run the same command ` +
      'again: it is made anew',
  );
}

/** Null if there is no file. */
function sumOf(path: string): FileSum | null {
  let fd: number;
  try {
    fd = openOwn(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    if (!fstatSync(fd).isFile()) return null;
    const block = Buffer.allocUnsafe(1 << 16);
    let [size, sum] = [0, 0];
    for (let read = readSync(fd, block); read > 0; read = readSync(fd, block)) {
      sum = crc32(block.subarray(0, read), sum);
      size += read;
    }
    return { size, sum };
  } finally {
    closeSync(fd);
  }
}
