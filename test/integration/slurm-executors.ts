/** Executors on Slurm with short times, for tests. */

import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { HighThroughputOptions } from '../../src/parallel/blocks/high-throughput-options.ts';
import {
  SlurmProvider,
  type SlurmProviderOptions,
} from '../../src/parallel/providers/slurm-provider.ts';
import { SlurmArrayExecutor } from '../../src/parallel/slurm/arrays/array-executor.ts';
import type { SlurmArrayOptions } from '../../src/parallel/slurm/arrays/array-options.ts';

export function makeBlocks(
  runDir: string,
  provider: SlurmProviderOptions = {},
  options: HighThroughputOptions = {},
): HighThroughputExecutor {
  return new HighThroughputExecutor({
    runDir,
    address: '127.0.0.1',
    maxWorkers: 2,
    ...options,
    provider: new SlurmProvider({
      coresPerNode: 2,
      exclusive: false,
      walltime: '00:05:00',
      pollInterval: 0.3,
      cmdTimeout: 2,
      maxHeldTime: 0.6,
      ...provider,
    }),
  });
}

export function makeArrays(runDir: string, options: SlurmArrayOptions = {}): SlurmArrayExecutor {
  return new SlurmArrayExecutor({
    runDir,
    coresPerElement: 2,
    walltime: '00:05:00',
    gatherTime: 0.05,
    lookInterval: 0.1,
    pollInterval: 0.3,
    cmdTimeout: 2,
    maxHeldTime: 0.6,
    ...options,
  });
}
