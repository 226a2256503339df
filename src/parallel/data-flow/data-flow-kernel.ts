/** Keeps track of tasks: what they wait for, where they run, how often they are tried. */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as setImmediateCallback } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { printedTo } from '../apps/printed-output.ts';
import { attachFiles } from '../apps/task-files.ts';
import type { Executor, ShutdownOptions } from '../executor.ts';
import { type Registry, registry } from '../registry.ts';
import { ownTask } from '../task.ts';
import { AppFuture, type TaskState } from './app-future.ts';
import { type Config, checkExecutors } from './config.ts';
import { resolveArguments, resolveJoined } from './dependencies.ts';
import { Memo } from './memo/memo.ts';
import { SafeObserver, type TaskEvent, type TaskEventState } from './observer.ts';
import { policyOf, type RetryPolicy, runWithRetries } from './retry.ts';
import { hasPending, Snapshot } from './snapshot.ts';
import { composed, type Submission } from './submission.ts';
import { Turnstile } from './turnstile.ts';
import { UnseenTasks } from './unseen.ts';

/** What is told of a task along with its state; filled as it becomes known. */
type Told = Pick<TaskEvent, 'executor' | 'worker' | 'usage' | 'hash'> & { memoized?: boolean };

/** How many tasks are in each state, how many results came from the memo. */
export type TaskCounts = Record<TaskState, number> & { retried: number; memoized: number };

/** Runs the calls of apps: waits for what they need, chooses an executor, retries, remembers. */
export class DataFlowKernel {
  readonly config: Config;
  readonly #memo: Memo;
  readonly #registry: Registry;
  /** Of apps that have none of their own. */
  readonly #policy: RetryPolicy;
  /** Tasks that have not ended. */
  readonly #live = new Set<AppFuture<unknown>>();
  readonly #unseen = new UnseenTasks(this.#live);
  /** With how many tasks each has. */
  readonly #running = new Map<Executor, Turnstile>();
  readonly #observer: SafeObserver | undefined;
  readonly #ended = { done: 0, failed: 0, cancelled: 0, retried: 0, memoized: 0 };
  readonly #runId = randomUUID();
  readonly #logFolder: string;
  #nextId = 1;
  #ending: Promise<void> | undefined;

  constructor(config: Config, options: { registry?: Registry } = {}) {
    this.config = config;
    this.#memo = new Memo(config);
    this.#registry = options.registry ?? registry;
    this.#policy = policyOf(config.retryPolicy);
    this.#logFolder = join(config.runDir, this.#runId, 'task_logs');
    for (const executor of config.executors) this.#running.set(executor, new Turnstile());
    if (config.monitoring !== undefined) this.#observer = new SafeObserver(config.monitoring);
  }

  get closed(): boolean {
    return this.#ending !== undefined;
  }

