/**
 * What becomes of submitted jobs, by as few questions to Slurm as possible: one for all jobs, not
 * more often than every few seconds.
 */

import { setTimeout } from 'node:timers/promises';
import type { BlockStatus } from '../blocks/provider.ts';
import type { SlurmCommands } from './commands.ts';
import type { JobRef, SlurmJob } from './job-list.ts';
import { isLive, phaseOf, waitingOf } from './job-state.ts';

export interface WatchOptions {
  commands: SlurmCommands;
  /** Milliseconds between two questions. */
  pollMs: number;
  /** Milliseconds that a job may be held before it counts as stuck. */
  heldMs: number;
  /** Milliseconds that a job may wait for nodes that are not there before it counts as stuck. */
  blockedMs: number;
}

/** Answers in which a job may be missing before it counts as gone. */
const MISSING_LOOKS = 2;

interface Watched {
  name: string;
  /** When it was submitted, and since when it has been waiting in vain. */
  submittedAt: number;
  heldSince: number | null;
  blockedSince: number | null;
  missing: number;
  status: BlockStatus;
}

/** How long a cancelled job may stay until it is cancelled once more. */
const CANCEL_AGAIN_MS = 5_000;

export class JobWatch {
  readonly #options: WatchOptions;
  readonly #watched = new Map<string, Watched>();
  /** Names of jobs that nobody wants. */
  readonly #unwanted = new Set<string>();
  /** The last answer; null if there was none. */
  #jobs: ReadonlyMap<string, SlurmJob> | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<boolean> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Watches jobs that were submitted just now. */
  add(jobs: Iterable<JobRef>): void {
    const submittedAt = performance.now();
    for (const { id, name } of jobs) {
      this.#watched.set(id, {
        name,
        submittedAt,
        heldSince: null,
        blockedSince: null,
        missing: 0,
        status: { state: 'pending' },
      });
    }
  }

  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#watched.delete(id);
  }

  /**
   * Cancels jobs of this name whenever they turn up: one whose submission was not answered, or one
   * that has ended and that a controller, after a crash, takes for one that has not begun.
   */
  disown(name: string): void {
    this.#unwanted.add(name);
  }

  /** What is known of a watched job. `unknown` if the last question was not answered. */
  status(id: string): BlockStatus {
    const watched = this.#watched.get(id);
    if (watched === undefined) return { state: 'completed' };
    if (this.#jobs === null && this.#lookedAt > watched.submittedAt) return { state: 'unknown' };
    return watched.status;
  }

  /**
   * Asks, if the last answer is not recent.
   * @returns whether the answer is good
   */
  async look(maxAgeMs = this.#options.pollMs): Promise<boolean> {
    // An answer that is under way may be from before what the caller wants to know.
    if (this.#looking !== undefined && maxAgeMs === 0) await this.#looking;
    if (this.#looking === undefined && performance.now() - this.#lookedAt < maxAgeMs) {
      return this.#jobs !== null;
    }
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<boolean> {
    const askedAt = performance.now();
    const jobs = await this.#options.commands.jobs();
    this.#jobs = jobs;
    this.#askedAt = askedAt;
    this.#lookedAt = performance.now();
    if (jobs === null) return false;
    for (const [id, watched] of this.#watched) {
      if (watched.submittedAt < askedAt) await this.#update(id, watched, jobs.get(id));
    }
    await this.#cancelUnwanted(jobs);
    return true;
  }

  async #update(id: string, watched: Watched, listed: SlurmJob | undefined): Promise<void> {
    // Another job may have the identifier, after a crash of the controller.
    const same = listed?.name === watched.name ? listed : undefined;
    let job: SlurmJob | 'gone' | null | undefined = same;
    if (job === undefined && ++watched.missing >= MISSING_LOOKS) {
      job = await this.#options.commands.show(id);
    }
    if (job === undefined || job === null) return;
    if (job === 'gone' || job.name !== watched.name) {
      watched.status = { state: 'completed' };
      return;
    }
    if (same !== undefined) watched.missing = 0;
    const phase = phaseOf(job);
    const { reason, state } = job;
    if (phase !== 'pending') {
      watched.heldSince = null;
      watched.blockedSince = null;
      // The reason is often that of an earlier wait: the state says more.
      watched.status = { state: phase, reason: state };
      return;
    }
    const now = performance.now();
    const waiting = waitingOf(job);
    watched.heldSince = waiting === 'held' ? (watched.heldSince ?? now) : null;
    watched.blockedSince = waiting === 'blocked' ? (watched.blockedSince ?? now) : null;
    const stuck =
      (watched.heldSince !== null && now - watched.heldSince >= this.#options.heldMs) ||
      (watched.blockedSince !== null && now - watched.blockedSince >= this.#options.blockedMs);
    watched.status = { state: stuck ? 'stuck' : 'pending', reason };
  }

  async #cancelUnwanted(jobs: ReadonlyMap<string, SlurmJob>): Promise<void> {
    const found = [...jobs.values()].filter((job) => this.#unwanted.has(job.name) && isLive(job));
    if (found.length > 0) await this.#options.commands.cancel(found);
  }

  /**
   * Cancels jobs, whole arrays or elements, and waits until Slurm has done with them.
   * @returns those that it has not done with when the time is up, or when nobody answers
   */
  async cancelAndWait(jobs: readonly JobRef[], limitMs: number): Promise<JobRef[]> {
    const { commands } = this.#options;
    const endAt = performance.now() + limitMs;
    let left = [...jobs];
    let sentAt = Number.NEGATIVE_INFINITY;
    for (let pause = 50; left.length > 0; pause = Math.min(2 * pause, 1_000)) {
      // Again after a while: a controller that comes back may have forgotten that it was told.
      if (performance.now() - sentAt > CANCEL_AGAIN_MS && (await commands.cancel(left))) {
        sentAt = performance.now();
      }
      if (await this.look(0)) {
        left = left.filter((job) => this.isLive(job));
        if (left.length === 0) break;
      }
      if (performance.now() + pause > endAt) break;
      await setTimeout(pause);
    }
    return left;
  }

  /** Whether the last answer has the job, or an element of the array, as not ended. */
  isLive({ id, name }: JobRef): boolean {
    if (this.#jobs === null) return true;
    const job = this.#jobs.get(id);
    if (job !== undefined) return job.name === name && isLive(job);
    const element = `${id}_`;
    for (const other of this.#jobs.values()) {
      if (other.name === name && other.id.startsWith(element) && isLive(other)) return true;
    }
    return false;
  }

  /** Whether an answer to a question after `time` has the job, or the array, as ended. */
  hasEndedSince(job: JobRef, time: number): boolean {
    return this.#jobs !== null && this.#askedAt > time && !this.isLive(job);
  }

  /** Jobs and elements whose names begin so and that have not ended, by the last answer. */
  startingWith(prefix: string): JobRef[] {
    return [...(this.#jobs?.values() ?? [])].filter(
      (job) => job.name.startsWith(prefix) && isLive(job),
    );
  }

  /** Jobs and elements of this name that have not ended, by the last answer. */
  named(name: string): JobRef[] {
    return [...(this.#jobs?.values() ?? [])].filter((job) => job.name === name && isLive(job));
  }
}
