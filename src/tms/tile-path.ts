/** Paths and labels of tiles. Pure functions of names; they touch no files. */

import { TilewrightError } from '../core/errors.ts';

export interface TilePathParts {
  /** Empty for none: its folder is then left out. */
  style: string;
  tms: string;
  z: number;
  x: number;
  y: number;
}

export type PathElement = keyof TilePathParts;

const ELEMENTS: readonly string[] = ['style', 'tms', 'z', 'x', 'y'];

/**
 * Checks an order of path elements: each of style, tms, z, x and y once, and z, x, y last in any
 * order. @throws TilewrightError `config-invalid`
 */
export function checkPathStructure(structure: readonly string[]): readonly PathElement[] {
  const complete =
    structure.length === ELEMENTS.length && ELEMENTS.every((name) => structure.includes(name));
  if (!complete || structure.slice(2).some((name) => name === 'style' || name === 'tms')) {
    throw new TilewrightError(
      'config-invalid',
      `The tile path structure [${structure.join(', ')}] must hold style and tms, in any order, ` +
        'and then z, x and y, in any order.',
    );
  }
  return structure as readonly PathElement[];
}

/**
 * Path of a tile's file, relative to the folder of all tiles, with '/':
 * `WGS1984Quad/13/1218/895.gpkg` for the structure style, tms, z, x, y and an empty style.
 * @param extension - with its dot, e.g. `.gpkg`
 */
export function formatTilePath(
  parts: TilePathParts,
  structure: readonly string[],
  extension: string,
): string {
  const names: string[] = [];
  for (const element of checkPathStructure(structure)) {
    const name = String(parts[element]);
    if (element === 'style' && name === '') continue;
    if (element === 'style' || element === 'tms') checkFolderName(element, name);
    else if (!Number.isSafeInteger(parts[element])) {
      throw new TilewrightError('config-invalid', `The tile's ${element} is ${name}, no integer.`);
    }
    names.push(name);
  }
  return names.join('/') + extension;
}

/**
 * The tile that a relative path stands for, or null if it is not the path of a tile: for telling
 * tiles from other files in a folder. The inverse of `formatTilePath`.
 */
export function parseTilePath(
  path: string,
  structure: readonly string[],
  extension: string,
): TilePathParts | null {
  if (!path.endsWith(extension)) return null;
  const names = path.slice(0, path.length - extension.length).split('/');
  const elements = checkPathStructure(structure);
  const present =
    names.length === elements.length ? elements : elements.filter((element) => element !== 'style');
  if (names.length !== present.length) return null;
  const parts: TilePathParts = { style: '', tms: '', z: 0, x: 0, y: 0 };
  for (const [i, element] of present.entries()) {
    const name = names[i]!;
    if (element === 'style' || element === 'tms') {
      if (!isFolderName(name)) return null;
      parts[element] = name;
    } else {
      // As `formatTilePath` writes it: no sign but a minus, no leading zeros.
      if (!/^(?:0|-?[1-9]\d{0,15})$/.test(name)) return null;
      parts[element] = Number(name);
    }
  }
  return parts;
}

/** A tile of a tile matrix as a key of maps. */
export function tileKey(x: number, y: number): string {
  return `${x}/${y}`;
}

/** A tile as the staging properties name it: `Tile(x=1218, y=895, z=13)`. */
export function tileLabel(x: number, y: number, z: number): string {
  return `Tile(x=${x}, y=${y}, z=${z})`;
}

/**
 * Names of devices, whatever their extension, and ends that Windows cuts off: "Naming Files, Paths, and
 * Namespaces" of learn.microsoft.com. `.` and `..` are among them.
 */
const RESERVED = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(?:\.|$)|[. ]$/i;

/** Bytes of a name that file systems take. */
const LONGEST = 255;

/** Whether the name is one folder below where it is put, on every system. */
export function isFolderName(name: string): boolean {
  if (name === '' || Buffer.byteLength(name) > LONGEST || RESERVED.test(name)) return false;
  return !name.includes('/') && !name.includes('\\') && !name.includes('\0');
}

function checkFolderName(element: string, name: string): void {
  if (isFolderName(name)) return;
  throw new TilewrightError(
    'config-invalid',
    `The ${element} "${name}" can't be the name of a folder on every system: it must not be empty, have ` +
      'a slash or backslash or more than 255 bytes, end with a dot or a space, or be a device of Windows such as CON.',
  );
}
