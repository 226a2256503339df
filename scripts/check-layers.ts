/**
 * Checks that every folder of src/ imports only from folders above it in the list below; that the
 * folders in it, its rooms, do not import each other in a circle; and that no files do. Exits 1 and
 * names each offence.
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
  'overlap',
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

/** Rooms of the engine lean on each other: an executor is a channel, a worker and a provider. */
const ONE_ROOM = ['parallel'];

/** `staging/rows` of a file in it, or below it; undefined for one that is in no room. */
function roomOf(file: string): string | undefined {
  const [layer, room, ...below] = relative(root, file).split('/');
  return below.length === 0 || ONE_ROOM.includes(layer!) ? undefined : `${layer}/${room}`;
}

const rooms = new Map<string, Set<string>>();
for (const [file, targets] of imports) {
  const from = roomOf(file);
  if (from === undefined) continue;
  if (!rooms.has(from)) rooms.set(from, new Set());
  for (const target of targets) {
    const to = roomOf(target);
    if (to !== undefined && to !== from) rooms.get(from)!.add(to);
  }
}

/** Tells of each circle in which something leads back to itself. */
function findCircles(
  all: Iterable<string>,
  next: (from: string) => Iterable<string>,
  nameOf: (one: string) => string,
): void {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (one: string, path: string[]): void => {
    if (state.get(one) === 'done') return;
    if (state.get(one) === 'open') {
      const circle = [...path.slice(path.indexOf(one)), one].map(nameOf);
      offences.push(`circle: ${circle.join(' → ')}`);
      return;
    }
    state.set(one, 'open');
    for (const target of next(one)) visit(target, [...path, one]);
    state.set(one, 'done');
  };
  for (const one of all) visit(one, []);
}
findCircles(
  files,
  (file) => imports.get(file) ?? [],
  (file) => relative(root, file),
);
findCircles(
  rooms.keys(),
  (room) => rooms.get(room) ?? [],
  (room) => room,
);

if (offences.length > 0) {
  console.error(offences.join('\n'));
  process.exit(1);
}
console.log(`${files.length} files in ${rooms.size} rooms import only downwards, without circles`);
