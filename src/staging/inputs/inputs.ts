/** Finds the input files that a person names as files, folders and globs. */

import type { Dirent, Stats } from 'node:fs';
import { globSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { remoteAdvice } from '../../core/remote-name.ts';
import {
  inputExtensionOf,
  inputExtensions,
  inputFormatOf,
  isFoundInput,
} from '../../formats/input-formats.ts';
import { isInputUrl } from '../../formats/remote/input-url.ts';
import { unreadAdvice } from '../../formats/unread/advice.ts';
import type { FoundInput } from '../folder/found-input.ts';
import { nameTaken } from './input-name.ts';
import { compare, isBelow, isGlob, lowerName, splitGlob } from './input-paths.ts';
import {
  decodable,
  escapeName,
  hasControls,
  oddName,
  REPLACEMENT,
  undecodable,
} from './odd-names.ts';
import { findRemote } from './remote-inputs.ts';
import { inputOfPart } from './sidecars.ts';
import { JOURNAL_FOLDER, StagedFolders, statOf } from './staged-folders.ts';
import { UnreadFiles, type UnreadKind, unreadList } from './unread.ts';

export interface MissingInput {
  /** What was asked for: an argument, or a file in it that can't be reached. */
  argument: string;
  /** `input-missing`, `input-format`, `input-unreadable`, `input-name` or `input-name-taken`. */
  error: TilewrightError;
}

export interface FoundInputs {
  /** In ascending order of name (UTF-16 code units), each file once. */
  inputs: FoundInput[];
  /** Arguments that led to nothing; the rest can be staged nevertheless. */
  missing: MissingInput[];
  /** Staged folders in or around the folders that were searched: their tiles are no inputs. */
  skipped: string[];
  /** Other files in the folders that were searched, but those that belong to an input. */
  unread: UnreadKind[];
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
 * `extensions`, if its content tells what it is. Files that would have one name, and files whose names can't be
 * read, are missing.
 */
export function findInputs(args: readonly string[], options: FindOptions): FoundInputs {
  const search = new Search(options);
  const [remote, local] = [args.filter(isInputUrl), args.filter((one) => !isInputUrl(one))];
  if (remote.length > 0) search.remote(remote);
  for (const argument of local) search.argument(argument);
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
  readonly #givenBase: string | null;
  /** By real path. */
  readonly #found = new Map<string, Candidate>();
  readonly #missing: MissingInput[] = [];
  /** Folders and globs without inputs. */
  readonly #empty: { argument: string; message: string }[] = [];
  readonly #unread: UnreadFiles;
  readonly #sidecars: { argument: string; path: string; input: string }[] = [];
  /** Paths that were found, as `lowerName` has them. */
  readonly #added = new Set<string>();
  readonly #staged = new StagedFolders();

  constructor(options: FindOptions) {
    this.#extensions = options.extensions.length > 0 ? options.extensions : inputExtensions();
    this.#cwd = resolve(options.cwd ?? '.');
    this.#unread = new UnreadFiles(this.#cwd);
    this.#givenBase = options.baseFolder ?? null;
    this.#base = options.baseFolder == null ? null : resolve(this.#cwd, options.baseFolder);
  }

  argument(argument: string): void {
    const path = resolve(this.#cwd, argument);
    // A name with brackets may be a file's own: only what doesn't exist is read as a glob.
    const stats = argument === '' ? undefined : this.#stat(path);
    if (stats instanceof TilewrightError) {
      this.#missing.push({ argument, error: stats });
    } else if (stats === undefined) {
      const remote = remoteAdvice(argument);
      if (remote !== null) this.#miss(argument, `${remote}.`);
      else if (isGlob(argument)) this.#glob(argument);
      else if (argument.includes(REPLACEMENT)) {
        this.#odd(path, 'some of whose bytes are not UTF-8');
      } else this.#miss(argument, `There is no file or folder ${argument === '' ? '""' : path}.`);
    } else if (stats.isDirectory()) {
      const before = this.#missing.length;
      if (!this.#walk(path, path) && this.#missing.length === before) {
        this.#holdsNothing(argument, `The folder ${path} holds no file that is ${this.#wanted()}.`);
      }
    } else {
      this.#file(argument, path);
    }
  }

  remote(urls: readonly string[]): void {
    const { inputs, failed } = findRemote(urls, {
      extensions: this.#extensions,
      baseFolder: this.#givenBase,
    });
    for (const input of inputs) {
      const candidate = { ...input, direct: true };
      const known = this.#found.get(input.path);
      if (known === undefined || preferred(candidate, known))
        this.#found.set(input.path, candidate);
    }
    this.#missing.push(...failed);
  }

  result(): FoundInputs {
    for (const { argument, path, input } of this.#sidecars) {
      const format = inputExtensionOf(input) ?? extname(input);
      if (this.#added.has(lowerName(input))) continue;
      this.#miss(
        argument,
        `${path} belongs to a ${format} input: give the ${format} file, with which it is read.`,
        'input-format',
      );
    }
    // Once, as what was not read is told of for all folders together.
    for (const [i, { argument, message }] of this.#empty.entries()) {
      this.#miss(argument, message + (i === 0 ? unreadList(this.#unread.kinds()) : ''));
    }
    const inputs = [...this.#found.values()]
      .map(({ path, name, root }) => ({ path, name, root }))
      .sort((a, b) => compare(a.name, b.name) || compare(a.path, b.path));
    for (const same of Map.groupBy(inputs, ({ name }) => name).values()) {
      if (same.length === 1) continue;
      for (const one of same) {
        const other = same.find((another) => another !== one)!;
        this.#missing.push({ argument: one.path, error: nameTaken(one, other) });
        inputs.splice(inputs.indexOf(one), 1);
      }
    }
    const skipped = [...this.#staged.skipped].sort(compare);
    return { inputs, missing: this.#missing, skipped, unread: this.#unread.kinds() };
  }

  /** A file that was named itself. */
  #file(argument: string, path: string): void {
    const input = inputOfPart(path);
    if (inputFormatOf(path) !== undefined) this.#add(path, dirname(path));
    else if (input !== null) this.#sidecars.push({ argument, path, input });
    else {
      this.#miss(argument, `${path} is ${unreadAdvice(path, this.#cwd)}`, 'input-format');
    }
  }

  #glob(pattern: string): void {
    const [start, magic] = splitGlob(pattern);
    const root = resolve(this.#cwd, start);
    let found = false;
    const others: string[] = [];
    for (const match of globSync(magic, { cwd: root }).sort(compare)) {
      const path = resolve(root, match);
      const stats = this.#stat(path);
      const staged = this.#staged.holding(path, root);
      if (staged !== null) this.#staged.skipped.add(staged);
      else if (stats === undefined && match.includes(REPLACEMENT)) {
        if (this.#matches(path)) this.#odd(path, 'some of whose bytes are not UTF-8');
        found = true;
      } else if (stats === undefined || stats instanceof TilewrightError) {
        found = this.#broken(path, stats) || found;
      } else if (stats.isDirectory()) found = this.#walk(path, root) || found;
      else if (!stats.isFile()) continue;
      else if (!isFoundInput(path)) others.push(path);
      else if (this.#matches(path) && !this.#isTile(this.#staged.realPath(path))) {
        this.#add(path, root);
        found = true;
      }
    }
    if (!found) {
      for (const path of others) this.#unread.file(path, root);
      this.#holdsNothing(
        pattern,
        `No file below ${root} that matches ${magic} is ${this.#wanted()}.`,
      );
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
      let real: string;
      try {
        real = realpathSync(folder);
        if (entered.has(real)) continue;
        entered.add(real);
        entries = readdirSync(folder, { withFileTypes: true });
        if (entries.some(({ name }) => name.includes(REPLACEMENT))) {
          entries = this.#withoutOdd(folder, entries);
        }
      } catch (error) {
        const failure = toTilewrightError(error, { input: folder }, 'input-unreadable');
        this.#missing.push({ argument: folder, error: failure });
        found = true;
        continue;
      }
      if (folder !== start && entries.some((entry) => entry.name === JOURNAL_FOLDER)) {
        this.#staged.skipped.add(folder);
        continue;
      }
      const searched = { folder, real, root, entries };
      if (this.#unread.dataset(searched)) continue;
      const others: string[] = [];
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue;
        const path = join(folder, entry.name);
        const stats = entry.isSymbolicLink() ? this.#stat(path) : entry;
        if (stats === undefined || stats instanceof TilewrightError) {
          found = this.#broken(path, stats) || found;
        } else if (stats.isDirectory()) (stats === entry ? folders : links).push(path);
        else if (!stats.isFile()) continue;
        else if (!isFoundInput(path)) others.push(entry.name);
        else if (this.#matches(path) && !this.#isTile(join(real, entry.name))) {
          this.#add(path, root);
          found = true;
        }
      }
      // What lies beside a journal is no dataset that somebody put there.
      if (entries.some(({ name }) => name === JOURNAL_FOLDER)) continue;
      this.#unread.folder(searched, others);
    }
  }

  /** Entries whose names are UTF-8, each once; names the others, as far as they may be inputs. */
  #withoutOdd(folder: string, entries: readonly Dirent[]): Dirent[] {
    for (const { name, isDirectory } of undecodable(folder)) {
      const escaped = escapeName(name);
      if (escaped.startsWith('.') || !(isDirectory || this.#matches(escaped))) continue;
      this.#odd(join(folder, escaped), 'some of whose bytes are not UTF-8');
    }
    const names = decodable(folder);
    return entries.filter(({ name }) => names.delete(name));
  }

  /** @param path - as it is to be printed */
  #odd(path: string, reason: string): void {
    this.#missing.push({ argument: path, error: oddName(path, reason) });
  }

  #add(path: string, root: string): void {
    let real: string;
    let realRoot: string;
    try {
      if (this.#base !== null) root = this.#baseOf(path, this.#base) ?? root;
      real = realpathSync(path);
      realRoot = this.#staged.realFolder(root);
    } catch (error) {
      // It was there a moment ago.
      this.#missing.push({ argument: path, error: toTilewrightError(error, { input: path }) });
      return;
    }
    this.#added.add(lowerName(path));
    const below = relative(root, path);
    if (hasControls(below)) {
      this.#odd(escapeName(path), 'which has control characters');
      return;
    }
    const candidate: Candidate = {
      path,
      name: below.split(sep).join('/').normalize('NFC'),
      root,
      direct: join(realRoot, below) === real,
    };
    const known = this.#found.get(real);
    if (known === undefined || preferred(candidate, known)) this.#found.set(real, candidate);
    if (known === undefined && /\.(zip|shz)$/i.test(path)) this.#unread.archive(path, root);
  }

  /** The base folder, as the path has it, if the path is below it. */
  #baseOf(path: string, base: string): string | null {
    if (isBelow(path, base)) return base;
    const real = this.#staged.realFolder(base);
    return isBelow(path, real) ? real : null;
  }

  /** Counts a link that leads nowhere as missing if it has the name of an input. */
  #broken(path: string, reason: TilewrightError | undefined): boolean {
    if (!this.#matches(path)) return false;
    const message = `${path} is a link to a file that is not there.`;
    const error = reason ?? new TilewrightError('input-missing', message, { input: path });
    this.#missing.push({ argument: path, error });
    return true;
  }

  /** Whether this is a tile of a staged folder. @param path - without links */
  #isTile(path: string): boolean {
    try {
      return this.#staged.isTile(path);
    } catch (error) {
      this.#missing.push({ argument: path, error: toTilewrightError(error, { input: path }) });
      return true;
    }
  }

  /** Whether its extension is one of those that are searched for. */
  #matches(path: string): boolean {
    const extension = inputExtensionOf(path);
    return extension !== undefined && this.#extensions.includes(extension);
  }

  /** What was searched for, to follow "no" and "that is". */
  #wanted(): string {
    return this.#extensions.length === inputExtensions().length
      ? 'an input that can be read'
      : this.#extensions.join(' or ');
  }

  /** Notes a folder or a glob that holds nothing. */
  #holdsNothing(argument: string, message: string): void {
    const skipped =
      this.#staged.skipped.size > 0 ? ' (Staged folders in it were passed over.)' : '';
    this.#empty.push({ argument, message: message + skipped });
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
      return statOf(path);
    } catch (error) {
      return toTilewrightError(error, { input: path }, 'input-unreadable');
    }
  }
}

function preferred(a: Candidate, b: Candidate): boolean {
  if (a.direct !== b.direct) return a.direct;
  if (a.name.length !== b.name.length) return a.name.length > b.name.length;
  return compare(a.path, b.path) < 0;
}
