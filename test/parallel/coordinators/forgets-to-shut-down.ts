/** A program that prints a result and never shuts its executor down. */

import { HighThroughputExecutor } from '../../../src/parallel/blocks/high-throughput-executor.ts';
import { task } from '../contract-tasks.ts';

console.log(await new HighThroughputExecutor({}).run(task('add', 1, 2)));
