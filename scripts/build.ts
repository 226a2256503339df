/**
 * Compiles src/ to dist/, the JavaScript and the type declarations that the package holds, and
 * copies the viewer's page and the table of CRSs to it. Each build starts with an empty folder, so that no file of an
 * earlier one is published.
 */

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const command = join(dist, 'cli/main.js');

/** Of the page, which is for browsers, and compiled with their types. */
const PAGE = ['--noEmit', 'false', '--rootDir', 'src', '--outDir', 'dist'];

function compile(...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [tsc, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(1);
}

rmSync(dist, { recursive: true, force: true });
compile('-p', 'tsconfig.build.json');
compile('-p', 'src/viewer/page', ...PAGE, '--rewriteRelativeImportExtensions');
for (const name of ['index.html', 'style.css']) {
  copyFileSync(join(root, 'src/viewer/page', name), join(dist, 'viewer/page', name));
}
cpSync(join(root, 'src/crs/table/data'), join(dist, 'crs/table/data'), { recursive: true });
if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  console.error(`${command} does not begin with a line that names node`);
  process.exit(1);
}
chmodSync(command, 0o755);
