/** A provider obtains blocks of resources, on which workers are started; as in Parsl. */

import { invalidOptions, numberFrom, type OptionRules, text, wholeNumber } from '../options.ts';

/** How many blocks a provider obtains. */
export interface BlockOptions {
  /** Blocks that are obtained at the start. Default: 1. */
  initBlocks?: number;
  /** Blocks that are kept when there is nothing to do. Default: 0. */
  minBlocks?: number;
  /** Blocks that there are at the most. Default: 1, or as many as the other two ask for. */
  maxBlocks?: number;
  /** From 0 to 1: slots that are obtained for each task. Default: 1. */
  parallelism?: number;
  /**
   * Lines for a login shell (the user's own on this machine, else `bash`) that run on a block before
   * its workers start; if one fails, so does the block.
   */
  workerInit?: string;
}

/** What a provider is asked to start. */
export interface BlockLaunch {
  blockId: string;
  /** Name for people, of letters, digits, `-` and `_`. */
  name: string;
  /** The program that serves a node of the block, and its arguments. */
  command: readonly string[];
  /** A folder, which exists, for the block's files. */
  folder: string;
}

/** Where a block is in its life. */
export type BlockState =
  | 'pending'
  | 'running'
  /** It ended, with 0 or otherwise, or was cancelled. */
  | 'completed'
  | 'failed'
  /** It would wait for ever: it has to be cancelled and submitted again. */
  | 'stuck'
  /** Nobody could tell: as it was. */
  | 'unknown';

/** The state of a block, with the reason if there is one. */
export interface BlockStatus {
  state: BlockState;
  /** Why, in the words of the provider's system. */
  reason?: string;
}

/** Obtains blocks of resources and gives them back. */
export interface Provider {
  readonly label: string;
  readonly initBlocks: number;
  readonly minBlocks: number;
  readonly maxBlocks: number;
  readonly nodesPerBlock: number;
  /** From 0 to 1: slots that are obtained for each task. Default: 1. */
  readonly parallelism?: number;
  /** Whether blocks are on this machine, or reach it over a network only. */
  readonly onThisMachine: boolean;
  /** Milliseconds between two looks at the blocks. */
  readonly pollMs: number;
  /**
   * Starts a block, or queues it.
   * @returns its identifier in the provider's system
   * @throws TilewrightError block-failed if it is refused, scheduler (retryable) if nobody answers
   */
  submit(launch: BlockLaunch): Promise<string>;
  /** States by identifier; never rejects: who can't be asked about is `unknown`. */
  status(jobIds: readonly string[]): Promise<ReadonlyMap<string, BlockStatus>>;
  /** Ends blocks, and waits until they have ended as far as that can be known. */
  cancel(jobIds: readonly string[]): Promise<void>;
  /** The end of what the block has written to its error stream. */
  errorOutput(jobId: string, launch: BlockLaunch): string;
}

export const blockRules: OptionRules<BlockOptions> = {
  initBlocks: wholeNumber(0),
  minBlocks: wholeNumber(0),
  maxBlocks: wholeNumber(0),
  parallelism: numberFrom(0, 1),
  workerInit: text,
};

/** @throws TilewrightError config-invalid if they contradict each other */
export function blockCounts(
  label: string,
  options: BlockOptions,
): { initBlocks: number; minBlocks: number; maxBlocks: number; parallelism: number } {
  const { parallelism = 1 } = options;
  const { minBlocks = 0, maxBlocks = Math.max(1, minBlocks, options.initBlocks ?? 0) } = options;
  const { initBlocks = Math.min(Math.max(1, minBlocks), maxBlocks) } = options;
  for (const [key, count] of Object.entries({ minBlocks, initBlocks })) {
    if (count <= maxBlocks) continue;
    throw invalidOptions(label, `${key} is ${count}, more than maxBlocks, ${maxBlocks}`);
  }
  return { initBlocks, minBlocks, maxBlocks, parallelism };
}
