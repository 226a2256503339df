/** FlatGeobufs of which bytes are other ones: the rows of GDAL, or an error by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fgbBytes } from '../flatgeobuf/flatgeobuf-fixture.ts';
import { randomFile } from '../flatgeobuf/flatgeobuf-random.ts';
import { type GdalLayer, GdalReader, noGdal } from '../gdal-rows.ts';
import { differenceFromGdal, layersOfGdal } from './beside-gdal.ts';
import { flatGeobufNumbers } from './flatgeobuf-numbers.ts';
import { readMutations } from './mutations.ts';
import { type FoundLayer, readInput } from './read-input.ts';

// The flatgeobuf package is no second reader of these: of some that are damaged it never comes to an end.
test('mutations of FlatGeobuf', async (t) => {
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const counts = await readMutations<FoundLayer, GdalLayer>(t, {
    format: 'FlatGeobuf',
    sound(random) {
      const { file } = randomFile(random, random.integer(4) === 0);
      const bytes = fgbBytes({ ...file, features: file.features.slice(0, 20) });
      return [{ name: 'a.fgb', bytes, places: flatGeobufNumbers(bytes) }];
    },
    read: async (path, random) => [...(await readInput(path, random)).values()][0]!,
    second: async (path) =>
      noGdal === false ? ((await layersOfGdal(gdal, path))?.[0] ?? null) : null,
    difference: (layer, answer) => differenceFromGdal(layer, answer),
  });
  assert.ok(counts.read > 50 && counts.refused > 100, JSON.stringify(counts));
});
