/**
 * The page's files, under fixed names. Run from its source, the page's TypeScript is stripped of its
 * types as Node does it for this file; the published package has it compiled.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire, stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';

export interface Asset {
  type: string;
  body: Buffer;
}

const FOLDER = import.meta.dirname;
const SCRIPT = extname(import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
};
const LIBRARIES = {
  '/lib/ol.js': 'ol/dist/ol.js',
  '/lib/ol.css': 'ol/ol.css',
};

/** Assets by their path in the URL. */
export function loadAssets(): Map<string, Asset> {
  const assets = new Map<string, Asset>();
  const require = createRequire(import.meta.url);
  for (const [path, module] of Object.entries(LIBRARIES)) {
    // Without the last line, which names a file for debuggers that is not served.
    const text = readFileSync(require.resolve(module), 'utf8');
    const body = Buffer.from(text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
    assets.set(path, { type: TYPES[extname(path)]!, body });
  }
  for (const folder of ['page', 'shared']) {
    const names = readdirSync(join(FOLDER, folder), { recursive: true, encoding: 'utf8' });
    for (const name of names.map((path) => path.replaceAll('\\', '/'))) {
      const extension = extname(name);
      if (name.endsWith('.d.ts') || !(extension in TYPES)) continue;
      assets.set(`/${folder}/${name}`, fileAsset(join(FOLDER, folder, name)));
    }
  }
  const main = `/page/main${SCRIPT}`;
  // All at once, not one after the other has told which it needs.
  const preloads = imported(assets, main).map(
    (path) => `<link rel="modulepreload" href="${path}" />`,
  );
  const page = assets.get('/page/index.html')!;
  const html = page.body
    .toString()
    .replace('src="/page/main.ts"', `src="${main}"`)
    .replace('</head>', `${preloads.join('')}</head>`);
  assets.delete('/page/index.html');
  assets.set('/', { type: page.type, body: Buffer.from(html) });
  return assets;
}

function fileAsset(path: string): Asset {
  const extension = extname(path);
  const text = readFileSync(path, 'utf8');
  const body = extension === '.ts' ? withoutTypes(text) : text;
  return { type: TYPES[extension]!, body: Buffer.from(body) };
}

/** Paths of the modules that one imports, and those import, and so on; all of them are assets. */
function imported(assets: Map<string, Asset>, main: string): string[] {
  const found = new Set([main]);
  for (const path of found) {
    // Beside the page's own modules, formulas of projections: /crs/… is src/crs/….
    if (!assets.has(path)) assets.set(path, fileAsset(join(FOLDER, '..', path)));
    const text = assets.get(path)!.body.toString();
    for (const [, name] of text.matchAll(/\bfrom\s*'(\.[^']+)'/g)) {
      found.add(new URL(name!, `http://host${path}`).pathname);
    }
  }
  found.delete(main);
  return [...found];
}

/** Node warns that this function is experimental; that is nothing to whoever runs the viewer. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
