/** The kernel that apps of this process run on. */

import { TilewrightError } from '../../core/errors.ts';
import type { ShutdownOptions } from '../executor.ts';
import { isInsideTask } from '../inside/call.ts';
import { workerState } from '../inside/worker-state.ts';
import { Config } from './config.ts';
import { DataFlowKernel } from './data-flow-kernel.ts';

let loaded: DataFlowKernel | undefined;

/** A kernel that `clear` and `await using` take away. */
class LoadedKernel extends DataFlowKernel {
  override async cleanup(options: ShutdownOptions = {}): Promise<void> {
    if (loaded === this) loaded = undefined;
    await super.cleanup(options);
  }
}

/**
 * In a worker, the program that is imported for its functions ends here: what comes after is for who
 * runs it.
 * @throws TilewrightError usage in a task, which has an engine already
 */
function stopInWorker(): Promise<never> {
  if (isInsideTask()) {
    throw new TilewrightError(
      'usage',
      'load() is called in a task: a worker starts no engine of its own. Return what is to be done ' +
        'next, and call the next app in the program, or in a joinApp',
    );
  }
  workerState()!.onLoad();
  return new Promise(() => undefined);
}

/**
 * Starts the executors of a configuration; apps run on them from now on.
 * @throws TilewrightError usage if a configuration is loaded already, or an executor of this one
 *   was shut down; interrupted if `clear` is called meanwhile
 */
export async function load(config: Config): Promise<DataFlowKernel> {
  if (workerState() !== undefined) return stopInWorker();
  if (!(config instanceof Config)) {
    throw new TilewrightError('usage', 'load() takes a Config: write load(new Config({ … }))');
  }
  if (loaded !== undefined) {
    throw new TilewrightError(
      'usage',
      'A configuration is loaded already. Call `await clear()` before loading another one, or ' +
        'write `await using kernel = await load(…)`, which does so at the end of the block',
    );
  }
  const ended = config.executors.find((executor) => executor.closed);
  if (ended !== undefined) {
    throw new TilewrightError(
      'usage',
      `The executor ${ended.label} of this Config was shut down, as clear() does, and can't be ` +
        'started again: call load() with a new Config and new executors',
    );
  }
  const kernel = new LoadedKernel(config);
  loaded = kernel;
  try {
    await kernel.start();
    if (!kernel.closed) return kernel;
    throw new TilewrightError('interrupted', 'clear() was called while load() was under way');
  } catch (error) {
    await kernel.cleanup();
    throw error;
  }
}

/** Shuts down what was loaded; does nothing if nothing was. */
export async function clear(options: ShutdownOptions = {}): Promise<void> {
  await loaded?.cleanup(options);
}

/** Resolves when all tasks that were handed in before have ended, in whatever way. */
export async function waitForCurrentTasks(): Promise<void> {
  await dataFlowKernel().waitForCurrentTasks();
}

/**
 * The loaded kernel: its configuration, and the states of its tasks.
 * @throws TilewrightError usage if nothing is loaded
 */
export function dataFlowKernel(): DataFlowKernel {
  if (loaded !== undefined) return loaded;
  throw new TilewrightError(
    'usage',
    'No configuration is loaded: call `await load(new Config({ … }))` first',
  );
}
