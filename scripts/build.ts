/**
 * Compiles src/ to dist/, the JavaScript and the type declarations that the package holds, makes the
 * viewer's page as one script, and copies the table of CRSs. Each build starts with an empty folder,
 * so that no file of an earlier one is published.
 */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { bundlePage } from './bundle-page.ts';

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
mkdirSync(join(dist, 'viewer/page'));
copyFileSync(join(root, 'src/viewer/page/index.html'), join(dist, 'viewer/page/index.html'));
for (const [name, text] of bundlePage(true).files) {
  writeFileSync(join(dist, 'viewer/page', name), text);
}
cpSync(join(root, 'src/crs/table/data'), join(dist, 'crs/table/data'), { recursive: true });
if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  console.error(`${command} does not begin with a line that names node`);
  process.exit(1);
}
chmodSync(command, 0o755);
