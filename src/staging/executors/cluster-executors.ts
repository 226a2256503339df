/** Executors whose workers are in other processes, or on other machines. */

import { resolve } from 'node:path';
import { HighThroughputExecutor } from '../../parallel/blocks/high-throughput-executor.ts';
import type { BlockOptions, Provider } from '../../parallel/blocks/provider.ts';
import type { Executor } from '../../parallel/executor.ts';
import { LocalProvider } from '../../parallel/providers/local-provider.ts';
import { SlurmProvider } from '../../parallel/providers/slurm-provider.ts';
import { SlurmArrayExecutor } from '../../parallel/slurm/arrays/array-executor.ts';
import type { ConfigValues } from '../configuration/config-schema.ts';
import { parallelFolder } from '../folder/staged-folder.ts';

const DEFAULT_QUEUE = 'redis://127.0.0.1:6379';

export function makeClusterExecutor(values: ConfigValues): Executor {
  const { executor, parallel } = values;
  switch (executor) {
    case 'local':
      return blocks(values, new LocalProvider(blockOptions(values)));
    case 'redis':
      return blocks(
        values,
        new LocalProvider(blockOptions(values)),
        queueOf(values) ?? DEFAULT_QUEUE,
      );
    case 'slurm': {
      const { nodesPerBlock, coresPerNode, memPerNode } = parallel;
      // A block asks for what the configuration says, and shares its nodes.
      const nodes = {
        exclusive: false,
        ...withoutNulls({ nodesPerBlock, coresPerNode, memPerNode }),
      };
      const options = { ...blockOptions(values), ...jobOptions(values), ...nodes };
      return blocks(values, new SlurmProvider(options));
    }
    default:
      return arrays(values);
  }
}

function blocks(values: ConfigValues, provider: Provider, queue = queueOf(values)): Executor {
  const { executor, workers, parallel } = values;
  const { coresPerWorker, queueName, queueCa, address, port, maxIdletime } = parallel;
  const maxWorkers = parallel.maxWorkers ?? workers;
  return new HighThroughputExecutor({
    label: executor,
    provider,
    coresPerWorker,
    queueName,
    maxIdletime,
    ...withoutNulls({ maxWorkers, queue, queueCa, address, port }),
    ...(!provider.onThisMachine && { runDir: runDir(values) }),
  });
}

function blockOptions({ parallel }: ConfigValues): BlockOptions {
  const { initBlocks, minBlocks, maxBlocks, workerInit } = parallel;
  return { initBlocks, minBlocks, maxBlocks, workerInit };
}

/** What all jobs of Slurm are told. */
function jobOptions({ parallel }: ConfigValues) {
  const { partition, account, qos, walltime, pollInterval, schedulerOptions, workerInit } =
    parallel;
  const given = { walltime, pollInterval, schedulerOptions, workerInit };
  return { ...given, ...withoutNulls({ partition, account, qos }) };
}

function arrays(values: ConfigValues): Executor {
  const { memPerNode, coresPerElement, secondsPerElement, maxElements } = values.parallel;
  return new SlurmArrayExecutor({
    ...jobOptions(values),
    ...{ coresPerElement, secondsPerElement, maxElements },
    ...withoutNulls({ memPerElement: memPerNode }),
    runDir: runDir(values),
  });
}

/** A password is better kept in the environment than in a file that is shared. */
function queueOf({ parallel }: ConfigValues): string | null {
  return parallel.queue ?? process.env['TILEWRIGHT_QUEUE'] ?? null;
}

/** Workers on other machines reach the staged folder, so they reach this. */
function runDir({ dirStaged }: ConfigValues): string {
  return parallelFolder(resolve(dirStaged));
}

type WithoutNulls<T> = { [K in keyof T]?: Exclude<T[K], null> };

function withoutNulls<T extends object>(values: T): WithoutNulls<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as WithoutNulls<T>;
}
