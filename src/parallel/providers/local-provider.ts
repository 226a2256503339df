/** Blocks that are processes on this machine. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import {
  type BlockLaunch,
  type BlockOptions,
  type BlockStatus,
  blockCounts,
  blockRules,
  type Provider,
  shellWord,
} from '../blocks/provider.ts';
import { checkOptions, type OptionRules, word } from '../options.ts';

/** Options of a {@link LocalProvider}. */
export type LocalProviderOptions = BlockOptions & { label?: string };

const rules: OptionRules<LocalProviderOptions> = { ...blockRules, label: word };

/** How long a block that is cancelled may take to end by itself. */
const GRACE_MS = 2_000;
const ERROR_LENGTH = 2_000;

/** Blocks that are processes on this machine. */
export class LocalProvider implements Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly nodesPerBlock = 1;
  readonly onThisMachine = true;
  readonly pollMs = 200;
  readonly #workerInit: string;
  readonly #children = new Map<string, ChildProcess>();

  /** @throws TilewrightError config-invalid */
  constructor(options: LocalProviderOptions = {}) {
    checkOptions('LocalProvider', options, rules);
    this.label = options.label ?? 'local';
    ({
      initBlocks: this.initBlocks,
      minBlocks: this.minBlocks,
      maxBlocks: this.maxBlocks,
    } = blockCounts('LocalProvider', options));
    this.#workerInit = options.workerInit ?? '';
  }

  async submit(launch: BlockLaunch): Promise<string> {
    // As a step of its own: what fails in it ends the block, and what it exports stays.
    const init = this.#workerInit === '' ? '' : `set -e\n${this.#workerInit}\nset +e\n`;
    const command = [...launch.command, '--parent-pipe'].map(shellWord).join(' ');
    const out = openSync(outputPath(launch, 'out'), 'a');
    const err = openSync(outputPath(launch, 'err'), 'a');
    try {
      const child = spawn('/bin/sh', ['-c', `${init}exec ${command}`], {
        // A process group of its own: Ctrl-C in a terminal is for the coordinator, which decides.
        detached: true,
        stdio: ['pipe', out, err],
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (error) => {
          const { message } = toTilewrightError(error);
          reject(new TilewrightError('block-failed', `A block can't be started: ${message}`));
        });
      });
      child.on('error', () => undefined);
      child.stdin?.on('error', () => undefined);
      child.unref();
      (child.stdin as unknown as { unref(): void }).unref();
      const jobId = String(child.pid);
      this.#children.set(jobId, child);
      return jobId;
    } finally {
      closeSync(out);
      closeSync(err);
    }
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
    try {
      return readFileSync(outputPath(launch, 'err'), 'utf8').slice(-ERROR_LENGTH);
    } catch {
      // It is gone: there is nothing to tell.
      return '';
    }
  }
}

function outputPath(launch: BlockLaunch, stream: 'out' | 'err'): string {
  return join(launch.folder, `${launch.blockId}.${stream}`);
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
