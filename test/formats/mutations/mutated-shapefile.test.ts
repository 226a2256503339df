/** Shapefiles of which bytes are other ones, in any of their files: the rows of GDAL, or an error by name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type GdalLayer, GdalReader, noGdal } from '../gdal-rows.ts';
import { differenceFromGdal, layersOfGdal } from './beside-gdal.ts';
import { readMutations } from './mutations.ts';
import { type FoundLayer, readInput } from './read-input.ts';
import { randomShapefile } from './shapefile-numbers.ts';

test('mutations of shapefiles', async (t) => {
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  const counts = await readMutations<FoundLayer, GdalLayer>(t, {
    format: 'shapefiles',
    sound: (random) => randomShapefile(random, 'a'),
    read: async (path, random) => (await readInput(path, random)).get('a')!,
    second: async (path) =>
      noGdal === false ? ((await layersOfGdal(gdal, path))?.[0] ?? null) : null,
    difference(layer, answer, whole) {
      // An index that leads astray is not used, and what a table lacks is told.
      if (isDeepStrictEqual(layer.rows, whole.rows)) return null;
      const isTold = layer.info.notes?.some((note) => /\.dbf says that it has/.test(note)) === true;
      return isTold ? null : differenceFromGdal(layer, answer, true);
    },
  });
  assert.ok(counts.read > 100 && counts.refused > 20, JSON.stringify(counts));
});
