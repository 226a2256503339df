/** Blocks that are jobs of Grid Engine, of any of its families. Options are those of Parsl's provider. */

import { userInfo } from 'node:os';
import type { BlockLaunch } from '../blocks/provider.ts';
import { checkOptions, invalidOptions, type OptionRules, wholeNumber, word } from '../options.ts';
import {
  type ClusterOptions,
  ClusterProvider,
  clusterRules,
  hours,
  type JobState,
} from './cluster-provider.ts';

/** Options of a {@link GridEngineProvider}. Defaults: `walltime` `00:10:00`, `cmdTimeout` 60. */
export interface GridEngineProviderOptions extends ClusterOptions {
  queue?: string;
  project?: string;
  /**
   * The parallel environment by which more than one slot, or node, is asked for. Its allocation rule
   * decides how slots are spread over nodes. Default: none, a slot.
   */
  parallelEnvironment?: string;
  /** Slots of each node. Default: 1. */
  coresPerNode?: number;
}

const rules: OptionRules<GridEngineProviderOptions> = {
  ...clusterRules,
  queue: word,
  project: word,
  parallelEnvironment: word,
  coresPerNode: wholeNumber(1),
};

/** Blocks that are jobs of Grid Engine: `qsub`, `qstat -xml`, `qdel`. */
export class GridEngineProvider extends ClusterProvider {
  readonly #options: GridEngineProviderOptions;

  /** @throws TilewrightError config-invalid */
  constructor(options: GridEngineProviderOptions = {}) {
    const kind = 'GridEngineProvider';
    checkOptions(kind, options, rules);
    const names = { kind, system: 'Grid Engine', label: 'grid_engine', prefix: '#$ ' };
    super(options, { ...names, walltime: '00:10:00', cmdTimeout: 60 });
    this.#options = options;
    const { coresPerNode = 1, parallelEnvironment } = options;
    if (this.nodesPerBlock * coresPerNode === 1 || parallelEnvironment !== undefined) return;
    throw invalidOptions(
      kind,
      'more than one node or core needs a parallelEnvironment: `qconf -spl` lists those that there are',
    );
  }

  protected override get cores(): number | undefined {
    return this.#options.coresPerNode;
  }

  protected head({ name }: BlockLaunch, jobOutput: string): string[] {
    const { queue, project, parallelEnvironment, coresPerNode = 1 } = this.#options;
    const slots = this.nodesPerBlock * coresPerNode;
    return [
      '#$ -S /bin/bash',
      `#$ -N ${name}`,
      `#$ -o ${jobOutput}`,
      '#$ -j y',
      // Another block takes its place: one that came back by itself would be one too many.
      '#$ -r n',
      `#$ -l h_rt=${hours(this.walltimeSeconds)}`,
      ...(queue === undefined ? [] : [`#$ -q ${queue}`]),
      ...(project === undefined ? [] : [`#$ -P ${project}`]),
      ...(parallelEnvironment === undefined ? [] : [`#$ -pe ${parallelEnvironment} ${slots}`]),
      ...this.optionLines(),
    ];
  }

  protected async submitScript(path: string): Promise<string> {
    return this.idOf('qsub', await this.call('qsub', ['-terse', path]), /^(\d+)\s*$/m);
  }

  protected async look(): Promise<Map<string, JobState> | null> {
    const { code, out } = await this.call('qstat', ['-xml', '-u', userInfo().username]);
    return code === 0 ? parseGridEngineJobs(out) : null;
  }

  protected async remove(jobIds: readonly string[]): Promise<void> {
    await this.call('qdel', jobIds);
  }
}

/**
 * States of jobs in what `qstat -xml` prints; null if it is no list of jobs. Letters as in the manual
 * page of qstat: `q` waits, `h` is held, `E` has an error that somebody has to clear, `d` is being
 * deleted, `t` and `r` run, `s`, `S` and `T` are suspended.
 */
export function parseGridEngineJobs(xml: string): Map<string, JobState> | null {
  if (!xml.includes('<job_info')) return null;
  const jobs = new Map<string, JobState>();
  for (const [, job] of xml.matchAll(/<job_list\b[^>]*>([\s\S]*?)<\/job_list>/g)) {
    const id = /<JB_job_number>(\d+)</.exec(job!)?.[1];
    const letters = /<state>([A-Za-z]*)</.exec(job!)?.[1];
    if (id !== undefined && letters !== undefined) jobs.set(id, stateOf(letters));
  }
  return jobs;
}

function stateOf(letters: string): JobState {
  const reason = { reason: `state ${letters}` };
  if (letters.includes('E')) return { state: 'pending', held: true, ...reason };
  if (/[dtrsST]/.test(letters)) return { state: 'running' };
  if (letters.includes('h')) return { state: 'pending', held: true, ...reason };
  return letters.includes('q') || letters.includes('w')
    ? { state: 'pending' }
    : { state: 'unknown' };
}
