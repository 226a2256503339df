/** What runs in a worker thread: takes tasks, one at a time, and answers with their results. */

import * as modules from 'node:module';
import { parentPort } from 'node:worker_threads';
import { toTilewrightError } from '../../core/errors.ts';
import { callFunction } from '../call.ts';
import type { FromThread, ToThread } from './thread-pool-executor.ts';

const port = parentPort!;

// Each worker imports the same modules. Deno has no such cache.
modules.enableCompileCache?.();

port.on('message', async ({ id, location, args, measured }: ToThread) => {
  const answer = (message: FromThread): void => port.postMessage(message);
  try {
    const progress = (amount: number): void => answer({ id, progress: amount });
    answer({ id, result: await callFunction(location, args, progress, measured) });
  } catch (error) {
    answer({ id, error: toTilewrightError(error, {}, 'task-failed').toJSON() });
  }
});
