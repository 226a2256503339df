import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rounds, seedOf } from '../../soak/rounds.ts';
import { checkSeeds } from './fuzz-shapefile.ts';

const FILES = rounds(1_000, 20_000);

test(`${FILES} random shapefiles: whole and in slices, the same as a plain reader`, () => {
  const { records, features } = checkSeeds(seedOf(1), FILES);
  assert.ok(records > 40 * FILES, `${records} records`);
  assert.ok(features > 0.9 * records && features < records, `${features} features`);
});
