/** Options of `tilewright worker`. */

import { z } from 'zod';
import { parallelSection } from '../../staging/configuration/config-parallel.ts';
import { optionsOf } from './option.ts';
import { flag } from './shared-fields.ts';

const { queueName, queueCa, maxWorkers, coresPerWorker } = parallelSection.shape;

export const workerSchema = z.strictObject({
  // Checked where it is used: the message must not repeat it, as a password may be in it.
  queue: z
    .string()
    .optional()
    .meta({
      description:
        'redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS. A password is ' +
        'better given in the variable TILEWRIGHT_QUEUE, which other users can not see.',
      unset: 'TILEWRIGHT_QUEUE',
    }),
  queueName,
  queueCa,
  maxWorkers,
  coresPerWorker,
  tasks: z.array(z.string()).default([]).meta({
    description: "A file whose exported functions may be run, besides tilewright's own tasks.",
  }),
  commands: flag(
    'Run the commands of bash apps, too. Whoever can write to the queue can run any command here then.',
  ),
  idleExit: z.number().nonnegative().nullable().default(null).meta({
    description: 'End after so many seconds without a task.',
    expects: 'a number ≥ 0',
    unset: 'never',
  }),
});

export interface WorkerCommand extends z.output<typeof workerSchema> {
  command: 'worker';
}

export const WORKER_OPTIONS = optionsOf(workerSchema, {
  queue: { argument: 'URL' },
  queueName: { argument: 'NAME' },
  queueCa: { argument: 'FILE', kind: 'file' },
  maxWorkers: { name: 'workers', description: 'Tasks that run at a time, at the most.' },
  coresPerWorker: {},
  tasks: { argument: '[NAME=]MODULE', kind: 'file', multiple: true, default: 'none' },
  commands: {},
  idleExit: { argument: 'SECONDS' },
});
