/** What paths and globs of inputs are made of; nothing here looks at the disk. */

import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';

export function commonFolder(a: string, b: string): string {
  let folder = dirname(a);
  while (!isBelow(b, folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

export function isBelow(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

/** The path with its last part in lower case: sidecars may differ from their input in case. */
export function lowerName(path: string): string {
  return join(dirname(path), basename(path).toLowerCase());
}

export function isGlob(text: string): boolean {
  return /[*?[{]|[!+@]\(/.test(text);
}

/**
 * The folder before the first segment with a special character, and the pattern from there on.
 * @param separator - of the system's paths: on Windows a backslash separates, and escapes nothing
 */
export function splitGlob(pattern: string, separator = sep): [start: string, magic: string] {
  const segments = (separator === '\\' ? pattern.replaceAll('\\', '/') : pattern).split('/');
  const first = segments.findIndex(isGlob);
  const start = segments.slice(0, first).join('/');
  return [pattern.startsWith('/') && start === '' ? '/' : start, segments.slice(first).join('/')];
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
