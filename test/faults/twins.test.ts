/**
 * Engines lose track of tasks and run them twice: at once, or long after everything is over. The
 * tiles are the same.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { seedOf } from '../soak/rounds.ts';
import { hashFolder } from '../staging/support.ts';
import { checkNothingElse, checkSame, SUMMARY, suiteFolder } from './faults.ts';
import { TwinExecutor } from './twin-executor.ts';

suite('a task that is run twice', () => {
  const folder = suiteFolder();
  const input = join(folder, 'input');
  const config: ConfigInput = { dirInput: input, zRange: [0, 14], sliceBytes: 300_000 };
  let scenes: string[];

  const stage = async (out: string, inputs: string[], executor?: Executor): Promise<void> => {
    const stager = new TileStager({ ...config, dirStaged: join(folder, out) });
    const result = await stager.stageAll({ inputs, ...(executor && { executor }) });
    for (const { status, name } of result.inputs) assert.notEqual(status, 'failed', name);
  };
  const hashes = (out: string) => hashFolder(join(folder, out), { summary: SUMMARY });

  before(async () => {
    scenes = writeScenes(input, { seed: seedOf(21), count: 3, polygonsEach: 3000 }).map(
      ({ path }) => path,
    );
    await stage('reference', scenes);
  });

  test('at once with itself, leaves the same', async () => {
    const executor = new TwinExecutor();
    try {
      await stage('twins', scenes, executor);
      assert.ok(executor.tasks.length > 20, `${executor.tasks.length} tasks`);
      // Those that came late have found the run's folder gone; none has done harm.
      await Promise.all(executor.twins);
    } finally {
      await executor.shutdown();
    }
    checkSame(join(folder, 'twins'), hashes('reference'));
    checkNothingElse(join(folder, 'twins'));
  });

  test('again when later runs have changed the tiles, changes nothing', async () => {
    const executor = new TwinExecutor();
    try {
      await stage('late', scenes.slice(0, 2), executor);
      await Promise.all(executor.twins);
      await stage('late', scenes);
      const codes = await Promise.all(executor.tasks.map((task) => executor.again(task)));
      assert.ok(codes.length > 20 && !codes.includes('done'), codes.join());
    } finally {
      await executor.shutdown();
    }
    checkSame(join(folder, 'late'), hashes('reference'));
    checkNothingElse(join(folder, 'late'));
    assert.deepEqual(readdirSync(join(folder, 'late/.tilewright/runs')), []);
  });
});
