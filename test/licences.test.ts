/** docs/licences.md is of the packages that are installed, and these are free to use. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundlePage } from '../scripts/bundle-page.ts';
import { lockedPackages, PAGE, withLists } from '../scripts/make-licences.ts';

const ROOT = join(import.meta.dirname, '..');
/** They ask for their notice at most. */
const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
];

test('the page of licences is that of the lock file', () => {
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(withLists(page), page, 'run: npx node scripts/make-licences.ts');
  for (const name of ['zod', 'bullmq', 'ol', 'typescript', 'deno']) {
    assert.match(page, new RegExp(`[ |]${name}\\b`), name);
  }
});

test('packages are under the licences that the lock file says, which ask for no more than a notice', (t) => {
  let installed = 0;
  for (const [path, { license }] of lockedPackages()) {
    const choices = String(license).replace(/[()]/g, '').split(' OR ');
    assert.ok(
      choices.some((choice) => PERMISSIVE.includes(choice)),
      `${path}: ${license}`,
    );
    const manifest = join(ROOT, path, 'package.json');
    if (!existsSync(manifest)) continue;
    installed++;
    assert.equal(JSON.parse(readFileSync(manifest, 'utf8')).license, license, path);
  }
  assert.ok(installed > 40);
  t.diagnostic(`${installed} are installed`);
});

test("what is in the viewer's page has its notice in the package", () => {
  const { files, packages } = bundlePage('src/viewer/page', true);
  const text = files.get('licences.txt')!;
  assert.ok(packages.includes('node_modules/ol'));
  for (const path of packages) {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
    const notice = text.slice(text.indexOf(`${name} ${version} (`));
    assert.match(notice.split(/\n\n\n/)[0]!, /copyright|public domain/i, name);
  }
  for (const [name, part] of files) if (/(js|css)$/.test(name)) assert.match(part, /licences\.txt/);
});
