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
    shx: find(stem, SHX),
    dbf: find(stem, DBF),
    prj: find(stem, PRJ),
    cpg: find(stem, CPG),
  };
}

const [SHX, DBF, PRJ, CPG] = ['shx', 'dbf', 'prj', 'cpg'].map(spellings) as [
  string[],
  string[],
  string[],
  string[],
];

/** With capitals at none, all, the first, then the rest of the letters. */
function spellings(extension: string): string[] {
  return [0, 7, 1, 2, 3, 4, 5, 6].map((capitals) =>
    Array.from(extension, (letter, i) =>
      capitals & (1 << i) ? letter.toUpperCase() : letter,
    ).join(''),
  );
}

function find(stem: string, extensions: readonly string[]): string | null {
  for (const extension of extensions) {
    const path = `${stem}.${extension}`;
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  }
  return null;
}
