/** The section `parallel` of the configuration: where and how workers are obtained. */

import { z } from 'zod';

const text = z.string().min(1);
const count = z.int().nonnegative();

function optional<T extends z.ZodType>(
  schema: T,
  description: string,
  expects: string,
  unset: string,
) {
  const meta = { description, expects: `${expects} or null`, unset };
  return schema.nullable().default(null).meta(meta);
}

const words = {
  maxWorkers: optional(
    z.int().positive(),
    'Workers of a node at the most; never more than its cores allow.',
    'a whole number ≥ 1',
    'as many as the cores allow',
  ),
  coresPerWorker: z.number().positive().default(1).meta({
    description: 'Cores that a worker needs; may be less than 1.',
    expects: 'a number > 0',
  }),
  initBlocks: count.default(1).meta({
    description: 'Blocks that are obtained at the start.',
    expects: 'a whole number ≥ 0',
  }),
  minBlocks: count.default(0).meta({
    description: 'Blocks that are kept when there is nothing to do.',
    expects: 'a whole number ≥ 0',
  }),
  maxBlocks: count.default(1).meta({
    description:
      'Blocks that there are at the most. With 0, only workers that join the queue work.',
    expects: 'a whole number ≥ 0',
  }),
  maxIdletime: z.number().nonnegative().default(120).meta({
    description: 'Seconds that a block may have nothing to do before it is ended.',
    expects: 'a number ≥ 0',
  }),
  workerInit: z.string().default('').meta({
    description: 'Lines for a login shell that run on each block before its workers start.',
    expects: 'text',
  }),
  retries: count.default(2).meta({
    description: 'How often a task is started again when that can help.',
    expects: 'a whole number ≥ 0',
  }),
  queue: optional(
    z.string().regex(/^rediss?:\/\//),
    'Redis server whose queue carries the tasks, redis://USER:PASSWORD@HOST:PORT or rediss:// with ' +
      'TLS; or the environment variable TILEWRIGHT_QUEUE.',
    'a URL that begins with redis:// or rediss://',
    'workers connect to the process that stages',
  ),
  queueName: z
    .string()
    .regex(/^[\w-]+$/)
    .default('tilewright')
    .meta({
      description: 'Tells queues on one Redis server apart.',
      expects: 'a name of letters, digits, _ and -',
    }),
  queueCa: optional(
    text,
    "File of the certificates that the Redis server's has to be signed by.",
    'the path of a file',
    "the system's",
  ),
  address: optional(
    text,
    'Without a queue: host name or address by which workers on other machines call this one.',
    'a host name or an address',
    "this machine's name",
  ),
  port: optional(
    z.int().min(1).max(65_535),
    'Without a queue: the port that workers on other machines call.',
    'a whole number from 1 to 65,535',
    'any that is free',
  ),
  partition: optional(text, 'Slurm: the partition.', 'a name', "the cluster's default"),
  account: optional(text, 'Slurm: the account that pays.', 'a name', "the user's default"),
  qos: optional(text, 'Slurm: the quality of service.', 'a name', "the cluster's default"),
  nodesPerBlock: z.int().positive().default(1).meta({
    description: 'Slurm: nodes of a block.',
    expects: 'a whole number ≥ 1',
  }),
  coresPerNode: optional(
    z.int().positive(),
    'Slurm: cores of each node.',
    'a whole number ≥ 1',
    'one',
  ),
  memPerNode: optional(
    z.number().positive(),
    'Slurm: gigabytes of memory of each node, or element of an array job.',
    'a number > 0',
    "the cluster's default",
  ),
  walltime: z
    .string()
    .regex(/^(\d+-)?\d{1,3}:\d{2}:\d{2}$/)
    .default('00:30:00')
    .meta({
      description: 'Slurm: how long a block, or an element of an array job, may last.',
      expects: 'a time such as "02:00:00" or "1-12:00:00"',
    }),
  pollInterval: z.number().positive().default(5).meta({
    description: 'Slurm: seconds between two looks at the queue.',
    expects: 'a number > 0',
  }),
  schedulerOptions: z.string().default('').meta({
    description: 'Slurm: more lines for the job script, such as "#SBATCH --constraint=fast".',
    expects: 'text, of lines that begin with #SBATCH',
  }),
  coresPerElement: z.int().positive().default(1).meta({
    description: 'slurm-array: cores, and tasks at a time, of an element.',
    expects: 'a whole number ≥ 1',
  }),
  secondsPerElement: z.number().positive().default(60).meta({
    description: 'slurm-array: how long an element works at least, where there is enough.',
    expects: 'a number > 0',
  }),
  maxElements: z.int().positive().default(1000).meta({
    description: 'slurm-array: elements that run at a time at the most.',
    expects: 'a whole number ≥ 1',
  }),
};

export const parallelSection = z
  .strictObject(words)
  .refine(
    ({ minBlocks, initBlocks, maxBlocks }) => minBlocks <= maxBlocks && initBlocks <= maxBlocks,
    { error: 'must have minBlocks and initBlocks that are not above maxBlocks' },
  );
