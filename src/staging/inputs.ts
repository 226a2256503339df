/** Finds the input files that a person names as files, folders and globs. */

import type { Dirent, Stats } from 'node:fs';
import { globSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';

/** Extensions of the formats that can be staged, in lower case. */
export const INPUT_EXTENSIONS: readonly string[] = ['.gpkg', '.shp'];

/** Files that belong to an input, by the end of their names, and the extension of that input. */
const SIDECARS: readonly (readonly [end: string, input: string])[] = [
  ...['.shp.xml', '.dbf', '.shx', '.prj', '.qpj', '.cpg', '.qix', '.sbn', '.sbx'].map(
    (end) => [end, '.shp'] as const,
  ),
  ...['.gpkg-wal', '.gpkg-shm', '.gpkg-journal'].map((end) => [end, '.gpkg'] as const),
];

/** The journal's folder: what holds it is a staged folder, and its tiles are no inputs. */
const JOURNAL_FOLDER = '.tilewright';

export interface FoundInput {
  /** Absolute; links are not resolved. */
  path: string;
  /** Name in staging, unique in the result: the path below `root` with '/', in NFC. */
  name: string;
  /** Absolute path of the folder that the name starts at. */
  root: string;
}

export interface MissingInput {
  /** What was asked for: an argument, or a file in it that can't be reached. */
  argument: string;
  /** `input-missing`, `input-format` or `input-unreadable`. */
  error: TilewrightError;
}

export interface FoundInputs {
  /** In ascending order of name (UTF-16 code units), each file once. */
  inputs: FoundInput[];
  /** Arguments that led to nothing; the rest can be staged nevertheless. */
  missing: MissingInput[];
  /** Staged folders inside the folders that were searched: their tiles are no inputs. */
  skipped: string[];
}

export interface FindOptions {
  /** Extensions that folders and globs are searched for, in lower case; empty: all known. */
  extensions: readonly string[];
  /** Names of files below this folder start at it, wherever the argument starts. */
  baseFolder?: string | null;
  /** What relative arguments start at; default: the current folder. */
  cwd?: string;
}

/**
 * Files, folders (searched with all below them, but not in hidden folders) and globs, as inputs.
 * A file that is reached in several ways, also through links, is listed once: by the way without
 * links, then by its longest name. A file that is named itself needs no extension of
 * `extensions`, only a known one.
 * @throws TilewrightError `input-name-taken` when two different files would have one name
 */
export function findInputs(args: readonly string[], options: FindOptions): FoundInputs {
  const search = new Search(options);
  for (const argument of args) search.argument(argument);
  return search.result();
}

/** A file on the way to becoming an input. */
interface Candidate extends FoundInput {
  /** No link lies between the root and the file. */
  direct: boolean;
}

class Search {
  readonly #extensions: readonly string[];
  readonly #cwd: string;
  readonly #base: string | null;
  /** By real path. */
  readonly #found = new Map<string, Candidate>();
  readonly #missing: MissingInput[] = [];
  readonly #skipped = new Set<string>();
  readonly #sidecars: { argument: string; path: string; input: string }[] = [];
  /** Paths that were found, as `lowerName` has them. */
  readonly #added = new Set<string>();
  readonly #realFolders = new Map<string, string>();
  readonly #stagedFolders = new Map<string, boolean>();

  constructor(options: FindOptions) {
    this.#extensions = options.extensions.length > 0 ? options.extensions : INPUT_EXTENSIONS;
    this.#cwd = resolve(options.cwd ?? '.');
    this.#base = options.baseFolder == null ? null : resolve(this.#cwd, options.baseFolder);
  }

  argument(argument: string): void {
    const path = resolve(this.#cwd, argument);
    // A name with brackets may be a file's own: only what doesn't exist is read as a glob.
    const stats = argument === '' ? undefined : this.#stat(path);
    if (stats instanceof TilewrightError) {
      this.#missing.push({ argument, error: stats });
    } else if (stats === undefined) {
      if (isGlob(argument)) this.#glob(argument);
      else this.#miss(argument, `There is no file or folder ${argument === '' ? '""' : path}.`);
    } else if (stats.isDirectory()) {
      if (!this.#walk(path, path)) {
        this.#miss(
          argument,
          `The folder ${path} holds no ${this.#wanted()} files.${this.#aside()}`,
        );
      }
    } else {
      this.#file(argument, path);
    }
  }

  result(): FoundInputs {
    for (const { argument, path, input } of this.#sidecars) {
      const format = extname(input);
      if (this.#added.has(lowerName(input))) continue;
      this.#miss(
        argument,
        `${path} is a part of a ${format} input and is read along with it: give the ${format} file.`,
        'input-format',
      );
    }
    const inputs = [...this.#found.values()]
      .map(({ path, name, root }) => ({ path, name, root }))
      .sort((a, b) => compare(a.name, b.name) || compare(a.path, b.path));
    for (let i = 1; i < inputs.length; i++) {
      if (inputs[i]!.name === inputs[i - 1]!.name) throw nameTaken(inputs[i - 1]!, inputs[i]!);
    }
    return { inputs, missing: this.#missing, skipped: [...this.#skipped].sort(compare) };
  }

  /** A file that was named itself. */
  #file(argument: string, path: string): void {
    const lower = path.toLowerCase();
    const sidecar = SIDECARS.find(([end]) => lower.endsWith(end));
    if (INPUT_EXTENSIONS.includes(extname(lower))) this.#add(path, dirname(path));
    else if (sidecar !== undefined) {
      const input = path.slice(0, -sidecar[0].length) + sidecar[1];
      this.#sidecars.push({ argument, path, input });
    } else {
      const known = INPUT_EXTENSIONS.join(', ');
      this.#miss(argument, `${path} is of no known format (${known}).`, 'input-format');
    }
  }

  #glob(pattern: string): void {
    const [start, magic] = splitGlob(pattern);
    const root = resolve(this.#cwd, start);
    let found = false;
    for (const match of globSync(magic, { cwd: root }).sort(compare)) {
      const path = resolve(root, match);
      const stats = this.#stat(path);
      const staged = this.#stagedFolderOf(path, root);
      if (staged !== null) this.#skipped.add(staged);
      else if (stats === undefined || stats instanceof TilewrightError) {
        found = this.#broken(path, stats) || found;
      } else if (stats.isDirectory()) found = this.#walk(path, root) || found;
      else if (stats.isFile() && this.#matches(path)) {
        this.#add(path, root);
        found = true;
      }
    }
    if (!found) {
      const message = `No ${this.#wanted()} file below ${root} matches ${magic}.${this.#aside()}`;
      this.#miss(pattern, message);
    }
  }

  /**
   * Adds the files below a folder. Every real folder is entered once, and links to folders after
   * the real ones, so that circles end and the result doesn't depend on the order of entries.
   * @returns whether anything was found
   */
  #walk(start: string, root: string): boolean {
    const entered = new Set<string>();
    const folders = [start];
    const links: string[] = [];
    let found = false;
    for (;;) {
      if (folders.length === 0) links.sort(compare);
      const folder = folders.pop() ?? links.shift();
      if (folder === undefined) return found;
      let entries: Dirent[];
      try {
        const real = realpathSync(folder);
        if (entered.has(real)) continue;
        entered.add(real);
        entries = readdirSync(folder, { withFileTypes: true });
      } catch (error) {
        const failure = toTilewrightError(error, { input: folder }, 'input-unreadable');
        this.#missing.push({ argument: folder, error: failure });
        found = true;
        continue;
      }
      if (folder !== start && entries.some((entry) => entry.name === JOURNAL_FOLDER)) {
        this.#skipped.add(folder);
        continue;
      }
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue;
        const path = join(folder, entry.name);
        const stats = entry.isSymbolicLink() ? this.#stat(path) : entry;
        if (stats === undefined || stats instanceof TilewrightError) {
          found = this.#broken(path, stats) || found;
        } else if (stats.isDirectory()) (stats === entry ? folders : links).push(path);
        else if (stats.isFile() && this.#matches(path)) {
          this.#add(path, root);
          found = true;
        }
      }
    }
  }

  #add(path: string, root: string): void {
    if (this.#base !== null) root = this.#baseOf(path, this.#base) ?? root;
    let real: string;
    try {
      real = realpathSync(path);
    } catch (error) {
      // It was there a moment ago.
      this.#missing.push({ argument: path, error: toTilewrightError(error, { input: path }) });
      return;
    }
    this.#added.add(lowerName(path));
    const below = relative(root, path);
    const candidate: Candidate = {
      path,
      name: below.split(sep).join('/').normalize('NFC'),
      root,
      direct: join(this.#realFolder(root), below) === real,
    };
    const known = this.#found.get(real);
    if (known === undefined || preferred(candidate, known)) this.#found.set(real, candidate);
  }

  /** The base folder, as the path has it, if the path is below it. */
  #baseOf(path: string, base: string): string | null {
    if (isBelow(path, base)) return base;
    const real = this.#realFolder(base);
    return isBelow(path, real) ? real : null;
  }

  /** Resolved links, or the path itself where there is nothing. */
  #realFolder(folder: string): string {
    let real = this.#realFolders.get(folder);
    if (real === undefined) {
      real = this.#stat(folder) === undefined ? folder : realpathSync(folder);
      this.#realFolders.set(folder, real);
    }
    return real;
  }

  /** The staged folder between `root` (exclusive) and `path` (inclusive), if there is one. */
  #stagedFolderOf(path: string, root: string): string | null {
    let folder = path;
    for (; isBelow(folder, root); folder = dirname(folder)) {
      let staged = this.#stagedFolders.get(folder);
      if (staged === undefined) {
        staged = this.#stat(join(folder, JOURNAL_FOLDER)) !== undefined;
        this.#stagedFolders.set(folder, staged);
      }
      if (staged) return folder;
    }
    return null;
  }

  /** Counts a link that leads nowhere as missing if it has the name of an input. */
  #broken(path: string, reason: TilewrightError | undefined): boolean {
    if (!this.#matches(path)) return false;
    const message = `${path} is a link to a file that is not there.`;
    const error = reason ?? new TilewrightError('input-missing', message, { input: path });
    this.#missing.push({ argument: path, error });
    return true;
  }

  #matches(path: string): boolean {
    return this.#extensions.includes(extname(path).toLowerCase());
  }

  #wanted(): string {
    return this.#extensions.join(' or ');
  }

  #aside(): string {
    return this.#skipped.size > 0 ? ' (Staged folders in it were passed over.)' : '';
  }

  #miss(
    argument: string,
    message: string,
    code: 'input-missing' | 'input-format' = 'input-missing',
  ) {
    const error = new TilewrightError(code, message, { input: argument });
    this.#missing.push({ argument, error });
  }

  /** Undefined where there is nothing, an error where nobody may look. */
  #stat(path: string): Stats | TilewrightError | undefined {
    try {
      return statSync(path, { throwIfNoEntry: false });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
      return toTilewrightError(error, { input: path }, 'input-unreadable');
    }
  }
}

