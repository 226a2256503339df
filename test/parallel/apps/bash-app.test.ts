/** Bash apps through the kernel, on threads and on blocks of this machine. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TilewrightError } from '../../../src/core/errors.ts';
import {
  app,
  autoLogname,
  BashExitFailure,
  bashApp,
  clear,
  File,
  type Files,
  InlineExecutor,
  sh,
} from '../../../src/parallel.ts';
import {
  assertNoneLeft,
  markedEnvironment,
  markedProcesses,
  waitUntil,
} from '../../integration/engines/processes.ts';
import type * as Tasks from '../tasks.ts';
import type * as Commands from './commands.ts';
import { executors, folderFor, loaded } from './support.ts';

const COMMANDS_URL = new URL('./commands.ts', import.meta.url);
const PARALLEL = new URL('../../../src/parallel.ts', import.meta.url).href;
const TASKS_URL = new URL('../tasks.ts', import.meta.url);

for (const [where, make] of Object.entries(executors)) {
  suite(`bash apps on ${where}`, () => {
    test('run what functions here and in modules make', async (t) => {
      await using _kernel = await loaded(make);
      const path = join(folderFor(t), 'greeting');
      const greet = bashApp((name: string, to: string) => sh`echo hello ${name} > ${to}`);
      const future = greet('you', path);
      assert.equal(await future, 0);
      assert.equal(readFileSync(path, 'utf8'), 'hello you\n');
      assert.deepEqual([future.stdout, future.stderr, future.outputs], [null, null, []]);
      const echo = bashApp<typeof Commands.later>(COMMANDS_URL, 'later', { capture: true });
      assert.deepEqual(await echo('a  b'), { exitCode: 0, stdout: 'a  b\n', stderr: '' });
      const bytes = bashApp(() => ['printf', '\\377\\000'], { capture: 'bytes' });
      assert.deepEqual((await bytes()).stdout, new Uint8Array([255, 0]));
      // The futures among the arguments are waited for.
      const add = app<typeof Tasks.add>(TASKS_URL, 'add');
      const count = bashApp((n: number) => `exit ${n}`, { successCodes: [5] });
      assert.equal(await count(add(2, 3)), 5);
    });

    test('hand files on, from the first of three to the last', async (t) => {
      await using _kernel = await loaded(make);
      const folder = folderFor(t);
      const [numbers, doubled, total] = ['numbers', 'doubled', 'total'].map(
        (name) => new File(join(folder, name)),
      ) as [File, File, File];
      const fill = bashApp((to: number, { outputs }: Files) => sh`seq ${to} > ${outputs[0]}`);
      const double = bashApp<typeof Commands.double>(COMMANDS_URL, 'double');
      const sum = app<typeof Commands.sum>(COMMANDS_URL, 'sum');
      const first = fill.with({ outputs: [numbers] })(100);
      const second = double.with({ inputs: first.outputs, outputs: [doubled] })();
      assert.equal(second.outputs[0]!.filepath, doubled.path);
      const third = sum(second.outputs[0]!, total);
      assert.equal(await third, 'number of lines: 100, is a File: true');
      assert.equal(readFileSync(total.path, 'utf8'), '10100');
      assert.deepEqual(await second.outputs[0], doubled);
      // One that fails, fails those after it.
      const lost = fill.with({ outputs: [new File(join(folder, 'no', 'folder'))] })(1);
      const after = double.with({ inputs: [lost.outputs[0]!], outputs: [total] })();
      assert.equal(
        (await lost.outputs[0]!.exception())?.message,
        (await lost.exception())?.message,
      );
      assert.equal((await after.exception())?.code, 'dependency-failed');
    });

    test('fail whole: with the exit code, and what was said', async () => {
      await using _kernel = await loaded(make);
      const failing = bashApp<typeof Commands.failing>(COMMANDS_URL, 'failing', { capture: true });
      const error = await failing(7).exception();
      assert.equal(error?.code, 'task-failed');
      assert.equal(
        error?.message,
        'commands.failing: exit code 7, of the command echo "no lake" >&2; exit 7. It said: no lake',
      );
      assert.ok(error?.cause instanceof BashExitFailure);
      const { app, exitCode, signal, command, stderr } = error.cause;
      assert.deepEqual(
        { app, exitCode, signal, command, stderr },
        {
          app: 'commands.failing',
          exitCode: 7,
          signal: null,
          command: 'echo "no lake" >&2; exit 7',
          stderr: 'no lake\n',
        },
      );
      const none = bashApp(() => undefined as never);
      assert.match((await none().exception())!.message, /bashApp gave no command/);
      const thrown = await bashApp<typeof Commands.throws>(COMMANDS_URL, 'throws')().exception();
      assert.match(thrown!.message, /no such lake/);
    });

    test('50 at once', async (t) => {
      await using _kernel = await loaded(make);
      const folder = folderFor(t);
      const write = bashApp(
        (n: number, { outputs }: Files) => sh`sleep 0.01; echo ${n} > ${outputs}`,
      );
      const futures = Array.from({ length: 50 }, (_, n) =>
        write.with({ outputs: [new File(join(folder, `${n}.txt`))] })(n),
      );
      await Promise.all(futures.map((future) => future.outputs[0]));
      const contents = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
      assert.equal(
        contents.reduce((sum, text) => sum + Number(text), 0),
        (50 * 49) / 2,
      );
    });

    test('say where their output goes', async (t) => {
      const folder = folderFor(t);
      await using _kernel = await loaded(make, join(folder, 'runinfo'));
      const both = bashApp((word: string) => sh`echo ${word}; echo ${word} >&2`, { label: 'a/b' });
      const logged = both.with({ stdout: autoLogname, stderr: autoLogname });
      const [one, two] = [logged('one'), logged('two')];
      assert.match(
        one.stdout!,
        /\/runinfo\/[\da-f-]{36}\/task_logs\/0000\/task_0001_bashApp_a-b\.stdout$/,
      );
      assert.match(two.stderr!, /\/task_0002_bashApp_a-b\.stderr$/);
      await Promise.all([one, two]);
      const texts = [one.stdout, one.stderr, two.stdout, two.stderr].map((path) =>
        readFileSync(path!, 'utf8'),
      );
      assert.deepEqual(texts, ['one\n', 'one\n', 'two\n', 'two\n']);
      const path = join(folder, 'out');
      const appended = both.with({ stdout: path, stderr: new File(join(folder, 'err')) });
      await appended('three');
      const last = appended('four');
      assert.deepEqual([last.stdout, last.stderr], [path, join(folder, 'err')]);
      await last;
      assert.equal(readFileSync(path, 'utf8'), 'three\nfour\n');
      assert.equal(readFileSync(join(folder, 'err'), 'utf8'), 'four\n');
      await both.with({ stdout: [path, 'w'], stderr: [path, 'w'] })('five');
      assert.equal(readFileSync(path, 'utf8'), 'five\nfive\n');
    });

    test('run for each of many', async (t) => {
      await using _kernel = await loaded(make);
      const path = join(folderFor(t), 'all');
      const add = bashApp((n: number) => sh`echo ${n} >> ${path}; echo ${n ** 2}`, {
        capture: true,
      });
      for (const options of [{}, { chunk: 3 }]) {
        const results = await add.map([1, 2, 3, 4, 5, 6, 7], options);
        const squares = results.map(({ stdout }) => Number(stdout));
        assert.deepEqual(squares, [1, 4, 9, 16, 25, 36, 49]);
        const written = readFileSync(path, 'utf8').trim().split('\n').map(Number);
        assert.deepEqual(written.sort(), [1, 2, 3, 4, 5, 6, 7]);
        rmSync(path);
      }
      const some = bashApp((n: number) => `exit ${n}`).map([0, 1, 0], { settle: true, chunk: 3 });
      assert.deepEqual(
        (await some).map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
    });

    test('are stopped with all that they have started', async (t) => {
      await using _kernel = await loaded(make);
      const { mark, env } = markedEnvironment();
      const path = join(folderFor(t), 'started');
      const hang = bashApp(() => sh`echo > ${path}; sh -c 'sleep 100 & sleep 100'`, { env });
      const limited = await hang.with({ timeLimitMs: 300 })().exception();
      assert.equal(limited?.code, 'task-timeout');
      assert.equal(
        limited?.message,
        'bashApp was stopped: it took longer than its time limit of 0.3 s',
      );
      assert.ok(existsSync(path));
      await assertNoneLeft(mark);
      rmSync(path);
      const taken = hang();
      await waitUntil(() => existsSync(path), 5_000, 'the command to begin');
      await waitUntil(() => markedProcesses(mark).length === 3, 5_000, 'its processes to begin');
      assert.equal(taken.cancel(), true);
      await assertNoneLeft(mark);
      rmSync(path);
      const last = hang();
      await waitUntil(() => existsSync(path), 5_000, 'the command to begin');
      await clear();
      assert.equal((await last.exception())?.code, 'interrupted');
      await assertNoneLeft(mark);
    });

    test('do not outlive their program', async (t) => {
      const { mark, env } = markedEnvironment();
      const path = join(folderFor(t), 'started');
      const program = `
        import { bashApp, Config, load, sh, ${make().constructor.name} } from ${JSON.stringify(PARALLEL)};
        await load(new Config({ executors: [new ${make().constructor.name}()] }));
        await bashApp(() => sh\`echo > \${${JSON.stringify(path)}}; sh -c 'sleep 100 & sleep 100'\`)();`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await waitUntil(() => existsSync(path), 20_000, 'the command to begin');
      child.kill('SIGKILL');
      await assertNoneLeft(mark);
    });

    test('write where their worker does, unless they are told otherwise', async () => {
      const { mark, env } = markedEnvironment();
      const program = `
        import { bashApp, Config, load, ${make().constructor.name} } from ${JSON.stringify(PARALLEL)};
        await using kernel = await load(new Config({ executors: [new ${make().constructor.name}()] }));
        await bashApp(() => 'seq 20000; echo ü >&2')();`;
      const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });
      assert.equal(child.stderr, 'ü\n');
      assert.equal(child.stdout, spawnSync('seq', ['20000'], { encoding: 'utf8' }).stdout);
      await assertNoneLeft(mark);
    });
  });
}

test('a bash app in this thread is stopped with all that it has started', async (t) => {
  await using _kernel = await loaded(() => new InlineExecutor());
  const { mark, env } = markedEnvironment();
  const path = join(folderFor(t), 'started');
  const hang = bashApp(() => sh`echo > ${path}; sh -c 'sleep 100 & sleep 100'`, { env });
  const taken = hang();
  await waitUntil(() => existsSync(path), 5_000, 'the command to begin');
  taken.cancel();
  await assertNoneLeft(mark);
  assert.equal(await bashApp(() => 'true')(), 0);
});

suite('bash apps', () => {
  test('refuse what is no option, when it is given', () => {
    const make = (): string => 'true';
    const messageOf = (call: () => unknown): string => {
      try {
        call();
      } catch (error) {
        assert.equal((error as TilewrightError).code, 'config-invalid');
        return (error as TilewrightError).message;
      }
      return assert.fail('nothing was thrown');
    };
    assert.match(
      messageOf(() => bashApp(make, { stdot: 'x' } as never)),
      /bash app make.*stdout/,
    );
    for (const stdout of [['x'], ['x', 'r'], ['x', 'w', 1], [42, 'w'], '', 42, null]) {
      assert.match(
        messageOf(() => bashApp(make, { stdout } as never)),
        /stdout must be a path, a File/,
      );
    }
    const app = bashApp(make);
    assert.match(
      messageOf(() => app.with({ timeLimitMs: Number.NaN })),
      /timeLimitMs/,
    );
    assert.match(
      messageOf(() => app.with({ env: { A: 1 } } as never)),
      /env must be/,
    );
    assert.match(
      messageOf(() => app.with({ outputs: ['x'] } as never)),
      /outputs must be an array of Files/,
    );
    assert.match(
      messageOf(() => app.with({ successCodes: [256] })),
      /successCodes/,
    );
    assert.match(
      messageOf(() => app.with({ capture: true } as never)),
      /no option capture/,
    );
  });

  test('remember by command, and not by the names of logs', async (t) => {
    const folder = folderFor(t);
    await using kernel = await loaded(() => new InlineExecutor(), folder);
    const path = join(folder, 'calls');
    const call = bashApp((word: string) => sh`echo ${word} >> ${path}`, { cache: true });
    await call('a');
    await call('a');
    await call.with({ stdout: autoLogname })('a');
    await call('b');
    assert.equal(readFileSync(path, 'utf8'), 'a\nb\n');
    assert.equal(kernel.counts.memoized, 2);
    const ignoring = bashApp(
      (_seed: number, word: string) => sh`echo ${word}${Math.random()} >> ${path}`,
      {
        cache: true,
        ignoreForCache: [0],
      },
    );
    await ignoring(1, 'r');
    await ignoring(2, 'r');
    assert.equal(kernel.counts.memoized, 3);
    await ignoring(2, 's');
    assert.equal(kernel.counts.memoized, 3);
    writeFileSync(path, 'a\nb\n');
    const failing = bashApp(() => sh`echo c >> ${path}; exit 1`, { cache: true });
    await failing().exception();
    await failing().exception();
    assert.equal(readFileSync(path, 'utf8'), 'a\nb\nc\nc\n');
  });
});
