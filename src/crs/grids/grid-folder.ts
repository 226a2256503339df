/** The folder with grids of datum shifts that a user has. */

import { createHash } from 'node:crypto';
import { type Dirent, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import { causeText } from '../../core/system-causes.ts';
import type { Bounds } from '../table/records.ts';
import { eastOf, northOf } from './grid.ts';
import { type GridSource, stampOf } from './grid-file.ts';
import { isGridFile, openGrids } from './open-grid.ts';

/** A file that an operation names. */
export interface GridFile {
  names: string[];
  /** Whether the files that PROJ distributes, all names but the first, lead the other way. */
  inverse: boolean;
}

/** A file that is there, and the direction in which it leads from the operation's source. */
export interface FoundGrid {
  source: GridSource;
  inverse: boolean;
}

export class GridFolder {
  /** Absolute: workers may run in other folders. */
  readonly path: string;
  /** What is in it, to notice a change: of names, sizes and times. */
  readonly key: string;
  /** By their names in lower case, as names differ by case from list to list. */
  readonly #files = new Map<string, GridSource>();
  readonly #coverages = new Map<string, Bounds[]>();

  /** @throws TilewrightError config-invalid if the folder is not there or has no grid */
  constructor(path: string) {
    this.path = resolve(path);
    const hash = createHash('sha256');
    for (const name of gridNames(path)) {
      const file = join(this.path, name);
      const stamp = stampOf(file);
      hash.update(`${name}\0${stamp}\n`);
      const folded = name.toLowerCase();
      // Of names that differ by case only the first one counts, whatever the file system's order.
      if (!this.#files.has(folded)) this.#files.set(folded, { path: file, stamp });
    }
    if (this.#files.size === 0) {
      throw refusal(`${path} has no file with grids (NTv2, GeoTIFF, NADCON)`);
    }
    this.key = hash.digest('hex').slice(0, 16);
  }

  /**
   * The file of an operation. NADCON names two files, of which one in another format has both.
   * @param files - as the table names them: EPSG's name, then those of PROJ's files
   */
  find([first, second]: readonly GridFile[]): FoundGrid | null {
    for (const [n, name] of (first?.names ?? []).entries()) {
      const source = this.named(name, second?.names[0]);
      // Only what PROJ distributes may lead the other way.
      if (source !== null) return { source, inverse: n > 0 && first!.inverse };
    }
    return null;
  }

  /**
   * The file of a name, whatever its case and without the folder that the name may have.
   * @param longitudes - name of the file that a .las file needs beside it
   */
  named(name: string, longitudes = name.replace(/las$/i, 'los')): GridSource | null {
    const at = (text: string): GridSource | undefined => {
      const base = text.slice(text.lastIndexOf('/') + 1).toLowerCase();
      return (
        this.#files.get(base) ?? (base.includes('.') ? undefined : this.#files.get(`${base}.gsb`))
      );
    };
    const found = at(name);
    if (found === undefined) return null;
    if (!/\.las$/i.test(name)) return found;
    const other = at(longitudes);
    return other === undefined ? null : { ...found, longitudes: other };
  }

  /** West, south, east, north of the grids of a file. @throws TilewrightError crs-grid */
  coverage(source: GridSource): Bounds[] {
    let bounds = this.#coverages.get(source.path);
    if (bounds === undefined) {
      const { grids, close } = openGrids(source);
      close();
      bounds = grids
        .filter(({ parent }) => parent === null)
        .map((grid) => [grid.west, grid.south, eastOf(grid), northOf(grid)]);
      this.#coverages.set(source.path, bounds);
    }
    return bounds;
  }
}

/** Names of the files with grids, in order. */
function gridNames(path: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refusal(
      code === 'ENOENT'
        ? `there is no folder ${path}`
        : `${path} can't be listed: ${causeText(error)}`,
      error,
    );
  }
  return entries
    .filter((entry) => !entry.isDirectory() && isGridFile(join(path, entry.name)))
    .map(({ name }) => name)
    .sort();
}

function refusal(what: string, cause?: unknown): TilewrightError {
  return new TilewrightError(
    'config-invalid',
    `--grids (grids): ${what}. Name a folder with grids as PROJ distributes them on cdn.proj.org`,
    { cause },
  );
}
