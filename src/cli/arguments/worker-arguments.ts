/** Options of `tilewright worker`, and how their texts are read. */

import type { Option } from './option.ts';
export interface WorkerCommand {
  command: 'worker';
  queue: string | undefined;
  queueName: string | undefined;
  queueCa: string | undefined;
  workers: number | undefined;
  coresPerWorker: number | undefined;
  /** Modules of tasks, `[NAME=]PATH`. */
  tasks: string[];
  /** Whether it runs commands of bash apps. */
  commands: boolean;
  /** Seconds. */
  idleExit: number | undefined;
}

export const WORKER_OPTIONS: readonly Option[] = [
  {
    name: 'queue',
    argument: 'URL',
    description:
      'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS. A password is ' +
      'better given in the variable TILEWRIGHT_QUEUE, which other users can not see.',
    default: 'TILEWRIGHT_QUEUE',
  },
  {
    name: 'queue-name',
    argument: 'NAME',
    description: 'Tells queues on one server apart.',
    default: 'tilewright',
  },
  {
    name: 'queue-ca',
    argument: 'FILE',
    kind: 'file',
    description: "Certificates that a rediss:// server's has to be signed by.",
    default: "the system's",
  },
  {
    name: 'workers',
    argument: 'N',
    description: 'Tasks that run at a time, at the most.',
    default: 'as many as the cores allow',
  },
  {
    name: 'cores-per-worker',
    argument: 'N',
    description: 'Cores that a task needs; may be less than 1.',
    default: '1',
  },
  {
    name: 'tasks',
    argument: '[NAME=]MODULE',
    kind: 'file',
    multiple: true,
    description: "A file whose exported functions may be run, besides tilewright's own tasks.",
    default: 'none',
  },
  {
    name: 'commands',
    description:
      'Run the commands of bash apps, too. Whoever can write to the queue can run any command here then.',
  },
  {
    name: 'idle-exit',
    argument: 'SECONDS',
    description: 'End after so long without a task.',
    default: 'never',
  },
];

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 */
export function workerValues(
  given: ReadonlyMap<string, string[]>,
  usage: (message: string) => Error,
): WorkerCommand {
  const number = (
    name: string,
    wanted: string,
    isRight: (value: number) => boolean,
  ): number | undefined => {
    const text = given.get(name)?.[0];
    if (text === undefined) return undefined;
    const value = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (isRight(value)) return value;
    throw usage(`--${name} must be ${wanted}, not "${text}".`);
  };
  return {
    command: 'worker',
    queue: given.get('queue')?.[0],
    queueName: given.get('queue-name')?.[0],
    queueCa: given.get('queue-ca')?.[0],
    workers: number('workers', 'a whole number ≥ 1', (n) => Number.isInteger(n) && n >= 1),
    coresPerWorker: number('cores-per-worker', 'a number > 0', (n) => n > 0),
    tasks: given.get('tasks') ?? [],
    commands: given.has('commands'),
    idleExit: number('idle-exit', 'a number ≥ 0', (n) => n >= 0),
  };
}
