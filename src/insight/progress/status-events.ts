/** What is seen of a run from elsewhere, as the events that it must have told. */

import type { RunStatus } from '../../staging/recording/run-status.ts';
import type { RunEvent } from '../../staging/telling/events.ts';
import { type Phase, phases } from '../../staging/telling/phases.ts';

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
      // What comes before takes no time worth mentioning, so this has begun with the run.
      const startedAt = last === null && phase === firstWithTasks() ? 0 : at;
      events.push({ at: startedAt, type: 'phase-started', phase, total, ...UNKNOWN });
      if (startedAt < at) events.push({ at: 0, type: 'progress', phase, done: 0, total });
    }
    if (total > 0) events.push({ at, type: 'progress', phase, done, total });
    return events;
  }
}

function firstWithTasks(): Phase | undefined {
  return phases.find(({ work }) => work === 'tasks')?.name;
}

/** Phases that were over before anyone looked: the first with tasks has had all of the time then. */
function past(phase: Phase, at: number): RunEvent[] {
  const place = phases.findIndex(({ name }) => name === phase);
  const before = phases.slice(0, Math.max(0, place)).filter(({ isUsual }) => isUsual);
  const first = before.findIndex(({ work }) => work === 'tasks');
  return before.flatMap(({ name }, i): RunEvent[] => {
    const [from, to] = [i > first && first >= 0 ? at : 0, i < first || first < 0 ? 0 : at];
    return [
      { at: from, type: 'phase-started', phase: name, total: 0, ...UNKNOWN },
      { at: to, type: 'phase-ended', phase: name },
    ];
  });
}
