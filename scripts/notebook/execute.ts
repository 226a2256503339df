/** Executes a notebook in Deno's kernel, by Jupyter's nbclient, without touching the user's set-up. */

import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Notebook } from './cells.ts';

const EXECUTE = join(import.meta.dirname, 'execute.py');
/** Deno, for Node.js. */
export const DENO = join(import.meta.dirname, '../../node_modules/deno/bin.cjs');
// A Python of the user's own may come first in the PATH, without the system's packages.
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** False if notebooks can be executed here, otherwise what has to be installed. */
export function notebookMissing(): string | false {
  const missing = denoMissing();
  if (missing !== false) return missing;
  return python() === undefined && 'python3-nbclient (in Debian; nbclient with pip)';
}

/** There are systems that deno has no package for. */
export function denoMissing(): string | false {
  const args = [DENO, '--version'];
  const runs = existsSync(DENO) && spawnSync(process.execPath, args).status === 0;
  return !runs && 'deno, by npm ci';
}

function python(): string | undefined {
  return PYTHONS.find((program) => {
    try {
      execFileSync(program, ['-c', 'import nbclient, nbformat'], { stdio: 'ignore' });
      return true;
    } catch {
      // It has none, or is not there itself.
      return false;
    }
  });
}

/**
 * Executes a notebook, from the folder that it is in, and returns it with its outputs.
 * @param folder - for all that Jupyter, the kernel and the notebook write; removing it is up to the caller
 * @param env - more environment variables for the kernel
 * @throws if a cell fails, with what the kernel says
 */
export async function executeNotebook(
  path: string,
  folder: string,
  env: Record<string, string> = {},
): Promise<Notebook> {
  const spec = join(folder, 'jupyter/kernels/deno');
  mkdirSync(spec, { recursive: true });
  writeFileSync(
    join(spec, 'kernel.json'),
    JSON.stringify({
      argv: [process.execPath, DENO, 'jupyter', '--kernel', '--conn', '{connection_file}'],
      display_name: 'Deno',
      language: 'typescript',
    }),
  );
  const output = join(folder, basename(path));
  await promisify(execFile)(python() ?? 'python3', [EXECUTE, path, output], {
    maxBuffer: 2 ** 26,
    env: {
      ...process.env,
      ...env,
      DENO_DIR: join(folder, 'deno'),
      DENO_NO_UPDATE_CHECK: '1',
      IPYTHONDIR: join(folder, 'ipython'),
      JUPYTER_CONFIG_DIR: join(folder, 'config'),
      JUPYTER_DATA_DIR: join(folder, 'jupyter'),
      JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
      NO_COLOR: '1',
      TMPDIR: folder,
    },
  });
  return JSON.parse(readFileSync(output, 'utf8')) as Notebook;
}
