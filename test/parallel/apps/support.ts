/** What the tests of commands share. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { CommandTask } from '../../../src/parallel/apps/command-task.ts';
import {
  Config,
  type Executor,
  HighThroughputExecutor,
  load,
  ThreadPoolExecutor,
} from '../../../src/parallel.ts';

/** A folder whose name a shell would take apart. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright it\'s $HOME "apps" '));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How a command is run when nothing is said of it. */
export function commandTask(options: Partial<CommandTask> = {}): CommandTask {
  return {
    app: 'test',
    stdout: null,
    stderr: null,
    capture: null,
    env: {},
    cwd: null,
    shell: null,
    timeLimitMs: null,
    successCodes: [0],
    outputs: [],
    ...options,
  };
}

export const executors: Record<string, () => Executor> = {
  threads: () => new ThreadPoolExecutor({ maxThreads: 2 }),
  'local blocks': () => new HighThroughputExecutor({ coresPerWorker: 0.5, maxWorkers: 2 }),
};

/** A kernel with one executor, and nothing tried again. */
export function loaded(make: () => Executor, runDir?: string) {
  return load(
    new Config({ executors: [make()], retries: 0, ...(runDir !== undefined && { runDir }) }),
  );
}
