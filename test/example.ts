/** Runs the examples, as users do. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const EXAMPLES = join(import.meta.dirname, '../examples');

/** Runs an example; it must succeed. Returns what it prints. */
export function runExample(
  name: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(EXAMPLES, name), ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 240_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${name} ended with ${code}\n${stdout}\n${stderr}`));
    });
  });
}

/** What the notebook's program prints, whatever it runs on. */
export const NOTEBOOK_OUTPUT =
  /^3 input files\none file took [\d.]+ s; .*\n.*\ntiles\.png: 3 tiles, 2,000 polygons\n3 tiles removed\n(\S+\.gpkg: 2000 features\n){3}3 tasks done\n7 tiles\n$/;
