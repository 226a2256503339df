/** Blocks on this machine: they die, never start, end by the clock, outlive nobody. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TilewrightError } from '../../src/core/errors.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { BlockLaunch } from '../../src/parallel/blocks/provider.ts';
import type { ManagerInfo } from '../../src/parallel/blocks/task-channel.ts';
import { LocalProvider } from '../../src/parallel/providers/local-provider.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { connectTo } from '../../src/parallel/socket/address.ts';
import { SocketChannel } from '../../src/parallel/socket/socket-channel.ts';
import {
  assertNoneLeft,
  isRunning,
  markedEnvironment,
  waitUntil,
} from '../integration/engines/processes.ts';
import { task } from './contract-tasks.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-blocks-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function executorFor(
  t: TestContext,
  options: ConstructorParameters<typeof HighThroughputExecutor>[0] = {},
): HighThroughputExecutor {
  const executor = new HighThroughputExecutor({ coresPerWorker: 0.5, ...options });
  t.after(() => executor.shutdown());
  return executor;
}

/** Blocks that last so many seconds, as a batch system's do. */
class ShortProvider extends LocalProvider {
  readonly launched: string[] = [];

  override submit(launch: BlockLaunch): Promise<string> {
    this.launched.push(launch.blockId);
    return super.submit({ ...launch, command: [...launch.command, '--walltime', '7'] });
  }
}

/** Blocks whose workers call over the network. */
class DistantProvider extends LocalProvider {
  override readonly onThisMachine = false as unknown as true;
}

