/** How one phase of a run goes. */

import type { RunEvent } from '../../staging/telling/events.ts';
import { type Phase, phaseOf } from '../../staging/telling/phases.ts';
import { Speed } from './speed.ts';

/** Seconds over which a speed that is shown is taken. */
const SHOWN_SECONDS = 10;
/** Seconds over which one is taken that the time left is made of: it should not jump. */
const STEADY_SECONDS = 30;

/** What a phase counts; empty: nothing. */
export function unitOf({
  phase,
  isBeforeSelection,
}: Pick<Extract<RunEvent, { type: 'phase-started' }>, 'phase' | 'isBeforeSelection'>): string {
  const { unit } = phaseOf(phase);
  return isBeforeSelection === true ? `${unit} before selection` : unit;
}

export class PhaseProgress {
  readonly phase: Phase;
  /** Seconds since the run's start; `endedAt` is null while it goes on. */
  readonly startedAt: number;
  endedAt: number | null = null;
  done = 0;
  total: number;
  readonly tasks: number;
  /** Tasks that have come to their end, well or not, and those that run. */
  tasksEnded = 0;
  tasksRunning = 0;
  readonly bytes: number;
  /** What it counts; empty: nothing. */
  readonly unit: string;
  /** What was there before the phase's first task began. */
  #before = 0;
  /** Whether there was any progress. */
  #told = false;
  readonly #speed = new Speed();

  constructor(start: Extract<RunEvent, { type: 'phase-started' }>) {
    this.phase = start.phase;
    this.startedAt = start.at;
    this.total = start.total;
    this.tasks = start.tasks;
    this.bytes = start.bytes;
    this.unit = unitOf(start);
  }

  taskStarted(at: number): void {
    this.tasksRunning++;
    // Until a worker is there nothing goes slowly, it has not begun.
    if (this.#speed.startedAt === null) this.#speed.start(at, this.done);
  }

  /** @param counts - as how many of the phase's tasks it counts; slices may be staged again */
  taskEnded(began: boolean, retried: boolean, counts: number): void {
    if (began) this.tasksRunning = Math.max(0, this.tasksRunning - 1);
    if (!retried) this.tasksEnded = Math.min(this.tasks, this.tasksEnded + counts);
  }

  progress(at: number, done: number, total: number): void {
    this.done = done;
    this.total = total;
    // Before the first task began it was there already; of a run that is only watched from
    // elsewhere no tasks are known.
    const counting = this.#speed.startedAt !== null;
    if (!counting && (this.tasks > 0 || !this.#told)) this.#before = done;
    if (counting || this.tasks === 0) this.#speed.add(at, done);
    this.#told = true;
  }

  end(at: number): void {
    this.endedAt = at;
    // What is counted at its beginning, and done in one go, tells of no progress.
    if (this.tasks === 0 && !this.#told) this.done = this.total;
    this.tasksRunning = 0;
  }

  /** Seconds that it has taken by then. */
  seconds(at: number): number {
    return (this.endedAt ?? Math.max(at, this.startedAt)) - this.startedAt;
  }

  /** 0 to 1. Counts in files may be off: 1 only when it has ended. */
  get share(): number {
    if (this.endedAt !== null) return 1;
    const share =
      this.total > 0 ? this.done / this.total : this.tasks > 0 ? this.tasksEnded / this.tasks : 0;
    return Math.min(0.999, Math.max(0, share));
  }

  /** The share of what this run had to do itself that is done. */
  get ownShare(): number {
    const own = this.total - this.#before;
    if (this.endedAt !== null || own <= 0) return this.share;
    return Math.min(0.999, Math.max(0, this.done - this.#before) / own);
  }

  /** Counted a second; after its end: on the whole. Null until there is enough to say. */
  rate(at: number): number | null {
    if (this.endedAt !== null) return this.#speed.mean(this.endedAt);
    return this.#speed.recent(at, SHOWN_SECONDS);
  }

  /** Seconds that are left at the speed of the last half minute; null if that can't be told. */
  secondsLeft(at: number): number | null {
    if (this.endedAt !== null) return 0;
    const rate = this.#speed.recent(at, STEADY_SECONDS);
    if (rate === null || rate === 0) return null;
    return Math.max(0, this.total - this.done) / rate;
  }

  /** Seconds that all of it would take at its speed, with what was there before; null as above. */
  wholeSeconds(at: number): number | null {
    const { startedAt } = this.#speed;
    if (this.endedAt !== null && startedAt !== null && this.total > this.#before) {
      return ((this.endedAt - startedAt) * this.total) / (this.total - this.#before);
    }
    const rate = this.#speed.mean(this.endedAt ?? at);
    return rate === null || rate === 0 ? null : Math.max(this.total, this.done) / rate;
  }
}
