/** Zipped shapefiles of which bytes of the archive are other ones: the rows of GDAL, or an error by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../../src/core/random.ts';
import { type GdalLayer, GdalReader, noGdal } from '../gdal-rows.ts';
import { type ZipEntry, zipBytes } from '../zip-fixture.ts';
import { differenceFromGdal, layersOfGdal } from './beside-gdal.ts';
import type { Place } from './mutate.ts';
import { readMutations, type Sound } from './mutations.ts';
import { type FoundLayer, readInput } from './read-input.ts';
import { randomShapefile } from './shapefile-numbers.ts';

/** Numbers of local headers, entries of the directory, ends, and ends and locators of 64 bits, by their signatures. */
const NUMBERS: Record<string, Partial<Record<Place['bytes'], number[]>>> = {
  'PK\x03\x04': { 2: [4, 6, 8, 26, 28], 4: [0, 14, 18, 22] },
  'PK\x01\x02': { 2: [6, 8, 10, 28, 30, 32, 34], 4: [0, 16, 20, 24, 38, 42], 8: [50] },
  'PK\x05\x06': { 2: [4, 6, 8, 10, 20], 4: [0, 12, 16] },
  'PK\x06\x06': { 4: [0, 16, 20], 8: [4, 24, 32, 40, 48] },
  'PK\x06\x07': { 4: [0, 4, 16], 8: [8] },
};

function numbersOf(bytes: Buffer): Place[] {
  const places: Place[] = [];
  for (let at = bytes.indexOf('PK'); at >= 0; at = bytes.indexOf('PK', at + 1)) {
    const known = NUMBERS[bytes.toString('latin1', at, at + 4)] ?? {};
    for (const [width, fields] of Object.entries(known)) {
      for (const field of fields) {
        places.push({ at: at + field, bytes: Number(width) as Place['bytes'] });
      }
    }
  }
  return places;
}

function archive(random: Random): Sound[] {
  const stems = ['a', 'b', 'a'].slice(0, 1 + random.integer(3));
  const wide = random.integer(4) === 0;
  const entries = stems.flatMap((stem, i) => {
    const folder = i === 2 ? 'in/' : '';
    const more = { stored: random.integer(3) === 0, wide, descriptor: random.integer(4) === 0 };
    return randomShapefile(random, stem).map(({ name, bytes }): ZipEntry => {
      return { name: `${folder}${name}`, bytes, ...more };
    });
  });
  if (random.integer(3) === 0) entries.push({ name: 'readme.txt', bytes: Buffer.from('words') });
  const isBehind = random.integer(6) === 0;
  const bytes = zipBytes(entries, {
    wide: wide && random.integer(2) === 0,
    comment: random.integer(4) === 0 ? 'a comment' : '',
    before: Buffer.alloc(isBehind ? 50 : 0, 'MZ'),
  });
  // What does not begin as an archive is one by its name.
  return [{ name: isBehind ? 'z.shz' : 'z.zip', bytes, places: numbersOf(bytes) }];
}

type Layers = Map<string, FoundLayer>;

/** Layers whose rows are those of one of the sound file, perhaps of another name, are not asked about. */
function difference(found: Layers, layers: GdalLayer[], whole: Layers): string | null {
  for (const [name, layer] of found) {
    if ([...whole.values()].some(({ rows }) => isDeepStrictEqual(layer.rows, rows))) continue;
    // That its table is gone, or has fewer rows, is told.
    if (layer.info.notes?.some((note) => note.includes('.dbf')) === true) continue;
    const theirs = layers.find((one) => one.name === name);
    const what = theirs === undefined ? null : differenceFromGdal(layer, theirs, true);
    if (what !== null) return `${name}: ${what}`;
  }
  return null;
}

test('mutations of zipped shapefiles', async (t) => {
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const counts = await readMutations<Layers, GdalLayer[]>(t, {
    format: 'zipped shapefiles',
    sound: archive,
    read: readInput,
    second: (path) => (noGdal === false ? layersOfGdal(gdal, path) : null),
    difference,
  });
  assert.ok(counts.read > 50 && counts.refused > 50, JSON.stringify(counts));
});
