/** Blocks that are jobs of LSF. Options are those of Parsl's provider, in camelCase. */

import type { BlockLaunch } from '../blocks/provider.ts';
import {
  checkOptions,
  flag,
  invalidOptions,
  type OptionRules,
  wholeNumber,
  word,
} from '../options.ts';
import {
  type ClusterOptions,
  ClusterProvider,
  clusterRules,
  type JobState,
} from './cluster-provider.ts';

/** Options of an {@link LSFProvider}. Defaults: `walltime` `00:10:00`, `cmdTimeout` 120. */
export interface LSFProviderOptions extends ClusterOptions {
  project?: string;
  queue?: string;
  /** Whether `nodesPerBlock` says how much is asked for, or the next two do. Default: true. */
  requestByNodes?: boolean;
  coresPerBlock?: number;
  coresPerNode?: number;
}

const rules: OptionRules<LSFProviderOptions> = {
  ...clusterRules,
  project: word,
  queue: word,
  requestByNodes: flag,
  coresPerBlock: wholeNumber(1),
  coresPerNode: wholeNumber(1),
};

/** Blocks that are jobs of LSF: `bsub`, `bjobs`, `bkill`. */
export class LSFProvider extends ClusterProvider {
  readonly #options: LSFProviderOptions;

  /** @throws TilewrightError config-invalid */
  constructor(options: LSFProviderOptions = {}) {
    checkOptions('LSFProvider', options, rules);
    const names = { kind: 'LSFProvider', system: 'LSF', label: 'LSF', prefix: '#BSUB ' };
    super(
      { ...options, nodesPerBlock: nodesOf(options) },
      { ...names, walltime: '00:10:00', cmdTimeout: 120 },
    );
    this.#options = options;
  }

  protected override get cores(): number | undefined {
    return this.#options.coresPerNode;
  }

  protected head({ name }: BlockLaunch, jobOutput: string): string[] {
    const { project, queue, requestByNodes = true, coresPerBlock, coresPerNode } = this.#options;
    const minutes = Math.ceil(this.walltimeSeconds / 60);
    const cores = [`#BSUB -n ${coresPerBlock}`, `#BSUB -R "span[ptile=${coresPerNode}]"`];
    return [
      `#BSUB -J ${name}`,
      `#BSUB -o ${jobOutput}`,
      `#BSUB -W ${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`,
      // Another block takes its place: one that came back by itself would be one too many.
      '#BSUB -rn',
      ...(requestByNodes ? [`#BSUB -nnodes ${this.nodesPerBlock}`] : cores),
      ...(project === undefined ? [] : [`#BSUB -P ${project}`]),
      ...(queue === undefined ? [] : [`#BSUB -q ${queue}`]),
      ...this.optionLines(),
    ];
  }

  /** From its standard input, because options in a file that it gets by name may be passed over. */
  protected async submitScript(_path: string, script: string): Promise<string> {
    const answer = await this.call('bsub', [], script);
    return this.idOf('bsub', answer, /^Job <(\d+)> is submitted/m);
  }

  protected async look(jobIds: readonly string[]): Promise<Map<string, JobState> | null> {
    const fields = "jobid stat exit_code delimiter='|'";
    const { out, err } = await this.call('bjobs', ['-noheader', '-o', fields, ...jobIds]);
    const jobs = parseLsfJobs(out);
    const told = (id: string): boolean => jobs.has(id) || err.includes(`Job <${id}> is not found`);
    return jobIds.every(told) ? jobs : null;
  }

  protected async remove(jobIds: readonly string[]): Promise<void> {
    await this.call('bkill', jobIds);
  }
}

/** @throws TilewrightError config-invalid */
function nodesOf(options: LSFProviderOptions): number {
  const { requestByNodes = true, nodesPerBlock, coresPerBlock, coresPerNode } = options;
  if (requestByNodes) {
    if (coresPerBlock === undefined && coresPerNode === undefined) return nodesPerBlock ?? 1;
    throw invalidOptions(
      'LSFProvider',
      'coresPerBlock and coresPerNode need requestByNodes: false',
    );
  }
  if (coresPerBlock !== undefined && coresPerNode !== undefined && nodesPerBlock === undefined) {
    return Math.ceil(coresPerBlock / coresPerNode);
  }
  throw invalidOptions(
    'LSFProvider',
    'with requestByNodes: false, coresPerBlock and coresPerNode are needed, and no nodesPerBlock',
  );
}

/**
 * States of jobs in what `bjobs -noheader -o "jobid stat exit_code delimiter='|'"` prints. Words as
 * in its manual page; an exit code that there is not is a `-`.
 */
export function parseLsfJobs(out: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>();
  for (const line of out.split('\n')) {
    const [id, word, code] = line
      .trim()
      .split('|')
      .map((part) => part.trim());
    if (id === undefined || word === undefined || !/^\d+$/.test(id)) continue;
    jobs.set(id, stateOf(word, code));
  }
  return jobs;
}

function stateOf(word: string, code: string | undefined): JobState {
  switch (word) {
    case 'PEND':
    case 'PROV':
    case 'WAIT':
      return { state: 'pending' };
    case 'PSUSP':
      return { state: 'pending', held: true, reason: 'suspended while it was pending' };
    case 'RUN':
    case 'USUSP':
    case 'SSUSP':
      return { state: 'running' };
    case 'DONE':
      return { state: 'completed' };
    case 'EXIT':
    case 'ZOMBI':
      return { state: 'failed', ...(/^\d+$/.test(code ?? '') && { reason: `exit code ${code}` }) };
    default:
      return { state: 'unknown' };
  }
}
