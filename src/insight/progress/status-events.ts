/** What is seen of a run from elsewhere, as the events that it must have told. */

import type { RunStatus } from '../../staging/folder/run-status.ts';
import type { RunEvent } from '../../staging/pipeline/events.ts';
import type { Phase } from '../../staging/pipeline/phases.ts';

const ORDER: readonly Phase[] = ['plan', 'stage', 'merge', 'finalize'];
/** They are not known from elsewhere. */
const UNKNOWN = { tasks: 0, bytes: 0 };

export class StatusEvents {
  #phase: Phase | null = null;

  /** Events since the last look. */
  of({ phase, done, total, seconds: at }: RunStatus): RunEvent[] {
    if (phase === null) return [];
    const events: RunEvent[] = [];
    if (phase !== this.#phase) {
      const last = this.#phase;
      if (last === null) events.push(...past(phase, at));
      else events.push({ at, type: 'phase-ended', phase: last });
      this.#phase = phase;
      // Planning takes no time worth mentioning, so staging has begun with the run.
      const startedAt = last === null && phase === 'stage' ? 0 : at;
      events.push({ at: startedAt, type: 'phase-started', phase, total, ...UNKNOWN });
      if (startedAt < at) events.push({ at: 0, type: 'progress', phase, done: 0, total });
    }
    if (total > 0) events.push({ at, type: 'progress', phase, done, total });
    return events;
  }
}

/** Phases that were over before anyone looked: staging has had all of the time then. */
function past(phase: Phase, at: number): RunEvent[] {
  const before = ORDER.slice(0, Math.max(0, ORDER.indexOf(phase === 'wait' ? 'merge' : phase)));
  return before.flatMap((name): RunEvent[] => [
    { at: name === 'merge' ? at : 0, type: 'phase-started', phase: name, total: 0, ...UNKNOWN },
    { at: name === 'plan' ? 0 : at, type: 'phase-ended', phase: name },
  ]);
}
