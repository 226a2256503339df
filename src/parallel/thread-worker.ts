/** What runs in a worker thread: takes tasks, one at a time, and answers with their results. */

import { parentPort, workerData } from 'node:worker_threads';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import type { TaskModule } from './executor.ts';
import type { FromWorker, ToWorker } from './thread-executor.ts';

const port = parentPort!;
const { tasksUrl } = workerData as { tasksUrl: string };

port.on('message', async ({ id, task }: ToWorker) => {
  try {
    const { tasks } = (await import(tasksUrl)) as TaskModule;
    const run = tasks[task.name];
    if (run === undefined) throw new TilewrightError('internal', `No task is named ${task.name}`);
    const progress = (amount: number): void => {
      port.postMessage({ id, progress: amount } satisfies FromWorker);
    };
    const result = await run(task.args as never, { progress });
    port.postMessage({ id, result } satisfies FromWorker);
  } catch (error) {
    port.postMessage({ id, error: toTilewrightError(error).toJSON() } satisfies FromWorker);
  }
});
