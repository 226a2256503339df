import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSeeds } from './fuzz-shapefile.ts';

test('5,000 random shapefiles: whole and in slices, the same as a plain reader', () => {
  const { records, features } = checkSeeds(1, 5000);
  assert.ok(records > 400_000, `${records} records`);
  assert.ok(features > 0.9 * records && features < records, `${features} features`);
});
