/** What browsers get: scripts and style sheets. The published package has each as one file. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

interface Bundler {
  bundlePage(folder: string, isSmall: boolean): { files: ReadonlyMap<string, string> };
}

const read = new Map<string, ReadonlyMap<string, string>>();

/**
 * Texts of a page's files by their names. A checkout makes them of the sources, when they are asked
 * for the first time: that takes up to a second.
 */
export function pageFiles(folder: string): ReadonlyMap<string, string> {
  let files = read.get(folder);
  if (files === undefined) {
    files = extname(import.meta.url) === '.ts' ? bundleSources(folder) : readBundle(folder);
    read.set(folder, files);
  }
  return files;
}

function readBundle(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

/** Not in the package, nor is what it imports; so it is no import for a compiler to follow. */
function bundleSources(folder: string): ReadonlyMap<string, string> {
  const require = createRequire(import.meta.url);
  const { bundlePage } = require(join(ROOT, 'scripts/bundle-page.ts')) as Bundler;
  return bundlePage(relative(ROOT, folder).replaceAll('\\', '/'), false).files;
}
