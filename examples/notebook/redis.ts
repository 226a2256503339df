/** The same through a queue on a Redis server, which workers on any machine may join. */

import { Config, HighThroughputExecutor, LocalProvider } from '../../src/parallel.ts';

export const config = new Config({
  executors: [
    new HighThroughputExecutor({
      label: 'htex_redis',
      maxWorkers: 32,
      queue: process.env['TILEWRIGHT_QUEUE'] ?? 'redis://127.0.0.1:6379',
      provider: new LocalProvider({ maxBlocks: 1 }),
    }),
  ],
});
