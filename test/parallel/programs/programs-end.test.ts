/** A program ends when its engine has: nothing of tasks that were stopped keeps it. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { redisMissing, startRedis } from '../../integration/engines/redis.ts';
import { folderFor } from './programs.ts';

const PROGRAM = `HEAD
export const hang = () => new Promise(() => setInterval(() => 0, 1000));
export const quit = () => process.exit(3);
const kernel = await load(new Config({ retries: 0, executors: [executor()] }));
const ended = [app(import.meta.url, 'hang', { timeLimitMs: 50 })().exception()];
const running = app(import.meta.url, 'hang')();
while (running.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 10));
running.cancel();
ended.push(running.exception(), app(import.meta.url, 'quit')().exception());
const codes = (await Promise.all(ended)).map((error) => error.code);
await kernel.cleanup();
console.log(codes.join());
// Comes to its end only if something else keeps the program.
setTimeout(() => console.log('kept by', process.getActiveResourcesInfo().join()), 1500).unref();
`;

for (const kind of ['threads', 'local', 'redis'] as const) {
  suite(`programs end: ${kind}`, { skip: kind === 'redis' && redisMissing() }, () => {
    test('nothing keeps them after a time limit, a cancellation and a death', async (t) => {
      let where: string = kind;
      if (kind === 'redis') {
        const redis = await startRedis();
        t.after(() => redis.stop());
        where = redis.url;
      }
      const folder = folderFor(t);
      folder.write('hang.mjs', PROGRAM);
      const { code, stdout, stderr } = await folder.run('hang.mjs', [where]);
      assert.equal(stdout, 'task-timeout,task-cancelled,worker-died\n', stderr);
      assert.equal(code, 0);
    });
  });
}
