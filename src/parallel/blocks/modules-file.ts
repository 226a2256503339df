/** The file that tells the workers of blocks which modules are registered. */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { replaceFile } from '../../core/replace-file.ts';
import { name, readerOf } from '../messages.ts';

export const MODULES_FILE = 'modules.json';

type Modules = [name: string, url: string][];

export function writeModules(path: string, modules: Modules): void {
  try {
    replaceFile(path, JSON.stringify(modules), 0o600);
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

export function readModules(path: string): Modules {
  const modules = readerOf(z.array(z.tuple([name, z.string()])))(readFileSync(path, 'utf8'));
  if (modules !== null) return modules;
  throw new TilewrightError('queue', `${path} is no list of modules as a coordinator writes it`);
}
