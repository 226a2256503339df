/** Blocks that are Slurm jobs. Options are those of Parsl's provider, in camelCase. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import {
  type BlockLaunch,
  type BlockOptions,
  type BlockStatus,
  blockCounts,
  blockRules,
  type Provider,
} from '../blocks/provider.ts';
import {
  checkOptions,
  invalidOptions,
  type OptionRules,
  seconds,
  wholeNumber,
  word,
} from '../options.ts';
import { SlurmCommands } from '../slurm/commands.ts';
import {
  checkJobOptions,
  jobRules,
  literal,
  overruledVariables,
  type SlurmJobOptions,
  scriptHead,
} from '../slurm/job-options.ts';
import { JobWatch } from '../slurm/job-watch.ts';
import { errorOutput, outputPath } from './block-files.ts';
import { type LauncherOption, launcherOf, launcherRule } from './launcher.ts';

/** Options of a {@link SlurmProvider}. */
export interface SlurmProviderOptions extends BlockOptions, SlurmJobOptions {
  label?: string;
  /** Nodes of a block; each has workers. Default: 1. */
  nodesPerBlock?: number;
  /** Starts the workers on the nodes. Default: `simple`, or `srun` with more than one node. */
  launcher?: LauncherOption;
  /** Seconds that a command of Slurm may take; later its answer is not waited for. Default: 10. */
  cmdTimeout?: number;
  /** Seconds between two looks at the queue. Default: 5. */
  pollInterval?: number;
  /** Seconds that a job may be held before another one is submitted for it. Default: 60. */
  maxHeldTime?: number;
  /** Seconds that it may wait for nodes that are down, or for the impossible. Default: 900. */
  maxBlockedTime?: number;
  /** Seconds that cancelled jobs are waited for. Default: 90. */
  cancelTimeout?: number;
}

const rules: OptionRules<SlurmProviderOptions> = {
  ...blockRules,
  ...jobRules,
  label: word,
  nodesPerBlock: wholeNumber(1),
  launcher: launcherRule,
  cmdTimeout: seconds(0.001),
  pollInterval: seconds(0.001),
  maxHeldTime: seconds(),
  maxBlockedTime: seconds(),
  cancelTimeout: seconds(),
};

/** Blocks that are jobs of Slurm. */
export class SlurmProvider implements Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly parallelism: number;
  readonly nodesPerBlock: number;
  readonly onThisMachine = false;
  readonly pollMs: number;
  readonly #options: SlurmProviderOptions;
  readonly #commands: SlurmCommands;
  readonly #watch: JobWatch;
  /** Names of jobs by identifier. */
  readonly #names = new Map<string, string>();

  /** @throws TilewrightError config-invalid */
  constructor(options: SlurmProviderOptions = {}) {
    checkOptions('SlurmProvider', options, rules);
    checkJobOptions(options, 'SlurmProvider');
    this.label = options.label ?? 'slurm';
    this.#options = { exclusive: true, ...options };
    ({
      initBlocks: this.initBlocks,
      minBlocks: this.minBlocks,
      maxBlocks: this.maxBlocks,
      parallelism: this.parallelism,
    } = blockCounts('SlurmProvider', options));
    this.nodesPerBlock = options.nodesPerBlock ?? 1;
    if (options.launcher === 'simple' && this.nodesPerBlock > 1) {
      throw invalidOptions(
        'SlurmProvider',
        'the launcher simple starts workers on one node of a block only',
      );
    }
    this.pollMs = (options.pollInterval ?? 5) * 1000;
    this.#commands = new SlurmCommands({ timeoutMs: (options.cmdTimeout ?? 10) * 1000 });
    this.#watch = new JobWatch({
      commands: this.#commands,
      // A pool that looks at every interval should not find its own last answer.
      pollMs: this.pollMs * 0.8,
      heldMs: (options.maxHeldTime ?? 60) * 1000,
      blockedMs: (options.maxBlockedTime ?? 900) * 1000,
    });
  }

  async submit(launch: BlockLaunch): Promise<string> {
    const name = `${launch.name}-${launch.blockId}`;
    const path = join(launch.folder, `${launch.blockId}.sh`);
    try {
      writeFileSync(path, this.#script(launch, name));
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
    try {
      const jobId = await this.#commands.submit(path, overruledVariables(this.#options));
      this.#names.set(jobId, name);
      this.#watch.add([{ id: jobId, name }]);
      return jobId;
    } catch (error) {
      if (error instanceof TilewrightError && error.retryable) this.#watch.disown(name);
      throw error;
    }
  }

  #script(launch: BlockLaunch, name: string): string {
    const { launcher = this.nodesPerBlock > 1 ? 'srun' : 'simple' } = this.#options;
    const head = scriptHead({
      ...this.#options,
      label: this.label,
      name,
      nodes: this.nodesPerBlock,
      output: literal(outputPath(launch, 'out')),
      error: literal(outputPath(launch, 'err')),
      // Another block takes its place: one that came back by itself would be one too many.
      more: ['--no-requeue'],
    });
    const command = launch.command.map(shellWord).join(' ');
    return `${head}${launcherOf(launcher).wrap(command, this.nodesPerBlock, 1)}\n`;
  }

  async status(jobIds: readonly string[]): Promise<ReadonlyMap<string, BlockStatus>> {
    try {
      await this.#watch.look();
    } catch {
      // Commands that were there are gone for now: nobody could tell.
      return new Map(jobIds.map((jobId) => [jobId, { state: 'unknown' }]));
    }
    const states = new Map(jobIds.map((jobId) => [jobId, this.#watch.status(jobId)]));
    for (const [jobId, { state }] of states) {
      const name = this.#names.get(jobId);
      if (name !== undefined && (state === 'completed' || state === 'failed')) {
        this.#watch.disown(name);
      }
    }
    return states;
  }

  async cancel(jobIds: readonly string[]): Promise<void> {
    const jobs = jobIds.map((id) => ({ id, name: this.#names.get(id) ?? '' }));
    for (const { name } of jobs) this.#watch.disown(name);
    await this.#watch.cancelAndWait(jobs, (this.#options.cancelTimeout ?? 90) * 1000);
    this.#watch.forget(jobIds);
    for (const jobId of jobIds) this.#names.delete(jobId);
  }

  errorOutput(_jobId: string, launch: BlockLaunch): string {
    return errorOutput(launch);
  }
}
