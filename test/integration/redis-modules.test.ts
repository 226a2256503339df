/** Workers that were started by hand take the tasks of programs whose modules they were given. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Registry } from '../../src/parallel.ts';
import { redisMissing, startRedis } from './engines/redis.ts';
import { executorOn, noBlocks, startWorker, temporaryFolder } from './redis-support.ts';

const APPS = 'export const slow = (i) => new Promise((r) => setTimeout(() => r(i), 20));\n';

suite('modules of workers on a queue', { skip: redisMissing(), timeout: 120_000 }, () => {
  test('tasks go to who has the program’s module, and not to who has another of its name', async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    const folder = temporaryFolder(t);
    const write = (name: string, text: string): string => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'apps.mjs'), text);
      return join(folder, name, 'apps.mjs');
    };
    const program = write('program', APPS);
    // A copy, as on another machine.
    const copy = write('copy', APPS);
    const other = write('other', "export const slow = () => 'of another program';\n");
    const queue = ['--queue', redis.url];
    const without = await startWorker(t, queue);
    const wrong = await startWorker(t, [...queue, '--tasks', other]);
    const right = await startWorker(t, [...queue, '--tasks', copy]);

    const registry = new Registry();
    registry.register(pathToFileURL(program));
    const executor = executorOn(t, redis, { ...noBlocks(), registry });
    const run = (i: number) => executor.run({ name: 'apps.slow', args: [i] });
    const numbers = Array.from({ length: 60 }, (_, i) => i);
    assert.deepEqual(await Promise.all(numbers.map(run)), numbers);

    // A module that the program gets to know later: nobody here has it.
    registry.register(pathToFileURL(write('late', APPS.replace('slow', 'late'))), 'late');
    const controller = new AbortController();
    const late = executor.run({ name: 'late.late', args: [1] }, { signal: controller.signal });
    const outcome = Promise.race([
      late.then(
        () => 'done',
        (error) => error.code,
      ),
      new Promise((resolve) => setTimeout(() => resolve('waits'), 1_500)),
    ]);
    assert.equal(await outcome, 'waits');
    controller.abort();
    await assert.rejects(late, { code: 'task-cancelled' });

    await executor.shutdown();
    for (const worker of [without, wrong, right]) assert.equal(await worker.stop(), 0);
    assert.match(without.output, /leaves a program alone whose module apps was not given to it/);
    assert.match(wrong.output, /leaves a program alone whose module apps has another text here/);
  });
});
