/**
 * Files of input folders that are of no format that can be staged: what they are, by their names
 * and what is in archives, and what makes those readable that are vector data.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import { commandFor, resultOf, shortPath } from '../../formats/unread/advice.ts';
import { unpackedFolder, unzipCommand, vectorsIn } from '../../formats/unread/archives.ts';
import {
  type UnreadFormat,
  unreadExtensionOf,
  unreadFormatByName,
} from '../../formats/unread/unread-formats.ts';
import { sidecarTest } from './sidecars.ts';

/** Files of one kind that are in the input folders and are not read. */
export interface UnreadKind {
  /** `GeoJSON in a zip archive`, `FileGDB` …; an empty text for what is only known by its extension. */
  format: string;
  /** In lower case, with the dot; an empty text for files without one. */
  extension: string;
  /** A FileGDB, which is a folder, counts as one. */
  count: number;
  /** Paths of the first three of them, in ascending order. */
  examples: string[];
  /** A command that makes each readable, beside it; null for what is no vector data. */
  command: string | null;
}

/** Folders that are one dataset, by their extensions and what is in each. */
const DATASETS: Readonly<Record<string, RegExp>> = {
  '.gdb': /\.gdbtable$/i,
  '.zarr': /^(\.zgroup|\.zarray|zarr\.json)$/,
};

const EXAMPLES = 3;
const ARCHIVE = '.zip';

interface Kind {
  paths: string[];
  roots: Set<string>;
  /** Those that the paths lie in, and what the format of these is; null for files that lie in none. */
  archived: { format: string; archives: Set<string>; hasShapefiles: boolean } | null;
}

/** A folder that is searched. */
export interface SearchedFolder {
  folder: string;
  /** Its path without links. */
  real: string;
  /** The folder that was given. */
  root: string;
  entries: readonly { name: string }[];
}

/** Gathers them while folders are searched. */
export class UnreadFiles {
  readonly #cwd: string;
  readonly #isSidecar = sidecarTest();
  readonly #kinds = new Map<string, Kind>();
  /** Real paths of folders that have been looked through. */
  readonly #seen = new Set<string>();

  /** @param cwd - what paths in commands start at */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Counts a folder that is one dataset, in place of what is in it; returns whether it is one. */
  dataset({ folder, real, root, entries }: SearchedFolder): boolean {
    const extension = endOf(folder);
    const marks = DATASETS[extension];
    if (marks === undefined || !entries.some(({ name }) => marks.test(name))) return false;
    const isThere = (path: string): boolean => existsSync(path);
    if (this.#first(real) && resultOf(folder, isThere) === null) this.#add(extension, folder, root);
    return true;
  }

  /** @param others - names of files that are no inputs */
  folder({ folder, real, root, entries }: SearchedFolder, others: readonly string[]): void {
    if (others.length === 0 || !this.#first(real)) return;
    const names = new Set(entries.map(({ name }) => name.toLowerCase()));
    for (const name of others) {
      if (this.#isSidecar(name.toLowerCase(), names)) continue;
      const isThere = (path: string): boolean => names.has(path.toLowerCase());
      if (resultOf(name, isThere) === null) this.#other(join(folder, name), root);
    }
  }

  /** A file that a glob has matched. */
  file(path: string, root: string): void {
    if (this.#first(path)) this.#other(path, root);
  }

  #other(path: string, root: string): void {
    const extension = endOf(path);
    if (extension === ARCHIVE && this.#archive(path, root, false)) return;
    this.#add(extension, path, root);
  }

  /** An archive whose shapefiles are read: what else is in it. */
  archive(path: string, root: string): void {
    if (this.#first(path) && !existsSync(unpackedFolder(path))) this.#archive(path, root, true);
  }

  /** Counts what is in an archive; whether there is something. */
  #archive(path: string, root: string, hasShapefiles: boolean): boolean {
    const members = vectorsIn(path);
    for (const { name, format, extension } of members) {
      const key = `${extension} in ${ARCHIVE}`;
      const kind = this.#add(key, `${path}/${name}`, root);
      kind.archived ??= { format, archives: new Set(), hasShapefiles: false };
      kind.archived.archives.add(path);
      kind.archived.hasShapefiles ||= hasShapefiles;
    }
    return members.length > 0;
  }

  /** Those of vector data first, then by their number. */
  kinds(): UnreadKind[] {
    const kinds = [...this.#kinds].map(([extension, { paths, roots, archived }]): UnreadKind => {
      const examples = paths.sort().slice(0, EXAMPLES);
      const count = paths.length;
      if (archived !== null) {
        const [format, command] = [
          `${archived.format} in a zip archive`,
          this.#unzip(archived, roots),
        ];
        return { format, extension: endOf(paths[0]!), count, examples, command };
      }
      const format = unreadFormatByName(paths[0]!);
      const isSure = format?.may === undefined;
      const command = isSure ? this.#command(format, extension, paths, roots) : null;
      return { format: format?.name ?? '', extension, count, examples, command };
    });
    return kinds.sort(
      (a, b) =>
        Number(b.command !== null) - Number(a.command !== null) ||
        b.count - a.count ||
        (a.extension < b.extension ? -1 : 1),
    );
  }

  #first(real: string): boolean {
    const size = this.#seen.size;
    return this.#seen.add(real).size > size;
  }

  #add(key: string, path: string, root: string): Kind {
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = { paths: [], roots: new Set(), archived: null };
      this.#kinds.set(key, kind);
    }
    kind.paths.push(path);
    kind.roots.add(root);
    return kind;
  }