function preferred(a: Candidate, b: Candidate): boolean {
  if (a.direct !== b.direct) return a.direct;
  if (a.name.length !== b.name.length) return a.name.length > b.name.length;
  return compare(a.path, b.path) < 0;
}

function nameTaken(a: FoundInput, b: FoundInput): TilewrightError {
  const folder = commonFolder(a.path, b.path);
  const names = [a, b].map(({ path }) => relative(folder, path).normalize('NFC'));
  // Two spellings of one name in Unicode stay the same, wherever the names start.
  const advice =
    names[0] === names[1]
      ? 'Rename one of them.'
      : `Give their common folder ${folder} instead, so that the names start there.`;
  return new TilewrightError(
    'input-name-taken',
    `Two inputs would have the name ${a.name}: ${a.path} and ${b.path}. ${advice}`,
    { input: a.name },
  );
}

function commonFolder(a: string, b: string): string {
  let folder = dirname(a);
  while (!isBelow(b, folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function isBelow(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

/** The path with its last part in lower case: sidecars may differ from their input in case. */
function lowerName(path: string): string {
  return join(dirname(path), basename(path).toLowerCase());
}

function isGlob(text: string): boolean {
  return /[*?[{]|[!+@]\(/.test(text);
}

/** The folder before the first segment with a special character, and the pattern from there on. */
function splitGlob(pattern: string): [start: string, magic: string] {
  const segments = (sep === '\\' ? pattern.replaceAll('\\', '/') : pattern).split('/');
  const first = segments.findIndex(isGlob);
  const start = segments.slice(0, first).join('/');
  return [pattern.startsWith('/') && start === '' ? '/' : start, segments.slice(first).join('/')];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
