/**
 * Checks that every folder of src/ imports only from folders above it in the list below, and that
 * no files import each other in a circle. Exits 1 and names each offence.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const LAYERS = [
  'core',
  'machine',
  'geometry',
  'crs',
  'tms',
  'formats',
  'parallel',
  'staging',
  'raster',
  'insight',
  'plot',
  'viewer',
  'cli',
];

const root = resolve(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(root, name));

const imports = new Map<string, string[]>();
for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1]!),
  );
  imports.set(file, targets);
}

const offences: string[] = [];
const layerOf = (file: string): number => LAYERS.indexOf(relative(root, file).split('/')[0]!);

for (const [file, targets] of imports) {
  const from = layerOf(file);
  if (from < 0 && dirname(file) !== root) {
    offences.push(`${relative(root, file)}: its folder is not in the list of layers`);
  }
  for (const target of targets) {
    const to = layerOf(target);
    if (from >= 0 && (to > from || to < 0)) {
      offences.push(`${relative(root, file)} imports ${relative(root, target)}, which is below it`);
    }
  }
}

const state = new Map<string, 'open' | 'done'>();
function visit(file: string, path: string[]): void {
  if (state.get(file) === 'done') return;
  if (state.get(file) === 'open') {
    const cycle = [...path.slice(path.indexOf(file)), file].map((name) => relative(root, name));
    offences.push(`circle: ${cycle.join(' → ')}`);
    return;
  }
  state.set(file, 'open');
  for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
  state.set(file, 'done');
}
for (const file of files) visit(file, []);

if (offences.length > 0) {
  console.error(offences.join('\n'));
  process.exit(1);
}
console.log(`${files.length} files import only downwards, without circles`);
