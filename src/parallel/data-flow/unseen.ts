/** Says which tasks ended, or are left, without anybody who would get to know of it. */

import { TilewrightError } from '../../core/errors.ts';
import type { AppFuture } from './app-future.ts';

type Future = AppFuture<unknown>;

/** Names that are told. */
const TOLD = 3;

/**
 * Watches over the tasks of a kernel. A future counts as seen when somebody has awaited it, asked
 * for its result, or looked at its state after its end; also an app that it is an argument of, or a
 * join that returns it, sees it.
 */
export class UnseenTasks {
  readonly #live: ReadonlySet<Future>;
  readonly #failed = new Set<Future>();
  #pruneAt = 1000;
  /** Nothing happens any more: what has not ended never will, whoever waits for it. */
  readonly #onBeforeExit = (): void => {
    const found = this.#found(this.#live, true);
    if (found === null) return;
    this.stop();
    process.emitWarning(found, 'TilewrightWarning');
  };
  readonly #onExit = (): void => {
    const found = this.#found(this.#live);
    // It is too late for what is done later, as warnings are.
    if (found !== null) process.stderr.write(`TilewrightWarning: ${found}\n`);
  };

  /** @param live - tasks that have not ended, as they come and go */
  constructor(live: ReadonlySet<Future>) {
    this.#live = live;
  }

  /** From now on, a program that ends says what it leaves. */
  start(): void {
    process.on('beforeExit', this.#onBeforeExit);
    process.on('exit', this.#onExit);
  }

  stop(): void {
    process.off('beforeExit', this.#onBeforeExit);
    process.off('exit', this.#onExit);
  }

  /** A task has failed. */
  note(future: Future): void {
    if (future.seen) return;
    this.#failed.add(future);
    if (this.#failed.size < this.#pruneAt) return;
    for (const one of this.#failed) if (one.seen) this.#failed.delete(one);
    this.#pruneAt = Math.max(1000, 2 * this.#failed.size);
  }

  /** Warns of what has failed, and of these tasks that were taken back; once. */
  warn(takenBack: readonly Future[]): void {
    const found = this.#found(takenBack);
    if (found !== null) process.emitWarning(found, 'TilewrightWarning');
    this.#failed.clear();
  }

  #found(left: Iterable<Future>, alsoSeen = false): string | null {
    const unseen = [...left].filter((future) => alsoSeen || !future.seen);
    const failed = [...this.#failed].filter((future) => !future.seen && !unseen.includes(future));
    const parts: string[] = [];
    if (unseen.length > 0) {
      parts.push(
        `${counted(unseen)} not done to the end: ${listed(unseen)}. Await their futures, or ` +
          "waitForCurrentTasks(), or write `await using` with exitMode 'wait'",
      );
    }
    if (failed.length > 0) {
      parts.push(
        `${counted(failed)} found to have failed by nobody: ${listed(failed)}. Await their futures`,
      );
    }
    return parts.length === 0 ? null : parts.join('. ');
  }
}

function counted(futures: readonly Future[]): string {
  return futures.length === 1 ? '1 task was' : `${futures.length} tasks were`;
}

function listed(futures: readonly Future[]): string {
  const names = futures.slice(0, TOLD).map(({ name, failure }) => {
    const reason = failure instanceof TilewrightError ? ` (${failure.message})` : '';
    return failure?.code === 'task-cancelled' || failure?.code === 'interrupted'
      ? name
      : `${name}${reason}`;
  });
  return names.join(', ') + (futures.length > TOLD ? ', …' : '');
}
