/** A worker process: a manager with its source of tasks, and the reasons for which it ends. */

import { TilewrightError } from '../../core/errors.ts';
import {
  aFunction,
  aRegistry,
  checkOptions,
  finite,
  flag,
  listOf,
  milliseconds,
  type OptionRules,
  positive,
  wholeNumber,
  word,
} from '../options.ts';
import { ownProcessGroup } from '../processes/watcher.ts';
import { type Registry, registry } from '../registry.ts';
import { removeAbandonedFolder } from '../run-folder.ts';
import { Manager, type ManagerOptions } from './manager.ts';
import { affinityRule } from './placement.ts';
import { COORDINATOR_GONE, SocketSource } from './socket-source.ts';
import type { TaskSource } from './task-source.ts';

/** Where a worker gets its tasks from, and how much it takes on. */
export interface WorkerOptions extends Omit<ManagerOptions, 'registry'> {
  /** Address of a coordinator (`unix:…`, `tls://…`), with the file of its key for the latter. */
  connect?: string | undefined;
  keyFile?: string | undefined;
  /** URL of a Redis server whose queue it joins. */
  queue?: string | undefined;
  queueName?: string | undefined;
  /** File of certificates that the server's has to be signed by. */
  queueCa?: string | undefined;
  /** The coordinator that it ends with; without one it stays until it is stopped. */
  owner?: string | undefined;
  blockId?: string | undefined;
  /** Milliseconds without a task after which a worker of a queue ends; default: it does not. */
  idleExitMs?: number | undefined;
  /** Whether its standard input is a pipe from its parent: it ends with the parent. */
  parentPipe?: boolean | undefined;
  /** Of the parent's, to be removed when that has died and can't do so itself. */
  temporaryFolder?: string | undefined;
  registry?: Registry;
  /** Gets lines about what it does. */
  log?: (line: string) => void;
}

const rules: OptionRules<WorkerOptions> = {
  connect: word,
  keyFile: word,
  queue: word,
  queueName: word,
  queueCa: word,
  owner: word,
  blockId: word,
  idleExitMs: milliseconds(),
  parentPipe: flag,
  temporaryFolder: word,
  maxWorkers: wholeNumber(1),
  coresPerWorker: positive('cores'),
  endsAt: {
    says: 'a time in milliseconds or null',
    holds: (at) => at === null || finite.holds(at),
  },
  followOutput: flag,
  cpuAffinity: affinityRule,
  accelerators: listOf('names', word.holds),
  registry: aRegistry,
  log: aFunction,
};

/**
 * Serves until its source or its parent is gone, its time is up, or a signal comes: SIGTERM and the
 * first SIGINT let running tasks end, the second SIGINT stops at once.
 * @returns why it ended
 * @throws TilewrightError queue, config-invalid
 */
export async function runWorker(options: WorkerOptions): Promise<string> {
  checkOptions('runWorker', options, rules);
  const manager = new Manager({ ...options, registry: options.registry ?? registry });
  const source = await makeSource(options);
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGINT' && ++signals > 1) process.exit(130);
    options.log?.(`${signal}: it ends when its tasks have`);
    source.drain();
  };
  // A session that is closed takes its terminal along, not the tasks.
  process.on('SIGHUP', onSignal).on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const cleanUp = async (): Promise<void> => {
    const { temporaryFolder } = options;
    if (temporaryFolder !== undefined) await removeAbandonedFolder(temporaryFolder);
  };
  if (options.parentPipe === true) {
    // Whoever gives it a pipe gives it a group as well.
    ownProcessGroup();
    // There is nobody left who could want a result.
    const end = async (): Promise<void> => {
      await cleanUp().catch(() => undefined);
      // To exit would be to wait for the commands that threads wait for; the watcher ends these.
      process.kill(process.pid, 'SIGKILL');
    };
    process.stdin.on('end', end).on('error', end).resume();
  }
  options.log?.(`${manager.slots} worker${manager.slots === 1 ? '' : 's'}, process ${process.pid}`);
  try {
    const reason = await source.serve(manager);
    if (reason === COORDINATOR_GONE) await cleanUp();
    return reason;
  } finally {
    process.off('SIGHUP', onSignal).off('SIGTERM', onSignal).off('SIGINT', onSignal);
    if (options.parentPipe === true) process.stdin.destroy();
  }
}

async function makeSource(options: WorkerOptions): Promise<TaskSource> {
  const { connect, keyFile = null, queue, blockId = null } = options;
  if (connect !== undefined) return new SocketSource(connect, keyFile, blockId);
  if (queue !== undefined) {
    const { RedisSource } = await import('../redis/redis-source.ts');
    return new RedisSource({ ...options, queue, registry: options.registry ?? registry });
  }
  throw new TilewrightError('usage', 'A worker needs --queue URL, where its tasks come from');
}
