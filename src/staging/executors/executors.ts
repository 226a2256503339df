/** The executor that a configuration asks for. */

import type { Executor } from '../../parallel/executor.ts';
import { ThreadPoolExecutor } from '../../parallel/threads/thread-pool-executor.ts';
import type { ConfigValues } from '../configuration/config-schema.ts';

/** Who runs the tasks of a call, and what stops them. */
export interface RunControl {
  /** Stops at once. */
  signal?: AbortSignal;
  /** Stops when the tasks that run have ended. */
  drainSignal?: AbortSignal;
  /** Default: one made from the configuration, for this call. */
  executor?: Executor;
}

/** Works with the executor that was given, or one of its own, which the signals stop. */
export async function withExecutor<T>(
  values: ConfigValues,
  { signal, drainSignal, executor }: RunControl,
  work: (executor: Executor) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  drainSignal?.throwIfAborted();
  const runner = executor ?? (await makeExecutor(values));
  signal?.throwIfAborted();
  drainSignal?.throwIfAborted();
  const stop = (): void => void runner.shutdown();
  const drain = (): void => void runner.shutdown({ drain: true });
  signal?.addEventListener('abort', stop);
  drainSignal?.addEventListener('abort', drain);
  try {
    return await work(runner);
  } finally {
    signal?.removeEventListener('abort', stop);
    drainSignal?.removeEventListener('abort', drain);
    if (executor === undefined) await runner.shutdown();
  }
}

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
