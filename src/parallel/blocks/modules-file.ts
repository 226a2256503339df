/** The file that tells the workers of blocks which modules are registered. */

import { readFileSync } from 'node:fs';
import { toTilewrightError } from '../../core/errors.ts';
import { replaceFile } from '../../core/replace-file.ts';

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
  return JSON.parse(readFileSync(path, 'utf8')) as Modules;
}
