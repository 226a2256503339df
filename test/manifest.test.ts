/** What package.json says of the package, against its source and the lock file. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { test } from 'node:test';
import jsTokens from 'js-tokens';

const ROOT = join(import.meta.dirname, '..');
const json = (name: string) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const manifest = json('package.json');
const lock = json('package-lock.json');

/** They fill what is their own, or refuse a machine: nothing that others could miss. */
const OWN_BUSINESS = [
  'crs/notations/methods',
  'crs/projections/survey/geodesic',
  'formats/shapefile/shp',
  'geometry/wkb',
  'staging/configuration/config',
];

/** The code with nothing in its texts and comments. */
function bareCode(text: string): string {
  let code = '';
  for (const { type, value } of jsTokens(text)) {
    const isText = /Template|^(?:String|RegularExpression|MultiLine|SingleLine)/.test(type);
    code += isText ? value.replace(/[^\n]/g, '').replaceAll('\n', ' ') : value;
  }
  return code;
}

/** Bundled, not published module by module. */
const IN_BROWSERS = /^viewer\/page\/|^insight\/report\/browser\//;

test('sideEffects names the modules that do something when they are imported', () => {
  const source = join(ROOT, 'src');
  const modules = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !IN_BROWSERS.test(name))
    .map((name) => name.replace(/\.ts$/, ''));
  const patterns: string[] = manifest.sideEffects.map((path: string) =>
    path.replace(/^\.\/dist\//, '').replace(/\.js$/, ''),
  );
  const named = modules.filter((name) => patterns.some((pattern) => matchesGlob(name, pattern)));
  const found = modules.filter((name) => {
    const code = bareCode(readFileSync(join(source, `${name}.ts`), 'utf8'));
    return /^(?:await\s+|new\s+)?(?!function\b)[\w.]+\(|^(?:if|for|while|try|switch)\b/m.test(code);
  });
  assert.ok(named.length >= patterns.length);
  assert.deepEqual(found.sort(), [...named, ...OWN_BUSINESS].sort());
});

test('the exports are files of the source', () => {
  for (const [name, target] of Object.entries<string | Record<string, string>>(manifest.exports)) {
    if (typeof target === 'string') continue;
    const base = target['default']!.replace(/^\.\/dist\/(.*)\.js$/, '$1');
    assert.equal(target['types'], `./dist/${base}.d.ts`, name);
    assert.deepEqual(Object.keys(target), ['types', 'default'], name);
    assert.ok(readFileSync(join(ROOT, `src/${base}.ts`), 'utf8').includes('export '), name);
  }
});

test('no script of a package fetches more than the lock file pins, Node.js included', () => {
  const packages = Object.entries<Record<string, unknown>>(lock.packages).filter(([path]) =>
    path.startsWith('node_modules/'),
  );
  assert.ok(packages.length > 50);
  for (const [path, { hasInstallScript, integrity, link }] of packages) {
    if (link !== true) assert.match(String(integrity), /^sha512-[\w+/]{86}==$/, path);
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    if (hasInstallScript === true) assert.equal(manifest.allowScripts[name], false, path);
  }
  // Another machine's lock file has all of them too.
  const { optionalDependencies } = lock.packages['scripts/node'];
  const machines = Object.entries<string>(optionalDependencies).map(([name, version]) => {
    const { version: pinned, os, cpu } = lock.packages[`node_modules/${name}`];
    assert.equal(pinned, version, name);
    assert.ok(Number(version.split('.')[0]) >= 24, name);
    return `${os}-${cpu}`;
  });
  const expected = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64'];
  assert.deepEqual(machines, expected);
});
