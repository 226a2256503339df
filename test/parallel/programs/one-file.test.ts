/** A program that holds its own functions: workers import it, and stop where it loads an engine. */

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { redisMissing, startRedis } from '../../integration/engines/redis.ts';
import { folderFor, PARALLEL } from './programs.ts';

const PROGRAM = `HEAD
console.error('imported');
export const double = (x) => x * 2;
const state = { calls: 0 };
export function count() { return ++state.calls; }
const [, , where] = process.argv;
export const whereFrom = () => where;
await using kernel = await load(new Config({ executors: [executor()] }));
console.log(await app(import.meta.url, 'double')(2), typeof await app(import.meta.url, 'count')(), (await app(import.meta.url, 'whereFrom')()) === where);
export const late = () => 1;
console.log(await app(import.meta.url, 'late')().catch((error) => error.message));
console.log(await app(import.meta.url, 'absent')().catch((error) => error.message));
try { app(double); } catch (error) { console.log(error.code, error.message); }
`;

const NESTED = `HEAD
export async function nest() { await load(new Config()); return 'a second engine'; }
export const direct = () => new ThreadPoolExecutor({ maxThreads: 1 }).run({ name: 'x.y', args: [] });
if (process.argv[3] === 'start') await executor().run({ name: 'nowhere.f', args: [] }).catch(() => 0);
await using kernel = await load(new Config({ retries: 0, executors: [executor()] }));
console.log(await app(import.meta.url, 'nest')().catch((error) => error.message));
console.log(await app(import.meta.url, 'direct')().catch((error) => error.code));
`;

const STARTS = `HEAD
export const f = () => 1;
tilewright.registry.register(import.meta.url);
const pool = executor();
console.log(await pool.run({ name: 'starts.f', args: [] }).catch((error) => error.message));
await pool.shutdown();
`;

const COMMON_JS = `const { app, Config, load, ThreadPoolExecutor, HighThroughputExecutor } = require(PARALLEL);
const { pathToFileURL } = require('node:url');
EARLY
async function main() {
  const executor = process.argv[2] === 'threads' ? new ThreadPoolExecutor({ maxThreads: 2 }) : new HighThroughputExecutor({ maxWorkers: 2 });
  const kernel = await load(new Config({ executors: [executor] }));
  console.log(await app(pathToFileURL(__filename), 'double')(2));
  await kernel.cleanup();
}
BEGIN
LATE
`;
const COMMON_JS_FORMS = [
  ['exports.double = (x) => x * 2;', 'main();', ''],
  ['', 'main();', 'module.exports = { double: (x) => x * 2, main };'],
  ['', '', 'module.exports = { double: (x) => x * 2, main }; if (require.main === module) main();'],
] as const;

for (const kind of ['threads', 'local', 'redis'] as const) {
  suite(`one-file programs: ${kind}`, { skip: kind === 'redis' && redisMissing() }, () => {
    const engine = async (t: Parameters<typeof folderFor>[0]): Promise<string> => {
      if (kind !== 'redis') return kind;
      const redis = await startRedis();
      t.after(() => redis.stop());
      return redis.url;
    };

    test('may be CommonJS, with names of any characters', { skip: kind === 'redis' }, async (t) => {
      const folder = folderFor(t);
      for (const [i, [early, begin, late]] of COMMON_JS_FORMS.entries()) {
        const name = folder.write(
          `a program #${i} %41 é.cjs`,
          COMMON_JS.replace('PARALLEL', JSON.stringify(fileURLToPath(PARALLEL)))
            .replace('EARLY', early)
            .replace('BEGIN', begin)
            .replace('LATE', late),
        );
        const { stdout, stderr } = await folder.run(basename(name), [kind]);
        assert.equal(stdout, '4\n', stderr);
      }
    });

    test('run their own functions, also written in TypeScript and below a hashbang', async (t) => {
      const folder = folderFor(t);
      const where = await engine(t);
      folder.write('one.mjs', PROGRAM);
      folder.write(
        'two.mts',
        `#!/usr/bin/env node\n${PROGRAM.replace('(x)', '(x: number): number')}`,
      );
      for (const name of ['one.mjs', 'two.mts']) {
        const { code, stdout, stderr } = await folder.run(name, [where]);
        const [results, late, absent, itself] = stdout.trimEnd().split('\n');
        assert.equal(results, '4 number true', stderr);
        assert.match(late!, /late is not there yet .* calls load\(\)/);
        assert.match(absent!, /(one|two)\.m[jt]s exports no function absent\./);
        assert.match(itself!, /^usage .* write app\(import\.meta\.url, 'double'\)$/);
        assert.equal(code, 0);
        // The program, and each worker once: what is above load() runs there, and nothing else.
        assert.ok(stderr.match(/imported/g)!.length <= 3, stderr);
      }
    });

    test('a task starts no second engine; one that its module starts is refused', async (t) => {
      const folder = folderFor(t);
      const where = await engine(t);
      folder.write('nested.mjs', NESTED);
      const nested = await folder.run('nested.mjs', [where]);
      const [nest, direct] = nested.stdout.split('\n');
      assert.match(nest!, /load\(\) is called in a task: a worker starts no engine/);
      assert.equal(direct, 'task-unknown');
      folder.write('starts.mjs', STARTS);
      const { stdout, stderr } = await folder.run('starts.mjs', [where]);
      assert.match(
        `${stdout}${stderr}`,
        /A worker imports .*starts\.mjs for its functions, and that starts/,
      );
    });
  });
}

test('a program that runs itself as a command of a task comes to an end', async (t) => {
  const folder = folderFor(t);
  folder.write(
    'deep.mjs',
    `HEAD
import { execFileSync } from 'node:child_process';
export const again = () => execFileSync(process.execPath, [process.env.PROGRAM], { encoding: 'utf8', stdio: 'pipe' });
await using kernel = await load(new Config({ retries: 0, executors: [new ThreadPoolExecutor({ maxThreads: 1 })] }));
console.log('level');
console.log(await app(import.meta.url, 'again')().catch((error) => error.message));
`,
  );
  const env = { PROGRAM: `${folder.path}/deep.mjs` };
  const { stdout, code } = await folder.run('deep.mjs', ['threads'], { env });
  assert.equal(code, 0);
  assert.ok(stdout.match(/level/g)!.length <= 5, stdout);
  assert.match(stdout, /inside of a task/);
});
