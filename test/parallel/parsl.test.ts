/** The cases after Parsl's tests, on executors that need nothing else. */

import { HighThroughputExecutor, LocalProvider, ThreadPoolExecutor } from '../../src/parallel.ts';
import { registerCases } from './parsl/register.ts';

registerCases('threads', {
  make: (maxThreads, label) => new ThreadPoolExecutor({ label, maxThreads }),
});

registerCases('local', {
  make: (maxWorkers, label) =>
    new HighThroughputExecutor({
      label,
      maxWorkers,
      coresPerWorker: 0.25,
      provider: new LocalProvider({ maxBlocks: 1 }),
    }),
});
