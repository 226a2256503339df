/** Which file of a folder is the footprint of an input. */

import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { TilewrightError } from '../../../core/errors.ts';
import { inputExtensionOf } from '../../../formats/input-formats.ts';

/** An input as it is looked for. */
export interface FootprintOwner {
  /** Its name in staging, and its path below the input folder: all layers of a file have one footprint. */
  name: string;
  file: string;
}

export interface FootprintPlaces {
  /** Folder of the footprints. */
  footprints: string;
  /** Ends of their names, in lower case. */
  footprintExtensions: readonly string[];
}

/** Names that an error lists. */
const MOST_NAMES = 100;

/** Finds the file of the same path below the folder, but for its extension. */
export class FootprintFinder {
  readonly #root: string;
  readonly #extensions: readonly string[];
  readonly #folders = new Map<string, Map<string, string[]>>();

  /** @throws TilewrightError footprint-missing without the folder */
  constructor({ footprints, footprintExtensions }: FootprintPlaces) {
    this.#root = resolve(footprints);
    this.#extensions = footprintExtensions;
    this.#folders.set(this.#root, filesByStem(this.#root, footprintExtensions, true));
  }

  /**
   * @param file - of an input
   * @returns null where there is none
   * @throws TilewrightError footprint-unusable where there are two
   */
  find(file: string): string | null {
    const stem = stemOf(file);
    const folder = resolve(this.#root, dirname(stem));
    const files = this.#folders.get(folder) ?? filesByStem(folder, this.#extensions, false);
    this.#folders.set(folder, files);
    const same = files.get(basename(stem)) ?? [];
    if (same.length <= 1) return same[0] ?? null;
    throw new TilewrightError(
      'footprint-unusable',
      `${file} has ${same.length} footprints: ${same.join(', ')}. Keep one of them, or say which ` +
        'extension footprints have (extFootprints)',
      { input: file },
    );
  }
}

/** By `file` of the inputs, the path of its footprint. @throws what FootprintFinder does */
export function findFootprints(
  inputs: readonly FootprintOwner[],
  places: FootprintPlaces,
): Map<string, string | null> {
  const finder = new FootprintFinder(places);
  return new Map(inputs.map(({ file }) => [file, finder.find(file)]));
}

/** The file's path without its extension. */
export function stemOf(file: string): string {
  return file.slice(0, file.length - (inputExtensionOf(file)?.length ?? 0));
}

/** Paths of files that footprints may be, by their names without extension, in NFC. */
function filesByStem(
  folder: string,
  extensions: readonly string[],
  isRequired: boolean,
): Map<string, string[]> {
  const files = new Map<string, string[]>();
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    if (!isRequired) return files;
    throw new TilewrightError(
      'footprint-missing',
      `There is no folder ${folder}, in which the footprints would be. Say where they are with ` +
        '--footprints (dirFootprints), or make them with tilewright footprints',
      { cause: error },
    );
  }
  for (const name of names) {
    const extension = inputExtensionOf(name);
    if (extension === undefined) continue;
    if (!extensions.includes(extension)) continue;
    const stem = name.slice(0, -extension.length).normalize('NFC');
    files.set(stem, [...(files.get(stem) ?? []), join(folder, name)]);
  }
  return files;
}

/** Names of inputs that have no footprint, in order. */
export function withoutFootprint(
  inputs: readonly FootprintOwner[],
  found: ReadonlyMap<string, string | null>,
): string[] {
  const names = inputs.filter(({ file }) => found.get(file) == null).map(({ name }) => name);
  return names.sort();
}

/**
 * What is to be said of inputs without footprint, where they are kept.
 * @throws TilewrightError footprint-missing, which names them, where they are not
 */
export function missingNote(
  missing: readonly string[],
  { footprints }: FootprintPlaces,
  kept: boolean,
): string | null {
  if (missing.length === 0) return null;
  const some = missing.slice(0, MOST_NAMES).join(', ');
  const rest = missing.length > MOST_NAMES ? ` and ${missing.length - MOST_NAMES} more` : '';
  const count = missing.length === 1 ? 'One input has' : `${missing.length} inputs have`;
  const what = `${count} no footprint in ${resolve(footprints)}: ${some}${rest}.`;
  if (kept) return `${what} Their features stay`;
  throw new TilewrightError(
    'footprint-missing',
    `${what} Put files of the same path and name there, make them with tilewright footprints, or ` +
      'keep the features of these inputs with --missing-footprints keep',
  );
}
