/** Extents that files say decide which operation leads between datums: wrong ones are told of. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { polygonWkb, resultOf, runCli } from '../support.ts';
import { Workplace } from '../workplace.ts';

const CYPRUS = polygonWkb([
  [
    [33, 35],
    [33.001, 35],
    [33.001, 35.001],
    [33, 35],
  ],
]);

test('features outside of the extent that a file says, where another operation is meant', async (t) => {
  const at = new Workplace(t);
  const extents: Record<string, (number | null)[]> = {
    'sound.gpkg': [33, 35, 33.001, 35.001],
    'wide.gpkg': [32.5, 34.7, 33.5, 35.4],
    'norway.gpkg': [10, 60, 10.1, 60.1],
    'none.gpkg': [null, null, null, null],
  };
  for (const [name, extent] of Object.entries(extents)) {
    const layer = name.replace('.gpkg', '');
    at.write(name, { layer, srsId: 4230, columns: [], rows: [{ wkb: CYPRUS, values: [] }] });
    const db = new DatabaseSync(join(at.input, name));
    db.prepare('update gpkg_contents set min_x = ?, min_y = ?, max_x = ?, max_y = ?').run(
      ...extent,
    );
    db.close();
  }
  const run = await runCli(['stage', at.input, '--out', at.staged, '--json']);
  const { inputs, warnings } = resultOf(run.stdout);
  const chosen = inputs.map((input) => [input.name, 'operation' in input && input.operation?.id]);
  // ED50 to WGS 84 (7) is made for Norway, (30) for Cyprus, (1) is a mean.
  assert.deepEqual(Object.fromEntries(chosen), {
    'sound.gpkg': 'EPSG:1784',
    'wide.gpkg': 'EPSG:1784',
    'norway.gpkg': 'EPSG:1139',
    'none.gpkg': 'EPSG:1133',
  });
  const told = warnings.filter((warning) => warning.includes('Mend its extent'));
  assert.deepEqual(told.map((warning) => warning.split(':')[0]).sort(), [
    'none.gpkg',
    'norway.gpkg',
  ]);
  assert.match(told.join(), /outside .*1139.*1784/s);
});
