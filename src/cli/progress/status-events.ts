/** What is seen of a run from elsewhere, as the events that it must have told. */

import type { Phase, RunEvent } from '../../staging/events.ts';
import type { RunStatus } from '../../staging/run-status.ts';

const ORDER: readonly Phase[] = ['plan', 'stage', 'wait', 'merge', 'finalize'];

export class StatusEvents {
  #phase: Phase | null = null;

  /** Events since the last look. */
  of({ phase, done, total, seconds }: RunStatus): RunEvent[] {
    if (phase === null) return [];
    const at = seconds;
    const events: RunEvent[] = [];
    const begun = { tasks: 0, bytes: 0 };
    if (phase !== this.#phase) {
      if (this.#phase === null) {
        // Phases that were over before anyone looked: how long each took is not known.
        for (const past of ORDER.slice(0, ORDER.indexOf(phase))) {
          if (past === 'wait') continue;
          const startedAt = past === 'stage' ? 0 : at;
          events.push({ at: startedAt, type: 'phase-started', phase: past, total: 0, ...begun });
          events.push({ at, type: 'phase-ended', phase: past });
        }
      } else events.push({ at, type: 'phase-ended', phase: this.#phase });
      this.#phase = phase;
      events.push({ at, type: 'phase-started', phase, total, ...begun });
    }
    if (total > 0) events.push({ at, type: 'progress', phase, done, total });
    return events;
  }
}
