/** What the tests of queues on Redis share: servers, executors, and workers started by hand. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { HighThroughputOptions } from '../../src/parallel/blocks/high-throughput-options.ts';
import { LocalProvider } from '../../src/parallel/providers/local-provider.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { waitUntil } from './engines/processes.ts';
import { type Redis, redisKeys } from './engines/redis.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const tasksModule = fileURLToPath(new URL('../parallel/tasks.ts', import.meta.url));

/** Blocks of one worker each on this machine. */
export function blocksOfOne(count: number): Partial<HighThroughputOptions> {
  return {
    maxWorkers: 1,
    provider: new LocalProvider({ initBlocks: count, maxBlocks: count }),
  };
}

/** No blocks: workers are started by hand. */
/** For workers that are started by hand; they leave a program alone that has more modules than these. */
export function noBlocks(): Partial<HighThroughputOptions> {
  const registry = new Registry([['tasks', pathToFileURL(tasksModule).href]]);
  return { provider: new LocalProvider({ maxBlocks: 0 }), registry };
}

/** An executor that is shut down when the test ends; then nothing may be left in Redis. */
export function executorOn(
  t: TestContext,
  redis: Redis,
  options: Partial<HighThroughputOptions> = {},
): HighThroughputExecutor {
  const { url: queue, ca } = redis;
  const executor = new HighThroughputExecutor({
    queue,
    ...(ca !== undefined && { queueCa: ca }),
    ...options,
  });
  t.after(() => executor.shutdown());
  return executor;
}

export async function assertNoKeys({ url, ca }: Redis): Promise<void> {
  assert.deepEqual(await redisKeys(url, ca), []);
}

export interface HandWorker {
  readonly pid: number;
  /** What it has written so far. */
  readonly output: string;
  /** Resolves when it has written this. */
  says(text: string | RegExp): Promise<void>;
  /** Sends a signal and waits for the end; resolves with the exit code, or the signal. */
  stop(signal?: NodeJS.Signals): Promise<number | string | null>;
  readonly exited: Promise<number | string | null>;
}

/** Runs `tilewright worker` until it is stopped, at the latest when the test ends. */
export async function startWorker(
  t: { after(work: () => unknown): void },
  args: readonly string[],
  { env = {}, prefix = [] }: { env?: Record<string, string>; prefix?: readonly string[] } = {},
): Promise<HandWorker> {
  const command = [...prefix, process.execPath, program, 'worker', ...args];
  const child: ChildProcess = spawn(command[0]!, [...command.slice(1), '--tasks', tasksModule], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const worker: HandWorker = {
    pid: child.pid!,
    get output() {
      return output;
    },
    async says(text) {
      const said = (): boolean =>
        typeof text === 'string' ? output.includes(text) : text.test(output);
      await waitUntil(
        () => {
          if (!said() && child.exitCode !== null) throw new Error(`it ended, saying ${output}`);
          return said();
        },
        60_000,
        `${text} in what the worker says`,
      );
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    exited,
  };
  return worker;
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-queue-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
