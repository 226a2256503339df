/** A run that finishes an interrupted one tells what it has finished. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { StoppingExecutor } from './stopping-executor.ts';
import { listTiles, resultOf } from './support.ts';
import { layerAt, threeInputs, type Workplace } from './workplace.ts';

/** Tiles of `threeInputs`, each with ten features of each input that is in it. */
const TILES = 4;

/** Stops a run before its n-th merge task. */
async function interruptMerge(at: Workplace, n: number, prune = false): Promise<void> {
  const config = { dirInput: at.input, dirStaged: at.staged, prune };
  const executor = new StoppingExecutor('staging.merge', n);
  await assert.rejects(new TileStager(config).stageAll({ executor }), { code: 'interrupted' });
}

function stageAll(at: Workplace, prune = false): Promise<StageAllResult> {
  const config = { dirInput: at.input, dirStaged: at.staged, executor: 'inline', prune } as const;
  return new TileStager(config).stageAll();
}

suite('a run after one that was interrupted while it wrote tiles', () => {
  for (const n of [0, 1, 2]) {
    test(`and had done ${n} merge tasks`, async (t) => {
      const at = threeInputs(t);
      await interruptMerge(at, n);
      const there = listTiles(at.staged).length;
      const { resumed, tiles, inputs, featuresRead } = await stageAll(at);
      assert.equal(resumed.length, 1);
      const { runId: _, ...told } = resumed[0]!;
      const features = ['a.gpkg', 'b.gpkg', 'c.gpkg'].map((name) => at.rowsOf(name));
      const rows = features.reduce((sum, count) => sum + count, 0);
      assert.equal(rows, told.rowsWritten);
      assert.deepEqual(told, {
        inputs: ['a.gpkg', 'b.gpkg', 'c.gpkg'],
        ...{ featuresRead: 50, featuresStaged: 50, rowsWritten: rows, tiles: TILES },
        ...{ featuresDropped: 0, drops: {}, removed: [] },
      });
      assert.deepEqual(tiles, {
        new: TILES - there,
        ...{ changed: 0, unchanged: there, removed: 0, total: TILES },
      });
      assert.ok(inputs.every(({ status }) => status === 'unchanged'));
      assert.equal(featuresRead, 0);
      assert.deepEqual((await stageAll(at)).resumed, []);
    });
  }

  test('says so on the command line, and not that there was nothing to do', async (t) => {
    const at = threeInputs(t);
    await interruptMerge(at, 0);
    const stdout = await at.ok();
    assert.match(
      stdout,
      /^Finished the interrupted run: 50 rows of 3 inputs, 4 tiles written; 50 features read\ntiles {6}4 new, 0 changed, 0 unchanged, 0 removed; 4 in .*staged\n/,
    );
    assert.match(await at.ok(), /^Nothing to do: 3 inputs unchanged, 4 tiles in /);
  });

  test('tells what it does itself besides', async (t) => {
    const at = threeInputs(t);
    await interruptMerge(at, 1);
    at.write('c.gpkg', layerAt([6, 7], 9));
    const { stdout } = await at.run('--json', '--quiet');
    const result = resultOf(stdout) as unknown as StageAllResult;
    assert.deepEqual(result.resumed[0]!.inputs, ['a.gpkg', 'b.gpkg', 'c.gpkg']);
    assert.equal(result.featuresRead, 20);
    // The tile of c.gpkg was written by the interrupted run, and is gone with its second version.
    assert.equal(result.tiles.total, 5);
    assert.equal(result.tiles.removed, 1);
    await at.assertAsFromScratch();
  });

  test('tells which inputs left the tiles', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    at.remove('c.gpkg');
    await interruptMerge(at, 0, true);
    const { resumed, tiles } = await stageAll(at, true);
    const { inputs, removed, rowsWritten } = resumed[0]!;
    assert.deepEqual([inputs, removed, rowsWritten], [[], ['c.gpkg'], 0]);
    assert.deepEqual([tiles.removed, tiles.total], [1, 3]);
  });
});
