/** Inputs of which nothing can be staged: they have failed, and that stays so until they change. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { allDropped } from '../../src/staging/pipeline/result.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { listTiles, polygonWkb, resultOf, withoutProgress } from './support.ts';
import { layerAt, Workplace } from './workplace.ts';
import type { OddLayer } from './write-geopackage.ts';

const POINT = Buffer.from('0101000000000000000000244000000000000049c0', 'hex');
const FAR = polygonWkb([
  [
    [10, 95],
    [11, 95],
    [11, 96],
    [10, 95],
  ],
]);

/** Points, and some rows without a geometry. */
function points(count: number, nulls: number): OddLayer {
  return {
    layer: 'points',
    srsId: 4326,
    columns: [],
    geometryType: 'POINT',
    rows: [
      ...Array.from({ length: count }, () => ({ wkb: POINT, values: [] })),
      ...Array.from({ length: nulls }, () => ({ blob: null, values: [] })),
    ],
  };
}

test('an input of which all is dropped has failed, in this run and the next', async (t) => {
  const at = new Workplace(t);
  at.write('good.gpkg', layerAt([0]));
  at.write('points.gpkg', points(20, 5));
  at.write('empty.gpkg', points(0, 0));
  const first = await at.run();
  assert.equal(first.code, 1);
  assert.equal(
    withoutProgress(first.stderr),
    'failed: points.gpkg: none of its 25 features can be staged: 20 not a polygon, ' +
      '5 null geometry. Only polygons are staged: leave it out, or name another layer with --layer\n',
  );
  assert.match(first.stdout, /^inputs +2 staged, 0 unchanged$/m);
  assert.match(
    first.stdout,
    /^features +35 read in .*, 10 staged, 25 dropped \(20 of them not a polygon\)$/m,
  );

  for (const options of [[], ['--force']]) {
    const { code, stdout } = await at.run('--json', ...options);
    assert.equal(code, 1);
    const { inputs } = resultOf(stdout);
    const read = options.length > 0;
    const good = read ? 'staged' : 'unchanged';
    assert.deepEqual(
      inputs.map(({ name, status }) => [name, status]),
      [
        ['empty.gpkg', good],
        ['good.gpkg', good],
        ['points.gpkg', 'failed'],
      ],
    );
    const failed = inputs[2]!;
    assert.ok(failed.status === 'failed');
    assert.equal(failed.error.code, 'input-dropped');
    assert.equal(failed.rowsRead, 25);
    assert.equal(failed.drops?.['not a polygon']?.count, 20);
    // Without need it is not read again.
    const staged = stdout.includes('"type":"phase-started","phase":"stage"');
    assert.equal(staged, read);
    assert.equal(stdout.match(/"type":"input-failed"/g)?.length, 1);
  }
  const stager = new TileStager({ dirStaged: at.staged, executor: 'inline' });
  await assert.rejects(stager.stage(join(at.input, 'points.gpkg')), { code: 'input-dropped' });
});

test('it follows the file: rows go when they can not be staged any more, and come back', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  await at.ok();
  assert.equal(listTiles(at.staged).length, 1);
  const rows = [{ wkb: FAR, values: [] }];
  at.write('a.gpkg', { layer: 'a', srsId: 4326, columns: [], rows });
  const { code, stdout, stderr } = await at.run();
  assert.equal(code, 1);
  assert.match(stderr, /a\.gpkg: its one feature can't be staged: 1 outside the/);
  assert.match(stdout, /1 dropped \(outside the/);
  assert.deepEqual(listTiles(at.staged), []);
  at.write('a.gpkg', layerAt([0]));
  await at.ok();
  await at.assertAsFromScratch();
});

test('deleted rows are no features', () => {
  const counts = { rowsRead: 3, featuresStaged: 0, rows: 0, droppedM: 0 };
  const drop = { count: 3, positions: [0] };
  assert.equal(allDropped('a', { ...counts, drops: { 'deleted row': drop } }), null);
  const error = allDropped('a', {
    ...counts,
    drops: { 'deleted row': drop, 'unclosed ring': { count: 1, positions: [3] } },
  });
  assert.match(error!.message, /one feature can't be staged: 1 unclosed ring\./);
});
