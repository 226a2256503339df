/** How many blocks there should be for the work that there is. Names and rounding are Parsl's. */

import { numberFrom, type OptionRules, oneOf } from '../options.ts';

/**
 * `none`: the blocks of the start and no others. `simple`: more blocks when tasks wait, fewer when
 * there have been no tasks at all for `maxIdletime`. `htex-auto-scale`: also fewer while there are
 * tasks, namely those blocks that have had none for `maxIdletime`.
 */
export type Strategy = 'none' | 'simple' | 'htex-auto-scale';

/** How the number of blocks follows the work. */
export interface ScalingOptions {
  /** Default: `htex-auto-scale`. */
  strategy?: Strategy | undefined;
  /** Milliseconds between two decisions. Default: 0, at each look at the blocks. */
  strategyPeriodMs?: number | undefined;
  /** Seconds that a block may have nothing to do before it is ended. Default: 120. */
  maxIdletime?: number | undefined;
}

export const scalingRules: OptionRules<ScalingOptions> = {
  strategy: oneOf('none', 'simple', 'htex-auto-scale'),
  strategyPeriodMs: numberFrom(0, 2_000_000_000, 'milliseconds'),
  maxIdletime: {
    says: 'a number of seconds ≥ 0',
    // Infinity: for ever.
    holds: (value) => typeof value === 'number' && value >= 0,
  },
};

/** What is there to decide by. */
export interface Load {
  /** Tasks that have not ended. */
  tasks: number;
  slotsPerBlock: number;
  /** From 0 to 1: slots that a task is worth. */
  parallelism: number;
  minBlocks: number;
  maxBlocks: number;
}

/**
 * ⌈⌈tasks · parallelism⌉ / slotsPerBlock⌉ blocks, at least one if there is a task, between minBlocks
 * and maxBlocks; as many as Parsl's strategies have at the end of growing or shrinking.
 */
export function wantedBlocks(load: Load): number {
  const { tasks, slotsPerBlock, parallelism, minBlocks, maxBlocks } = load;
  const slots = Math.ceil(tasks * parallelism);
  const wanted = Math.ceil(slots / Math.max(1, slotsPerBlock));
  return Math.min(maxBlocks, Math.max(minBlocks, wanted, tasks > 0 ? 1 : 0));
}
