/** The file that tells the workers of blocks which modules are registered. */

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { toTilewrightError } from '../../core/errors.ts';

export const MODULES_FILE = 'modules.json';

type Modules = [name: string, url: string][];

export function writeModules(path: string, modules: Modules): void {
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify(modules), { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw toTilewrightError(error, {}, 'output-unwritable');
  }
}

export function readModules(path: string): Modules {
  return JSON.parse(readFileSync(path, 'utf8')) as Modules;
}
