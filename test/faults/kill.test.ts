/**
 * A run that is killed at any moment loses and duplicates nothing: no reader sees half a tile, and
 * the same command finishes the work as if nothing had happened.
 */

import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../src/core/random.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { RunResult } from '../../src/staging/phases/run-result.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { hashFolder, listTiles, runCli } from '../staging/support.ts';
import {
  checkNothingElse,
  checkSame,
  checkTiles,
  makeScenes,
  type Running,
  type Stage,
  SUMMARY,
  smallSlices,
  stageOf,
  startCli,
  suiteFolder,
} from './faults.ts';

/** Of each of the four inputs. */
const POLYGONS = 3_000;
const KILLS = rounds(6, 30);

suite('a run that is killed', () => {
  const folder = suiteFolder();
  let scenes: string[];
  let config: string;
  let reference: Map<string, string>;
  /** Of a run that is left alone, and from its start to its first tile. */
  let duration = 0;
  let untilMerge = 0;

  const command = (out: string, inputs: readonly string[]): string[] => [
    ...['stage', ...inputs, '--out', out, '--quiet'],
    ...['--z', '15', '--workers', '2', '--config', config],
  ];
  const stage = (out: string): Running => startCli(command(out, scenes));

  const finish = async (out: string, inputs: readonly string[] = scenes): Promise<void> => {
    const { code, stderr } = await runCli(command(out, inputs));
    assert.equal(code, 0, stderr);
  };

  /** Kills the process, and returns how far it had come. */
  const kill = async (run: Running, out: string): Promise<Stage | 'ended'> => {
    run.child.kill('SIGKILL');
    const end = await run.ended;
    checkTiles(out);
    if (end !== 'SIGKILL') {
      assert.equal(end, 0, run.stderr());
      return 'ended';
    }
    return stageOf(out);
  };

  const firstTile = async (run: Running, out: string): Promise<void> => {
    // To look for tiles takes time from the run.
    const isThere = () => existsSync(join(out, 'WGS1984Quad')) && listTiles(out).length > 0;
    while (run.child.exitCode === null && !isThere()) await setTimeout(3);
  };

  /** Built or spilled: whether rows have to wait in files depends on how fast threads are. */
  const firstRows = async (run: Running, out: string): Promise<void> => {
    const isThere = (): boolean =>
      existsSync(join(out, '.tilewright/runs')) &&
      globSync('.tilewright/runs/*/*.{shuffle,tile}', { cwd: out }).length > 0;
    while (run.child.exitCode === null && !isThere()) await setTimeout(5);
  };

  before(async () => {
    scenes = makeScenes(join(folder, 'scenes'), 4, POLYGONS);
    config = smallSlices(folder);
    const out = join(folder, 'reference');
    const start = performance.now();
    const run = stage(out);
    await firstTile(run, out);
    untilMerge = performance.now() - start;
    assert.equal(await run.ended, 0, run.stderr());
    duration = performance.now() - start;
    reference = hashFolder(out, { summary: SUMMARY });
    assert.ok(reference.size > 60, `${reference.size} tiles`);
    checkNothingElse(out);
  });

  test(`${KILLS} times, is finished by the same command`, async (t) => {
    const random = new Random(seedOf(50));
    const met = new Map<string, number>();
    for (let i = 0; i < KILLS; i++) {
      const out = join(folder, `killed-${i}`);
      const run = stage(out);
      if (i % 5 === 0) {
        // In the middle of staging, however fast this machine is just now.
        await firstRows(run, out);
      } else if (i % 5 < 3) {
        // Spread over the whole run.
        await setTimeout(duration * ((i + random.next()) / KILLS));
      } else {
        // From the first tile on: the merge is short.
        await firstTile(run, out);
        await setTimeout((duration - untilMerge) * 0.4 * random.next());
      }
      const stage_ = await kill(run, out);
      met.set(stage_, (met.get(stage_) ?? 0) + 1);
      await finish(out);
      checkSame(out, reference);
      checkNothingElse(out);
      rmSync(out, { recursive: true });
    }
    t.diagnostic(`killed while: ${JSON.stringify(Object.fromEntries(met))}`);
    assert.ok((met.get('staging') ?? 0) >= KILLS / 6, 'kills while staging');
    assert.ok((met.get('merging') ?? 0) >= KILLS / 6, 'kills while merging');
  });

  test('several times in a row, is finished when it is left alone', async (t) => {
    const random = new Random(seedOf(7));
    const met: string[] = [];
    for (let i = 0; i < rounds(1, 4); i++) {
      const out = join(folder, `again-${i}`);
      for (let k = 0; k < 4; k++) {
        const run = stage(out);
        if (k === 3) await firstTile(run, out);
        else await setTimeout(duration * (0.2 + 0.6 * random.next()));
        met.push(await kill(run, out));
      }
      await finish(out);
      checkSame(out, reference);
      checkNothingElse(out);
      rmSync(out, { recursive: true });
    }
    t.diagnostic(`killed while: ${met.join(', ')}`);
  });

  test('is finished, or begun anew, by another command', async (t) => {
    const random = new Random(seedOf(3));
    const met: string[] = [];
    for (let i = 0; i < 2; i++) {
      const out = join(folder, `other-${i}`);
      const run = startCli(command(out, scenes.slice(0, 3)));
      if (i === 0) await setTimeout(duration * (0.3 + 0.4 * random.next()));
      else await firstTile(run, out);
      met.push(await kill(run, out));
      await finish(out, scenes.slice(2));
      await finish(out, scenes.slice(0, 3));
      checkSame(out, reference);
      checkNothingElse(out);
      rmSync(out, { recursive: true });
    }
    t.diagnostic(`killed while: ${met.join(', ')}`);
  });

  test('with tiles of another configuration half written, makes way for --force', async () => {
    const out = join(folder, 'forced');
    const run = startCli(['stage', ...scenes, '--out', out, '--z', '14', '--config', config]);
    await firstTile(run, out);
    assert.notEqual(await kill(run, out), 'nothing');
    // Without --force, it says what is the matter.
    const refused = stage(out);
    assert.equal(await refused.ended, 2);
    assert.match(refused.stderr(), /another configuration[\s\S]*z: 14 then, 15 now[\s\S]*--force/);
    const forced = startCli([
      'stage',
      ...scenes,
      '--out',
      out,
      '--z',
      '15',
      '--config',
      config,
      '--force',
    ]);
    assert.equal(await forced.ended, 0, forced.stderr());
    checkSame(out, reference);
    checkNothingElse(out);
  });

  test('leaves nothing that clean does not remove', async () => {
    const out = join(folder, 'cleaned');
    const run = stage(out);
    await firstTile(run, out);
    await kill(run, out);
    const clean = startCli(['clean', out, '--yes']);
    assert.equal(await clean.ended, 0, clean.stderr());
    assert.equal(existsSync(out), false);
  });

  test('by SIGINT or SIGTERM, says so, ends with 130, and goes on from there', async () => {
    for (const [i, signal] of (['SIGINT', 'SIGTERM', 'SIGINT'] as const).entries()) {
      const out = join(folder, `interrupted-${i}`);
      const run = stage(out);
      if (i === 2) await firstTile(run, out);
      else await firstRows(run, out);
      run.child.kill(signal);
      const end = await run.ended;
      checkTiles(out);
      if (end !== 0) {
        assert.equal(end, 130);
        assert.match(run.stderr(), /Interrupted.*same command goes on/);
      }
      await finish(out);
      checkSame(out, reference);
      checkNothingElse(out);
    }
  });

  test('only in one of its workers, goes on with another', async () => {
    const marks = join(folder, 'marks');
    mkdirSync(marks);
    process.env['DYING_TASKS'] = marks;
    const url = new URL('./dying-tasks.ts', import.meta.url).href;
    const out = join(folder, 'workers');
    const registry = new Registry([['staging', url]]);
    const stageAll = async (memory: number | null, dying: string[]): Promise<RunResult> => {
      for (const name of dying) writeFileSync(join(marks, name), '');
      const executor = new ThreadPoolExecutor({ maxThreads: 2, registry });
      try {
        const config: ConfigInput = {
          ...{ dirStaged: out, zRange: [0, 15], sliceBytes: 600_000, memory },
        };
        return await new TileStager(config).stageAll({ inputs: scenes, executor });
      } finally {
        await executor.shutdown();
      }
    };
    // What workers held of tiles that they built, or of what they spilled, is gone with them.
    for (const [memory, dying] of [
      [null, ['task-1', 'task-2', 'progress-1', 'progress-2']],
      [null, ['build-1', 'build-2']],
      [1, ['spill-1', 'spill-2', 'build-1', 'task-1']],
    ] as const) {
      const result = await stageAll(memory, [...dying]);
      assert.deepEqual(readdirSync(marks), [], 'all of these died');
      assert.equal(result.featuresStaged, 4 * POLYGONS);
      checkSame(out, reference);
      checkNothingElse(out);
      rmSync(out, { recursive: true });
    }
    // A worker that can't be kept alive is said.
    const always = Array.from({ length: 99 }, (_, i) => `spill-${i}`);
    await assert.rejects(stageAll(1, always), { code: 'worker-died' });
  });
});
