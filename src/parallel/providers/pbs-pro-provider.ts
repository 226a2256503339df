/** Blocks that are jobs of PBS Pro or OpenPBS. Options are those of Parsl's provider, in camelCase. */

import type { BlockLaunch } from '../blocks/provider.ts';
import { checkOptions, type OptionRules, positive, text, wholeNumber, word } from '../options.ts';
import {
  type ClusterOptions,
  ClusterProvider,
  clusterRules,
  hours,
  type JobState,
} from './cluster-provider.ts';

/** Options of a {@link PBSProProvider}. Defaults: `walltime` `00:20:00`, `cmdTimeout` 120. */
export interface PBSProProviderOptions extends ClusterOptions {
  account?: string;
  queue?: string;
  /** Cores of each node. Default: 1. */
  cpusPerNode?: number;
  /** Memory of each node in GB. Default: that of the cluster. */
  memPerNode?: number;
  /** More of the `select` of each node, such as `ngpus=1`. */
  selectOptions?: string;
}

const rules: OptionRules<PBSProProviderOptions> = {
  ...clusterRules,
  account: word,
  queue: word,
  cpusPerNode: wholeNumber(1),
  memPerNode: positive('GB'),
  selectOptions: text,
};

/** Blocks that are jobs of PBS Pro or OpenPBS: `qsub`, `qstat -f -F json`, `qdel`. */
export class PBSProProvider extends ClusterProvider {
  readonly #options: PBSProProviderOptions;

  /** @throws TilewrightError config-invalid */
  constructor(options: PBSProProviderOptions = {}) {
    checkOptions('PBSProProvider', options, rules);
    const names = { kind: 'PBSProProvider', system: 'PBS', label: 'pbspro', prefix: '#PBS ' };
    super(options, { ...names, walltime: '00:20:00', cmdTimeout: 120 });
    this.#options = options;
  }

  protected override get cores(): number | undefined {
    return this.#options.cpusPerNode;
  }

  protected head({ name }: BlockLaunch, jobOutput: string): string[] {
    const { account, queue, cpusPerNode = 1, memPerNode, selectOptions = '' } = this.#options;
    const select = [this.nodesPerBlock, `ncpus=${cpusPerNode}`];
    if (memPerNode !== undefined) select.push(`mem=${Math.ceil(memPerNode * 1024)}mb`);
    if (selectOptions !== '') select.push(selectOptions.replace(/^:/, ''));
    return [
      '#PBS -S /bin/bash',
      `#PBS -N ${name}`,
      '#PBS -m n',
      // Another block takes its place: one that came back by itself would be one too many.
      '#PBS -r n',
      '#PBS -j oe',
      `#PBS -o ${jobOutput}`,
      `#PBS -l walltime=${hours(this.walltimeSeconds)}`,
      `#PBS -l select=${select.join(':')}`,
      ...(queue === undefined ? [] : [`#PBS -q ${queue}`]),
      ...(account === undefined ? [] : [`#PBS -A ${account}`]),
      ...this.optionLines(),
    ];
  }

  protected async submitScript(path: string): Promise<string> {
    return this.idOf('qsub', await this.call('qsub', [path]), /^(\d\S*)\s*$/m);
  }

  protected async look(jobIds: readonly string[]): Promise<Map<string, JobState> | null> {
    // With -x also of jobs that have ended; it ends with an error if it has forgotten one of them.
    const json = await this.call('qstat', ['-x', '-f', '-F', 'json', ...jobIds]);
    const jobs = parsePbsJson(json.out) ?? new Map<string, JobState>();
    // There are versions whose JSON has the first job alone, or is none.
    const left = jobIds.filter((id) => !jobs.has(sequenceNumber(id)));
    if (left.length > 0) {
      const plain = await this.call('qstat', ['-x', '-f', ...left]);
      for (const [id, state] of parsePbsText(plain.out)) jobs.set(id, state);
      const forgotten = /unknown job|job has finished/i.test(plain.err);
      if (plain.code !== 0 && !forgotten) return null;
    }
    return new Map(
      jobIds.flatMap((id) => {
        const state = jobs.get(sequenceNumber(id));
        return state === undefined ? [] : [[id, state] as const];
      }),
    );
  }

  protected async remove(jobIds: readonly string[]): Promise<void> {
    await this.call('qdel', jobIds);
  }
}

/** What `qsub` prints may have more of the server's name than what `qstat` does. */
function sequenceNumber(id: string): string {
  return /^\d+/.exec(id)?.[0] ?? id;
}

/** States by sequence number in the output of `qstat -x -f -F json`; null if it is none. */
export function parsePbsJson(out: string): Map<string, JobState> | null {
  let answer: { Jobs?: Record<string, Record<string, unknown>> } | null;
  try {
    answer = JSON.parse(out);
  } catch {
    return null;
  }
  const jobs = Object.entries(answer?.Jobs ?? {});
  return new Map(jobs.map(([id, job]) => [sequenceNumber(id), stateOf(job)]));
}

/** The same of `qstat -x -f`: lines of `name = value`, long ones go on after a tab. */
export function parsePbsText(out: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>();
  for (const part of out
    .replaceAll('\n\t', '')
    .split(/^Job Id: /m)
    .slice(1)) {
    const lines = part.split('\n').map((line) => /^ {4}(\w+) = (.*)$/.exec(line) ?? []);
    const { job_state, comment, Exit_status } = Object.fromEntries(
      lines.map((line) => line.slice(1)),
    );
    const code = Exit_status === undefined ? {} : { Exit_status: Number(Exit_status) };
    jobs.set(sequenceNumber(part), stateOf({ job_state, comment, ...code }));
  }
  return jobs;
}

/** Letters as in the manual page of qstat. */
function stateOf(job: Record<string, unknown>): JobState {
  const reason = typeof job['comment'] === 'string' ? { reason: job['comment'] } : {};
  switch (job['job_state']) {
    case 'Q':
    case 'T':
    case 'W':
    case 'M':
      return { state: 'pending', ...reason };
    case 'H':
      return { state: 'pending', held: true, ...reason };
    case 'R':
    case 'E':
    case 'S':
    case 'U':
    case 'B':
      return { state: 'running', ...reason };
    case 'F':
    case 'X':
    case 'C': {
      const code = job['Exit_status'] ?? 0;
      return code === 0
        ? { state: 'completed' }
        : { state: 'failed', reason: `exit status ${code}` };
    }
    default:
      return { state: 'unknown' };
  }
}
