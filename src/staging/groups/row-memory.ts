/** How much memory rows may take while their tiles wait for more of them. */

import { totalmem } from 'node:os';
import { memoryLimit } from '../../machine/cgroups.ts';

/** For each worker, in bytes: what is taken if nothing is known, and the most that is. */
export const LEAST_MEMORY = 256 << 20;
const MOST_MEMORY = 1 << 30;
/** Part of the machine's memory that all workers' rows take. */
const SHARE = 1 / 8;

/** For threads of this process, together. @param each - bytes for each of them; null for the default */
export function sharedMemory(each: number | null, workers: number): number {
  const machine = Math.min(memoryLimit() ?? Number.POSITIVE_INFINITY, totalmem());
  const usual = Math.max(LEAST_MEMORY, Math.min(MOST_MEMORY, (SHARE * machine) / workers));
  return (each ?? usual) * workers;
}
