/**
 * Builds the documentation's site into docs/site: `npm run site`. It is of plain files, which a
 * browser opens from the disk, and asks for nothing from elsewhere. A link that leads nowhere, or an
 * export without a docstring, fails the build.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSite } from './site/build.ts';

const ROOT = join(import.meta.dirname, '..');
const started = performance.now();
const out = join(ROOT, process.argv[2] ?? 'docs/site');
const { files, pages } = buildSite(ROOT);
rmSync(out, { recursive: true, force: true });
for (const [path, content] of files) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), content);
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`${pages} pages, ${files.size} files in ${out}, in ${seconds} s`);
