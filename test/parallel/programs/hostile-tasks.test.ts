/** Tasks that do what no task should, and what their program gets to know of it. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { redisMissing, startRedis } from '../../integration/engines/redis.ts';
import { folderFor } from './programs.ts';

const APPS = `import { isMainThread, parentPort } from 'node:worker_threads';
// A module that is also the program of a thread.
if (!isMainThread) parentPort.on('message', () => { throw new Error('somebody else used its port'); });
const nested = (n) => { let value = 1; for (let i = 0; i < n; i++) value = [value]; return value; };
export const echo = (value) => value;
export const posts = () => { for (const junk of [1, { output: 'x' }, { id: 1, value: 'lie' }]) parentPort.postMessage(junk); return 'truth'; };
export const deep = (n) => nested(n);
export const deepError = () => { throw Object.assign(new RangeError('deep'), { nested: nested(20000) }); };
export const chain = () => { let e; for (let i = 0; i < 5000; i++) e = new TypeError('link ' + i, { cause: e }); throw e; };
export const long = () => { throw new Error('x'.repeat(2e7)); };
export const wide = () => { throw Object.assign(new Error('wide'), { data: 'x'.repeat(1e7) }); };
export const trap = () => { throw new Proxy({}, { get() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } }); };
export const ends = () => { console.log('one'); process.stdout.end('two\\n'); console.log('three'); };
export const lies = () => Object.defineProperty({ a: 1 }, 'toJSON', { value: () => 'a lie' });
export const getter = () => ({ get a() { throw new Error('no'); } });
export const prints = (n) => { for (let i = 0; i < n; i++) console.log('x'.repeat(1023)); return n; };
export const last = () => { setTimeout(() => process.exit(), 0); return 'done'; };
export const exits = () => { console.log('last words'); process.exit(3); };
`;

const PROGRAM = `HEAD
const m = new URL('./apps.mjs', import.meta.url);
const kernel = await load(new Config({ executors: [executor()], retries: 0 }));
const call = async (name, ...args) => {
  const shown = await app(m, name)(...args).then((value) => ({ value }), ({ code, message, cause }) => ({
    code, message: message.slice(0, 200), length: message.length, cause: cause?.name + ': ' + String(cause?.message).slice(0, 20),
  }));
  console.error(JSON.stringify({ name, ...shown }));
};
await call('posts');
for (const n of [900, 3000, 50000]) await call('deep', n);
for (const name of ['deepError', 'chain', 'long', 'wide', 'trap', 'ends', 'lies', 'getter', 'exits']) await call(name);
const holes = []; holes[4e9] = 1;
console.error(JSON.stringify({ name: 'holes', value: Object.keys(await app(m, 'echo')(holes)) }));
let futures = Promise.resolve(1); for (let i = 0; i < 5000; i++) futures = [futures];
for (const odd of [
  { get a() { throw new Error('no'); } }, new Proxy({}, { ownKeys() { throw new Error('trap'); } }), futures,
  Proxy.revocable({}, {}).proxy, Object.assign(new Map(), { more: 1 }), Object.assign(new Date(0), { more: 1 }),
]) await call('echo', odd);
const revoked = Proxy.revocable({}, {}); revoked.revoke();
await call('echo', revoked.proxy);
console.error(JSON.stringify({ name: 'left', value: kernel.counts.waiting + kernel.counts.queued }));
await kernel.cleanup();
`;

const SLOW = `HEAD
const m = new URL('./apps.mjs', import.meta.url);
let heard = 0;
let taken = () => new Promise(() => undefined);
const onOutput = ({ text }) => { heard += text.length; return taken(); };
await using kernel = await load(new Config({ executors: [executor({ onOutput })], retries: 0 }));
console.log(await app(m, 'prints', { timeLimitMs: 2000 })(50 * 1024).catch((error) => error.code), heard > 2 ** 20, heard < 16 * 2 ** 20);
heard = 0;
taken = () => new Promise((resolve) => setTimeout(resolve, 1));
console.log(await app(m, 'prints')(20 * 1024), heard === 20 * 2 ** 20);
console.log(await Promise.all(Array.from({ length: 20 }, () => app(m, 'last', { retries: 20 })())).then((all) => new Set(all).size));
`;

for (const kind of ['threads', 'local', 'redis'] as const) {
  suite(`tasks that misbehave: ${kind}`, { skip: kind === 'redis' && redisMissing() }, () => {
    test('that print faster than it is taken wait', { skip: kind !== 'threads' }, async (t) => {
      const folder = folderFor(t);
      folder.write('apps.mjs', APPS);
      folder.write('program.mjs', SLOW);
      const { stdout, stderr } = await folder.run('program.mjs', [kind]);
      assert.equal(stdout, 'task-timeout true true\n20480 true\n1\n', stderr);
    });

    test('each ends in a result or an error that says what it was', async (t) => {
      const folder = folderFor(t);
      folder.write('apps.mjs', APPS);
      folder.write('program.mjs', PROGRAM);
      let where: string = kind;
      if (kind === 'redis') {
        const redis = await startRedis();
        t.after(() => redis.stop());
        where = redis.url;
      }
      const { stdout, stderr, code } = await folder.run('program.mjs', [where]);
      assert.equal(code, 0, stderr);
      assert.equal(stdout, 'one\ntwo\nthree\nlast words\n');
      const told = stderr
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, string>);
      const of = (name: string): Record<string, string>[] =>
        told.filter((one) => one['name'] === name);
      const [posts] = of('posts');
      assert.equal(posts!['value'], 'truth');
      const [shallow, ...deep] = of('deep');
      assert.ok(Array.isArray(shallow!['value']));
      for (const { code, message } of deep) {
        assert.equal(code, 'task-failed');
        assert.match(message!, /^The result of apps\.deep can't be sent: it is nested too deeply/);
      }
      const causes = ['deepError', 'chain', 'long', 'wide'].map((name) => of(name)[0]!);
      for (const { code } of causes) assert.equal(code, 'task-failed');
      assert.deepEqual(
        causes.map(({ cause }) => cause),
        ['RangeError: deep', 'TypeError: link 4999', `Error: ${'x'.repeat(20)}`, 'Error: wide'],
      );
      assert.match(of('trap')[0]!['message']!, /thrown, but no Error/);
      assert.deepEqual(of('lies')[0]!['value'], { a: 1 });
      assert.match(of('getter')[0]!['message']!, /\.a is a property that can't be read \(no\)/);
      assert.deepEqual([of('exits')[0]!['code']], ['worker-died']);
      assert.deepEqual(of('holes')[0]!['value'], ['4000000000']);
      const refused = of('echo').map(({ code, message }) => `${code}: ${message}`);
      const expected = [
        /^task-arguments: .*argument 1, \.a, is a property that can't be read \(no\)/,
        /^task-arguments: .*argument 1 is a Proxy that can't be read \(trap\)/,
        /^task-arguments: .*nested too deeply/,
        /^undefined: undefined/,
        /^task-arguments: .*argument 1 is an instance of Map with a property "more" of its own/,
        /^task-arguments: .*argument 1 is an instance of Date with a property "more" of its own/,
        /^task-/,
      ];
      assert.equal(refused.length, expected.length);
      for (const [i, pattern] of expected.entries()) assert.match(refused[i]!, pattern);
      assert.equal(of('left')[0]!['value'], 0);
    });
  });
}
