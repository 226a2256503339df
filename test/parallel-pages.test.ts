/** The pages on `tilewright/parallel` name whatever it exports, and each option of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as parallel from '../src/parallel.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = ['parallel', 'parallel-clusters', 'from-parsl']
  .map((name) => readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8'))
  .join('\n');
/** Blocks and words of code. */
const CODE = [...PAGES.matchAll(/^```.*?^```$|`[^`\n]+`/gms)].join('\n');

/** Of the engine's inner life, for those who extend it: the reference of the API has them. */
const REFERENCE_ONLY = [
  'DataFlowKernel',
  'MapFuture',
  'AppFuture',
  'Registry',
  'registry',
  'runWorker',
];

/** What takes options, and the word for it in messages. */
const TAKERS: Record<string, (options: never) => unknown> = {
  Config: (options) => new parallel.Config(options),
  ThreadPoolExecutor: (options) => new parallel.ThreadPoolExecutor(options),
  HighThroughputExecutor: (options) => new parallel.HighThroughputExecutor(options),
  SlurmArrayExecutor: (options) => new parallel.SlurmArrayExecutor(options),
  LocalProvider: (options) => new parallel.LocalProvider(options),
  SlurmProvider: (options) => new parallel.SlurmProvider(options),
  PBSProProvider: (options) => new parallel.PBSProProvider(options),
  LSFProvider: (options) => new parallel.LSFProvider(options),
  GridEngineProvider: (options) => new parallel.GridEngineProvider(options),
  CondorProvider: (options) => new parallel.CondorProvider(options),
  KubernetesProvider: (options) => new parallel.KubernetesProvider(options),
  app: (options) => parallel.app(import.meta.url, 'nothing', options),
  bashApp: (options) => parallel.bashApp(() => 'true', options),
};

/** All options: a wrong one is refused with a list of them. */
function optionsOf(take: (options: never) => unknown): string[] {
  try {
    take({ '???': 1 } as never);
  } catch (error) {
    const [, list] = / There are (.*)$/.exec((error as Error).message) ?? [];
    return list!.split(', ').filter((name) => name !== 'registry');
  }
  throw new Error('no option was refused');
}

const isNamed = (word: string): boolean => new RegExp(`\\b${word}\\b`).test(CODE);

suite('the pages on the engine name', () => {
  test('each export that is a value', () => {
    const names = Object.keys(parallel).filter((name) => !REFERENCE_ONLY.includes(name));
    assert.ok(names.length > 25);
    assert.deepEqual(
      names.filter((name) => !isNamed(name)),
      [],
    );
  });

  for (const [name, take] of Object.entries(TAKERS)) {
    test(`each option of ${name}`, () => {
      const options = optionsOf(take);
      assert.ok(options.length >= 5);
      assert.deepEqual(
        options.filter((option) => !isNamed(option)),
        [],
      );
    });
  }
});
