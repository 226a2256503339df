/**
 * As many blocks as the work needs, between the provider's minBlocks and maxBlocks. Blocks that end
 * are replaced while there is work; blocks that never start a worker are an error.
 */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { BlockEvent } from '../executor.ts';
import type { BlockLaunch, BlockState, BlockStatus, Provider } from './provider.ts';
import { type ScalingOptions, wantedBlocks } from './strategy.ts';
import type { ManagerInfo } from './task-channel.ts';

/** How long tasks may wait without any worker until that is said. */
const FORSAKEN_MS = 10_000;
/** Blocks in a row that may end without a worker before nobody believes in the next one. */
const MAX_FAILED_STARTS = 3;
/** Blocks in a row that may get stuck on their way. */
const MAX_STUCK = 3;
/** Times in a row that the provider's system may give no answer before a block is given up. */
const MAX_REFUSALS = 20;

/** States of blocks for who observes. */
const TOLD: Readonly<Record<BlockState, BlockEvent['state'] | null>> = {
  pending: 'submitted',
  running: 'running',
  completed: 'ended',
  failed: 'failed',
  stuck: 'failed',
  unknown: null,
};

export interface PoolOptions {
  provider: Provider;
  /** Makes what a block needs: a new identifier, the command of its workers. */
  launch(): BlockLaunch;
  /** Tasks that have not ended. */
  outstanding(): number;
  managers(): readonly ManagerInfo[];
  /** Tells a block's managers to end once their tasks have. */
  release(blockId: string): void;
  /** No block can be had: there is no sense in waiting. */
  onFailure(error: TilewrightError): void;
  /** Workers of a node, as far as it is known before one is there. */
  workersPerNode: number;
  /** How the number of blocks follows the work; asked for at each look. */
  scaling(): ScalingOptions;
  /** From 0 to 1: slots that a task is worth. */
  parallelism: number;
  /** Whether workers may join that are in no block. */
  othersMayJoin: boolean;
  onBlock(event: BlockEvent): void;
}

interface Block {
  launch: BlockLaunch;
  jobId: string;
  /** Whether a manager of it was ever there. */
  served: boolean;
  /** When it was last seen to have work, or to wait for its start. */
  busyAt: number;
  released: boolean;
  /** As it was told. */
  told: BlockEvent['state'] | undefined;
}

export class BlockPool {
  readonly #options: PoolOptions;
  /** Since when tasks wait and nobody is there or asked for; null when that is not so. */
  #forsakenSince: number | null = null;
  readonly #blocks = new Map<string, Block>();
  #failedStarts = 0;
  #stuck = 0;
  #refusals = 0;
  #scaledAt = Number.NEGATIVE_INFINITY;
  /** What the last block that ended without a worker has said. */
  #lastWords = '';
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Blocks that have not ended, waiting ones included. */
  get size(): number {
    return this.#blocks.size;
  }

  async start(): Promise<void> {
    await this.#grow(this.#options.provider.initBlocks);
    const { pollMs } = this.#options.provider;
    this.#timer = setInterval(() => this.look(), pollMs);
    this.attend();
  }

