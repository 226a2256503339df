/**
 * Processes that die while features are judged and labelled, at one step after the other, and tasks that
 * run twice: the same call then gives what it would have given, and leaves nothing else behind.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { Random } from '../../src/core/random.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { BY_DATE, MODES, stageInto } from '../staging/deduplication/deduplicate-support.ts';
import { hashFolder } from '../staging/support.ts';
import { checkSame, checkTiles, SUMMARY, start, suiteFolder } from './faults.ts';
import { TwinExecutor } from './twin-executor.ts';

const DIE_AT = join(import.meta.dirname, 'die-at.ts');
/** Of each mode and kind of run. */
const POINTS = rounds(9, 40);
const KINDS = [
  'a first run',
  'a run over an input that has changed',
  'a run over an input that then is as it was',
] as const;

/** All that lies in the staged folder, but what tells of its runs. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/^\.tilewright.(records|run\.json)/.test(path))
    .sort();
}

suite('a process that dies while duplicates are judged', () => {
  const folder = suiteFolder();
  const out = join(folder, 'out');
  const reference = join(folder, 'reference');
  const base: ConfigInput = {
    ...{ zRange: [0, 13], sliceBytes: 150_000, ...BY_DATE },
  };
  let inputs: string[];
  /** One that was staged before, and has changed since. */
  let changed: string;

  before(() => {
    const options = { seed: 11, count: 4, polygonsEach: 150, cellArea: 15_000, overlap: 0.5 };
    const scenes = writeScenes(join(folder, 'scenes'), options).map(({ path }) => path);
    mkdirSync(join(folder, 'changed'));
    changed = join(folder, 'changed', basename(scenes[0]!));
    copyFileSync(scenes[1]!, changed);
    inputs = scenes;
  });

  const check = async (
    config: ConfigInput,
    given: string[],
    expected: Map<string, string>,
    files: string[],
  ): Promise<void> => {
    checkTiles(out);
    await stageInto(out, config, { inputs: given, goOn: true, regionRows: 1 });
    checkSame(out, expected);
    assert.deepEqual(filesOf(out), files);
  };

  const dieAt = (config: ConfigInput, given: string[] | null, step: number): string => {
    const what = given === null ? { judges: true } : { inputs: given };
    const options = { config: { ...config, dirStaged: out }, ...what, apart: false, regionRows: 1 };
    const { signal, status, stdout, stderr } = spawnSync(
      process.execPath,
      [DIE_AT, String(step), JSON.stringify(options)],
      { encoding: 'utf8' },
    );
    assert.ok(signal === 'SIGKILL' || status === 0, stderr);
    return stdout;
  };

  for (const duplicates of MODES) {
    for (const kind of KINDS) {
      test(`${kind}, mode ${duplicates}`, async (t) => {
        const config: ConfigInput = { ...base, duplicates, executor: 'inline' };
        const isFirst = kind === 'a first run';
        const given = isFirst ? inputs : [changed, ...inputs.slice(1)];
        // What is staged before, the run, and what comes after it has died.
        const prior = join(folder, 'prior');
        const before = (): void => copyFileSync(inputs[1]!, changed);
        const during = (): void => copyFileSync(inputs[0]!, changed);
        const after = kind === 'a run over an input that then is as it was' ? before : during;
        before();
        await stageInto(prior, config, { inputs: given, regionRows: 1 });
        after();
        await stageInto(reference, config, { inputs: given, regionRows: 1 });
        const expected = hashFolder(reference, { summary: SUMMARY });
        const files = filesOf(reference);
        const begin = (): void => {
          rmSync(out, { recursive: true, force: true });
          if (!isFirst) cpSync(prior, out, { recursive: true, preserveTimestamps: true });
          during();
        };
        begin();
        const steps = dieAt(config, given, 0).split(' ').map(Number);
        after();
        await check(config, given, expected, files);
        // Staging itself is for other tests: from the merge on.
        const [first, last] = [steps[2]!, steps.at(-1)!];
        const stride = (last - first) / POINTS;
        let died = 0;
        for (let k = 0; k < POINTS; k++) {
          const step = Math.floor(first + (k + ((seedOf(0) / 7) % 1)) * stride) + 1;
          begin();
          if (dieAt(config, given, step) === '') died++;
          after();
          try {
            await check(config, given, expected, files);
          } catch (error) {
            throw new Error(`died at step ${step} of ${steps}`, { cause: error });
          }
        }
        t.diagnostic(`died ${died} times, steps by phase: ${steps.join(' ')}`);
        assert.ok(died >= POINTS - 1);
      });
    }
  }

  const plain: ConfigInput = { zRange: [0, 13], sliceBytes: 150_000, executor: 'inline' };
  const none: ConfigInput = { ...plain, deduplicateMethod: null };
  const [labelled, removed] = MODES.map((duplicates) => ({ ...plain, ...BY_DATE, duplicates }));
  const changes = [
    { name: 'labels are taken off', from: labelled!, to: none },
    { name: 'labels give way to removal', from: labelled!, to: removed! },
    { name: 'all come back', from: removed!, to: none },
    { name: 'rules change', from: removed!, to: { ...removed!, deduplicateOverlapTolerance: 0.9 } },
    { name: 'all come back with labels', from: removed!, to: labelled! },
  ];
  for (const { name, from, to } of changes) {
    test(`${name}, without the inputs; then also as it was`, async (t) => {
      const folders = [from, to].map((config, k) => {
        return { config, staged: join(folder, k === 0 ? 'prior' : 'reference') };
      });
      const expected = new Map<ConfigInput, { hashes: Map<string, string>; files: string[] }>();
      for (const { config, staged } of folders) {
        await stageInto(staged, config, { inputs, regionRows: 1 });
        const hashes = hashFolder(staged, { summary: SUMMARY });
        expected.set(config, { hashes, files: filesOf(staged) });
      }
      const begin = (): void => {
        rmSync(out, { recursive: true, force: true });
        cpSync(join(folder, 'prior'), out, { recursive: true, preserveTimestamps: true });
      };
      const check = async (config: ConfigInput): Promise<void> => {
        checkTiles(out);
        await new TileStager({ ...config, dirStaged: out }).deduplicate({ regionRows: 1 });
        checkSame(out, expected.get(config)!.hashes);
        assert.deepEqual(filesOf(out), expected.get(config)!.files);
      };
      begin();
      const steps = Number(dieAt(to, null, 0).split(' ').at(-1));
      await check(to);
      let died = 0;
      for (let k = 0; k < POINTS; k++) {
        const step = Math.floor(((k + ((seedOf(0) / 7) % 1)) * steps) / POINTS) + 1;
        begin();
        if (dieAt(to, null, step) === '') died++;
        const then = k % 2 === 0 ? to : from;
        try {
          await check(then);
        } catch (error) {
          const way = then === to ? 'on' : 'back';
          throw new Error(`died at step ${step} of ${steps}, then ${way}`, { cause: error });
        }
      }
      t.diagnostic(`died ${died} times of ${steps} steps`);
      assert.ok(died >= POINTS - 1);
    });
  }

  test('at any moment, with threads, is finished by the same command', async (t) => {
    const random = new Random(seedOf(5));
    const config: ConfigInput = { ...base, executor: 'threads', workers: 2 };
    await stageInto(reference, config, { inputs, regionRows: 1 });
    const expected = hashFolder(reference, { summary: SUMMARY });
    const options = JSON.stringify({
      ...{ config: { ...config, dirStaged: out }, inputs, regionRows: 1 },
    });
    const run = () => start([DIE_AT, '0', options]);
    rmSync(out, { recursive: true, force: true });
    const startedAt = performance.now();
    await run().ended;
    const duration = performance.now() - startedAt;
    let killed = 0;
    for (let k = 0; k < rounds(4, 20); k++) {
      rmSync(out, { recursive: true, force: true });
      for (let kills = 1 + random.integer(2); kills > 0; kills--) {
        const { child, ended } = run();
        const timer = setTimeout(
          () => child.kill('SIGKILL'),
          duration * (0.4 + 0.6 * random.next()),
        );
        if ((await ended) === 'SIGKILL') killed++;
        clearTimeout(timer);
      }
      await check(config, inputs, expected, filesOf(reference));
    }
    t.diagnostic(`killed ${killed} times`);
    assert.ok(killed > 0);
  });

  for (const duplicates of MODES) {
    test(`tasks that run twice at once leave the same, mode ${duplicates}`, async () => {
      const executor = new TwinExecutor();
      const config: ConfigInput = { ...base, duplicates };
      try {
        await stageInto(out, config, { inputs, executor });
        await Promise.all(executor.twins);
      } finally {
        await executor.shutdown();
      }
      await stageInto(reference, config, { inputs });
      checkSame(out, hashFolder(reference, { summary: SUMMARY }));
      assert.deepEqual(filesOf(out), filesOf(reference));
    });

    test(`tasks that run again after later runs change nothing, mode ${duplicates}`, async () => {
      const executor = new TwinExecutor();
      const config: ConfigInput = { ...base, duplicates };
      try {
        await stageInto(out, config, { inputs: inputs.slice(0, 3), executor });
        await Promise.all(executor.twins);
        await stageInto(out, config, { inputs, goOn: true });
        for (const task of executor.tasks) await executor.again(task);
      } finally {
        await executor.shutdown();
      }
      await stageInto(reference, config, { inputs });
      checkSame(out, hashFolder(reference, { summary: SUMMARY }));
      assert.deepEqual(filesOf(out), filesOf(reference));
    });
  }
});
