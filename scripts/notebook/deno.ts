/** Deno, which only the notebook needs: a package of its own, with its own lock file. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Deno, for Node.js. */
export const DENO = join(import.meta.dirname, 'node_modules/deno/bin.cjs');
export const INSTALL_DENO = 'npm ci --prefix scripts/notebook';

/** False if Deno is here and runs, otherwise a sentence with the command that brings it. */
export function denoMissing(): string | false {
  const runs = existsSync(DENO) && spawnSync(process.execPath, [DENO, '--version']).status === 0;
  return !runs && `Deno, whose kernel runs the notebook, is not here: ${INSTALL_DENO}`;
}

/**
 * Installs Deno if it is not here, and says so.
 * @throws Error if that fails, with what npm says of it
 */
export function installDeno(): void {
  if (denoMissing() === false) return;
  console.error(
    'Deno, whose kernel runs the notebook, comes from the npm registry: 42 MB, this once',
  );
  // No script of a package is run: its first start does what Deno's would do.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { error, stderr } = spawnSync('npm', args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    // On Windows npm is a script, which only a shell starts.
    shell: process.platform === 'win32',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (denoMissing() === false) return;
  // npm says much; the cause is in the first line that is not a code.
  const lines = (error?.message ?? stderr)
    .split('\n')
    .map((line) => line.replace(/^npm error /, ''));
  const said = lines.find((line) => !/^(code|errno|syscall|$)/.test(line));
  const cause = said ?? 'there are systems that it has no package for';
  throw new Error(
    `Deno, whose kernel runs the notebook, could not be installed by ${INSTALL_DENO}: ${cause}`,
  );
}
