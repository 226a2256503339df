/**
 * The page's files, under fixed names. The published package has its script as one file; a checkout
 * makes that of the sources when it is first asked for.
 */

import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface Asset {
  type: string;
  body: Buffer;
}

const PAGE = join(import.meta.dirname, 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
const BUNDLED = ['main.js', 'style.css', 'licences.txt'];

interface Bundler {
  bundlePage(isSmall: boolean): { files: Map<string, string> };
}

let bundle: Promise<Map<string, string>> | undefined;

/** Assets by their path in the URL. */
export async function loadAssets(): Promise<Map<string, Asset>> {
  const isSource = extname(import.meta.url) === '.ts';
  bundle ??= isSource ? bundleSources() : Promise.resolve(readBundle());
  const files = await bundle;
  const assets = new Map<string, Asset>();
  for (const [name, text] of files) {
    assets.set(`/${name}`, { type: TYPES[extname(name)]!, body: Buffer.from(text) });
  }
  const html = readFileSync(join(PAGE, 'index.html'));
  return assets.set('/', { type: 'text/html; charset=utf-8', body: html });
}

function readBundle(): Map<string, string> {
  return new Map(BUNDLED.map((name) => [name, readFileSync(join(PAGE, name), 'utf8')]));
}

/** Not in the package, nor is what it imports; so it is no import for a compiler to follow. */
async function bundleSources(): Promise<Map<string, string>> {
  const script = new URL('../../scripts/bundle-page.ts', import.meta.url).href;
  const { bundlePage } = (await import(script)) as Bundler;
  return bundlePage(false).files;
}
