/** What a run's events come to: how far it is, who works on what, what went wrong. */

import type { ErrorJson } from '../../core/errors.ts';
import type { RunEvent } from '../../staging/telling/events.ts';
import { inOrder, type Phase, phaseOf, phases } from '../../staging/telling/phases.ts';
import { PhaseProgress } from './phase-progress.ts';
import { type ForecastPhase, overallShare, timeLeft } from './run-forecast.ts';
import type { TimeLeft } from './time-left.ts';

/** All times are seconds since the run's start. */
export interface RunningTask {
  task: number;
  phase: Phase;
  /** The input's name, `12 tiles`, or `partition 17`. */
  subject: string;
  part: number;
  parts: number;
  /** `host/process/thread`. */
  worker: string;
  attempt: number;
  since: number;
}

export interface Failure {
  at: number;
  /** The input, the product and its tile, or what the task was on. */
  subject: string;
  error: ErrorJson;
  /** Of an attempt: it is tried again. */
  retried: boolean;
  /** Who had it; null for an input as a whole, or a task that came to nobody. */
  worker: string | null;
  attempt: number | null;
}

/** The last failures that are kept. */
const KEPT_FAILURES = 100;

export class RunProgressState {
  folder: string | null = null;
  executor: string | null = null;
  /** Tasks that the executor can use at a time. */
  slots = 1;
  ended: Extract<RunEvent, { type: 'run-ended' }> | null = null;
  /** Inputs that can't be staged, products that can't be made, and attempts that were tried again. */
  failedInputs = 0;
  failedProducts = 0;
  retries = 0;
  /** The last hundred, oldest first. */
  readonly failures: Failure[] = [];
  readonly #phases = new Map<Phase, PhaseProgress>();
  #expected: readonly Phase[] = phases.filter(({ isUsual }) => isUsual).map(({ name }) => name);
  readonly #running = new Map<number, RunningTask>();
  #current: Phase | null = null;
  #at = 0;
  #highest = 0;

  apply(event: RunEvent): void {
    this.#at = Math.max(this.#at, event.at);
    switch (event.type) {
      case 'run-started':
        this.folder = event.folder;
        this.executor = event.executor;
        this.slots = event.slots;
        this.expect(event.phases);
        return;
      case 'phase-started':
        this.#current = event.phase;
        // What another run has left was finished first: that is no part of this one's way.
        if (event.phase === phases[0]!.name) this.#phases.clear();
        this.#phases.set(event.phase, new PhaseProgress(event));
        return;
      case 'progress':
        this.#phases.get(event.phase)?.progress(event.at, event.done, event.total);
        return;
      case 'phase-ended':
        this.#phases.get(event.phase)?.end(event.at);
        if (this.#current === event.phase) this.#current = null;
        for (const { task, phase } of this.#running.values()) {
          if (phase === event.phase) this.#running.delete(task);
        }
        return;
      case 'task-started': {
        const { task, phase, subject, part, parts, worker, attempt, at: since } = event;
        // Told anew if a worker was lost whose end nobody has seen.
        if (!this.#running.has(task)) this.#phases.get(phase)?.taskStarted(since);
        const running = { task, phase, subject, part, parts, worker, attempt, since };
        this.#running.set(task, running);
        return;
      }
      case 'task-ended':
        this.#taskEnded(event);
        return;
      case 'input-failed': {
        const { at, input, error } = event;
        this.failedInputs++;
        this.#keep({ at, subject: input, error, retried: false, worker: null, attempt: null });
        return;
      }
      case 'product-failed': {
        const { at, product, tile, error } = event;
        this.failedProducts++;
        const subject = `${product} ${tile}`;
        this.#keep({ at, subject, error, retried: false, worker: null, attempt: null });
        return;
      }
      case 'run-ended':
        this.ended = event;
        this.#running.clear();
        this.#current = null;
    }
  }

  #taskEnded(event: Extract<RunEvent, { type: 'task-ended' }>): void {
    const { at, task, phase, subject, worker, attempt, error, retried } = event;
    this.#phases.get(phase)?.taskEnded(this.#running.delete(task), retried, event.counts ?? 1);
    if (error === null) return;
    if (retried) this.retries++;
    this.#keep({ at, subject, error, retried, worker, attempt });
  }

  #keep(failure: Failure): void {
    this.failures.push(failure);
    if (this.failures.length > KEPT_FAILURES) this.failures.shift();
  }

  /** @param names - phases that the run will go through, as far as it has something to do in them */
  expect(names: readonly Phase[]): void {
    this.#expected = names;
  }

  /** Those that have started, in their order. */
  get phases(): PhaseProgress[] {
    return inOrder(this.#phases.keys()).map((name) => this.#phases.get(name)!);
  }

  /** Those that are still to come, in their order: what was passed over had nothing to do. */
  get toCome(): Phase[] {
    if (this.ended !== null) return [];
    const known = new Set(this.#phases.keys());
    const order = inOrder([...this.#expected, ...known]);
    const last = order.findLastIndex((name) => known.has(name));
    return order.slice(last + 1);
  }

  phase(phase: Phase): PhaseProgress | null {
    return this.#phases.get(phase) ?? null;
  }

  /** The one that goes on now. */
  get current(): PhaseProgress | null {
    return this.#current === null ? null : this.phase(this.#current);
  }

  /** Another process has the folder: since when this run waits; null if it does not. */
  get waitingSince(): number | null {
    const { current } = this;
    return current !== null && phaseOf(current.phase).work === 'others' ? current.startedAt : null;
  }

  /** What workers are on, longest first. */
  get running(): RunningTask[] {
    return [...this.#running.values()];
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** The time of the last event. */
  get at(): number {
    return this.#at;
  }

  /** 0 to 1, and 1 only when the run has finished. It never falls, whatever is taken back. */
  share(at = this.#at): number {
    if (this.ended !== null) return this.ended.state === 'finished' ? 1 : this.#highest;
    // What was left by another run is no part of this one's way; and while it plans, nobody knows
    // how much there is to do.
    const planned = this.#phases.get(phases[0]!.name)?.endedAt != null;
    if (planned && [...this.#phases.keys()].some((name) => phaseOf(name).work === 'tasks')) {
      this.#highest = Math.max(this.#highest, overallShare(this.#all, this.slots, at));
    }
    return this.#highest;
  }

  /** Seconds; null while it would mean nothing: too early, waiting, nearly at the end. */
  timeLeft(at = this.#at): TimeLeft | null {
    if (this.ended !== null || this.waitingSince !== null) return null;
    return timeLeft(this.#all, at);
  }

  /** Those that have started and those that are expected, in their order. */
  get #all(): ForecastPhase[] {
    const names = inOrder([...this.#expected, ...this.#phases.keys()]);
    return names.map((name) => ({ ...phaseOf(name), progress: this.phase(name) }));
  }

  /** What is counted now, a second; null if nothing is, or too little to say. */
  rate(at = this.#at): { phase: Phase; perSecond: number } | null {
    const { current } = this;
    if (current === null || current.total === 0) return null;
    const perSecond = current.rate(at);
    return perSecond === null ? null : { phase: current.phase, perSecond };
  }
}
