/** Starts the engines that executors need, for benchmarks, with what the tests have for that. */

import { redisMissing, startRedis } from '../test/integration/engines/redis.ts';
import { slurmMissing, startSlurm } from '../test/integration/engines/slurm.ts';

export interface Engine {
  /** Of the configuration's section `parallel`. */
  parallel: Record<string, unknown>;
  /** For the processes that use it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

const NONE = async (): Promise<void> => undefined;

/** @returns why it can't be started, if so */
export async function startEngine(executor: string): Promise<Engine | string> {
  switch (executor) {
    case 'redis': {
      const missing = redisMissing();
      if (missing !== false) return missing;
      const redis = await startRedis();
      return { parallel: { queue: redis.url }, env: {}, stop: () => redis.stop() };
    }
    case 'slurm':
    case 'slurm-array': {
      const missing = slurmMissing();
      if (missing !== false) return missing;
      const slurm = await startSlurm();
      const parallel =
        executor === 'slurm'
          ? { maxWorkers: 1, maxBlocks: 2, initBlocks: 2, address: '127.0.0.1' }
          : { maxElements: 2 };
      return {
        parallel: { partition: 'test', ...parallel },
        env: slurm.env,
        stop: () => slurm.stop(),
      };
    }
    default:
      return { parallel: {}, env: {}, stop: NONE };
  }
}
