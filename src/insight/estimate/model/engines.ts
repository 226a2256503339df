/**
 * What executors add to their tasks. Measured on one machine, with a server or a scheduler of its own
 * (docs/PERFORMANCE.md, docs/SCALING.md); how long a scheduler lets jobs wait is not in it.
 */

import type { ConfigValues } from '../../../staging/configuration/config-schema.ts';

export interface Engine {
  /** Seconds until workers that are processes of their own have started. */
  start: number;
  /** Seconds of the coordinator for each task, during which it hands out no other. */
  dispatch: number;
  /** Seconds that a worker is idle between two tasks. */
  gap: number;
  /** Whether the workers are on this machine, and share its cores. */
  here: boolean;
  /** Whether they share memory, and stage all slices together. */
  sharesMemory: boolean;
}

export const ENGINES: Readonly<Record<ConfigValues['executor'], Engine>> = {
  inline: { start: 0, dispatch: 0, gap: 0, here: true, sharesMemory: true },
  threads: { start: 0, dispatch: 0.07e-3, gap: 0.1e-3, here: true, sharesMemory: true },
  local: { start: 0.4, dispatch: 0.25e-3, gap: 0.5e-3, here: true, sharesMemory: false },
  redis: { start: 1, dispatch: 1.4e-3, gap: 2e-3, here: true, sharesMemory: false },
  slurm: { start: 2.2, dispatch: 0.3e-3, gap: 0.5e-3, here: false, sharesMemory: false },
  // Tasks are put together into elements of about a minute, and an element takes 2.2 s to start.
  'slurm-array': { start: 2.3, dispatch: 0.1e-3, gap: 4.3e-3, here: false, sharesMemory: false },
};