suite('local blocks', () => {
  test('kill -9 of a block in the middle of a task: another block does it', async (t) => {
    const executor = executorFor(t, { maxWorkers: 1 });
    const marks = [join(folderFor(t), 'mark')];
    const results: unknown[] = [];
    await runAll(executor, [task('killOnce', marks), task('echo', 1)], (_, result, error) =>
      results.push(error ?? result),
    );
    assert.deepEqual(results.sort(), [1, 'done at last']);
    assert.equal(existsSync(marks[0]!), true);
  });

  test('a poison task is given up and named; its neighbours in the process survive', async (t) => {
    const executor = executorFor(t, { maxWorkers: 4 });
    const outcomes = new Map<string, unknown>();
    const tasks = [
      task('killProcess'),
      ...Array.from({ length: 12 }, (_, i) => task('slow', 150, `answer ${i}`)),
    ];
    await runAll(executor, tasks, (one, result, error) => {
      outcomes.set(String(one.args[1] ?? one.name), error ?? result);
    });
    const poison = outcomes.get('tasks.killProcess') as TilewrightError;
    assert.equal(poison.code, 'worker-died');
    assert.match(poison.message, /during task tasks\.killProcess \(tried 3 times\)/);
    for (let i = 0; i < 12; i++) assert.equal(outcomes.get(`answer ${i}`), `answer ${i}`);
  });

  test('a block whose workerInit fails is an error, with what it said', async (t) => {
    const executor = executorFor(t, {
      provider: new LocalProvider({ workerInit: 'echo no such module: node >&2\nfalse' }),
    });
    await assert.rejects(executor.run(task('echo', 1)), (error: TilewrightError) => {
      assert.equal(error.code, 'block-failed');
      assert.match(error.message, /3 blocks in a row.*exit code 1.*no such module: node/s);
      return true;
    });
    // Nobody waits for what can't come.
    await assert.rejects(executor.run(task('echo', 2)), { code: 'block-failed' });
  });

  test('workerInit prepares the environment of the workers', async (t) => {
    const file = join(folderFor(t), 'made by init');
    const executor = executorFor(t, {
      provider: new LocalProvider({ workerInit: `echo prepared > '${file}'` }),
    });
    assert.equal(await executor.run(task('echo', 1)), 1);
    assert.equal(readFileSync(file, 'utf8'), 'prepared\n');
  });

  test('an app that is made when the workers are there already is found by them', async (t) => {
    const registry = new Registry([['tasks', url('test/parallel/tasks.ts')]]);
    const executor = executorFor(t, { registry });
    assert.equal(await executor.run(task('echo', 1)), 1);
    const path = join(folderFor(t), 'late.ts');
    writeFileSync(path, 'export const twice = (n: number): number => 2 * n;');
    registry.register(pathToFileURL(path));
    assert.equal(await executor.run({ name: 'late.twice', args: [4] }), 8);
  });

  test('blocks come with the work and go without it', async (t) => {
    const provider = new LocalProvider({ initBlocks: 0, minBlocks: 1, maxBlocks: 3 });
    const executor = executorFor(t, { maxWorkers: 1, maxIdletime: 0.3, provider });
    await executor.start();
    await waitUntil(() => executor.blocks === 1, 5_000, 'the one block that is kept');
    const work = Promise.all(
      Array.from({ length: 12 }, (_, i) => executor.run(task('slow', 300, i))),
    );
    await waitUntil(() => executor.managers.length === 3, 10_000, 'three blocks with workers');
    assert.equal(executor.blocks, 3);
    await work;
    await waitUntil(() => executor.blocks === 1, 10_000, 'two of them to go');
    assert.equal(await executor.run(task('echo', 1)), 1);
  });

  test('a block takes no task that would outlast it; another one does', async (t) => {
    const provider = new ShortProvider({ initBlocks: 1, maxBlocks: 1 });
    const executor = executorFor(t, { maxWorkers: 1, provider });
    const errors: unknown[] = [];
    await runAll(
      executor,
      Array.from({ length: 8 }, (_, i) => task('slow', 400, i)),
      (_task, _result, error) => {
        if (error !== undefined) errors.push(error);
      },
      { retryPolicy: { retries: 0 } },
    );
    assert.deepEqual(errors, []);
    assert.ok(provider.launched.length > 1, `${provider.launched.length} blocks`);
  });

  test('a worker that calls over the network speaks TLS, and needs the key', async (t) => {
    const executor = executorFor(t, {
      address: '127.0.0.1',
      provider: new DistantProvider({}),
      runDir: folderFor(t),
    });
    assert.deepEqual(await executor.run(task('echo', { a: 1 })), { a: 1 });

    const folder = folderFor(t);
    const channel = new SocketChannel({ network: true, address: '127.0.0.1' });
    const managers: ManagerInfo[] = [];
    await channel.start(
      {
        onManager: (m) => managers.push(m),
        onManagerGone: () => undefined,
        onOutput: () => undefined,
      },
      folder,
    );
    t.after(() => channel.shutdown({}));
    const [, address, , keyFile] = channel.workerArguments(folder) as [
      string,
      string,
      string,
      string,
    ];
    const { port } = new URL(address);
    // In plain text, with another key, with garbage: nobody gets in.
    const plain = netConnect(Number(port), '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write(`${JSON.stringify({ type: 'hello', protocol: 1, slots: 1 })}\n`);
    await once(plain, 'close');
    const other = join(folder, 'other');
    writeFileSync(other, 'x'.repeat(43));
    await assert.rejects(connectTo(address, other), { code: 'queue' });
    const known = await connectTo(address, keyFile);
    known.on('error', () => undefined);
    known.write('this is no JSON\n');
    await once(known, 'close');
    assert.equal(managers.length, 0);
  });

  for (const [what, signal, workerInit] of [
    ['killed', 'SIGKILL', ''],
    ['interrupted', 'SIGINT', ''],
    ['killed, with workerInit', 'SIGKILL', 'export A=1'],
  ] as const) {
    test(`workers end when their coordinator is ${what}`, async (t) => {
      const { mark, env } = markedEnvironment();
      const path = join(folderFor(t), 'mark');
      const temporary = folderFor(t);
      const child = spawn(process.execPath, [program('never-ends'), path, workerInit], {
        env: { ...process.env, ...env, TMPDIR: temporary },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const worker = await waitUntil(
        () => existsSync(path) && readFileSync(path, 'utf8') !== '' && Number(readFileSync(path)),
        10_000,
        'the task to run',
      );
      assert.equal(isRunning(worker), true);
      await kill(child, signal);
      await assertNoneLeft(mark);
      const left = readdirSync(temporary).filter((name) => name.startsWith('tilewright'));
      assert.deepEqual(left, []);
    });
  }

  test('modules that are registered after the first task are told of, wherever a name has them', async (t) => {
    const module = (text: string): string => `data:text/javascript,${text}`;
    const registry = new Registry([['one', module('export const one = (value) => value')]]);
    const executor = executorFor(t, { maxWorkers: 1, registry });
    assert.equal(await executor.run({ name: 'one.one', args: [1] }), 1);
    registry.register(module('export const next = () => 0'), 'late');
    assert.equal(await executor.run({ name: 'one.one+late.next', args: [2] }), 2);
  });

  test('a program that forgets to shut down ends all the same', async () => {
    const { mark, env } = markedEnvironment();
    const child = spawn(process.execPath, [program('forgets-to-shut-down')], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    const [code] = await Promise.race([once(child, 'exit'), setTimeout(20_000, ['late'])]);
    assert.equal(code, 0);
    assert.equal(output, '3\n');
    await assertNoneLeft(mark);
  });
});

function url(path: string): string {
  return new URL(`../../${path}`, import.meta.url).href;
}

/** A program of its own, as a file, so that the types of what it imports are checked. */
function program(name: string): string {
  return join(import.meta.dirname, 'coordinators', `${name}.ts`);
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
