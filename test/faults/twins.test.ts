/**
 * Engines lose track of tasks and run them twice: at once, or long after everything is over. The
 * tiles are the same.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import type { TilewrightError } from '../../src/core/errors.ts';
import type { Executor, RunOptions } from '../../src/parallel/executor.ts';
import type { Task } from '../../src/parallel/task.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { seedOf } from '../soak/rounds.ts';
import { hashFolder } from '../staging/support.ts';
import { checkNothingElse, checkSame, SUMMARY, suiteFolder } from './faults.ts';

/** Runs each task twice at once, and remembers it. */
class TwinExecutor implements Executor {
  readonly label = 'twins';
  readonly slots = 2;
  readonly tasks: Task[] = [];
  readonly twins: Promise<unknown>[] = [];
  readonly #pool = new ThreadPoolExecutor({ maxThreads: 4 });

  get closed(): boolean {
    return this.#pool.closed;
  }

  run(task: Task, options?: RunOptions): Promise<unknown> {
    this.tasks.push(task);
    const twin = this.#pool.run(task);
    this.twins.push(twin.catch((error: unknown) => error));
    return this.#pool.run(task, options);
  }

  /** Runs one of the remembered tasks once more; returns the code of its error. */
  again(task: Task): Promise<string> {
    return this.#pool.run(task).then(
      () => 'done',
      (error: TilewrightError) => error.code,
    );
  }

  shutdown(): Promise<void> {
    return this.#pool.shutdown();
  }
}

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
