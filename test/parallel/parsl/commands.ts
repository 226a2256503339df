/** Apps that run commands. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  type AppFuture,
  autoLogname,
  BashExitFailure,
  bashApp,
  type Files,
  type OutputTarget,
  sh,
} from '../../../src/parallel.ts';
import type * as Functions from './functions.ts';
import { type Case, failureOf, fn, URL_OF_FUNCTIONS } from './kit.ts';

const BASIC = 'test_bash_apps/test_basic.py';
const CODES = 'test_bash_apps/test_error_codes.py';
const STDOUT = 'test_bash_apps/test_stdout.py';
const MEMO = 'test_bash_apps/test_memoize.py';
const IGNORE = 'test_bash_apps/test_memoize_ignore_args.py';
const TIMEOUT = 'test_bash_apps/test_apptimeout.py';
const URIS = 'test_bash_apps/test_std_uri.py';

const echo = bashApp(
  (x: unknown, y: unknown, z: unknown = 10) =>
    sh`echo ${x as string} ${y as string} ${z as string}`,
);
const both = bashApp((text: string) => sh`echo ${text}; echo ${text} >&2`);
const run = bashApp((line: string) => line);
/** Fails if its output is there already. */
const once = bashApp(
  (_options: object, { outputs }: Files) =>
    sh`if [ -f ${outputs[0]} ]; then exit 1; else touch ${outputs[0]}; fi`,
);
const increment = bashApp(
  (seconds: number, { inputs, outputs }: Files) =>
    sh`test -f ${inputs[0]} || exit 43; x=$(cat ${inputs[0]}); echo $((x + 1)) > ${outputs[0]}; sleep ${seconds}`,
);
const read = (path: string): string => readFileSync(path, 'utf8');
const linesOf = (path: string): number => read(path).split('\n').length - 1;

async function exitCodeOf(future: AppFuture<unknown>): Promise<number | null> {
  const { code, cause } = await failureOf(future);
  assert.equal(code, 'task-failed');
  assert.ok(cause instanceof BashExitFailure);
  return cause.exitCode;
}

/** A pipeline of files, each with a number that is one more. */
function pipeline(seconds: number): Case['run'] {
  return async ({ file }) => {
    writeFileSync(file('0').path, '0\n');
    let before: Files['inputs'] | ReturnType<typeof increment>['outputs'] = [file('0')];
    const futures: ReturnType<typeof increment>[] = [];
    for (let i = 1; i < 5; i++) {
      const step = increment.with({ inputs: [before[0]!], outputs: [file(String(i))] });
      futures.push(step(seconds));
      before = futures.at(-1)!.outputs;
    }
    for (const [i, { outputs }] of futures.entries()) {
      const { filepath } = await outputs[0]!;
      assert.equal(filepath, file(String(i + 1)).path);
      assert.equal(read(filepath), `${i + 1}\n`);
    }
  };
}

/** What is no target of an output. */
const BAD_TARGETS: Record<string, unknown> = {
  'a mode that is none': ['t', 'badmode'],
  'no mode': ['t', null],
  'no text': [42, 'w'],
  'three of them': ['t', 'w', 42],
  'one of them': ['t'],
  'a number': 42,
};

