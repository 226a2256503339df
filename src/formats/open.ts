/** Opens a file with the reader of its format. */

import { extname } from 'node:path';
import { TilewrightError } from '../core/errors.ts';
import { contentOf, inputExtensions, inputFormatOf } from './input-formats.ts';
import type { OpenOptions, VectorSource } from './source.ts';

/**
 * Opens an input, by its extension. Close it when it is done with.
 * @throws TilewrightError `input-format` for an extension that no reader has and for a file that is of
 *   another format than its name says, and the reader's own
 */
export async function openSource(path: string, options: OpenOptions = {}): Promise<VectorSource> {
  const format = inputFormatOf(path);
  if (format === undefined) {
    const known = inputExtensions().join(', ');
    throw new TilewrightError(
      'input-format',
      `${path}: files that end in "${extname(path)}" can't be read; these can: ${known}` +
        contentWords(path),
      { input: path },
    );
  }
  try {
    return await format.open(path, options);
  } catch (error) {
    const { code, message } = error as TilewrightError;
    const words = code === 'input-format' ? contentWords(path, format.name) : '';
    if (words === '') throw error;
    throw new TilewrightError('input-format', message + words, { input: path, cause: error });
  }
}

/**
 * What a file is by its content, where its name says something else, to follow a sentence.
 * @param named - the format that its name says
 */
export function contentWords(path: string, named = ''): string {
  let content: ReturnType<typeof contentOf>;
  try {
    content = contentOf(path);
  } catch {
    // Whoever opens it says why it can't be looked at.
    return '';
  }
  if (content === null) return '';
  if (typeof content === 'string') return `. By its content it is ${content}`;
  if (content.name === named) return '';
  const [end] = content.extensions;
  return `. By its content it is a ${content.name}: rename it so that its name ends in ${end}`;
}
