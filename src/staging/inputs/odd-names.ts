/**
 * Names of files that no input can have: bytes that are not UTF-8, which Node can't tell from one
 * another, and control characters, which no terminal, table or message bears.
 */

import { isUtf8 } from 'node:buffer';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { TilewrightError } from '../../core/errors.ts';

/** What Node puts in place of bytes that are not UTF-8. */
export const REPLACEMENT = '\uFFFD';

/** Entries of a folder whose names are not UTF-8, links resolved. */
export function undecodable(folder: string): { name: Buffer; isDirectory: boolean }[] {
  const entries: Dirent<Buffer>[] = readdirSync(folder, {
    encoding: 'buffer',
    withFileTypes: true,
  });
  return entries
    .filter(({ name }) => !isUtf8(name))
    .map((entry) => {
      const path = Buffer.concat([Buffer.from(`${folder}/`), entry.name]);
      const stats = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
      return { name: entry.name, isDirectory: stats?.isDirectory() ?? false };
    });
}

/** Names of a folder's entries that are UTF-8. */
export function decodable(folder: string): Set<string> {
  return new Set(readdirSync(folder, { encoding: 'buffer' }).filter(isUtf8).map(String));
}

export function hasControls(name: string): boolean {
  return /\p{Cc}/u.test(name);
}

/** With `\xNN` for each byte that is not printed: of control characters, and of what is no UTF-8. */
export function escapeName(name: string | Buffer): string {
  const bytes = typeof name === 'string' ? Buffer.from(name) : name;
  const text = isUtf8(bytes) ? bytes.toString() : bytes.toString('latin1');
  const odd = isUtf8(bytes) ? /\p{Cc}/gu : /[^\x20-\x7e]/g;
  return text.replace(odd, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** @param path - as `escapeName` has it */
export function oddName(path: string, reason: string): TilewrightError {
  return new TilewrightError(
    'input-name',
    `${path} can't be read by its name, ${reason}: rename it`,
    {
      input: path,
    },
  );
}
