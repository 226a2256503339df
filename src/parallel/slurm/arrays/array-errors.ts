/** What is said of arrays whose elements never come to their tasks. */

import { TilewrightError } from '../../../core/errors.ts';

/** @param how - how they ended, and what the last one said */
export function failedError(label: string, times: number, how: string): TilewrightError {
  return new TilewrightError(
    'block-failed',
    `Elements of ${label}'s arrays ended before they began a task, ${times} times in ` +
      `a row ${how}`,
  );
}

/** @param reason - Slurm's, for which they wait */
export function stuckError(times: number, reason: string): TilewrightError {
  return new TilewrightError(
    'block-failed',
    `Elements of arrays were queued and would never have started (${reason}), ${times} ` +
      'times in a row; they were cancelled. Ask whoever runs the cluster about this reason',
  );
}
