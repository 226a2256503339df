/** What the coordinates of an input suggest: on each kind of mistake, and on what is none. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { parseCrs } from '../../src/crs/parse.ts';
import { resolveCrs } from '../../src/crs/resolve.ts';
import { extentHint } from '../../src/staging/inputs/extent-hint.ts';
import { getTileMatrixSet } from '../../src/tms/registry.ts';
import type { Bounds } from '../../src/tms/tile-matrix.ts';
import { hasProgram, polygonWkb, type Ring, resultOf } from './support.ts';
import { layerAt, Workplace } from './workplace.ts';

const OUT_OF_CRS = 'outside the CRS';
const OUT_OF_TMS = 'outside the TileMatrixSet';

/** @param dropped - features of ten that are dropped for `reason` */
function hint(
  crs: string,
  extent: Bounds,
  dropped: number,
  reason = OUT_OF_CRS,
  tms = 'WGS1984Quad',
): string | null {
  const set = getTileMatrixSet(tms);
  const drops = dropped === 0 ? {} : { [reason]: { count: dropped, positions: [0] } };
  return extentHint(
    {
      ...{ crs: resolveCrs(parseCrs(crs)), extent, drops },
      ...{ rowsRead: 10, featuresStaged: 10 - dropped },
    },
    { tms, crs: resolveCrs(set.crs), extent: set.matrix(5).extent() },
  );
}

test('each kind of mistake, by the extent', () => {
  const cases: [string, RegExp | null, Parameters<typeof hint>][] = [
    [
      'polar metres',
      /metres.*--override-crs EPSG:3413$/,
      ['EPSG:4326', [-2e6, 2e5, -1.9e6, 3e5], 10],
    ],
    ['UTM', /metres.*--override-crs EPSG:326/, ['EPSG:4326', [5e5, 7.8e6, 6e5, 7.9e6], 10]],
    ['some metres', /metres/, ['EPSG:4326', [5e5, 7.8e6, 6e5, 7.9e6], 6]],
    ['swapped', /swap|exchange/, ['EPSG:4326', [70, -150, 71, -148], 10, OUT_OF_TMS]],
    ['swapped, east', /exchange/, ['EPSG:4326', [-40, 140, -38, 150], 10, OUT_OF_TMS]],
    ['swapped UTM', /exchange/, ['EPSG:32633', [7.8e6, 4e5, 7.9e6, 5e5], 0]],
    ['zero', /0, 0/, ['EPSG:4326', [0, 0, 0, 0], 0]],
    ['zero in metres', /0, 0/, ['EPSG:3413', [0, 0, 0, 0], 10, OUT_OF_TMS, 'WebMercatorQuad']],
    ['degrees', /degrees.*--override-crs EPSG:4326$/, ['EPSG:3413', [-150, 70, -148, 71], 0]],
    ['degrees in UTM', /degrees/, ['EPSG:32633', [14, 50, 15, 51], 0]],
    [
      'too far south',
      /latitudes -88 to -87, and the TileMatrixSet WebMercatorQuad .* -85\.0511 to 85\.0511/,
      ['EPSG:4326', [20, -88, 30, -87], 10, OUT_OF_TMS, 'WebMercatorQuad'],
    ],
    ['not in its CRS', /not where its CRS/, ['EPSG:3413', [1e8, 1e8, 2e8, 2e8], 10]],
    // No mistakes.
    ['degrees in place', null, ['EPSG:4326', [-150, 70, -148, 71], 0]],
    ['longitudes to 360', null, ['EPSG:4326', [200, 70, 340, 71], 0]],
    ['metres in place', null, ['EPSG:3413', [-2e6, 2e5, -1.9e6, 3e5], 0]],
    ['UTM in place', null, ['EPSG:32633', [4e5, 5.5e6, 5e5, 5.6e6], 0]],
    ['UTM beside its zone', null, ['EPSG:32633', [1e5, 5.5e6, 1.2e5, 5.6e6], 0]],
    ['few dropped', null, ['EPSG:4326', [-150, 70, 5e5, 71], 1]],
    ['dropped for another reason', null, ['EPSG:4326', [-150, 70, -148, 71], 10, 'not a polygon']],
    ['about the origin', null, ['EPSG:4326', [-0.001, -0.001, 0, 0], 0]],
    ['a site of its own', null, ['+proj=tmerc +lat_0=48 +lon_0=11', [-40, -30, 50, 60], 0]],
    ['no numbers', null, ['EPSG:4326', [0, 0, Number.POSITIVE_INFINITY, 0], 10]],
  ];
  for (const [name, expected, args] of cases) {
    const text = hint(...args);
    if (expected === null) assert.equal(text, null, name);
    else assert.match(text ?? 'nothing', expected, name);
  }
});

