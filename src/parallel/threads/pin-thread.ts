/** Keeps a thread on some of the cores. */

import { readlinkSync } from 'node:fs';

/** The variable that has the numbers of a worker's cores, such as `0,1`. */
export const WORKER_CORES = 'TILEWRIGHT_WORKER_CORES';

/**
 * Keeps the calling thread, and the programs that it starts, on the cores that its environment names.
 * Threads of Node.js's own pool are not moved.
 */
export function pinThread(): void {
  const cores = process.env[WORKER_CORES];
  if (cores === undefined) return;
  const thread = readlinkSync('/proc/thread-self').split('/').at(-1)!;
  // Loaded where it is needed: hardly any thread does.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stderr, error } = spawnSync('taskset', ['-c', '-p', cores, thread], {
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(
    `a worker can't be kept on the cores ${cores}: ${error?.message ?? stderr.trim()}`,
  );
}
