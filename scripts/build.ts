/**
 * Compiles src/ to dist/, the JavaScript and the type declarations that the package holds, makes
 * one script each of the viewer's page and of the reports', one file of the table of CRSs, and the manual page. Each
 * build starts with an empty folder, so that no file of an earlier one is published.
 */

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { packageVersion } from '../src/core/version.ts';
import { packTable } from '../src/crs/table/packed.ts';
import { bundlePage, PAGE_FOLDERS } from './bundle-page.ts';
import { manPage } from './man-page.ts';

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
removeInnerDeclarations();
for (const folder of PAGE_FOLDERS) {
  const page = join(dist, relative('src', folder));
  mkdirSync(page);
  for (const [name, text] of bundlePage(folder, true).files) writeFileSync(join(page, name), text);
}
const tables = join(root, 'src/crs/table/data');
const parts = readdirSync(tables).map(
  (name) => [basename(name, '.tsv'), readFileSync(join(tables, name), 'utf8')] as const,
);
writeFileSync(join(dist, 'crs/table/crs-table.bin'), packTable(new Map(parts)));
writeFileSync(join(dist, 'tilewright.1'), manPage(packageVersion()));
if (!readFileSync(command, 'utf8').startsWith('#!/usr/bin/env node\n')) {
  console.error(`${command} does not begin with a line that names node`);
  process.exit(1);
}
chmodSync(command, 0o755);

/** Keeps the declarations that those of the two public modules lead to. */
function removeInnerDeclarations(): void {
  const kept = new Set(['index.d.ts', 'parallel.d.ts'].map((name) => join(dist, name)));
  for (const file of kept) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.[jt]s['"]/g)) {
      const next = resolve(dirname(file), `${path}.d.ts`);
      // Examples in comments name others.
      if (existsSync(next)) kept.add(next);
    }
  }
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, name);
    if (name.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
  }
}
