/**
 * A process that dies at a step of its work on files and databases, at one after the other: the same
 * call then gives what it would have given, and leaves nothing else behind.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { CountingExecutor } from '../staging/counting-executor.ts';
import { hashFolder } from '../staging/support.ts';
import {
  checkNothingElse,
  checkSame,
  checkTiles,
  makeScenes,
  SUMMARY,
  stageOf,
  suiteFolder,
} from './faults.ts';

/** Of each kind of run. */
const POINTS = rounds(6, 20);
const DIE_AT = join(import.meta.dirname, 'die-at.ts');

suite('a process that dies at any step', () => {
  const folder = suiteFolder();
  /** Two versions of the first scene, and two others. */
  let files: string[];
  let changed: string;
  const out = join(folder, 'out');
  const config: ConfigInput = {
    dirStaged: out,
    zRange: [0, 13],
    executor: 'inline',
    sliceBytes: 150_000,
  };

  const stage = (values: object, inputs: string[]): Promise<unknown> =>
    new TileStager({ ...config, ...values }).stageAll({ inputs });

  const scratch = async (inputs: string[]): Promise<Map<string, string>> => {
    const alone = join(folder, 'scratch');
    rmSync(alone, { recursive: true, force: true });
    await stage({ dirStaged: alone }, inputs);
    return hashFolder(alone, { summary: SUMMARY });
  };

  /** Runs `die-at`, in a process, until it dies or ends; returns what it prints. */
  const dieAt = (step: number, options: object): string => {
    const text = JSON.stringify(options);
    const { signal, status, stdout, stderr } = spawnSync(
      process.execPath,
      [DIE_AT, String(step), text],
      { encoding: 'utf8' },
    );
    assert.ok(signal === 'SIGKILL' || status === 0, stderr);
    checkTiles(out);
    return stdout;
  };

  /** Goes through the steps, about `points` of them; `begin` makes the folder as it is before. */
  const eachStep = async (
    points: number,
    options: { config: object; inputs?: string[] },
    begin: () => Promise<unknown>,
    check: () => Promise<void>,
  ): Promise<number> => {
    rmSync(out, { recursive: true, force: true });
    await begin();
    const steps = Number(dieAt(0, options));
    await check();
    assert.ok(steps > 10, `${steps} steps`);
    const stride = Math.max(1, steps / points);
    let died = 0;
    // Others in each round of a soak.
    for (let step = 1 + (seedOf(0) % stride); step <= steps; step += stride) {
      rmSync(out, { recursive: true, force: true });
      await begin();
      if (dieAt(Math.floor(step), options) === '') died++;
      await check();
    }
    return died;
  };

  before(async () => {
    files = makeScenes(join(folder, 'scenes'), 4, 300).slice(0, 3);
    changed = join(folder, 'changed', basename(files[0]!));
    mkdirSync(join(folder, 'changed'));
  });

  test('of a first run', async (t) => {
    const reference = await scratch(files);
    const died = await eachStep(
      POINTS,
      { config, inputs: files },
      async () => undefined,
      async () => {
        await stage({}, files);
        checkSame(out, reference);
        checkNothingElse(out);
      },
    );
    t.diagnostic(`died ${died} times`);
    assert.ok(died >= POINTS - 1);
  });

  test('of runs that build, spill and stage groups apart, whoever goes on with them', async (t) => {
    const random = new Random(seedOf(9));
    const scenes = makeScenes(join(folder, 'larger'), 4, 900);
    const slicing = { zRange: [0, 15], sliceBytes: 120_000 };
    const kinds = [{ memory: 1 }, { memory: null }, { memory: 1, apart: true }, { apart: true }];
    const runs = kinds.map(({ apart = false, memory = null }) => {
      return { config: { ...config, ...slicing, memory }, inputs: scenes, apart };
    });
    const some = <T>(all: readonly T[]): T => all[random.integer(all.length)]!;
    const reference = new Map<number, Map<string, string>>();
    for (const count of [3, 4]) {
      const alone = join(folder, 'alone');
      await stage({ ...slicing, dirStaged: alone, workers: 2 }, scenes.slice(0, count));
      reference.set(count, hashFolder(alone, { summary: SUMMARY }));
      rmSync(alone, { recursive: true });
    }
    const steps = runs.map((run) => {
      rmSync(out, { recursive: true, force: true });
      const begun = dieAt(0, run).split(' ').map(Number);
      checkSame(out, reference.get(4)!);
      return begun;
    });
    const slices = async (given: Parameters<TileStager['stageAll']>[0]): Promise<number> => {
      const executor = new CountingExecutor(random.next() < 0.6);
      const memory = some([1, null]);
      const stager = new TileStager({ ...config, ...slicing, zRange: [0, 15], memory });
      await stager.stageAll({ ...given, executor });
      return executor.counts['slices'] ?? 0;
    };
    rmSync(out, { recursive: true });
    const all = await slices({ inputs: scenes });
    let adopted = 0;
    let died = 0;
    for (let round = 0; round < rounds(8, 100); round++) {
      rmSync(out, { recursive: true, force: true });
      const what: string[] = [];
      for (let kills = 1 + random.integer(2); kills > 0; kills--) {
        const kind = random.integer(runs.length);
        // Each phase is met as often, whether it has many steps or not.
        const phase = random.integer(steps[kind]!.length);
        const [from, to] = [steps[kind]![phase - 1] ?? 0, steps[kind]![phase]!];
        const step = 1 + from + random.integer(Math.max(1, to - from));
        what.push(`${JSON.stringify(kinds[kind])} at ${step}`);
        if (dieAt(step, runs[kind]!) === '') died++;
      }
      // One input is not given again: it is staged if the run had said what it would merge.
      const given = random.next() < 0.2 ? 3 : 4;
      const reached = stageOf(out);
      const isSaid = reached === 'merging' || reached === 'committed';
      t.diagnostic([...what, `${reached}, then ${given} inputs`].join(', '));
      const staged = await slices({ inputs: scenes.slice(0, given) });
      if (isSaid && given === 4) assert.equal(staged, 0);
      else if (reached === 'staging') adopted += (given * all) / 4 - staged;
      checkSame(out, reference.get(isSaid ? 4 : given)!);
      checkNothingElse(out);
    }
    t.diagnostic(`died ${died} times, ${adopted} of ${all} slices were taken over`);
    rmSync(out, { recursive: true });
    assert.ok(died >= rounds(8, 100) && adopted > 0);
  });

  test('of a run over inputs that have changed', async (t) => {
    // The first file is replaced by one that has features elsewhere.
    const begin = async (): Promise<void> => {
      copyFileSync(files[0]!, changed);
      await stage({}, [changed, files[1]!]);
      copyFileSync(files[2]!, changed);
    };
    await begin();
    rmSync(out, { recursive: true });
    const reference = await scratch([changed, files[1]!]);
    const died = await eachStep(
      POINTS,
      { config, inputs: [changed, files[1]!] },
      begin,
      async () => {
        await stage({}, [changed, files[1]!]);
        checkSame(out, reference);
        checkNothingElse(out);
      },
    );
    t.diagnostic(`died ${died} times`);
    assert.ok(died >= (POINTS * 2) / 3);
  });

  test('of staging everything anew in another way', async (t) => {
    const coarse = join(folder, 'coarse');
    await stage({ dirStaged: coarse, zRange: [0, 12] }, files);
    const reference = await scratch(files);
    const died = await eachStep(
      POINTS,
      // Only one is named: the others are staged anew because they were staged before.
      { config: { ...config, force: true }, inputs: files.slice(1, 2) },
      async () => cpSync(coarse, out, { recursive: true }),
      async () => {
        await stage({ force: true }, files.slice(1, 2));
        checkSame(out, reference);
        checkNothingElse(out);
      },
    );
    t.diagnostic(`died ${died} times`);
    assert.ok(died >= POINTS - 1);
  });

  test('of cleaning', async (t) => {
    const full = join(folder, 'full');
    await stage({ dirStaged: full }, files);
    const reference = hashFolder(full, { summary: SUMMARY });
    const died = await eachStep(
      POINTS,
      { config },
      async () => cpSync(full, out, { recursive: true }),
      async () => {
        // What is left of it, if anything, is no obstacle.
        await stage({}, files);
        checkSame(out, reference);
        checkNothingElse(out);
      },
    );
    t.diagnostic(`died ${died} times`);
    assert.ok(died >= POINTS - 1);
    await new TileStager(config).clean();
    assert.equal(existsSync(out), false);
  });
});
