/** What an executor on blocks can be told, checked. */

import {
  aFunction,
  aRegistry,
  checkOptions,
  having,
  invalidOptions,
  listOf,
  numberFrom,
  type OptionRules,
  positive,
  text,
  wholeNumber,
  word,
} from '../options.ts';
import type { OutputOptions } from '../output.ts';
import type { Registry } from '../registry.ts';
import { affinityRule } from '../worker/placement.ts';
import type { Provider } from './provider.ts';
import { type ScalingOptions, scalingRules } from './strategy.ts';

/** Options of a `HighThroughputExecutor`. */
export interface HighThroughputOptions extends ScalingOptions, OutputOptions {
  label?: string;
  /** Workers of a node at the most. Default: as many as its cores allow. */
  maxWorkers?: number;
  /** Cores that a worker needs; may be less than 1. Default: 1. */
  coresPerWorker?: number;
  /** Obtains the blocks. Default: a `LocalProvider` with one block. */
  provider?: Provider;
  /**
   * URL of a Redis server (`redis://`, `rediss://`) whose queue carries the tasks. Default: none;
   * workers connect to this process.
   */
  queue?: string;
  /** Tells queues on one server apart. Default: `tilewright`. */
  queueName?: string;
  /** File of certificates that a `rediss:` server's has to be signed by. Default: the system's. */
  queueCa?: string;
  /** Without a queue: host name or address that workers call. Default: this machine's name. */
  address?: string;
  /** Without a queue: the port that they call. Default: any that is free. */
  port?: number;
  /**
   * From 0 to 1: slots that are obtained for each task; with 0.5 two tasks share one. Default: that
   * of the provider, 1.
   */
  parallelism?: number;
  /**
   * Folder for what blocks write and read; workers on other machines must reach it by this path.
   * Default: a temporary one, or `runinfo` for blocks on other machines. If it is given, what tasks
   * print is kept there as well, in a file for each worker and stream.
   */
  runDir?: string;
  /**
   * Program and words that start a worker where the paths of this machine don't hold, such as in an
   * image: `['node', '/app/node_modules/tilewright/dist/parallel/worker/worker-main.js']`. Default:
   * this Node.js, its flags, and this package.
   */
  workerProgram?: readonly string[];
  /**
   * Cores that each worker is kept on: `block`, `block-reverse`, `alternating`, or `list:0-3:4,6` by
   * number. Needs Linux. Default: `none`, all of the node.
   */
  cpuAffinity?: string;
  /**
   * Names of a node's accelerators, or how many there are: each worker gets one, by
   * `CUDA_VISIBLE_DEVICES` and its like, and there are no more workers than these. Default: none.
   */
  availableAccelerators?: number | readonly string[];
  /**
   * Flags of Node.js for the workers, such as `--max-old-space-size=8192`, besides those that this
   * process was started with. Default: none.
   */
  nodeOptions?: readonly string[];
  registry?: Registry;
}

const rules: OptionRules<HighThroughputOptions> = {
  label: word,
  maxWorkers: wholeNumber(1),
  coresPerWorker: positive('cores'),
  provider: having('a provider', 'submit', 'status', 'cancel', 'errorOutput'),
  queue: {
    says: 'a URL that begins with redis:// or rediss://',
    holds: (value) => text.holds(value) && /^rediss?:\/\//.test(value as string),
  },
  queueName: word,
  queueCa: word,
  address: word,
  port: wholeNumber(1, 65_535),
  ...scalingRules,
  parallelism: numberFrom(0, 1),
  runDir: word,
  workerProgram: {
    says: 'an array of a program and its words',
    holds: (value) => listOf('words', word.holds).holds(value) && (value as unknown[]).length > 0,
  },
  cpuAffinity: affinityRule,
  availableAccelerators: {
    says: 'how many there are, or an array of their names',
    holds: (value) => wholeNumber(0).holds(value) || listOf('names', word.holds).holds(value),
  },
  nodeOptions: listOf('flags of Node.js', (item) => text.holds(item)),
  onOutput: aFunction,
  registry: aRegistry,
};

/** @throws TilewrightError config-invalid */
export function checkHighThroughputOptions(options: HighThroughputOptions): void {
  checkOptions('HighThroughputExecutor', options, rules);
  const { provider, queue, workerProgram, nodeOptions } = options;
  if (workerProgram !== undefined && nodeOptions !== undefined) {
    throw invalidOptions(
      'HighThroughputExecutor',
      'workerProgram has its nodeOptions among its words',
    );
  }
  if (provider === undefined || provider.maxBlocks > 0 || queue !== undefined) return;
  throw invalidOptions(
    'HighThroughputExecutor',
    `the provider ${provider.label} has maxBlocks ${provider.maxBlocks}, and there is no queue that ` +
      'workers could join: nobody would do the tasks',
  );
}
