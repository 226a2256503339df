/** A run that finishes an interrupted one tells what it has finished. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { reportText } from '../../src/insight/report/report-text.ts';
import { runReport } from '../../src/insight/run-report.ts';
import { readRecordLines, readRecords } from '../../src/staging/recording/record-file.ts';
import type { EndLine } from '../../src/staging/recording/record-lines.ts';
import { lastRun } from '../../src/staging/recording/run-status.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import { headline } from '../../src/viewer/page/run/run-words.ts';
import { RunFollower } from '../../src/viewer/run/run-follower.ts';
import { makeScenes, startCli } from '../faults/faults.ts';
import { StoppingExecutor } from './stopping-executor.ts';
import { listTiles, resultOf, runCli } from './support.ts';
import { layerAt, threeInputs, Workplace } from './workplace.ts';

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

suite('a run that is stopped', () => {
  test('is interrupted, not failed, for who listens and in its record', async (t) => {
    const at = threeInputs(t);
    const config = { dirInput: at.input, dirStaged: at.staged };
    const executor = new StoppingExecutor('staging.merge', 0);
    const states: string[] = [];
    const onProgress = (event: RunEvent): void => {
      if (event.type === 'run-ended') states.push(event.state);
    };
    const run = new TileStager(config).stageAll({ executor, onProgress });
    await assert.rejects(run, { code: 'interrupted' });
    assert.deepEqual(states, ['interrupted']);
    const end = readRecordLines(readRecords(at.staged)[0]!.path).at(-1) as EndLine;
    assert.deepEqual(
      [end.type, end.state, end.error, end.made],
      ['end', 'interrupted', null, null],
    );
    assert.match(
      reportText(runReport(at.staged), { width: 100, color: false }),
      /interrupted after /,
    );
  });

  test('by a signal, is interrupted for status and wait', async (t) => {
    const at = new Workplace(t);
    const scenes = makeScenes(at.input, 2, 20_000);
    const run = startCli(['stage', ...scenes, '--out', at.staged, '--quiet', '--workers', '1']);
    while (!existsSync(join(at.staged, '.tilewright/run.json'))) await setTimeout(5);
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 130);
    const { stdout } = await runCli(['status', at.staged, '--json']);
    const { state, exitCode } = JSON.parse(stdout);
    assert.deepEqual([state, exitCode], ['interrupted', 130]);
    const text = await runCli(['status', at.staged]);
    assert.match(
      text.stdout,
      /^state {6}interrupted\n[\s\S]*\nThe same stage command goes on from there\.\n$/,
    );
    const wait = await runCli(['wait', at.staged]);
    assert.equal(wait.code, 130);
    assert.match(wait.stdout, /^state {6}interrupted\n/);
    const now = new RunFollower(at.staged).look(await lastRun(at.staged));
    assert.match(
      headline(now!),
      /^The run was interrupted after .* The same stage command goes on/,
    );
  });
});
