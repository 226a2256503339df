/**
 * What an executor adds to its tasks: `npx node bench/executors.ts [--executor NAME]… [--tasks N]
 * [--json]`. For each it prints the time to the first result, and the milliseconds for each of many
 * tasks that do next to nothing, on two workers. Redis and Slurm are started for it, where they are
 * installed.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Executor } from '../src/parallel/executor.ts';
import { registry } from '../src/parallel/registry.ts';
import { runAll } from '../src/parallel/run-all.ts';
import { Config } from '../src/staging/configuration/config.ts';
import { makeExecutor } from '../src/staging/executors/executors.ts';
import { startEngine } from './engines.ts';

registry.register(new URL('./trivial-task.ts', import.meta.url), 'trivial');

interface Overhead {
  executor: string;
  tasks: number;
  /** From the making of the executor to the result of its first task. */
  firstResultSeconds: number;
  millisecondsPerTask: number;
}

const { values } = parseArgs({
  options: {
    executor: {
      type: 'string',
      multiple: true,
      default: ['threads', 'local', 'redis', 'slurm', 'slurm-array'],
    },
    tasks: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});

const results: Overhead[] = [];
for (const name of values.executor) {
  const engine = await startEngine(name);
  if (typeof engine === 'string') {
    console.error(`${name}: left out, ${engine}`);
    continue;
  }
  Object.assign(process.env, engine.env);
  try {
    const result = await measure(name, engine.parallel, Number(values.tasks));
    results.push(result);
    if (!values.json) {
      console.log(
        `${name.padEnd(12)} first result after ${result.firstResultSeconds.toFixed(2)} s, ` +
          `${result.millisecondsPerTask.toFixed(3)} ms a task (${result.tasks} tasks)`,
      );
    }
  } finally {
    await engine.stop();
  }
}
if (values.json) console.log(JSON.stringify(results, null, 1));

async function measure(name: string, parallel: object, tasks: number): Promise<Overhead> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-bench-'));
  const config = { executor: name, dirStaged: folder, workers: 2, parallel };
  const started = performance.now();
  const executor: Executor = await makeExecutor(Config.parse(config).values);
  try {
    await executor.run({ name: 'trivial.next', args: [0] });
    const firstResultSeconds = (performance.now() - started) / 1000;
    // Both workers are warm when it counts.
    await run(executor, Math.min(200, tasks));
    const before = performance.now();
    await run(executor, tasks);
    const millisecondsPerTask = (performance.now() - before) / tasks;
    return { executor: name, tasks, firstResultSeconds, millisecondsPerTask };
  } finally {
    await executor.shutdown();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(executor: Executor, count: number): Promise<void> {
  let sum = 0;
  const tasks = Array.from({ length: count }, (_, i) => ({ name: 'trivial.next', args: [i] }));
  await runAll(executor, tasks, (_task, result, error) => {
    if (error !== undefined) throw error;
    sum += result as number;
  });
  if (sum !== (count * (count + 1)) / 2) throw new Error('a task has a wrong result');
}