export const commands: Case[] = [
  {
    name: 'a command of the arguments, with a default: exit code 0, its output in a file',
    after: BASIC,
    async run({ path }) {
      assert.equal(await echo.with({ stdout: path('out') })(1, 4), 0);
      assert.equal(read(path('out')), '1 4 10\n');
    },
  },
  {
    name: 'a file for the output that is named by the task',
    after: BASIC,
    async run({ path }) {
      const future = echo.with({ stdout: autoLogname, label: 'my-label' })(1, 77);
      assert.ok(future.stdout !== null && isAbsolute(future.stdout));
      assert.equal(future.stdout.startsWith(path('runinfo')), true);
      assert.match(future.stdout, /\/task_\d{4}_.*my-label\.stdout$/);
      assert.equal(future.stderr, null);
      assert.equal(await future, 0);
      assert.equal(read(future.stdout), '1 77 10\n');
    },
  },
  {
    name: 'commands in a loop, each with files of its own',
    after: BASIC,
    async run({ path }) {
      mkdirSync(path('outputs'));
      const futures = [0, 1, 2].map((i) =>
        both.with({ stdout: path(`outputs/${i}.out`), stderr: path(`outputs/${i}.err`) })(
          `no ${i}`,
        ),
      );
      assert.deepEqual(await Promise.all(futures), [0, 0, 0]);
      assert.equal(readdirSync(path('outputs')).length, 6);
      assert.equal(read(path('outputs/2.err')), 'no 2\n');
    },
  },
  {
    name: 'a division by zero in the shell is exit code 1',
    after: CODES,
    run: async () => assert.equal(await exitCodeOf(run('echo $((5/0))')), 1),
  },
  {
    name: 'an exit code of the command’s own',
    after: CODES,
    run: async () => assert.equal(await exitCodeOf(run('exit 15')), 15),
  },
  {
    name: 'a command that is not found: 127, in words too',
    after: CODES,
    async run() {
      assert.equal(await exitCodeOf(run('catdogcat')), 127);
      assert.match((await failureOf(run('catdogcat'))).message, /127 \(command not found\)/);
    },
  },
  {
    name: 'a command that is not executable: 126, in words too',
    after: CODES,
    async run() {
      assert.equal(await exitCodeOf(run('/dev/null')), 126);
      assert.match((await failureOf(run('/dev/null'))).message, /126 \(not executable\)/);
    },
  },
  {
    name: 'a command that a signal ends has no exit code but the name of that',
    after: CODES,
    async run() {
      const { cause } = await failureOf(run('kill -TERM $$'));
      assert.ok(cause instanceof BashExitFailure);
      assert.deepEqual([cause.exitCode, cause.signal], [null, 'SIGTERM']);
    },
  },
  {
    name: 'what a command has said at last is in its error',
    after: CODES,
    async run() {
      const { cause, message } = await failureOf(run('echo "no lake" >&2; exit 3'));
      assert.match(message, /no lake/);
      assert.equal((cause as BashExitFailure).stderr.trim(), 'no lake');
    },
  },
  {
    name: 'exit codes that are said to be none of failure are the result',
    after: CODES,
    async run() {
      const lenient = run.with({ successCodes: [0, 15] });
      assert.equal(await lenient('exit 15'), 15);
      assert.equal(await exitCodeOf(lenient('exit 14')), 14);
    },
  },
  {
    name: 'options of calls are not mixed up: the file is of each call',
    after: 'test_bash_apps/test_kwarg_storage.py',
    async run({ path }) {
      for (const z of [3, 4, 5]) {
        await echo.with({ stdout: [path('out'), 'w'] })(1, 2, z);
        assert.equal(read(path('out')), `1 2 ${z}\n`);
      }
      await echo.with({ stdout: [path('out'), 'w'] })(1, 2);
      assert.equal(read(path('out')), '1 2 10\n');
    },
  },
  {
    name: 'the argument of a command may be called like an option of apps',
    after: 'test_bash_apps/test_keyword_overlaps.py',
    async run() {
      const own = bashApp(({ cache = 7 }: { cache?: number }) => sh`exit ${cache}`);
      assert.equal(await exitCodeOf(own({})), 7);
      assert.equal(await exitCodeOf(own({ cache: 8 })), 8);
    },
  },
  {
    name: 'futures among the arguments of a command are waited for',
    after: 'test_bash_apps/test_inputs_default.py',
    async run({ path }) {
      const total = bashApp((numbers: number[]) => sh`echo ${numbers.reduce((a, b) => a + b)}`);
      await total.with({ stdout: path('out') })([fn.same(1), fn.same(2)]);
      assert.equal(read(path('out')), '3\n');
    },
  },
  {
    name: 'a command that a function makes on the worker',
    after: BASIC,
    async run({ path }) {
      const line = bashApp<typeof Functions.echoLine>(URL_OF_FUNCTIONS, 'echoLine', {
        module: 'parsl-functions',
        stdout: path('out'),
      });
      assert.equal(await line('here'), 0);
      assert.equal(read(path('out')), 'here\n');
    },
  },
  {
    name: 'several lines of commands, with several files and both outputs',
    after: 'test_bash_apps/test_multiline.py',
    async run({ path, file }) {
      const outputs = ['hello.txt', 'this.txt', 'cat.txt'].map((name) => file(name));
      const multiline = bashApp(
        (words: string[], files: Files) => `
          ${words.map((word, i) => sh`echo ${word} > ${files.outputs[i]}`).join('\n')}
          echo "Testing STDOUT"
          echo "Testing STDERR" 1>&2`,
      );
      const [stdout, stderr] = [path('std.out'), path('std.err')];
      await multiline.with({ outputs, stdout, stderr })(['Hello', 'This is', 'Cat!']);
      assert.deepEqual(
        outputs.map((one) => read(one.path)),
        ['Hello\n', 'This is\n', 'Cat!\n'],
      );
      assert.equal(read(stdout), 'Testing STDOUT\n');
      assert.equal(read(stderr), 'Testing STDERR\n');
    },
  },
  {
    name: 'a pipeline of files, each the input of the next command',
    after: 'test_bash_apps/test_pipeline.py',
    run: pipeline(0),
  },
  {
    name: 'the same, when each takes a while after its file is there',
    after: 'test_bash_apps/test_pipeline.py',
    run: pipeline(0.02),
  },
  {
    name: 'an input that is not there ends the pipeline by the exit code of the command',
    after: 'test_bash_apps/test_pipeline.py',
    async run({ file }) {
      const first = increment.with({ inputs: [file('none')], outputs: [file('1')] })(0);
      const second = increment.with({ inputs: [first.outputs[0]!], outputs: [file('2')] })(0);
      assert.equal(await exitCodeOf(first), 43);
      assert.equal((await failureOf(second)).code, 'dependency-failed');
    },
  },
  ...Object.entries(BAD_TARGETS).map(
    ([what, target]): Case => ({
      name: `a target of an output that is none is refused at once: ${what}`,
      after: STDOUT,
      async run() {
        assert.throws(() => both.with({ stdout: target as OutputTarget }), {
          code: 'config-invalid',
          message: /stdout/,
        });
      },
    }),
  ),
  {
    name: 'a file for standard output that can’t be made',
    after: STDOUT,
    differs: 'folders that are missing are made; Parsl makes them too, where it may',
    async run({ path }) {
      writeFileSync(path('no-folder'), '');
      const error = await failureOf(both.with({ stdout: path('no-folder/t.out') })('hi'));
      assert.match(error.message, /no-folder/);
      assert.equal(await both.with({ stdout: path('new/folder/t.out') })('hi'), 0);
    },
  },
  {
    name: 'a file for standard error that can’t be made',
    after: STDOUT,
    async run({ path }) {
      writeFileSync(path('no-folder'), '');
      const error = await failureOf(both.with({ stderr: path('no-folder/t.err') })('hi'));
      assert.match(error.message, /no-folder/);
    },
  },
  {
    name: "with 'w' what a file had before is gone",
    after: STDOUT,
    async run({ path }) {
      for (let i = 0; i < 2; i++) await both.with({ stdout: [path('out'), 'w'] })('hi');
      assert.equal(linesOf(path('out')), 1);
    },
  },
  {
    name: 'a path alone is appended to',
    after: STDOUT,
    async run({ path }) {
      for (let i = 0; i < 2; i++) await both.with({ stdout: path('out') })('hi');
      assert.equal(linesOf(path('out')), 2);
    },
  },
  {
    name: 'both outputs may go to one file',
    after: STDOUT,
    async run({ path }) {
      await both.with({ stdout: path('out'), stderr: path('out') })('hi');
      assert.equal(read(path('out')), 'hi\nhi\n');
    },
  },
  {
    name: 'a File as standard output, with its path known before it is there',
    after: 'test_staging/test_staging_stdout.py',
    async run({ file }) {
      const future = both.with({ stdout: file('hello.txt') })('hello');
      assert.equal(future.stdout, file('hello.txt').path);
      await future;
      assert.equal(read(file('hello.txt').path), 'hello\n');
    },
  },
  {
    name: 'ten commands whose outputs are named by their tasks do not mix them up',
    after: URIS,
    async run() {
      const automatic = both.with({ stdout: autoLogname, stderr: autoLogname });
      const all = Array.from({ length: 10 }, (_, i) => automatic(`task ${i}`));
      await Promise.all(all);
      assert.equal(new Set(all.flatMap(({ stdout, stderr }) => [stdout, stderr])).size, 20);
      for (const [i, { stdout, stderr }] of all.entries()) {
        assert.equal(read(stdout!), `task ${i}\n`);
        assert.equal(read(stderr!), `task ${i}\n`);
      }
    },
  },
  {
    name: 'a command that takes too long is ended, with all that it has started',
    after: TIMEOUT,
    async run({ path }) {
      const slow = run.with({ timeLimitMs: 200, retryPolicy: { retries: 0 } });
      const line = `(sleep 1.2; touch '${path('late')}') & echo sleeping; sleep 60`;
      assert.equal((await failureOf(slow(line))).code, 'task-timeout');
      await new Promise((done) => setTimeout(done, 1300));
      assert.equal(existsSync(path('late')), false);
    },
  },
  {
    name: 'one that is quicker than its time limit is not',
    after: TIMEOUT,
    run: async () => assert.equal(await run.with({ timeLimitMs: 60_000 })('sleep 0.05'), 0),
  },
  {
    name: 'an equal command with cache is not run again',
    after: MEMO,
    async run({ file }) {
      const cached = once.with({ cache: true, outputs: [file('once')] });
      assert.equal(await cached({}), 0);
      assert.deepEqual(await Promise.all([cached({}), cached({})]), [0, 0]);
      assert.equal(await exitCodeOf(once.with({ outputs: [file('once')] })({})), 1);
    },
  },
  {
    name: 'the same with an object of options among the arguments',
    after: MEMO,
    async run({ file }) {
      const cached = once.with({ cache: true, outputs: [file('once')] });
      assert.equal(await cached({ a: 1, b: 2 }), 0);
      assert.equal(await cached({ b: 2, a: 1 }), 0);
    },
  },
  {
    name: 'the file of another output makes another command, but not the name of a log',
    after: IGNORE,
    differs: 'Parsl’s users leave the output out of the comparison by hand',
    async run({ path }) {
      const cached = run.with({ cache: true });
      await cached.with({ stdout: path('x') })('echo X');
      await cached.with({ stdout: path('y') })('echo X');
      assert.deepEqual([read(path('x')), read(path('y'))], ['X\n', 'X\n']);
      const first = cached.with({ stdout: autoLogname })('echo X');
      await first;
      const second = cached.with({ stdout: autoLogname })('echo X');
      await second;
      assert.deepEqual([existsSync(first.stdout!), existsSync(second.stdout!)], [true, false]);
    },
  },
  {
    name: 'an equal command that failed is run again',
    after: 'test_bash_apps/test_memoize_ignore_args_regr.py',
    async run({ path }) {
      const cached = run.with({ cache: true });
      const line = `test -f '${path('mark')}' || { touch '${path('mark')}'; exit 9; }`;
      assert.equal(await exitCodeOf(cached(line)), 9);
      assert.equal(await cached(line), 0);
    },
  },
];
