/** The kernel that apps of this process run on. */

import { TilewrightError } from '../../core/errors.ts';
import type { ShutdownOptions } from '../executor.ts';
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
 * Starts the executors of a configuration; apps run on them from now on.
 * @throws TilewrightError usage if a configuration is loaded already, or an executor of this one
 *   was shut down
 */
export async function load(config: Config): Promise<DataFlowKernel> {
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
    return kernel;
  } catch (error) {
    await kernel.cleanup();
    throw error;
  }
}

/** Shuts down what was loaded; does nothing if nothing was. */
export async function clear(options: ShutdownOptions = {}): Promise<void> {
  await loaded?.cleanup(options);
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
