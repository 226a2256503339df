/** A program whose one task never ends: `never-ends.ts MARK_FILE [WORKER_INIT]`. */

import { HighThroughputExecutor } from '../../../src/parallel/blocks/high-throughput-executor.ts';
import { LocalProvider } from '../../../src/parallel/providers/local-provider.ts';
import { task } from '../contract-tasks.ts';

const [, , path, workerInit = ''] = process.argv;
const provider = new LocalProvider({ workerInit });
await new HighThroughputExecutor({ provider }).run(task('markAndHang', path));
