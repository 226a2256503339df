/** Every feature is checked while it is staged: what is counted, and what becomes of invalid ones. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { reportText } from '../../src/insight/report/report-text.ts';
import { runReport } from '../../src/insight/run-report.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { gdalMeetings, hasGdal, NO_GDAL } from './gdal.ts';
import { StoppingExecutor } from './stopping-executor.ts';
import { hashFolder, listTiles, resultOf } from './support.ts';
import { FAULTS, kindsOf, WITHOUT_AREA, writeFaults } from './validity-fixture.ts';
import { SUMMARY, Workplace } from './workplace.ts';

const IN_SHAPEFILE = FAULTS.filter(({ notInShapefile }) => !notInShapefile);
const isInvalid = ({ kinds }: (typeof FAULTS)[number]): boolean =>
  kinds.length > 0 && !kinds.includes('wrong orientation');
/** Of these the readers can't make rings. */
const UNREADABLE = 2;
const INVALID = FAULTS.filter(isInvalid).length;

function stage(at: Workplace, config: ConfigInput = {}): Promise<StageAllResult> {
  const { input: dirInput, staged: dirStaged } = at;
  return new TileStager({ dirInput, dirStaged, executor: 'inline', ...config }).stageAll();
}

suite('invalid features are counted by kind and input', () => {
  for (const [name, faults] of [
    ['a.gpkg', FAULTS],
    ['a.shp', IN_SHAPEFILE],
  ] as const) {
    test(`of ${name}`, async (t) => {
      const at = new Workplace(t);
      writeFaults(at, name, 1, faults);
      const crs = name.endsWith('.shp') ? ['--input-crs', 'EPSG:4326'] : [];
      const { stdout, code } = await at.run('--json', ...crs);
      assert.equal(code, 0);
      const { validity, inputs, drops, featuresStaged } = resultOf(stdout);
      assert.deepEqual(validity!.kinds, kindsOf(faults));
      const invalid = faults.filter(isInvalid).length;
      assert.deepEqual(Object.keys(validity!.features), ['invalid']);
      assert.equal(validity!.features['invalid']!.count, invalid);
      assert.deepEqual(inputs[0]!.validity, validity);
      // What is no ring can't be kept either.
      assert.deepEqual(drops, {
        'too few points': { count: 1, positions: [5] },
        'unclosed ring': { count: 1, positions: [4] },
      });
      assert.equal(featuresStaged, faults.length - UNREADABLE);
    });
  }

  test('and told at the end, of each input', async (t) => {
    const at = new Workplace(t);
    writeFaults(at, 'a.gpkg');
    writeFaults(at, 'b.gpkg', 2, FAULTS.slice(0, 2));
    const stdout = await at.ok();
    assert.match(
      stdout,
      new RegExp(`^features .*, 2 dropped \\(.*\\), ${INVALID + 2} invalid$`, 'm'),
    );
    assert.match(stdout, /^invalid {4}3: self-crossing, for example feature 2, 2, 4$/m);
    assert.match(stdout, /^invalid {4}1: unclosed, for example feature 4$/m);
    assert.match(stdout, /^ {13}b\.gpkg: 2 self-crossing$/m);
    assert.match(stdout, /--invalid repair/);
    assert.doesNotMatch(stdout, /orientation/);
    assert.match(
      reportText(runReport(at.staged), { width: 300, color: false }),
      new RegExp(
        `^ +validity +${INVALID + 2} invalid; 3 self-crossing, 2 too few points, 1 disconnected`,
        'm',
      ),
    );
  });

  test('the same in slices, however many, and by workers that share no memory', async (t) => {
    const at = new Workplace(t);
    writeFaults(at, 'a.gpkg', 40);
    const whole = (await stage(at)).validity;
    assert.deepEqual(whole!.kinds, kindsOf(FAULTS, 40));
    for (const sliceBytes of [4_000, 30_000]) {
      const executor = new StoppingExecutor('', 0, false);
      const config = { ...at, dirInput: at.input, dirStaged: join(at.base, `${sliceBytes}`) };
      const stager = new TileStager({
        dirInput: config.dirInput,
        dirStaged: config.dirStaged,
        sliceBytes,
      });
      assert.deepEqual((await stager.stageAll({ executor })).validity, whole);
      assert.deepEqual(
        hashFolder(config.dirStaged, { summary: SUMMARY }),
        hashFolder(at.staged, { summary: SUMMARY }),
      );
    }
  });

  test('by runs that are stopped, and go on', async (t) => {
    for (const [task, n] of [
      ['staging.group', 1],
      ['staging.merge', 0],
    ] as const) {
      const at = new Workplace(t);
      for (const name of ['a.gpkg', 'b.gpkg', 'c.gpkg']) writeFaults(at, name, 40);
      const config = { dirInput: at.input, dirStaged: at.staged, sliceBytes: 20_000 };
      const executor = new StoppingExecutor(task, n, false);
      await assert.rejects(new TileStager(config).stageAll({ executor }), { code: 'interrupted' });
      const { inputs } = await stage(at, { sliceBytes: 20_000 });
      for (const { validity } of inputs) assert.deepEqual(validity!.kinds, kindsOf(FAULTS, 40));
      // And so says the journal.
      const after = await stage(at, { sliceBytes: 20_000 });
      assert.deepEqual(
        after.inputs.map(({ status, validity }) => [status, validity]),
        inputs.map(({ validity }) => ['unchanged', validity]),
      );
    }
  });
});

