/** What arrives at a program of its tasks' errors, and of what they print. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { redisMissing, startRedis } from '../../integration/engines/redis.ts';
import { folderFor } from './programs.ts';

const APPS = `import { execSync } from 'node:child_process';
export class Known extends Error { name = 'Known'; field = new Map([['a', 1n]]); get shown() { return 'by its class'; } }
class Unknown extends TypeError { name = 'Unknown'; }
export const known = () => { throw new Known('foobar', { cause: new RangeError('inner') }); };
export const unknown = () => { throw new Unknown('of no class there'); };
export const many = () => { throw new AggregateError([new Unknown('one'), 'two'], 'both'); };
export const thrown = (what) => { throw what; };
export const later = () => new Promise(() => setTimeout(() => { throw new Error('in a timer'); }, 5));
export const lines = (n) => { for (let i = 0; i < n; i++) console.log('line', i); console.error('end'); return n; };
export const warn = () => { process.emitWarning('mind', { code: 'W1' }); return new Promise((r) => setImmediate(r)); };
export const inherits = () => { execSync('echo from a command; echo and its errors >&2', { stdio: 'inherit' }); };
export const raw = () => { process.stdout.write(new Uint8Array([195])); process.stdout.write(new Uint8Array([164, 10])); };
`;

const ERRORS = `HEAD
import { Known } from './apps.mjs';
tilewright.registerErrorClass(Known);
const m = new URL('./apps.mjs', import.meta.url);
await using kernel = await load(new Config({ executors: [executor()] }));
const fails = async (name, ...args) => app(m, name)(...args).exception();
const error = await fails('known');
console.log(JSON.stringify({
  code: error.code, message: error.message, known: error.cause instanceof Known, shown: error.cause.shown,
  field: error.cause.field.get('a') === 1n, cause: error.cause.cause instanceof RangeError && error.cause.cause.message,
  stack: /apps\\.mjs:4:/.test(error.stack) && /apps\\.mjs:4:/.test(error.cause.stack),
}));
const unknown = (await fails('unknown')).cause;
console.log(JSON.stringify({ name: unknown.name, isError: unknown instanceof Error, stack: /apps\\.mjs:5/.test(unknown.stack) }));
const many = (await fails('many')).cause;
console.log(JSON.stringify({ aggregate: many instanceof AggregateError, errors: [many.errors[0].message, many.errors[1]] }));
for (const what of ['text', undefined, null, 7n, { a: [1] }]) {
  const { cause, message } = await fails('thrown', what);
  console.log(JSON.stringify({ same: JSON.stringify([String(cause), cause?.a]) === JSON.stringify([String(what), what?.a]), message }));
}
const late = await app(m, 'later', { retryPolicy: { retries: 0 } })().exception();
console.log(JSON.stringify({ code: late.code, message: late.message, at: /apps\\.mjs:8/.test(late.cause?.stack) }));
for (const name of ['syntax', 'typed', 'missing', 'throws', 'helped']) {
  const error = await app(new URL('./' + name + '.mts', import.meta.url), 'f')().exception();
  console.log(error.message);
}
console.log((await app(m, 'unknwon')().exception()).message);
`;

const OUTPUT = `HEAD
const m = new URL('./apps.mjs', import.meta.url);
const [, , , how, runDir] = process.argv;
const outputs = [];
const onOutput = (output) => outputs.push(output);
await using kernel = await load(new Config({ executors: [executor({
  ...(how === 'listens' && { onOutput }), ...(how === 'keeps' && { runDir }),
})] }));
await app(m, 'lines')(2000);
if (how === 'all') for (const name of ['warn', 'inherits', 'raw']) await app(m, name)();
if (how === 'listens') console.log(JSON.stringify({
  lines: outputs.filter((o) => o.stream === 'stdout').map((o) => o.text).join('').split('\\n').length,
  errors: outputs.filter((o) => o.stream === 'stderr').map((o) => o.text),
  worker: outputs[0].worker,
}));
`;

for (const kind of ['threads', 'local', 'redis'] as const) {
  suite(`errors and output: ${kind}`, { skip: kind === 'redis' && redisMissing() }, () => {
    const engine = async (t: Parameters<typeof folderFor>[0]): Promise<string> => {
      if (kind !== 'redis') return kind;
      const redis = await startRedis();
      t.after(() => redis.stop());
      return redis.url;
    };

    test('errors come back whole', async (t) => {
      const folder = folderFor(t);
      folder.write('apps.mjs', APPS);
      folder.write('program.mjs', ERRORS);
      folder.write('syntax.mts', 'export const f = (): number => 1;\nexport const g = ;\n');
      folder.write('typed.mts', 'export const f = 1;\nenum Color { Red }\n');
      folder.write(
        'missing.mts',
        "import { x } from './nowhere.mjs';\nexport const f = () => x;\n",
      );
      folder.write('throws.mts', "export const f = () => 1;\nthrow new RangeError('at import');\n");
      folder.write('helper.mts', 'export const help = (;\n');
      folder.write('helped.mts', "import { help } from './helper.mts';\nexport const f = help;\n");
      const { stdout, stderr, code } = await folder.run('program.mjs', [await engine(t)]);
      assert.equal(code, 0, stderr);
      const said = stdout.trimEnd().split('\n');
      const json = said.slice(0, 9).map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(json[0], {
        ...{ code: 'task-failed', message: 'foobar', known: true, shown: 'by its class' },
        ...{ field: true, cause: 'inner', stack: true },
      });
      assert.deepEqual(json[1], { name: 'Unknown', isError: true, stack: true });
      assert.deepEqual(json[2], { aggregate: true, errors: ['one', 'two'] });
      for (const one of json.slice(3, 8)) assert.equal(one['same'], true, String(one['message']));
      assert.equal(json[8]!['code'], 'worker-died');
      assert.match(String(json[8]!['message']), /during task apps\.later: in a timer/);
      assert.equal(json[8]!['at'], true);
      const [syntax, typed, missing, throws, helped, misspelt] = said.slice(9);
      assert.match(syntax!, /The module of syntax\.f can't be imported: .*syntax\.mts:2: /);
      assert.match(typed!, /The module of typed\.f can't be imported: .*typed\.mts:2: .*enum/);
      assert.match(missing!, /The module of missing\.f can't be imported: .*nowhere\.mjs/);
      assert.match(throws!, /throws\.f can't be imported: .*throws\.mts:2: RangeError: at import/);
      assert.match(helped!, /helped\.f can't be imported: .*helper\.mts:1: /);
      assert.match(misspelt!, /exports no function unknwon\. Did you mean unknown\?/);
    });

    test('what tasks print arrives: at the program, at a listener, in files', async (t) => {
      const folder = folderFor(t);
      folder.write('apps.mjs', APPS);
      folder.write('program.mjs', OUTPUT);
      const where = await engine(t);
      const all = await folder.run('program.mjs', [where, 'all']);
      const lines = all.stdout.trimEnd().split('\n');
      assert.deepEqual(
        lines.slice(0, 2000),
        Array.from({ length: 2000 }, (_, i) => `line ${i}`),
      );
      assert.deepEqual(lines.slice(2000).sort(), ['from a command', 'ä']);
      assert.match(all.stderr, /^end$/m);
      assert.match(all.stderr, /^\(node:\d+\) \[W1\] Warning: mind$/m);
      assert.match(all.stderr, /^and its errors$/m);

      const listens = await folder.run('program.mjs', [where, 'listens']);
      const heard = JSON.parse(listens.stdout) as {
        lines: number;
        errors: string[];
        worker: string;
      };
      assert.equal(heard.lines, 2001);
      assert.deepEqual(heard.errors, ['end\n']);
      assert.match(heard.worker, /^[^/]+\/\d+\/\d+$/);

      const runDir = join(folder.path, 'kept');
      const keeps = await folder.run('program.mjs', [where, 'keeps', runDir]);
      assert.equal(keeps.stdout.split('\n').length, 2001, keeps.stderr);
      const files = readdirSync(runDir).sort();
      assert.equal(files.length, 2, files.join());
      assert.match(files.join(), /^worker-[\w.-]+-1\.err,worker-[\w.-]+-1\.out$/);
      assert.equal(readFileSync(join(runDir, files[1]!), 'utf8'), keeps.stdout);
    });
  });
}
