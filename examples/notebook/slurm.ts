/** The same on a cluster: two blocks of one node each, which Slurm is asked for. */

import { Config, HighThroughputExecutor, SlurmProvider } from '../../src/parallel.ts';

export const config = new Config({
  executors: [
    new HighThroughputExecutor({
      label: 'htex_slurm',
      maxWorkers: 32,
      // A folder that the nodes reach by this path, as they do the inputs and the staged folder.
      runDir: 'runinfo',
      provider: new SlurmProvider({
        partition: process.env['SLURM_PARTITION'] ?? 'test',
        maxBlocks: 2,
        walltime: '00:10:00',
        workerInit: 'export UV_THREADPOOL_SIZE=2',
      }),
    }),
  ],
});
