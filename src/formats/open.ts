/** Opens a file with the reader of its format. */

import { TilewrightError } from '../core/errors.ts';
import { inputFormatOf } from './input-formats.ts';
import type { OpenOptions, VectorSource } from './source.ts';
import { unreadAdvice, unreadWords } from './unread/advice.ts';

/**
 * Opens an input, by its content, and by its extension where that tells nothing. Close it when it is
 * done with.
 * @throws TilewrightError `input-format` for a file of a format that no reader has, and the reader's own
 */
export async function openSource(path: string, options: OpenOptions = {}): Promise<VectorSource> {
  const format = inputFormatOf(path);
  if (format === undefined) {
    const message = `${path} is ${unreadAdvice(path, process.cwd())}`;
    throw new TilewrightError('input-format', message, { input: path });
  }
  try {
    return await format.open(path, options);
  } catch (error) {
    const { code, message } = error as TilewrightError;
    const words = code === 'input-format' ? unreadWords(path) : '';
    if (words === '') throw error;
    throw new TilewrightError('input-format', message + words, { input: path, cause: error });
  }
}
