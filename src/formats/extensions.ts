/** Extensions of formats. They may have several points, `.geo.parquet`, and one may end in another. */

import { basename } from 'node:path';
import { TilewrightError } from '../core/errors.ts';

/** The longest of these extensions that a file's name ends in, in any case; undefined for none. */
export function extensionOf(path: string, known: readonly string[]): string | undefined {
  const name = basename(path).toLowerCase();
  let longest: string | undefined;
  for (const extension of known) {
    // A name that is nothing else has no extension.
    if (!name.endsWith(extension) || name.length === extension.length) continue;
    if (longest === undefined || extension.length > longest.length) longest = extension;
  }
  return longest;
}

/** @throws TilewrightError usage for one that no file's name would be found to end in */
export function checkExtension(format: string, extension: string): void {
  if (/^(\.[^./\\\s]+)+$/.test(extension) && extension === extension.toLowerCase()) return;
  throw new TilewrightError(
    'usage',
    `The extension ${JSON.stringify(extension)} of the format ${format} has to be in lower case, with its point`,
  );
}
