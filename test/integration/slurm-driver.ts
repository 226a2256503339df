/**
 * A process that runs tasks on Slurm and is killed by a test:
 * `slurm-driver.ts blocks|array RUN_DIR COUNT FUNCTION ARGUMENT…`.
 */

import type { Executor } from '../../src/parallel/executor.ts';
import { registry } from '../../src/parallel/registry.ts';
import { makeArrays, makeBlocks } from './slurm-executors.ts';

registry.register(new URL('../parallel/tasks.ts', import.meta.url), 'tasks');
const [kind, runDir, count, name, ...texts] = process.argv.slice(2);
const args = texts.map((text) => JSON.parse(text) as unknown);
const executor: Executor = kind === 'array' ? makeArrays(runDir!) : makeBlocks(runDir!);
const tasks = Array.from({ length: Number(count) }, () => ({ name: `tasks.${name}`, args }));
const results = await Promise.all(tasks.map((task) => executor.run(task)));
await executor.shutdown();
process.stdout.write(JSON.stringify(results));
