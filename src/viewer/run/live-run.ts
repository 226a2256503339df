/** The run into the folder that is shown, asked for as often as anybody looks. */

import { setTimeout } from 'node:timers/promises';
import { toTilewrightError } from '../../core/errors.ts';
import { lastRun, type RunStatus } from '../../staging/recording/run-status.ts';
import type { RunNow } from '../shared/run-messages.ts';
import { ThreadPool } from '../threads/thread-pool.ts';
import { nothingKnown } from './run-now.ts';
import type { RunMethods } from './run-thread.ts';

/** Milliseconds for which an answer is given again, however many ask. */
const FRESH_MS = 700;
/** The same for what Slurm is asked for; it may take long over that, and is not waited for. */
const SLURM_MS = 5_000;
const WAIT_MS = 1_500;

/** What was answered last. */
interface Status {
  at: number;
  value: RunStatus | null;
  error: unknown;
  asking: Promise<void> | null;
}

export class LiveRun {
  readonly #folder: string;
  readonly #follower: ThreadPool<RunMethods>;
  #last: { at: number; answer: Promise<RunNow | null> } | null = null;
  #status: Status = { at: Number.NEGATIVE_INFINITY, value: null, error: null, asking: null };

  /** @param folder - need not be there */
  constructor(folder: string) {
    this.#folder = folder;
    this.#follower = new ThreadPool<RunMethods>(new URL('./run-thread', import.meta.url), 1, {
      folder,
    });
  }

  close(): Promise<void> {
    return this.#follower.close();
  }

  /** The run that goes on, or the last one; null if nothing is known of any. */
  look(): Promise<RunNow | null> {
    const now = performance.now();
    if (this.#last === null || now - this.#last.at > FRESH_MS) {
      this.#last = { at: now, answer: this.#ask() };
    }
    return this.#last.answer;
  }

  tiles(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#follower.run('tiles', []);
  }

  async #ask(): Promise<RunNow | null> {
    try {
      return await this.#follower.run('look', [await this.#ofItself()]);
    } catch (error) {
      return { ...nothingKnown('unknown'), problem: toTilewrightError(error).message };
    }
  }

  /** What the last run has told of itself, and Slurm of it. */
  async #ofItself(): Promise<RunStatus | null> {
    const status = this.#status;
    const isOfSlurm = status.value !== null && status.value.log !== null;
    if (status.asking === null && performance.now() - status.at > (isOfSlurm ? SLURM_MS : 0)) {
      status.asking = this.#askStatus();
    }
    if (status.asking !== null) await Promise.race([status.asking, setTimeout(WAIT_MS)]);
    if (status.error !== null) throw status.error;
    return status.value;
  }

  async #askStatus(): Promise<void> {
    const status = this.#status;
    try {
      status.value = await lastRun(this.#folder);
      status.error = null;
    } catch (error) {
      status.error = error;
    }
    status.asking = null;
    status.at = performance.now();
  }
}