  get executors(): readonly Executor[] {
    return [...this.#running.keys()];
  }

  /** Tasks by state, now. */
  get counts(): TaskCounts {
    const counts: TaskCounts = { waiting: 0, queued: 0, running: 0, ...this.#ended };
    for (const future of this.#live) counts[future.now]++;
    return counts;
  }

  /** How many tasks the executors with these labels can use at a time; of all, by default. */
  slots(labels?: readonly string[]): number {
    return this.#allowed('it', labels).reduce((sum, executor) => sum + executor.slots, 0);
  }

  async start(): Promise<void> {
    const observer = this.#observer;
    observer?.onStart({
      runId: this.#runId,
      startedAt: Date.now(),
      program: process.argv[1] ?? process.title,
      runDir: this.config.runDir,
    });
    this.#unseen.start();
    await this.#startAll(this.executors);
  }

  /**
   * More executors for apps that are called from now on.
   * @throws TilewrightError config-invalid for a label that another has; what their start throws
   */
  async addExecutors(executors: readonly Executor[]): Promise<void> {
    this.#refuseIfClosed();
    checkExecutors('addExecutors', [...this.executors, ...executors]);
    for (const executor of executors) executor.configure?.(this.config.scaling);
    await this.#startAll(executors);
    if (this.closed) await Promise.all(executors.map((executor) => executor.shutdown()));
    this.#refuseIfClosed();
    for (const executor of executors) this.#running.set(executor, new Turnstile());
  }

  async #startAll(executors: readonly Executor[]): Promise<void> {
    const observer = this.#observer;
    if (observer !== undefined) {
      for (const executor of executors) {
        executor.onBlock = (event) => observer.onBlock({ executor: executor.label, ...event });
      }
    }
    await Promise.all(executors.map((executor) => executor.start?.()));
  }

  /** Resolves when all tasks that were handed in before have ended, in whatever way. */
  async waitForCurrentTasks(): Promise<void> {
    await Promise.allSettled([...this.#live].map((future) => future.outcome));
  }

  /**
   * Writes results of apps with `cache: true` to the checkpoint, those that are not in it yet.
   * @returns how many
   * @throws TilewrightError usage without a `checkpointMode`; output-unwritable, disk-full
   */
  checkpoint(): number {
    if (this.config.checkpoint !== null) return this.#memo.checkpoint();
    throw new TilewrightError('usage', "checkpoint() wants a Config with checkpointMode: 'manual'");
  }

  #refuseIfClosed(): void {
    if (!this.closed) return;
    throw new TilewrightError('usage', 'The kernel was cleared: call load() with a Config again');
  }

  /**
   * Hands a task in.
   * @throws TilewrightError usage, if the kernel is closed or no executor has such a label
   */
  submit<T>(submission: Submission): AppFuture<T> {
    this.#refuseIfClosed();
    const allowed = this.#allowed(submission.name, submission.executors);
    const { name, called = name, args } = submission;
    const attach = (future: AppFuture<unknown>): Partial<TaskEvent> =>
      attachFiles(future, args, submission, this.#logFolder);
    return this.#track<T>(called, args, attach, (taken, future, told) =>
      this.#run(submission, taken, allowed, future, told),
    );
  }

  /**
   * Calls a function in this process, once the futures among its arguments are there. Its future
   * has what the function returns, with results in place of futures.
   */
  join<T>(name: string, call: (...args: unknown[]) => unknown, args: unknown[]): AppFuture<T> {
    const joining = (): Partial<TaskEvent> => ({ join: true });
    return this.#track<T>(name, args, joining, async (taken, future, told) => {
      future.enter('queued');
      this.#tell(future, 'queued', told);
      future.enter('running');
      this.#tell(future, 'running', told);
      const returned = call(...taken);
      // To await a future would be to wait for its result, and to know of it too late.
      const inner: unknown = returned instanceof AppFuture ? returned : await returned;
      if (!hasPending(inner)) return inner;
      const snapshot = new Snapshot(inner, 'its result, ');
      // Taking the outer one back takes the inner ones back.
      const onAbort = (): void => {
        for (const one of snapshot.futures) one.cancel();
      };
      if (future.signal.aborted) onAbort();
      else future.signal.addEventListener('abort', onAbort, { once: true });
      return resolveJoined(name, snapshot);
    });
  }

  /**
   * Follows a task to its end. Where there is nothing to wait for, its work begins before this
   * returns: with the arguments as they are now.
   */
  #track<T>(
    name: string,
    args: readonly unknown[],
    first: (future: AppFuture<unknown>) => Partial<TaskEvent>,
    work: (args: readonly unknown[], future: AppFuture<unknown>, told: Told) => Promise<unknown>,
  ): AppFuture<T> {
    const future = new AppFuture<T>(this.#nextId++, name);
    const entry = future as AppFuture<unknown>;
    const told: Told = {};
    this.#live.add(entry);
    const note = (error?: TilewrightError): void => {
      if (!this.#live.delete(entry)) return;
      const state = future.now as 'done' | 'failed' | 'cancelled';
      this.#ended[state]++;
      if (state === 'failed') this.#unseen.note(entry);
      const { memoized = false, ...rest } = told;
      const usage = state === 'done' ? rest.usage : undefined;
      this.#tell(entry, memoized ? 'memoized' : state, { ...rest, usage, error });
    };
    future.outcome.then(
      () => note(),
      (error) => note(error as TilewrightError),
    );
    const begin = (): Promise<unknown> => {
      // It looks at the arguments, which may be getters or proxies that throw.
      const more = first(entry);
      const snapshot = hasPending(args) ? Snapshot.ofArguments(args) : null;
      if (this.#observer !== undefined) {
        const depends = [...new Set(snapshot?.futures.map((needed) => needed.taskId))];
        this.#tell(entry, 'waiting', { ...more, depends });
      }
      if (snapshot === null) return work(args, entry, told);
      return resolveArguments(name, snapshot).then((taken) =>
        future.ended ? undefined : work(taken, entry, told),
      );
    };
    const fail = (error: unknown): void =>
      future.reject(toTilewrightError(error, {}, 'task-failed'));
    try {
      begin().then((result) => future.resolve(result as T), fail);
    } catch (error) {
      fail(error);
    }
    return future;
  }

  #tell(future: AppFuture<unknown>, state: TaskEventState, more: Partial<TaskEvent>): void {
    if (this.#observer === undefined) return;
    const { taskId, name, attempts } = future;
    this.#observer.onTask({ taskId, name, state, attempt: attempts, at: Date.now(), ...more });
  }

  async #run(
    submission: Submission,
    taken: readonly unknown[],
    allowed: readonly Executor[],
    future: AppFuture<unknown>,
    told: Told,
  ): Promise<unknown> {
    const { name, timeLimitMs, weight, priority, resources, each } = submission;
    const { retryPolicy, retries } = submission;
    const { args, code, key: known } = composed(submission, taken, future);
    let key: string | null = null;
    if (submission.cache === true && this.config.appCache) {
      key = this.#memo.keyOf(code ?? this.#registry.locate(name), known, submission);
      told.hash = key;
      const found = key === null ? null : this.#memo.find(key);
      if (found !== null) {
        told.memoized = true;
        this.#ended.memoized++;
        return found.result;
      }
    }
    const task = ownTask({
      ...{ name, args, timeLimitMs, weight, sampled: true, priority, resources, each },
    });
    const executor = this.#leastBusy(allowed);
    told.executor = executor.label;
    const turnstile = this.#running.get(executor)!;
    // Whether one with a priority has to wait, its executor decides.
    const turn = priority ? turnstile.pass() : turnstile.enter();
    if (turn !== null) {
      await turn;
      if (future.ended) {
        turnstile.leave();
        return undefined;
      }
    }
    // A command writes to its files by itself.
    const output = submission.compose === undefined ? printedTo(future, executor) : undefined;
    try {
      const result = await runWithRetries(
        executor,
        task,
        retryPolicy === undefined && retries === undefined
          ? this.#policy
          : policyOf(this.config.retryPolicy, retryPolicy, { retries }),
        {
          onStart: (worker) => {
            future.enter('running');
            told.worker = worker;
            this.#tell(future, 'running', told);
          },
          onProgress: (amount) => future.progress(amount),
          onOutput: output?.listener,
          onUsage:
            this.#observer === undefined
              ? undefined
              : (usage) => {
                  told.usage = usage;
                },
          signal: future.signal,
        },
        {
          onAttempt: (attempt) => {
            future.enter('queued');
            if (attempt > 1) this.#ended.retried++;
            told.worker = undefined;
            this.#tell(future, 'queued', told);
          },
          onFailure: (error, again) => {
            if (again) this.#tell(future, 'retry', { ...told, error });
          },
        },
      );
      if (key !== null) this.#memo.set(key, result, name);
      return result;
    } finally {
      output?.close();
      turnstile.leave();
    }
  }

  #allowed(name: string, executors: readonly string[] | undefined): readonly Executor[] {
    const all = this.executors;
    if (executors === undefined) return all;
    const allowed = all.filter(({ label }) => executors.includes(label));
    if (allowed.length > 0) return allowed;
    throw new TilewrightError(
      'usage',
      `${name} is to run on ${executors.join(' or ') || 'none'}, but the executors are labelled ` +
        all.map(({ label }) => label).join(', '),
    );
  }

