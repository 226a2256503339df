/**
 * What providers of batch systems share: options, a script for each block, states that are asked for
 * all jobs at once, and a cancellation that waits until the jobs have ended.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
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
import { invalidOptions, type OptionRules, seconds, text, wholeNumber, word } from '../options.ts';
import { walltimeSeconds } from '../slurm/job-options.ts';
import { JOB_VARIABLES } from '../worker/job-end.ts';
import { errorOutput, outputPath } from './block-files.ts';
import { type Answer, runCommand } from './command.ts';
import { type LauncherOption, launcherOf, launcherRule } from './launcher.ts';
import { initLines, keptPath } from './login-shell.ts';

/** Options of all providers of batch systems. */
export interface ClusterOptions extends BlockOptions {
  label?: string;
  /** Nodes of a block; each has workers. Default: 1. */
  nodesPerBlock?: number;
  /** Starts the workers on the nodes. Default: `simple`, or `mpiexec` with more than one node. */
  launcher?: LauncherOption;
  /** `HH:MM:SS` or `D-HH:MM:SS`. */
  walltime?: string;
  /** More lines of options for the job, in the batch system's own words. */
  schedulerOptions?: string;
  /** Seconds that a command of the batch system may take. */
  cmdTimeout?: number;
  /** Seconds between two looks at the queue. Default: 5. */
  pollInterval?: number;
  /** Seconds that a job may be held before another one is submitted for it. Default: 60. */
  maxHeldTime?: number;
  /** Seconds that cancelled jobs are waited for. Default: 90. */
  cancelTimeout?: number;
}

export const clusterRules: OptionRules<ClusterOptions> = {
  ...blockRules,
  label: word,
  nodesPerBlock: wholeNumber(1),
  launcher: launcherRule,
  walltime: word,
  schedulerOptions: text,
  cmdTimeout: seconds(0.001),
  pollInterval: seconds(0.001),
  maxHeldTime: seconds(),
  cancelTimeout: seconds(),
};

/** What a batch system says of a job. */
export interface JobState extends BlockStatus {
  /** It waits for a person to release it. */
  held?: boolean;
}

/** What differs from one batch system to another. */
export interface ClusterTraits {
  /** The class, for messages. */
  kind: string;
  /** The batch system's name, for messages. */
  system: string;
  label: string;
  walltime: string;
  /** Seconds. */
  cmdTimeout: number;
  /** What its lines of options begin with, such as `#PBS `; null: any line may be one. */
  prefix: string | null;
}

