/** Workers that were started by hand take the tasks of programs whose modules they were given. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Registry } from '../../src/parallel.ts';
import { waitUntil } from './engines/processes.ts';
import { redisKeys, redisMissing, startRedis } from './engines/redis.ts';
import { executorOn, noBlocks, startWorker, temporaryFolder } from './redis-support.ts';

const APPS = 'export const slow = (i) => new Promise((r) => setTimeout(() => r(i), 20));\n';

const STAGING = new URL('../../src/staging/tasks/tasks.ts', import.meta.url);

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

    // Modules of this package are told of as tasks need them, wherever they stand in a name.
    registry.register(STAGING, 'staging');
    assert.equal(await executor.run({ name: 'apps.slow+staging.merge', args: [1] }), 1);
    const key = (await redisKeys(redis.url)).find((name) => name.endsWith(':owner'))!;
    const told = async (): Promise<boolean> =>
      (await redis.cli('GET', key)).includes('["staging",');
    await waitUntil(told, 20_000, 'the module among those of the program');

    // A module that the program gets to know later: nobody here has it.
    registry.register(pathToFileURL(write('late', APPS.replace('slow', 'late'))), 'late');
    for (const name of ['apps.slow+late.late', 'late.late']) {
      const controller = new AbortController();
      const late = executor.run({ name, args: [1] }, { signal: controller.signal });
      const outcome = Promise.race([
        late.then(
          () => 'done',
          (error) => error.code,
        ),
        new Promise((resolve) => setTimeout(() => resolve('waits'), 1_500)),
      ]);
      assert.equal(await outcome, 'waits', name);
      controller.abort();
      await assert.rejects(late, { code: 'task-cancelled' });
    }

    await executor.shutdown();
    for (const worker of [without, wrong, right]) assert.equal(await worker.stop(), 0);
    assert.match(without.output, /leaves a program alone whose module apps was not given to it/);
    assert.match(wrong.output, /leaves a program alone whose module apps has another text here/);
    assert.match(right.output, /leaves a program alone whose module late was not given to it/);
  });

  test('a queue says nothing that is imported', async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    const mark = join(temporaryFolder(t), 'mark');
    const code = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, '')`;
    const url = `data:text/javascript,${encodeURIComponent(`${code}; export const registerFormats = () => 0`)}`;
    const location = { name: 'x.registerFormats', url, exportName: 'registerFormats' };
    const worker = await startWorker(t, ['--queue', redis.url]);
    const registry = new Registry([['staging', STAGING.href]]);
    const executor = executorOn(t, redis, { ...noBlocks(), registry });
    await assert.rejects(executor.run({ name: 'staging.merge', args: [location, {}] }));
    assert.equal(existsSync(mark), false);
    await import(url);
    assert.equal(existsSync(mark), true);
    await executor.shutdown();
    assert.equal(await worker.stop(), 0);
  });
});
