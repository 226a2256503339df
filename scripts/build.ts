/**
 * Compiles src/ to dist/, the JavaScript and the type declarations that the package holds. Each
 * build starts with an empty folder, so that no file of an earlier one is published.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const command = join(dist, 'cli/main.js');

rmSync(dist, { recursive: true, force: true });
const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (error !== undefined) throw error;
if (status !== 0) process.exit(1);
if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  console.error(`${command} does not begin with a line that names node`);
  process.exit(1);
}
chmodSync(command, 0o755);
