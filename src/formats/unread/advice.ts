/** What a file is that is not read, and what makes it readable: sentences and commands of a shell. */

import { existsSync } from 'node:fs';
import { isAbsolute, posix, relative } from 'node:path';
import { shellWord } from '../../core/shell-word.ts';
import { headOf, inputFormats } from '../input-formats.ts';
import { isInputUrl } from '../remote/input-url.ts';
import { unpackedFolder, unzipCommand, vectorsIn } from './archives.ts';
import {
  type UnreadFormat,
  unreadExtensionOf,
  unreadFormatByName,
  unreadFormatOf,
} from './unread-formats.ts';

/** Members of an archive that are told of. */
const MOST_MEMBERS = 3;
const ZIP = 'zip archive';

/**
 * A format's command for a file; null if it has none. The whole name stays in that of the GeoPackage,
 * so that files which differ in their extensions alone don't collide.
 * @param path - as the command has it
 */
export function commandFor(format: UnreadFormat, path: string): string | null {
  const words = format.command?.split(' ').map((word) => {
    if (!/\{(in|out)\}/.test(word)) return word;
    const open = /^\(*/.exec(word)![0];
    const close = /\)*$/.exec(word)![0];
    const inner = word.slice(open.length, word.length - close.length);
    const filled = inner.replace(/\{(in|out)\}/g, (_, which) => {
      return which === 'in' ? path : `${path}.gpkg`;
    });
    return `${open}${shellWord(filled)}${close}`;
  });
  return words?.join(' ') ?? null;
}

/** A path as commands have it: below the folder they start in, and no option; of a URL where it was downloaded to. */
export function shortPath(path: string, cwd: string): string {
  if (isInputUrl(path)) return path.slice(path.lastIndexOf('/') + 1);
  const below = relative(cwd, path) || '.';
  const found = below.startsWith('..') || isAbsolute(below) ? path : below;
  return found.startsWith('-') ? `./${found}` : found;
}

/** The GeoPackage, or the folder of an archive, beside a file that it was made into, by its name; null if there is none. */
export function resultOf(path: string, isThere: (path: string) => boolean): string | null {
  const format = unreadFormatByName(path);
  if (format?.command === undefined) return null;
  const end = unreadExtensionOf(path) ?? '';
  const names = [`${path}.gpkg`, `${path.slice(0, path.length - end.length)}.gpkg`];
  if (format.name === ZIP) names.push(unpackedFolder(path));
  return names.find((name) => name !== path && isThere(name)) ?? null;
}

/**
 * What a file is that can't be staged, and what to do about it, to follow its name and "is".
 * @param cwd - what paths in commands start at
 */
export function unreadAdvice(path: string, cwd: string): string {
  const format = unreadFormatOf(path, headOf(path) ?? new Uint8Array(0));
  if (format === undefined) {
    const known = inputFormats().map(({ name }) => name);
    return `of no format that is known. Those that are read: ${known.join(', ')}.`;
  }
  const note = format.note === undefined ? '' : ` ${format.note}.`;
  const head = `of a format that is not read: ${format.name}.${note}`;
  const command = commandsFor(format, path, cwd);
  if (command === null) return head;
  if (isInputUrl(path)) return `${head} Download it; then:\n${command}`;
  const made = resultOf(path, existsSync);
  if (made !== null) return `${head} Give ${shortPath(made, cwd)}, which lies beside it.`;
  return `${head} ${format.may ?? 'To read it'}:\n${command}`;
}

/**
 * Of an archive what unpacks what is read then, and one for each member that GDAL reads, up to some; of others the
 * format's.
 */
function commandsFor(format: UnreadFormat, path: string, cwd: string): string | null {
  const short = shortPath(path, cwd);
  const members = format.name === ZIP ? vectorsIn(path) : [];
  if (members.length === 0) return commandFor(format, short);
  const others = members.filter(({ isInput }) => !isInput);
  const lines = others.slice(0, MOST_MEMBERS).map(({ name }) => {
    const to = members.length === 1 ? `${short}.gpkg` : `${short}.${posix.basename(name)}.gpkg`;
    // What a schema says of columns is not always so.
    return `ogr2ogr -f GPKG ${shellWord(to)} ${shellWord(`/vsizip/${short}/${name}`)} -forceNullable`;
  });
  if (others.length < members.length) lines.unshift(unzipCommand(short, false));
  return lines.join('\n');
}

/** What a file is by its content where its name says another format, to follow a sentence. */
export function unreadWords(path: string): string {
  const format = unreadFormatOf('', headOf(path) ?? new Uint8Array(0));
  if (format === undefined) return '';
  const command = commandsFor(format, path, process.cwd());
  const how = command === null ? '' : `. ${format.may ?? 'To read it'}:\n${command}`;
  return `. Its content says: ${format.name}${how}`;
}