  #unzip(
    { archives, hasShapefiles }: NonNullable<Kind['archived']>,
    roots: ReadonlySet<string>,
  ): string {
    const [first] = archives;
    if (archives.size === 1) return unzipCommand(shortPath(first!, this.#cwd), hasShapefiles);
    const each = unzipCommand('{}', hasShapefiles);
    return `find ${this.#folders(roots)} -iname '*${ARCHIVE}' -exec ${each} \\;`;
  }

  #folders(roots: ReadonlySet<string>): string {
    return [...roots].map((root) => shellWord(shortPath(root, this.#cwd))).join(' ');
  }

  #command(
    format: UnreadFormat | undefined,
    extension: string,
    paths: readonly string[],
    roots: ReadonlySet<string>,
  ): string | null {
    if (format === undefined) return null;
    if (paths.length === 1) return commandFor(format, shortPath(paths[0]!, this.#cwd));
    if (format.command === undefined) return null;
    const each = format.command.replaceAll('{in}', '{}').replaceAll('{out}', '{}.gpkg');
    return `find ${this.#folders(roots)} -iname ${shellWord(`*${extension}`)} -exec ${each} \\;`;
  }
}

/** `3 files were not read: 2 GeoJSON (.geojson), 1 FileGDB (.gdb)`; empty if there are none. */
export function unreadWords(kinds: readonly UnreadKind[]): string {
  if (kinds.length === 0) return '';
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const list = kinds.map(
    ({ format, extension, count }) =>
      `${count.toLocaleString('en')} ${format === '' ? extension || 'without an extension' : `${format} (${extension})`}`,
  );
  const files = total === 1 ? '1 file was' : `${total.toLocaleString('en')} files were`;
  return `${files} not read: ${list.join(', ')}`;
}

/** Commands that make what is vector data readable. */
export function unreadCommands(kinds: readonly UnreadKind[]): string[] {
  return [...new Set(kinds.flatMap(({ command }) => command ?? []))];
}

/** All of that, to follow a sentence: each command is a line. Empty if there are none. */
export function unreadList(kinds: readonly UnreadKind[]): string {
  if (kinds.length === 0) return '';
  const commands = unreadCommands(kinds);
  if (commands.length === 0) return ` ${unreadWords(kinds)}.`;
  return ` ${unreadWords(kinds)}. To read them:\n${commands.join('\n')}`;
}

/** The extension, in lower case; of a name with none, an empty text. */
function endOf(path: string): string {
  return unreadExtensionOf(path) ?? /[^/\\](\.[^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