suite('what becomes of invalid features', () => {
  test('keep and unchecked make the same rows, and mix; only the counts differ', async (t) => {
    const at = new Workplace(t);
    writeFaults(at, 'a.gpkg');
    const unchecked = await stage(at, { invalid: 'unchecked' });
    assert.equal(unchecked.validity, null);
    assert.equal(unchecked.inputs[0]!.validity, undefined);
    await at.assertAsFromScratch({ invalid: 'keep' });
    writeFaults(at, 'b.gpkg');
    const { inputs } = await stage(at);
    assert.deepEqual(
      inputs.map(({ name, validity }) => [name, validity === undefined]),
      [
        ['a.gpkg', true],
        ['b.gpkg', false],
      ],
    );
    assert.match(await at.ok('--invalid', 'unchecked', '--force'), /^invalid {4}not checked$/m);
    // With a tolerance they may differ: a feature keeps vertices so as to stay valid.
    const config = { dirStaged: join(at.base, 'simplified'), simplifyTolerance: 1e-9 };
    await stage(at, config);
    await assert.rejects(stage(at, { ...config, invalid: 'unchecked' }), {
      code: 'config-differs',
      message: /invalid: "keep" then, "unchecked" now/,
    });
  });

  test('drop: they are counted as dropped too', async (t) => {
    const at = new Workplace(t);
    writeFaults(at, 'a.gpkg', 3);
    const { validity, drops, featuresStaged } = await stage(at, { invalid: 'drop' });
    assert.equal(validity!.features['invalid']!.count, 3 * INVALID);
    assert.equal(drops['invalid geometry']!.count, 3 * (INVALID - UNREADABLE));
    assert.equal(featuresStaged, 3 * (FAULTS.length - INVALID));
    assert.equal(at.rowsOf('a.gpkg'), featuresStaged);
  });

  test('fail: the error names input, layer, feature, fault and place', async (t) => {
    const at = new Workplace(t);
    for (const [fault, said] of [
      [FAULTS[2]!, /spike at -153\.273\d+, 70\.344\d+\./],
      [FAULTS[3]!, /unclosed ring\./],
    ] as const) {
      writeFaults(at, 'a.gpkg', 1, [FAULTS[0]!, fault]);
      const { code, stderr } = await at.run('--invalid', 'fail');
      assert.equal(code, 1);
      assert.match(stderr, /a\.gpkg: feature 2 of layer l is invalid: /);
      assert.match(stderr, said);
      assert.deepEqual(listTiles(at.staged), []);
    }
    const result = await stage(at, { invalid: 'fail' });
    const [input] = result.inputs;
    assert.ok(input?.status === 'failed');
    assert.deepEqual([input.error.code, input.error.feature], ['input-invalid', 2]);
    // A file that is sound beside it is staged.
    writeFaults(at, 'b.gpkg', 1, [FAULTS[0]!]);
    assert.equal((await stage(at, { invalid: 'fail' })).featuresStaged, 1);
  });

  test('repair: what is left is valid; what has no area is dropped', {
    skip: hasGdal ? false : NO_GDAL,
  }, async (t) => {
    const at = new Workplace(t);
    writeFaults(at, 'a.gpkg', 3);
    const { validity, drops, featuresStaged } = await stage(at, { invalid: 'repair' });
    assert.equal(validity!.features['invalid']!.count, 3 * INVALID);
    const areas = FAULTS.filter((fault) => isInvalid(fault)).filter(
      ({ kinds }) => !WITHOUT_AREA.includes(kinds[0]!) && kinds[0] !== 'unclosed',
    );
    assert.equal(validity!.features['repaired']!.count, 3 * areas.length);
    assert.equal(drops['nothing left']!.count, 3 * 3);
    assert.equal(featuresStaged, 3 * (FAULTS.length - INVALID + areas.length));
    const tiles = listTiles(at.staged).map((tile) => join(at.staged, tile));
    const features = gdalMeetings(tiles, []).flat();
    assert.equal(features.length, featuresStaged);
    assert.ok(features.every(({ valid }) => valid));
    await assert.rejects(stage(at), { code: 'config-differs' });
  });
});
