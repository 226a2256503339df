/** The files of a shapefile, which share a name and differ in their extensions. */

import { statSync } from 'node:fs';
import { extname } from 'node:path';

/** Paths of the files beside the .shp that are read; null for one that is not there. */
export interface ShapefileParts {
  shx: string | null;
  dbf: string | null;
  prj: string | null;
  cpg: string | null;
}

/**
 * Looks for the files beside a .shp, in every mixture of lower and upper case; of several
 * spellings, lower case comes first, then upper case. All are optional.
 */
export function shapefileParts(path: string): ShapefileParts {
  const stem = path.slice(0, path.length - extname(path).length);
  return {
    shx: find(stem, 'shx'),
    dbf: find(stem, 'dbf'),
    prj: find(stem, 'prj'),
    cpg: find(stem, 'cpg'),
  };
}

/** Which letters are capitals, as bits: none, all, the first, then the rest. */
const CAPITALS = [0, 7, 1, 2, 3, 4, 5, 6];

function find(stem: string, extension: string): string | null {
  for (const capitals of CAPITALS) {
    const letters = Array.from(extension, (letter, i) =>
      capitals & (1 << i) ? letter.toUpperCase() : letter,
    );
    const path = `${stem}.${letters.join('')}`;
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  }
  return null;
}
