/** Blocks that are processes on this machine. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
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
import { checkOptions, type OptionRules, word } from '../options.ts';
import { errorOutput, outputPath } from './block-files.ts';
import { type LauncherOption, launcherOf, launcherRule } from './launcher.ts';
import { initLines, keptPath, loginShell } from './login-shell.ts';

/** Options of a {@link LocalProvider}. */
export interface LocalProviderOptions extends BlockOptions {
  label?: string;
  /** Starts the workers; `srun` and `mpiexec` where this process is in a job. Default: `simple`. */
  launcher?: LauncherOption;
}

const rules: OptionRules<LocalProviderOptions> = {
  ...blockRules,
  label: word,
  launcher: launcherRule,
};

/** How long a block that is cancelled may take to end by itself. */
const GRACE_MS = 2_000;

/** Blocks that are processes on this machine. */
export class LocalProvider implements Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly parallelism: number;
  readonly nodesPerBlock = 1;
  readonly onThisMachine = true;
  readonly pollMs = 200;
  readonly #workerInit: string;
  readonly #launcher: LauncherOption;
  readonly #children = new Map<string, ChildProcess>();

  /** @throws TilewrightError config-invalid */
  constructor(options: LocalProviderOptions = {}) {
    checkOptions('LocalProvider', options, rules);
    this.label = options.label ?? 'local';
    ({
      initBlocks: this.initBlocks,
      minBlocks: this.minBlocks,
      maxBlocks: this.maxBlocks,
      parallelism: this.parallelism,
    } = blockCounts('LocalProvider', options));
    this.#workerInit = (options.workerInit ?? '').trim();
    this.#launcher = options.launcher ?? 'simple';
  }

  async submit(launch: BlockLaunch): Promise<string> {
    const [program, ...words] = this.#command(launch) as [string, ...string[]];
    const out = openSync(outputPath(launch, 'out'), 'a');
    const err = openSync(outputPath(launch, 'err'), 'a');
    try {
      const child = spawn(program, words, {
        // A process group of its own: Ctrl-C in a terminal is for the coordinator, which decides.
        detached: true,
        // What init lines read, is empty: the pipe is for the worker alone.
        stdio: this.#workerInit === '' ? ['pipe', out, err] : ['ignore', out, err, 'pipe'],
        env: { ...process.env, ...keptPath() },
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (error) => {
          const { message } = toTilewrightError(error);
          reject(new TilewrightError('block-failed', `A block can't be started: ${message}`));
        });
      });
      child.on('error', () => undefined);
      const pipe = (child.stdin ?? child.stdio[3]) as Socket;
      pipe.on('error', () => undefined);
      child.unref();
      pipe.unref();
      const jobId = String(child.pid);
      this.#children.set(jobId, child);
      return jobId;
    } finally {
      closeSync(out);
      closeSync(err);
    }
  }

  /** Program and words: the worker itself, unless there is something for a shell to do. */
  #command(launch: BlockLaunch): string[] {
    const simple = this.#launcher === 'simple';
    // Who launches somewhere else, or in its own way, may give the worker another input.
    const command = simple ? [...launch.command, '--parent-pipe'] : [...launch.command];
    if (simple && this.#workerInit === '') return command;
    const words = command.map(shellWord).join(' ');
    const start = launcherOf(this.#launcher).wrap(words, 1, 1);
    const [shell, ...options] = loginShell() as [string, ...string[]];
    const input = simple && this.#workerInit !== '' ? ' <&3 3<&-' : '';
    return [shell, ...options, '-c', `${initLines(this.#workerInit)}${start}${input}`];
  }

  async status(jobIds: readonly string[]): Promise<ReadonlyMap<string, BlockStatus>> {
    return new Map(jobIds.map((jobId) => [jobId, statusOf(this.#children.get(jobId))]));
  }

  async cancel(jobIds: readonly string[]): Promise<void> {
    const live = jobIds.filter((jobId) => isAlive(this.#children.get(jobId)));
    const ended = live.map((jobId) => {
      const child = this.#children.get(jobId)!;
      child.ref();
      return new Promise<void>((resolve) => child.once('exit', () => resolve()));
    });
    for (const jobId of live) signalGroup(jobId, 'SIGTERM');
    const timer = setTimeout(() => {
      for (const jobId of live) {
        if (isAlive(this.#children.get(jobId))) signalGroup(jobId, 'SIGKILL');
      }
    }, GRACE_MS);
    await Promise.all(ended);
    clearTimeout(timer);
  }

  errorOutput(_jobId: string, launch: BlockLaunch): string {
    return errorOutput(launch);
  }
}

function isAlive(child: ChildProcess | undefined): boolean {
  return child !== undefined && child.exitCode === null && child.signalCode === null;
}

function statusOf(child: ChildProcess | undefined): BlockStatus {
  if (child === undefined) return { state: 'completed' };
  if (isAlive(child)) return { state: 'running' };
  if (child.exitCode === 0) return { state: 'completed' };
  const reason = child.signalCode ?? `exit code ${child.exitCode}`;
  return { state: 'failed', reason };
}

/** The block's shell, its workers, and what they have started. */
function signalGroup(jobId: string, signal: NodeJS.Signals): void {
  try {
    process.kill(-Number(jobId), signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
