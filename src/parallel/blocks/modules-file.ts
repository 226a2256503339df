/** The file that tells the workers of blocks of the program: its modules, and its arguments. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { replaceFile } from '../../core/files/replace-file.ts';
import { name, readerOf } from '../messages.ts';

export const MODULES_FILE = 'modules.json';

const program = z.object({
  /** Names and URLs of what is registered. */
  modules: z.array(z.tuple([name, z.string()])),
  /** What the program was called with: a module of tasks may go by it. */
  argv: z.array(z.string()),
});

export type ProgramFile = z.infer<typeof program>;

export function writeModules(path: string, contents: ProgramFile): void {
  try {
    replaceFile(path, JSON.stringify(contents), 0o600);
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

export function readModules(path: string): ProgramFile {
  const contents = readerOf(program)(readFileSync(path, 'utf8'));
  if (contents !== null) return contents;
  throw new TilewrightError('queue', `${path} is no list of modules as a coordinator writes it`);
}
