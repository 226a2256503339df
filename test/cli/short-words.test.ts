/** What is left out where it says nothing: digits of extents, what bound a run of a moment. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runCli } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

test('an extent has ten digits, in JSON all; a short run is not bound by starting up', async (t) => {
  const place = new Workplace(t);
  place.write('a.gpkg', layerAt([0]));
  const db = new DatabaseSync(join(place.input, 'a.gpkg'));
  db.exec(`UPDATE gpkg_contents SET min_x = -153.27891234567, min_y = 70.336000000000013,
    max_x = -153.2, max_y = 70.354123456789`);
  db.close();
  const info = (...more: string[]) => runCli(['info', place.input, ...more]);
  const [text, json, staged] = await Promise.all([info(), info('--json'), place.ok()]);
  const exact: number[] = JSON.parse(json.stdout)[0].layers[0].extent;
  const shown = /extent +(.*)/.exec(text.stdout)![1]!.split(', ').map(Number);
  assert.equal(shown.length, 4);
  for (const [i, value] of shown.entries()) {
    assert.ok(String(value).replace(/\D/g, '').length <= 10, String(value));
    assert.ok(Math.abs(value - exact[i]!) <= 5e-8, `${value} is not ${exact[i]}`);
  }
  assert.doesNotMatch(staged, /Starting and finishing/);
});
