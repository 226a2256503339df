/** Where results are kept for the next process, and when. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import {
  app,
  Config,
  type ConfigOptions,
  clear,
  InlineExecutor,
  load,
  type TilewrightError,
} from '../../../src/parallel.ts';
import { folderFor, MODULE, type Times, urlOf } from './memo-support.ts';

suite('checkpoints', () => {
  const started = (folder: string, more: ConfigOptions): Promise<unknown> =>
    load(new Config({ executors: [new InlineExecutor()], runDir: join(folder, 'run'), ...more }));
  const lines = (folder: string): number => {
    try {
      return (
        readFileSync(join(folder, 'run/checkpoint.jsonl'), 'utf8').match(/"key"/g)?.length ?? 0
      );
    } catch {
      return 0;
    }
  };

  test('are written when their mode says so', async (t) => {
    for (const [checkpointMode, during] of [
      ['taskExit', 2],
      ['manual', 0],
      ['dfkExit', 0],
      ['periodic', 0],
      [null, 0],
    ] as const) {
      const folder = folderFor(t, { 'calls.mjs': MODULE });
      const options = { cache: true, module: `checkpoint-${checkpointMode}` };
      const times = app<Times>(urlOf(folder, 'calls.mjs'), 'times', options);
      const file = join(folder, 'calls');
      const period = checkpointMode === 'periodic' ? { checkpointPeriodMs: 300 } : {};
      await started(folder, { checkpointMode, ...period });
      const { dataFlowKernel } = await import('../../../src/parallel.ts');
      const kernel = dataFlowKernel();
      await times(file, 1);
      await times(file, 2);
      assert.equal(lines(folder), during, `${checkpointMode}`);
      if (checkpointMode === 'manual') {
        assert.equal(kernel.checkpoint(), 2);
        assert.equal(kernel.checkpoint(), 0);
        assert.equal(lines(folder), 2);
      } else if (checkpointMode === 'periodic') {
        while (lines(folder) < 2) await setTimeout(20);
      } else if (checkpointMode === null) {
        assert.throws(() => kernel.checkpoint(), { code: 'usage' });
      }
      await times(file, 3);
      await clear();
      assert.equal(lines(folder), checkpointMode === null ? 0 : 3, `${checkpointMode}`);
      if (checkpointMode === null) continue;
      await started(folder, { checkpointMode });
      assert.deepEqual(await times(file, 3), { n: 3, at: new Map([[3, -0]]) });
      await clear();
      assert.equal(readFileSync(file, 'utf8'), 'xxx');
    }
    const wrong = { checkpointPeriodMs: 5, checkpointMode: 'manual' } as const;
    assert.throws(() => new Config(wrong), { message: /is for checkpointMode "periodic"/ });
  });

  test('lose no more than what was cut short; later versions are refused by name', async (t) => {
    const folder = folderFor(t, { 'calls.mjs': MODULE });
    const options = { cache: true, module: 'checkpoint-cut' };
    const times = app<Times>(urlOf(folder, 'calls.mjs'), 'times', options);
    const file = join(folder, 'calls');
    const path = join(folder, 'run/checkpoint.jsonl');
    await started(folder, { checkpointMode: 'taskExit' });
    for (const n of [1, 2]) await times(file, n);
    await clear();
    writeFileSync(path, readFileSync(path).subarray(0, -20));
    appendFileSync(path, '');
    for (let i = 0; i < 2; i++) {
      await started(folder, { checkpointMode: 'taskExit' });
      for (const n of [1, 2, 3]) assert.equal((await times(file, n)).n, n);
      await clear();
      assert.equal(readFileSync(file, 'utf8').length, 4);
    }
    appendFileSync(path, '{"key":"of an old version","result":1}\n7\n"text"\nnull\n');
    await started(folder, { checkpointMode: 'taskExit' });
    await clear();
    appendFileSync(path, '{"v":2,"key":"a","text":"J1"}\n');
    await assert.rejects(
      started(folder, { checkpointMode: 'taskExit' }),
      (error: TilewrightError) => {
        assert.equal(error.code, 'input-format');
        assert.match(error.message, /checkpoint\.jsonl was written by a later version/);
        return true;
      },
    );
    const gone = { checkpointFiles: [join(folder, 'gone.jsonl')] };
    await assert.rejects(started(folder, gone), { code: 'input-missing' });
  });

  test('that can not be written are a warning', async (t) => {
    const warnings: string[] = [];
    t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
    const folder = folderFor(t, { 'calls.mjs': MODULE, run: 'a file, where the folder is to be' });
    const options = { cache: true, module: 'checkpoint-unwritable' };
    const times = app<Times>(urlOf(folder, 'calls.mjs'), 'times', options);
    const runDir = join(folder, 'runs');
    await started(folder, { checkpointMode: 'taskExit', runDir });
    writeFileSync(runDir, 'in its place');
    assert.equal((await times(join(folder, 'calls'), 1)).n, 1);
    assert.equal((await times(join(folder, 'calls'), 2)).n, 2);
    const { dataFlowKernel } = await import('../../../src/parallel.ts');
    assert.throws(() => dataFlowKernel().checkpoint(), { code: 'output-unwritable' });
    await clear();
    assert.deepEqual(
      warnings.map((text) => /^The checkpoint can't be written/.test(text)),
      [true],
    );
  });
});

test('a program finds what a changed helper has not made stale', (t) => {
  const folder = folderFor(t, {
    'apps.ts':
      "import { factor } from './helper.ts';\nexport const scale = (x: number): number => x * factor;",
    'helper.ts': 'export const factor = 3;',
    'package.json': '{ "type": "module" }',
    'main.ts': `
      import { app, Config, InlineExecutor, load } from ${JSON.stringify(
        new URL('../../../src/parallel.ts', import.meta.url).href,
      )};
      await using k = await load(new Config({ executors: [new InlineExecutor()],
        checkpointMode: 'dfkExit', runDir: 'run' }));
      const scale = app(new URL('./apps.ts', import.meta.url), 'scale', { cache: true });
      console.log(await scale(10), k.counts.memoized);`,
  });
  const run = (): string => {
    const { stdout, stderr } = spawnSync(process.execPath, ['main.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    return stdout.trim();
  };
  assert.equal(run(), '30 0');
  assert.equal(run(), '30 1');
  writeFileSync(join(folder, 'helper.ts'), '// three\nexport const factor =  3;');
  assert.equal(run(), '30 1');
  writeFileSync(join(folder, 'helper.ts'), 'export const factor = 4;');
  assert.equal(run(), '40 0');
});
