/** A coordinator in a process of its own, for tests that kill it: URL, queue's name, tasks, ms. */

import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import { runAll } from '../../src/parallel/run-all.ts';
import { task } from '../parallel/contract-tasks.ts';
import { noBlocks } from './redis-support.ts';

const [url, queueName, count, ms, byHand] = process.argv.slice(2) as [string, ...string[]];
const executor = new HighThroughputExecutor({
  queue: url,
  ...(queueName !== undefined && { queueName }),
  ...(byHand === 'by-hand' && noBlocks()),
});
const tasks = Array.from({ length: Number(count) }, (_, i) => task('slow', Number(ms), i));
let sum = 0;
await runAll(executor, tasks, (_task, result, error) => {
  if (error !== undefined) throw error;
  sum += result as number;
  process.stdout.write('done\n');
});
await executor.shutdown();
process.stdout.write(`sum ${sum}\n`);