/** Obtains blocks by the commands of a batch system. */
export abstract class ClusterProvider implements Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly parallelism: number;
  readonly nodesPerBlock: number;
  readonly onThisMachine = false;
  readonly pollMs: number;
  protected readonly traits: ClusterTraits;
  protected readonly walltimeSeconds: number;
  readonly #options: ClusterOptions;
  /** Since when jobs are held. */
  readonly #heldSince = new Map<string, number>();

  /** The options have been checked against rules for each. @throws TilewrightError config-invalid */
  constructor(options: ClusterOptions, traits: ClusterTraits) {
    const { kind } = traits;
    this.traits = traits;
    this.#options = options;
    this.label = options.label ?? traits.label;
    ({
      initBlocks: this.initBlocks,
      minBlocks: this.minBlocks,
      maxBlocks: this.maxBlocks,
      parallelism: this.parallelism,
    } = blockCounts(kind, options));
    this.nodesPerBlock = options.nodesPerBlock ?? 1;
    this.pollMs = (options.pollInterval ?? 5) * 1000;
    this.walltimeSeconds = walltimeSeconds(options.walltime ?? traits.walltime, kind);
    if (options.launcher === 'simple' && this.nodesPerBlock > 1) {
      throw invalidOptions(kind, 'the launcher simple starts workers on one node of a block only');
    }
    const prefix = traits.prefix;
    for (const line of this.optionLines()) {
      if (prefix !== null && !line.startsWith(prefix)) {
        throw invalidOptions(kind, `schedulerOptions must be lines "${prefix}…", not "${line}"`);
      }
    }
  }

  /** Options of the batch system, as it reads them. */
  protected abstract head(launch: BlockLaunch, jobOutput: string): readonly string[];
  /** Submits the script; resolves with the job's identifier. */
  protected abstract submitScript(path: string, script: string): Promise<string>;
  /** Null if nobody answers; jobs that are not among the answers have ended. */
  protected abstract look(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobState> | null>;
  protected abstract remove(jobIds: readonly string[]): Promise<void>;

  /** Cores of a node, if the user has said how many. */
  protected get cores(): number | undefined {
    return undefined;
  }

  protected optionLines(): string[] {
    const lines = (this.#options.schedulerOptions ?? '').split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }

  /** Calls a command of the batch system. @throws TilewrightError scheduler if there is none */
  protected call(command: string, args: readonly string[], input?: string): Promise<Answer> {
    const { system, cmdTimeout } = this.traits;
    const timeoutMs = (this.#options.cmdTimeout ?? cmdTimeout) * 1000;
    const own = Object.entries(process.env).filter(([name]) => !JOB_VARIABLES.has(name));
    const env = { ...Object.fromEntries(own), ...keptPath() };
    return runCommand(command, args, {
      timeoutMs,
      system,
      env,
      ...(input !== undefined && { input }),
    });
  }

  /**
   * What a command that submits has printed, if it is an identifier.
   * @throws TilewrightError scheduler, retryable, if it did not answer in time; block-failed
   */
  protected idOf(command: string, answer: Answer, id: RegExp): string {
    const found = answer.code === 0 ? id.exec(answer.out)?.[1] : undefined;
    if (found !== undefined) return found;
    const { system } = this.traits;
    if (answer.code === null) {
      throw new TilewrightError('scheduler', `${system}'s ${command} did not answer in time`, {
        retryable: true,
      });
    }
    const said = answer.err.trim() || answer.out.trim() || `exit code ${answer.code}`;
    throw new TilewrightError('block-failed', `${system} refuses the job: ${said}`);
  }

  /** The script of a block, without the batch system's options if it does not read them there. */
  protected script(launch: BlockLaunch): string {
    const { launcher = this.nodesPerBlock > 1 ? 'mpiexec' : 'simple' } = this.#options;
    const command = launch.command.map(shellWord).join(' ');
    const [out, err] = [outputPath(launch, 'out'), outputPath(launch, 'err')].map(shellWord);
    return [
      '#!/bin/bash -l',
      ...this.head(launch, this.#plain(outputPath(launch, 'job'))),
      // Told as it comes; batch systems may bring what a job prints only when it has ended.
      `exec >> ${out} 2>> ${err}`,
      `cd ${shellWord(process.cwd())}`,
      `export TILEWRIGHT_BLOCK_END=$(( $(date +%s) + ${this.walltimeSeconds} ))`,
      ...(this.cores === undefined ? [] : [`export TILEWRIGHT_CORES=${this.cores}`]),
      `${initLines(this.#options.workerInit ?? '')}${launcherOf(launcher).wrap(command, this.nodesPerBlock, 1)}`,
      '',
    ].join('\n');
  }

  /** A path that no batch system takes for something else. */
  #plain(path: string): string {
    if (/^[\w@%+=,./-]+$/.test(path)) return path;
    const { system, kind } = this.traits;
    throw invalidOptions(
      kind,
      `${system} takes no path such as ${JSON.stringify(path)}: name another runDir`,
    );
  }

  async submit(launch: BlockLaunch): Promise<string> {
    const path = join(launch.folder, `${launch.blockId}.sh`);
    const script = this.script(launch);
    try {
      writeFileSync(path, script, { mode: 0o700 });
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
    return await this.submitScript(path, script);
  }

  async status(jobIds: readonly string[]): Promise<ReadonlyMap<string, BlockStatus>> {
    // Commands that were there may be gone for now: nobody could tell.
    const jobs = await this.look(jobIds).catch(() => null);
    if (jobs === null) return new Map(jobIds.map((id) => [id, { state: 'unknown' }]));
    return new Map(jobIds.map((id) => [id, this.#statusOf(id, jobs.get(id))]));
  }

  #statusOf(id: string, job: JobState = { state: 'completed' }): BlockStatus {
    const { held = false, ...status } = job;
    if (!held) {
      this.#heldSince.delete(id);
      return status;
    }
    const now = performance.now();
    const since = this.#heldSince.get(id) ?? now;
    this.#heldSince.set(id, since);
    const limit = (this.#options.maxHeldTime ?? 60) * 1000;
    return now - since < limit ? { ...status, state: 'pending' } : { ...status, state: 'stuck' };
  }

  async cancel(jobIds: readonly string[]): Promise<void> {
    const until = performance.now() + (this.#options.cancelTimeout ?? 90) * 1000;
    for (const id of jobIds) this.#heldSince.delete(id);
    for (let left = jobIds; left.length > 0; ) {
      try {
        await this.remove(left);
        const jobs = await this.look(left);
        if (jobs !== null) left = left.filter((id) => isLive(jobs.get(id)));
      } catch {
        // Asked again, while there is time.
      }
      if (left.length === 0 || performance.now() > until) return;
      await setTimeout(Math.min(this.pollMs, 1_000));
    }
  }

  errorOutput(_jobId: string, launch: BlockLaunch): string {
    return errorOutput(launch);
  }
}

function isLive(job: JobState | undefined): boolean {
  return job !== undefined && job.state !== 'completed' && job.state !== 'failed';
}

/** `HH:MM:SS`, with as many hours as there are. */
export function hours(seconds: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
