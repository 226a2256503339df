/** How much of a run's rows went to shuffle files, and why, as far as tasks are measured. */

import type { RunEvent } from './events.ts';

/**
 * Why rows go to a shuffle file: the memory is full; their tile keeps older rows, has rows of other
 * groups too, or was built before they came; or it has more columns than can be built here.
 */
export const SPILL_REASONS = ['full', 'kept', 'shared', 'late', 'wide'] as const;
export type SpillReason = (typeof SPILL_REASONS)[number];

/** What the bytes that are spilled for a reason are noted as. */
export function spillNote(reason: SpillReason): string {
  return `${reason}SpilledBytes`;
}

/** Less than this part of the rows makes no difference worth telling. */
const NOTABLE = 0.1;

export class SpilledRows {
  /** Bytes of all rows, and of those in shuffle files. */
  rowBytes = 0;
  readonly spilled: Record<SpillReason, number> = { full: 0, kept: 0, shared: 0, late: 0, wide: 0 };

  note(event: RunEvent): void {
    if (event.type !== 'task-ended' || event.usage === null) return;
    const { notes } = event.usage;
    this.rowBytes += notes['rowBytes'] ?? 0;
    for (const reason of SPILL_REASONS) this.spilled[reason] += notes[spillNote(reason)] ?? 0;
  }

  /** What is to be said of it; null for nothing. */
  get advice(): string | null {
    const share = this.rowBytes === 0 ? 0 : this.spilled.full / this.rowBytes;
    if (share < NOTABLE) return null;
    return (
      `${Math.round(100 * share)} % of the rows went to the disk and back, since there was no room for ` +
      'them in memory. With more of it (--memory, in MB for each worker) the same is done sooner'
    );
  }
}