function square(x: number, y: number, side: number): Ring {
  return [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y],
  ];
}

const layer = (rings: readonly Ring[], srsId = 4326) => ({
  ...{ layer: 'a', srsId, columns: [] },
  rows: rings.map((ring) => ({ wkb: polygonWkb([ring]), values: [] })),
});

suite('a run says it', () => {
  test('and ends with 1 when nothing is left, again until the file changes', async (t) => {
    const at = new Workplace(t);
    at.write('metres.gpkg', layer([square(-2e6, 2e5, 50), square(-1.9e6, 2e5, 50)]));
    at.write('swapped.gpkg', layer([square(70, -150, 0.01), square(71, -148, 0.01)]));
    for (const options of [[], [], ['--force']]) {
      const { code, stderr } = await at.run(...options);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^failed: metres\.gpkg: none of .* 2 outside the CRS\..*--override-crs EPSG:3413$/m,
      );
      assert.match(stderr, /^failed: swapped\.gpkg: none of .*axisswap/m);
    }
    const { stdout } = await at.run('--json');
    const [metres] = resultOf(stdout).inputs;
    assert.match(metres?.status === 'failed' ? (metres.hint ?? '') : '', /metres/);
  });

  test('as a note where something is staged', async (t) => {
    const at = new Workplace(t);
    // The first vertex of what lies around the origin may be there without being lost.
    at.write('origin.gpkg', layer([square(0, 0, 0.001)]));
    const nowhere = [0, 1, 2, 3].map(() => [0, 0]);
    at.write('zero.gpkg', layer([nowhere, nowhere]));
    at.write('most.gpkg', layer([square(5e5, 7e6, 9), square(6e5, 7e6, 9), square(10, 50, 0.01)]));
    const { code, stdout } = await at.run();
    assert.equal(code, 0);
    assert.match(stdout, /^note +zero\.gpkg: All of it is at 0, 0/m);
    assert.match(stdout, /^note +most\.gpkg: .*metres/m);
    assert.doesNotMatch(stdout, /origin\.gpkg/);
  });

  test('with a command that mends it', async (t) => {
    if (!hasProgram('ogr2ogr')) return t.skip('ogr2ogr is not there');
    const at = new Workplace(t);
    at.write('swapped.gpkg', layer([square(70, -150, 0.01)]));
    const { stderr } = await at.run();
    const command = /ogr2ogr -ct .* FILE/.exec(stderr)![0];
    const file = join(at.input, 'swapped.gpkg');
    const line = command.replace('NEW.gpkg', `${at.base}/new.gpkg`).replace('FILE', file);
    assert.equal(spawnSync('sh', ['-c', `${line} && mv ${at.base}/new.gpkg ${file}`]).status, 0);
    await at.ok();
  });
});

test('a selection that nothing is in is what a run without features tells of', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0]));
  const { code, stderr } = await at.run('--where', '1 = 2');
  assert.equal(code, 1);
  assert.match(stderr, /^failed: Nothing was staged: a\.gpkg has no feature that is selected$/m);
});

test('a run over inputs without any feature ends with 1; beside others they are fine', async (t) => {
  const at = new Workplace(t);
  at.write('a.gpkg', layer([]));
  at.write('b.gpkg', layer([]));
  for (const options of [[], [], ['--force']]) {
    const { code, stderr } = await at.run(...options);
    assert.equal(code, 1);
    assert.match(stderr, /^failed: Nothing was staged: none of the 2 inputs has a feature$/m);
  }
  const { code, stdout } = await at.run('--json');
  assert.equal(code, 1);
  assert.equal(resultOf(stdout).nothingStaged?.code, 'input-empty');
  at.write('c.gpkg', layerAt([0]));
  await at.ok();
  // Nothing to do is no failure.
  await at.ok();
});
