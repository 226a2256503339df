/**
 * A process that dies at a step of its work on files and databases, at one after the other: the same
 * call then gives what it would have given, and leaves nothing else behind.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, suite, test } from 'node:test';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { hashFolder } from '../staging/support.ts';
import {
  checkNothingElse,
  checkSame,
  checkTiles,
  makeScenes,
  SUMMARY,
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
