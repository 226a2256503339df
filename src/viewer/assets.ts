/** The page's files, under fixed names. */

import { extname, join } from 'node:path';
import { pageFiles } from '../core/files/page-files.ts';

export interface Asset {
  type: string;
  body: Buffer;
}

const PAGE = join(import.meta.dirname, 'page');
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** Assets by their path in the URL. */
export function loadAssets(): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const [name, text] of pageFiles(PAGE)) {
    const path = name === 'index.html' ? '/' : `/${name}`;
    assets.set(path, { type: TYPES[extname(name)]!, body: Buffer.from(text) });
  }
  return assets;
}
