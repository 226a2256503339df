/** Which files in a staged folder are its tiles, and not inputs that somebody keeps there. */

import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { stagedFormat } from '../../formats/staged-formats.ts';
import { parseTilePath, tileKey } from '../../tms/tile-path.ts';
import { Journal } from './journal/journal.ts';
import { journalPath } from './staged-folder.ts';
import { filesOf } from './tile-place.ts';

/**
 * @returns whether a file at this absolute path is a tile of the folder, or a product of one; the journal is read when
 *   the first path looks like one
 * @throws TilewrightError staged-folder, by what is returned, if the journal can't be read
 */
export function tilesOf(folder: string): (path: string) => boolean {
  let isStaged: ((below: string) => boolean) | undefined;
  return (path) => {
    const below = relative(folder, path).split(sep).join('/');
    if (!/(?:\/-?\d+){3}\.[^/]+$/.test(below)) return false;
    isStaged ??= stagedIn(folder);
    return isStaged(below);
  };
}

function stagedIn(folder: string): (below: string) => boolean {
  if (!existsSync(journalPath(folder))) return () => false;
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    const settings = journal.settings();
    if (settings === null) return () => false;
    const { style, tms, z, pack = 0, tilePathStructure, format } = settings;
    const { extension } = stagedFormat(format);
    // A run that is being merged, or a folder that is being emptied, has tiles besides.
    const more = journal.pending() !== null || journal.plannedReset() !== null;
    const files = new Set(filesOf(journal, settings).map(({ x, y }) => tileKey(x, y)));
    const products = journal.products.known();
    return (below) => {
      const product = products.find(({ name }) => below.startsWith(`${name}/`));
      if (product !== undefined) {
        const path = below.slice(product.name.length + 1);
        const made = parseTilePath(path, tilePathStructure, product.extension);
        return made !== null && made.style === style && made.tms === tms;
      }
      const tile = parseTilePath(below, tilePathStructure, extension);
      if (tile === null || tile.style !== style || tile.tms !== tms) return false;
      return tile.z === z - pack && (more || files.has(tileKey(tile.x, tile.y)));
    };
  } finally {
    journal.close();
  }
}
