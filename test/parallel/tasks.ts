/** Tasks that each do one thing, for the tests of executors. */

import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { TilewrightError } from '../../src/core/errors.ts';
import type { TaskContext } from '../../src/parallel/executor.ts';

export const tasks = {
  echo: (args: unknown): unknown => args,

  nothing: (): void => undefined,

  /** Waits, then answers. */
  slow: async ({ ms, answer }: { ms: number; answer: unknown }): Promise<unknown> => {
    await setTimeout(ms);
    return answer;
  },

  never: (): Promise<never> => new Promise(() => undefined),

  count: ({ steps }: { steps: number[] }, context: TaskContext): number => {
    for (const step of steps) context.progress(step);
    return steps.length;
  },

  refuse: (): never => {
    throw new TilewrightError('input-corrupt', 'lake.gpkg is damaged', {
      input: 'lake.gpkg',
      feature: 7,
      tile: '3/1/2',
      retryable: true,
      cause: new Error('page 9'),
    });
  },

  fault: (): never => {
    throw new RangeError('off by one');
  },

  full: (): never => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  },

  /** Ends the worker under the task. */
  exit: ({ code }: { code: number }): never => {
    if (isMainThread) throw new Error('this would end the test');
    process.exit(code);
  },

  /** Ends its worker as often as it finds none of the files, one of which it leaves each time. */
  exitOnce: ({ marks }: { marks: string[] }, context: TaskContext): string => {
    context.progress(10);
    for (const mark of marks) {
      if (existsSync(mark)) continue;
      writeFileSync(mark, '');
      process.exit(3);
    }
    return 'done at last';
  },

  /** Throws where no task can catch it. */
  throwLater: (): Promise<never> =>
    new Promise(() => {
      setImmediate(() => {
        throw new Error('out of the blue');
      });
    }),
};
