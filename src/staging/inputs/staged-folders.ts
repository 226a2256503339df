/** Staged folders in or around those that are searched: their tiles are no inputs. */

import { realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { tilesOf } from '../folder/staged-tiles.ts';
import { isBelow } from './input-paths.ts';

/** The journal's folder: what holds it is a staged folder. */
export const JOURNAL_FOLDER = '.tilewright';

/** Undefined where there is nothing. @throws what the system says where nobody may look */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

/** Remembers what it has seen: for one search. */
export class StagedFolders {
  /** Those that were met. */
  readonly skipped = new Set<string>();
  readonly #realFolders = new Map<string, string>();
  readonly #staged = new Map<string, boolean>();
  readonly #tilesOf = new Map<string, (path: string) => boolean>();

  /**
   * The staged folder between `root` (exclusive; null for none) and `path` (inclusive), if there is
   * one: the nearest.
   */
  holding(path: string, root: string | null): string | null {
    for (let folder = path; root === null || isBelow(folder, root); folder = dirname(folder)) {
      let staged = this.#staged.get(folder);
      if (staged === undefined) {
        staged = isThere(join(folder, JOURNAL_FOLDER));
        this.#staged.set(folder, staged);
      }
      if (staged) return folder;
      if (folder === dirname(folder)) break;
    }
    return null;
  }

  /**
   * Whether this is a tile of a staged folder, which then counts as met.
   * @param path - without links
   * @throws what reading that folder's journal meets
   */
  isTile(path: string): boolean {
    const folder = this.holding(dirname(path), null);
    if (folder === null) return false;
    let isTile = this.#tilesOf.get(folder);
    if (isTile === undefined) {
      isTile = tilesOf(folder);
      this.#tilesOf.set(folder, isTile);
    }
    if (!isTile(path)) return false;
    this.skipped.add(folder);
    return true;
  }

  /** A path whose folder's links are resolved. */
  realPath(path: string): string {
    return join(this.realFolder(dirname(path)), basename(path));
  }

  /** Resolved links, or the path itself where there is nothing. */
  realFolder(folder: string): string {
    let real = this.#realFolders.get(folder);
    if (real === undefined) {
      real = isThere(folder) ? realpathSync(folder) : folder;
      this.#realFolders.set(folder, real);
    }
    return real;
  }
}

/** Also where nobody may look: what wants to read there is told why. */
function isThere(path: string): boolean {
  try {
    return statOf(path) !== undefined;
  } catch {
    return true;
  }
}
