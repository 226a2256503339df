/** What is said when features lie in very many tiles each. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tilesPerFeatureNote } from '../../src/staging/planning/tiles-per-feature.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import { polygonWkb, resultOf } from './support.ts';
import { Workplace } from './workplace.ts';
import { writeGeoPackage } from './write-geopackage.ts';

test('the note names a z with at most ten tiles for each feature, as far as it can', () => {
  const tms = getTileMatrixSet('WGS1984Quad');
  const note = (rows: number, features: number, z = 13) =>
    tilesPerFeatureNote(rows, features, tms, z);
  // 266 → 66.5 → 16.6 → 4.2.
  assert.match(note(2660, 10)!, /^266 tiles per feature .* --z 10, makes about 4 of them/);
  assert.match(note(2000, 2)!, /^1,000 tiles per feature .* --z 9, makes about 4 of them/);
  assert.match(note(5100, 100)!, /^51 tiles .* --z 11, makes about 3 of them/);
  for (const few of [note(5000, 100), note(999, 1), note(0, 0), note(1e6, 1e6)]) {
    assert.equal(few, null);
  }
  assert.match(note(4000, 1, 1)!, /^4,000 tiles per feature on average, [^:]* whole feature$/);
});

test('a run tells it before it writes tiles, and a run at that z has so many', async (t) => {
  const place = new Workplace(t);
  // 0.9° is 41 tiles of 180° / 2¹³.
  const box = [-153, 70, -152.1, 70.9] as const;
  const [w, s, e, n] = box;
  const ring = [
    [w, s],
    [e, s],
    [e, n],
    [w, n],
    [w, s],
  ];
  writeGeoPackage(join(place.input, 'big.gpkg'), {
    ...{ layer: 'big', srsId: 4326, columns: [] },
    rows: [{ wkb: polygonWkb([ring]), values: [] }],
  });
  const { code, stdout, stderr } = await place.run('--json');
  assert.equal(code, 0, stderr);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const told = events.findIndex(({ type }) => type === 'warning');
  const writing = events.findIndex(({ phase }) => phase === 'merge');
  assert.ok(told > 0 && told < writing, `${told} of ${writing}`);
  const { rowsWritten, warnings } = resultOf(stdout);
  assert.deepEqual(warnings, [events[told].message]);
  assert.match(warnings[0]!, new RegExp(`^${rowsWritten.toLocaleString('en')} tiles per feature`));
  const [, z, about] = /--z (\d+), makes about (\d+)/.exec(warnings[0]!)!;
  place.staged = join(place.base, 'lower');
  const lower = await place.run('--z', z!, '--json');
  const made = resultOf(lower.stdout);
  assert.deepEqual(made.warnings, []);
  // Borders take more than the area does.
  assert.ok(made.rowsWritten >= Number(about) && made.rowsWritten <= 4 * Number(about));
});
