/** Options of job arrays, checked, and the script of an array made of them. */

import { fileURLToPath } from 'node:url';
import { inheritedFlags, programCommand } from '../../../core/program.ts';
import { shellWord } from '../../../core/shell-word.ts';
import {
  aFunction,
  aRegistry,
  checkOptions,
  type OptionRules,
  positive,
  seconds,
  wholeNumber,
  word,
} from '../../options.ts';
import type { OutputOptions } from '../../output.ts';
import type { Registry } from '../../registry.ts';
import type { SlurmJobOptions } from '../job-options.ts';
import { checkJobOptions, jobRules, literal, scriptHead } from '../job-options.ts';

/** Options of a {@link SlurmArrayExecutor}. */
export interface SlurmArrayOptions
  extends Omit<SlurmJobOptions, 'coresPerNode' | 'memPerNode' | 'exclusive'>,
    OutputOptions {
  label?: string;
  /** Folder on a disk that all nodes share, by the same path. Default: `runinfo`. */
  runDir?: string;
  /** Elements of an array that run at the same time. Default: 10. */
  maxElements?: number;
  /** Cores of an element, with a worker on each. Default: 1. */
  coresPerElement?: number;
  /** Memory of an element in GB. Default: that of the cluster. */
  memPerElement?: number;
  /** Seconds that an element should work for at least, where there is enough work. Default: 60. */
  secondsPerElement?: number;
  /** Seconds between two tasks that go into one array. Default: 0.3. */
  gatherTime?: number;
  /** Seconds that a command of Slurm may take; later its answer is not waited for. Default: 10. */
  cmdTimeout?: number;
  /** Seconds between two looks at the queue. Default: 5. */
  pollInterval?: number;
  /**
   * Seconds between two looks at what elements have told, and theirs at what they are told.
   * Default: 1.
   */
  lookInterval?: number;
  /** Seconds that an element may be held before another one is submitted for it. Default: 60. */
  maxHeldTime?: number;
  /** Seconds that it may wait for nodes that are down, or for the impossible. Default: 900. */
  maxBlockedTime?: number;
  /** Seconds that cancelled arrays are waited for. Default: 90. */
  cancelTimeout?: number;
  registry?: Registry;
}

// The source runs as it is; the published package is compiled.
const elementProgram = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? './array-element.ts' : './array-element.js',
    import.meta.url,
  ),
);

const rules: OptionRules<SlurmArrayOptions> = {
  partition: jobRules.partition,
  account: jobRules.account,
  qos: jobRules.qos,
  constraint: jobRules.constraint,
  gpusPerNode: jobRules.gpusPerNode,
  gres: jobRules.gres,
  walltime: jobRules.walltime,
  schedulerOptions: jobRules.schedulerOptions,
  workerInit: jobRules.workerInit,
  label: word,
  runDir: word,
  maxElements: wholeNumber(1),
  coresPerElement: wholeNumber(1),
  memPerElement: positive('GB'),
  secondsPerElement: positive('seconds'),
  gatherTime: seconds(),
  cmdTimeout: seconds(0.001),
  pollInterval: seconds(0.001),
  lookInterval: seconds(0.001),
  maxHeldTime: seconds(),
  maxBlockedTime: seconds(),
  cancelTimeout: seconds(),
  onOutput: aFunction,
  registry: aRegistry,
};

/** @throws TilewrightError config-invalid */
export function checkArrayOptions(options: SlurmArrayOptions): void {
  checkOptions('SlurmArrayExecutor', options, rules);
  checkJobOptions(jobOptions(options), 'SlurmArrayExecutor');
}

export function jobOptions(options: SlurmArrayOptions): SlurmJobOptions {
  const { partition, account, qos, constraint, gpusPerNode, gres } = options;
  const { walltime, schedulerOptions, workerInit, memPerElement } = options;
  const given = Object.entries({
    ...{ partition, account, qos, constraint, gpusPerNode, gres },
    ...{ walltime, schedulerOptions, workerInit, memPerNode: memPerElement },
  }).filter(([, value]) => value !== undefined);
  return { coresPerNode: options.coresPerElement ?? 1, ...Object.fromEntries(given) };
}

/** @param elements - how many the array has */
export function arrayScript(
  options: SlurmArrayOptions,
  job: { label: string; name: string; folder: string; elements: number },
): string {
  const { label, name, folder, elements } = job;
  const output = literal(folder);
  const atOnce = options.maxElements ?? 10;
  const head = scriptHead({
    ...jobOptions(options),
    label,
    name,
    nodes: 1,
    output: `${output}/%a.out`,
    error: `${output}/%a.err`,
    // What an element has not done is submitted anew: one that came back would find it taken.
    more: [`--array=0-${elements - 1}%${atOnce}`, '--no-requeue'],
  });
  const command = [...programCommand(elementProgram, inheritedFlags()), folder]
    .map(shellWord)
    .join(' ');
  return `${head}exec ${command} "$SLURM_ARRAY_TASK_ID"\n`;
}