  /** Keeps the process alive while there is work, and only then. */
  attend(): void {
    if (this.#options.outstanding() > 0) this.#timer?.ref();
    else this.#timer?.unref();
  }

  /** Looks at the blocks and the work soon; one look at a time. */
  look(): void {
    if (this.#closed) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#looking = this.#tick()
      .catch((error) => this.#fail(toTilewrightError(error)))
      .finally(() => {
        this.#looking = undefined;
        if (this.#again) this.look();
      });
  }

  noteManager({ blockId }: ManagerInfo): void {
    const block = blockId === null ? undefined : this.#blocks.get(blockId);
    if (block === undefined) return;
    block.served = true;
    this.#failedStarts = 0;
    this.#stuck = 0;
  }

  async #tick(): Promise<void> {
    const { provider } = this.#options;
    const jobIds = [...this.#blocks.values()].map((block) => block.jobId);
    const states = jobIds.length === 0 ? new Map() : await provider.status(jobIds);
    for (const block of [...this.#blocks.values()]) {
      await this.#settle(block, states.get(block.jobId) ?? { state: 'unknown' });
    }
    if (this.#closed) return;
    this.#warnIfForsaken();
    await this.#scale();
  }

  async #scale(): Promise<void> {
    const { strategy = 'htex-auto-scale', strategyPeriodMs = 0 } = this.#options.scaling();
    if (strategy === 'none') {
      this.#failIfOver();
      return;
    }
    const now = performance.now();
    const active = [...this.#blocks.values()].filter((block) => !block.released);
    this.#noteBusy(active, strategy === 'simple', now);
    if (now - this.#scaledAt < strategyPeriodMs) return;
    this.#scaledAt = now;
    const wanted = this.#wanted();
    if (active.length < wanted) await this.#grow(wanted - active.length);
    else if (active.length > wanted) await this.#shrink(active, wanted, now);
  }

  /** The blocks of the start have ended, and there won't be others. */
  #failIfOver(): void {
    const { provider, othersMayJoin, outstanding, managers } = this.#options;
    if (this.#blocks.size > 0 || othersMayJoin) return;
    if (outstanding() === 0 || managers().length > 0) return;
    this.#fail(
      new TilewrightError(
        'block-failed',
        `All blocks of the provider ${provider.label} have ended, tasks are left, and the strategy ` +
          `'none' obtains no others: choose 'simple' or 'htex-auto-scale'${this.#lastWords}`,
      ),
    );
  }

  /** Takes note of what became of a block. */
  async #settle(block: Block, { state, reason }: BlockStatus): Promise<void> {
    const { provider } = this.#options;
    this.#tell(block, state, reason);
    if (state === 'stuck') {
      await provider.cancel([block.jobId]);
      this.#blocks.delete(block.launch.blockId);
      if (++this.#stuck < MAX_STUCK || this.#options.managers().length > 0) return;
      this.#fail(stuckError(provider, reason));
      return;
    }
    if (state !== 'completed' && state !== 'failed') return;
    this.#blocks.delete(block.launch.blockId);
    if (block.served || block.released) return;
    const output = provider.errorOutput(block.jobId, block.launch).trim();
    this.#lastWords = `. The last one said:\n${output === '' ? '(nothing)' : output}`;
    if (++this.#failedStarts < MAX_FAILED_STARTS || this.#options.managers().length > 0) return;
    this.#fail(
      new TilewrightError(
        'block-failed',
        `${MAX_FAILED_STARTS} blocks in a row of the provider ${provider.label} ended before a ` +
          `worker of theirs was there (${reason ?? state})${this.#lastWords}`,
      ),
    );
  }

  /** Without blocks, tasks wait for workers that somebody has to start: who forgot should know. */
  #warnIfForsaken(): void {
    const { provider, outstanding, managers } = this.#options;
    if (provider.maxBlocks > 0 || outstanding() === 0 || managers().length > 0) {
      this.#forsakenSince = null;
      return;
    }
    this.#forsakenSince ??= performance.now();
    if (performance.now() - this.#forsakenSince < FORSAKEN_MS) return;
    this.#forsakenSince = Number.POSITIVE_INFINITY;
    process.emitWarning(
      'Tasks wait, no worker has joined the queue, and maxBlocks is 0: start workers with ' +
        '`tilewright worker --queue URL`',
    );
  }

  #wanted(): number {
    const { provider, workersPerNode, parallelism } = this.#options;
    const { minBlocks, maxBlocks, nodesPerBlock } = provider;
    const known = this.#options.managers().find((manager) => manager.blockId !== null);
    const slotsPerBlock = nodesPerBlock * (known?.slots ?? workersPerNode);
    // Workers that were started by hand take their share.
    const others = this.#options.managers().reduce((sum, m) => sum + (m.blockId ? 0 : m.slots), 0);
    const tasks = Math.max(0, this.#options.outstanding() - others);
    return wantedBlocks({ tasks, slotsPerBlock, parallelism, minBlocks, maxBlocks });
  }

  async #grow(count: number): Promise<void> {
    const { provider } = this.#options;
    for (let i = 0; i < count && !this.#closed; i++) {
      const launch = this.#options.launch();
      try {
        const jobId = await provider.submit(launch);
        this.#refusals = 0;
        const busyAt = performance.now();
        const block = { launch, jobId, served: false, busyAt, released: false, told: undefined };
        this.#blocks.set(launch.blockId, block);
        this.#tell(block, 'pending');
      } catch (error) {
        const known = toTilewrightError(error, {}, 'block-failed');
        // The scheduler may be back at the next look, or take more when other blocks have ended.
        if (known.retryable && (this.#blocks.size > 0 || ++this.#refusals < MAX_REFUSALS)) return;
        throw known;
      }
    }
  }

  /** Blocks have work that have a task, or are on their way while there are tasks. */
  #noteBusy(active: readonly Block[], alike: boolean, now: number): void {
    const outstanding = this.#options.outstanding();
    for (const block of active) {
      const managers = this.#managersOf(block);
      const idle = managers.every((manager) => manager.busy === 0);
      if (!idle || ((alike || managers.length === 0) && outstanding > 0)) block.busyAt = now;
    }
  }

  /** Ends blocks that have had nothing to do for long. */
  async #shrink(active: readonly Block[], wanted: number, now: number): Promise<void> {
    const { maxIdletime = 120 } = this.#options.scaling();
    let surplus = active.length - wanted;
    for (const block of active) {
      if (surplus <= 0) return;
      if (now - block.busyAt < maxIdletime * 1000) continue;
      surplus--;
      block.released = true;
      if (this.#managersOf(block).length > 0) this.#options.release(block.launch.blockId);
      else await this.#options.provider.cancel([block.jobId]);
    }
  }

  #managersOf({ launch }: Block): ManagerInfo[] {
    return this.#options.managers().filter((manager) => manager.blockId === launch.blockId);
  }

  /** Tells who listens, when it is news. */
  #tell(block: Block, state: BlockState, reason?: string): void {
    const told = TOLD[state];
    if (told === null || told === block.told) return;
    block.told = told;
    const { jobId, launch } = block;
    this.#options.onBlock({
      ...{ blockId: launch.blockId, jobId, state: told, at: Date.now() },
      reason,
    });
  }

  #fail(error: TilewrightError): void {
    if (!this.#closed) this.#options.onFailure(error);
  }

  /** Ends all blocks, also those that wait. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    const blocks = [...this.#blocks.values()];
    this.#blocks.clear();
    if (blocks.length === 0) return;
    await this.#options.provider.cancel(blocks.map((block) => block.jobId));
    for (const block of blocks) this.#tell(block, 'completed', 'the executor was shut down');
  }
}

function stuckError(provider: Provider, reason = 'no reason is given'): TilewrightError {
  return new TilewrightError(
    'block-failed',
    `${MAX_STUCK} blocks in a row of the provider ${provider.label} were queued and would never ` +
      `have started (${reason}); they were cancelled. Ask whoever runs the cluster about this reason`,
  );
}
