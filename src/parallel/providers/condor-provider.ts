/** Blocks that are jobs of HTCondor. Options are those of Parsl's provider, in camelCase. */

import { writeFileSync } from 'node:fs';
import { toTilewrightError } from '../../core/errors.ts';
import type { BlockLaunch } from '../blocks/provider.ts';
import {
  checkOptions,
  type OptionRules,
  positive,
  text,
  textTable,
  wholeNumber,
} from '../options.ts';
import {
  type ClusterOptions,
  ClusterProvider,
  clusterRules,
  type JobState,
} from './cluster-provider.ts';

/**
 * Options of a {@link CondorProvider}. A block is one slot of a machine. Defaults: `walltime`
 * `00:10:00`, `cmdTimeout` 60. `schedulerOptions` are lines of a submit description.
 */
export interface CondorProviderOptions extends Omit<ClusterOptions, 'nodesPerBlock'> {
  /** Cores of the slot. Default: 1, as HTCondor has it. */
  coresPerSlot?: number;
  /** Memory of the slot in GB. Default: that of the pool. */
  memPerSlot?: number;
  /** Variables that workers find in their environment. */
  environment?: Readonly<Record<string, string>>;
  project?: string;
  /** An expression over machines, as in a submit description. */
  requirements?: string;
}

const { nodesPerBlock: _, ...slotRules } = clusterRules;
const rules: OptionRules<CondorProviderOptions> = {
  ...slotRules,
  coresPerSlot: wholeNumber(1),
  memPerSlot: positive('GB'),
  environment: textTable,
  project: text,
  requirements: text,
};

/** Blocks that are jobs of HTCondor: `condor_submit`, `condor_q`, `condor_rm`. */
export class CondorProvider extends ClusterProvider {
  readonly #options: CondorProviderOptions;

  /** @throws TilewrightError config-invalid */
  constructor(options: CondorProviderOptions = {}) {
    checkOptions('CondorProvider', options, rules);
    const names = { kind: 'CondorProvider', system: 'HTCondor', label: 'condor', prefix: null };
    super(options, { ...names, walltime: '00:10:00', cmdTimeout: 60 });
    this.#options = options;
  }

  protected override get cores(): number | undefined {
    return this.#options.coresPerSlot;
  }

  /** It reads nothing from the script, but a description beside it. */
  protected head(launch: BlockLaunch, jobOutput: string): string[] {
    try {
      const path = `${launch.folder}/${launch.blockId}.sub`;
      writeFileSync(path, this.#description(launch, jobOutput));
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
    return [];
  }

  #description({ name, folder, blockId }: BlockLaunch, jobOutput: string): string {
    const {
      coresPerSlot,
      memPerSlot,
      environment = {},
      project = '',
      requirements = '',
    } = this.#options;
    // A quotation mark is written twice in either kind of them.
    const variables = Object.entries(environment).map(
      ([key, value]) => `${key}='${value.replaceAll("'", "''").replaceAll('"', '""')}'`,
    );
    return [
      'universe = vanilla',
      'executable = /bin/bash',
      'transfer_executable = false',
      // What workers need is on a disk that all machines share.
      'should_transfer_files = NO',
      `arguments = "-l ${folder}/${blockId}.sh"`,
      `output = ${jobOutput}`,
      `error = ${jobOutput}`,
      `log = ${folder}/${blockId}.log`,
      `batch_name = ${name}`,
      'notification = never',
      // Held by HTCondor or over its time: another block takes its place.
      `periodic_remove = JobStatus == 2 && time() - EnteredCurrentStatus > ${this.walltimeSeconds}`,
      ...(coresPerSlot === undefined ? [] : [`request_cpus = ${coresPerSlot}`]),
      ...(memPerSlot === undefined ? [] : [`request_memory = ${Math.ceil(memPerSlot * 1024)}`]),
      ...(variables.length === 0 ? [] : [`environment = "${variables.join(' ')}"`]),
      ...(requirements === '' ? [] : [`requirements = ${requirements}`]),
      ...(project === '' ? [] : [`+ProjectName = ${JSON.stringify(project)}`]),
      ...this.optionLines(),
      'queue',
      '',
    ].join('\n');
  }

  protected async submitScript(path: string): Promise<string> {
    const answer = await this.call('condor_submit', ['-terse', path.replace(/\.sh$/, '.sub')]);
    return this.idOf('condor_submit', answer, /^(\d+\.\d+)\b/m);
  }

  protected async look(jobIds: readonly string[]): Promise<Map<string, JobState> | null> {
    const fields = ['-af', 'ClusterId', 'ProcId', 'JobStatus', 'HoldReason'];
    const { code, out } = await this.call('condor_q', [...jobIds, ...fields]);
    return code === 0 ? parseCondorJobs(out) : null;
  }

  protected async remove(jobIds: readonly string[]): Promise<void> {
    await this.call('condor_rm', jobIds);
  }
}

/**
 * States of jobs in what `condor_q … -af ClusterId ProcId JobStatus HoldReason` prints. Numbers as in
 * the manual's appendix of job ClassAd attributes: 1 idle, 2 running, 3 being removed, 4 completed,
 * 5 held, 6 transferring output, 7 suspended.
 */
export function parseCondorJobs(out: string): Map<string, JobState> {
  const jobs = new Map<string, JobState>();
  for (const line of out.split('\n')) {
    const [, cluster, proc, status, reason] =
      /^(\d+) (\d+) (\d+)(?: (.*))?$/.exec(line.trim()) ?? [];
    if (cluster !== undefined) jobs.set(`${cluster}.${proc}`, stateOf(status!, reason ?? ''));
  }
  return jobs;
}

function stateOf(status: string, reason: string): JobState {
  if (status === '1') return { state: 'pending' };
  if (status === '4') return { state: 'completed' };
  if (status === '5') {
    return { state: 'pending', held: true, ...(reason !== 'undefined' && { reason }) };
  }
  // One that is being removed may still run.
  return /^[2367]$/.test(status) ? { state: 'running' } : { state: 'unknown' };
}
