/** The executor that a configuration asks for. */

import type { Executor } from '../../parallel/executor.ts';
import { ThreadPoolExecutor } from '../../parallel/threads/thread-pool-executor.ts';
import type { ConfigValues } from '../configuration/config-schema.ts';

/** What other machines and processes take is loaded when it is asked for: most runs are on threads. */
export async function makeExecutor(values: ConfigValues): Promise<Executor> {
  const { executor, workers } = values;
  if (executor === 'threads') {
    return new ThreadPoolExecutor(workers === null ? {} : { maxThreads: workers });
  }
  if (executor === 'inline') {
    const { InlineExecutor } = await import('../../parallel/inline-executor.ts');
    return new InlineExecutor();
  }
  return (await import('./cluster-executors.ts')).makeClusterExecutor(values);
}
