/** The notebook's configuration: 32 workers at the most, in one block on this machine. */

import { Config, HighThroughputExecutor, LocalProvider } from '../../src/parallel.ts';

export const config = new Config({
  executors: [
    new HighThroughputExecutor({
      label: 'htex_local',
      // As in Parsl, there are no more of them than there are cores.
      maxWorkers: 32,
      provider: new LocalProvider({
        maxBlocks: 1,
        workerInit: 'export UV_THREADPOOL_SIZE=2',
      }),
    }),
  ],
});
