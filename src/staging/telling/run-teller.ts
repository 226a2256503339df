/** Tells of a run: to those who watch it, and to its record. */

import { toTilewrightError } from '../../core/errors.ts';
import type { AttemptObserver } from '../../parallel/data-flow/retry.ts';
import type { RunOptions } from '../../parallel/executor.ts';
import type { TaskUsage } from '../../parallel/usage/usage.ts';
import type { RunEvent, Told } from './events.ts';
import type { Phase } from './phases.ts';

/** What a task works on. */
export interface Subject {
  subject: string;
  part: number;
  parts: number;
  bytes: number;
  /** As how many of its phase's tasks it counts. */
  counts: number;
}

/** What follows a task through its attempts, as `runAll` wants it. */
export type TaskObserver = AttemptObserver & Pick<RunOptions, 'onStart' | 'onUsage'>;

export class RunTeller {
  readonly #started = performance.now();
  readonly #listeners: ((event: RunEvent) => void)[] = [];
  readonly measured: boolean;
  #nextTask = 1;
  #failure: { error: unknown } | undefined;

  /** @param options - `measured`: whether tasks are to tell what they cost */
  constructor({ measured = false } = {}) {
    this.measured = measured;
  }

  /** Seconds since the run's start. */
  get now(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** @param listener - what it throws ends the run, at the next moment when that can be done */
  listen(listener: (event: RunEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Events come from the midst of workers' messages, so a listener's error is only kept here. */
  tell(told: Told): void {
    const event = { at: this.now, ...told } as RunEvent;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
  }

  /** Throws what a listener has thrown. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Counts the work of a phase, and tells of its beginning. */
  begin(
    phase: Phase,
    size: { total: number; tasks: number; bytes: number; isBeforeSelection?: true },
  ): PhaseTeller {
    this.tell({ type: 'phase-started', phase, ...size });
    return new PhaseTeller(this, phase, size.total);
  }

  nextTask(): number {
    return this.#nextTask++;
  }
}

export class PhaseTeller {
  readonly #teller: RunTeller;
  readonly #phase: Phase;
  readonly #total: number;
  #done = 0;

  constructor(teller: RunTeller, phase: Phase, total: number) {
    this.#teller = teller;
    this.#phase = phase;
    this.#total = total;
  }

  /** @param amount - negative for what a failed attempt had done */
  advance(amount: number): void {
    this.#done += amount;
    const [phase, done, total] = [this.#phase, this.#done, this.#total];
    this.#teller.tell({ type: 'progress', phase, done, total });
    this.#teller.check();
  }

  /** Not called when the run fails: the phase has not come to its end then. */
  end(): void {
    this.#teller.tell({ type: 'phase-ended', phase: this.#phase });
    this.#teller.check();
  }

  observe({ subject, part, parts, bytes, counts }: Subject): TaskObserver {
    const teller = this.#teller;
    const common = { phase: this.#phase, task: teller.nextTask(), subject, part, parts, counts };
    let attempt = 0;
    let submittedAt = 0;
    let startedAt: number | null = null;
    let worker: string | null = null;
    let usage: TaskUsage | null = null;
    const end = (error: unknown, retried: boolean): void =>
      teller.tell({
        type: 'task-ended',
        ...common,
        ...{ worker: usage?.worker ?? worker, attempt, bytes, submittedAt, startedAt, usage },
        error: error === null ? null : toTilewrightError(error).toJSON(),
        retried,
      });
    return {
      onAttempt: (number) => {
        attempt = number;
        submittedAt = teller.now;
        startedAt = null;
        worker = null;
        usage = null;
      },
      onStart: (name) => {
        worker = name;
        startedAt = teller.now;
        teller.tell({ type: 'task-started', ...common, worker, attempt });
      },
      ...(teller.measured && {
        onUsage: (measured) => {
          usage = measured;
        },
      }),
      onSuccess: () => end(null, false),
      onFailure: end,
    };
  }
}