  #leastBusy(allowed: readonly Executor[]): Executor {
    const load = (executor: Executor): number =>
      this.#running.get(executor)!.inside / Math.max(1, executor.slots);
    return allowed.reduce((best, executor) => (load(executor) < load(best) ? executor : best));
  }

  /**
   * Shuts all executors down. Tasks that have not ended reject: with `drain` those that run end
   * first. A warning names tasks that nobody has looked at.
   */
  async cleanup(options: ShutdownOptions = {}): Promise<void> {
    const first = this.#ending;
    const shutdown = Promise.all(this.executors.map((executor) => executor.shutdown(options)));
    this.#ending ??= this.#end(shutdown);
    await shutdown;
    await (first ?? this.#ending);
  }

  async #end(shutdown: Promise<unknown>): Promise<void> {
    const left = [...this.#live];
    try {
      await shutdown;
    } finally {
      // What the executors have rejected comes first.
      await setImmediate();
      const live = [...this.#live];
      for (const future of live) future.takeBack();
      // Their ends are told before the kernel's.
      await Promise.allSettled(live.map((future) => future.outcome));
      this.#memo.close();
      this.#unseen.stop();
      // Who waits for the end may look at them then.
      setImmediateCallback(() => this.#unseen.warn(left.filter(({ now }) => now !== 'done')));
      const { done, failed } = this.#ended;
      await this.#observer?.onEnd({ endedAt: Date.now(), done, failed });
    }
  }

  /** As the configuration's `exitMode` says. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { exitMode } = this.config;
    if (exitMode === 'skip') return;
    while (exitMode === 'wait' && this.#live.size > 0) {
      await this.waitForCurrentTasks();
      // What is called in answer to their ends.
      await setImmediate();
    }
    await this.cleanup();
  }
}
