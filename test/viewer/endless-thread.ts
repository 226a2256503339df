/** A thread for tests of thread-pool.ts. */

import { threadId } from 'node:worker_threads';
import { isCancelled, serveThread } from '../../src/viewer/threads/thread-side.ts';

const methods = {
  answer: (value: number): number => value,
  thread: (): number => threadId,
  forever(): void {
    while (threadId >= 0);
  },
  untilCancelled(): void {
    while (!isCancelled());
  },
};

export type TestMethods = typeof methods;
serveThread(methods);
