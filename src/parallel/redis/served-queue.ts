/** A coordinator's queue as a manager sees it: takes its jobs, runs them, answers. */

import { setTimeout } from 'node:timers/promises';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { RunOptions } from '../executor.ts';
import type { EncodedTask } from '../task.ts';
import { asFailure } from '../values/failure.ts';
import type { Manager } from '../worker/manager.ts';
import {
  type JobData,
  type ManagerPresence,
  readJobData,
  readToManagers,
  type ToCoordinator,
  writeRecord,
} from './messages.ts';
import { BEAT_MS, OWNER_GRACE_MS, type QueueKeys } from './queue-keys.ts';
import { createQueueWorker, type QueueJob, type QueueWorker } from './queue-worker.ts';
import type { RedisLink } from './redis-link.ts';
import { beatManager, leave, recordResult } from './scripts.ts';

/** How often a task may have taken its worker's process along. */
const MAX_LOSSES = 3;
/** Longer results are fetched by the coordinator, not sent to it with the message. */
const SHORT_RECORD = 4096;
const RECORD_PAUSE_MS = 1_000;
const CLOSE_MS = 2_000;

export interface ServedQueueOptions {
  link: RedisLink;
  keys: QueueKeys;
  manager: Manager;
  /** What the manager says of itself. */
  self: Omit<ManagerPresence, 'jobs'>;
  log: (line: string) => void;
  /** Its coordinator has closed it. */
  onClosed: () => void;
  /** Its coordinator wants the managers of these blocks to end. */
  onRelease: (blocks: readonly string[]) => void;
  /** It has nothing more to do, and was told to take nothing. */
  onIdle: () => void;
  /** The module for which a task may not be run here, by its name and its modules' fingerprints. */
  foreignModule: (task: string, modules: string) => string | undefined;
  /** It holds tasks of a module that was not given to this worker. */
  onForeign: (module: string) => void;
  /** A task does not fit into the time that is left. */
  onNoTime: () => void;
}

/** A job that runs here. */
interface Attempt {
  jobId: string;
  run: string;
  /** By which BullMQ knows that the job is ours. */
  token: string;
  controller: AbortController;
  total: number;
  /** Whether the job's lock was lost, so that somebody else may run it as well. */
  lost: boolean;
  ended: Promise<void>;
}

export class ServedQueue {
  readonly keys: QueueKeys;
  readonly #options: ServedQueueOptions;
  readonly #attempts = new Map<string, Attempt>();
  #worker: QueueWorker | undefined;
  #leaving = false;
  #closed = false;
  #nextRun = 1;
  /** Looks in a row at which its coordinator was not there. */
  #missed = 0;

  constructor(options: ServedQueueOptions) {
    this.#options = options;
    this.keys = options.keys;
  }

  /** How many jobs it has. */
  get busy(): number {
    return this.#attempts.size;
  }

  /** How many jobs wait in it, with and without a priority. */
  async countWaiting(): Promise<number> {
    const counts = await this.#worker?.getBackend().getCounts(['wait', 'prioritized']);
    return counts?.reduce((sum, count) => sum + count, 0) ?? 0;
  }

  /** Whether its coordinator has not been heard of for long. */
  get orphaned(): boolean {
    return this.#missed * BEAT_MS > OWNER_GRACE_MS;
  }

  /** How many jobs it may have at a time. */
  set slots(slots: number) {
    if (this.#worker !== undefined && this.#worker.concurrency !== slots) {
      this.#worker.concurrency = slots;
    }
  }

  /** Announces the manager, and takes jobs as soon as its coordinator is there. */
  async start(): Promise<void> {
    const { link } = this.#options;
    await link.subscribe(this.keys.toManagers, (message) => this.#onMessage(message));
    await this.beat();
  }

  /** Tells that the manager is there; notices when the coordinator is not. */
  async beat(): Promise<void> {
    const { link, self, manager, log } = this.#options;
    const presence = { ...self, jobs: [...this.#attempts.keys()] };
    const there = await beatManager(link.client, this.keys, self.id, presence);
    this.#missed = there ? 0 : this.#missed + 1;
    if (!there || this.#closed) return;
    if (this.#worker !== undefined || this.#leaving) return;
    this.#tell({ type: 'hello', manager: presence });
    const work = (job: QueueJob, token: string): Promise<null> => this.#work(job, token);
    const worker = createQueueWorker(link, this.keys, manager.slots, work, log);
    worker.on('lockRenewalFailed', (jobs) => void this.#noteLost(jobs));
    this.#worker = worker;
  }

  /** Resolves when those that it has have ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#attempts.values()].map(({ ended }) => ended));
  }

  /** Takes no more jobs; those that it has go on. */
  pause(): void {
    this.#leaving = true;
    void this.#worker?.pause(true);
  }

  /**
   * Says goodbye.
   * @param force - stops what it has, if there is something; nobody waits for it
   */
  async close(force: boolean): Promise<void> {
    if (this.#closed) return;
    this.pause();
    this.#closed = true;
    for (const { controller } of this.#attempts.values()) controller.abort();
    const { link, self } = this.#options;
    const farewell = async (): Promise<void> => {
      // Without force the last answers are waited for, with which jobs leave the queue.
      await this.#worker?.close(force);
      if (!link.ready) return;
      await leave(link.client, this.keys, self.id);
      this.#tell({ type: 'bye', manager: self.id });
      await link.unsubscribe(this.keys.toManagers);
    };
    await Promise.race([
      farewell().catch(() => undefined),
      setTimeout(CLOSE_MS, undefined, { ref: false }),
    ]);
  }

  #tell(message: ToCoordinator): Promise<void> {
    return this.#options.link.publish(this.keys.toCoordinator, message);
  }

  #onMessage(text: string): void {
    const message = readToManagers(text);
    if (message === null) return;
    if (message.type === 'closed') this.#options.onClosed();
    else if (message.type === 'release') this.#options.onRelease(message.blocks);
    else for (const id of message.jobs) this.#attempts.get(id)?.controller.abort();
  }

  /** BullMQ removes the job when this has returned, whatever became of it. */
  async #work(job: QueueJob, token: string): Promise<null> {
    const jobId = job.id!;
    const known = this.#attempts.get(jobId);
    if (known !== undefined) {
      // It was lost and is found: whoever asks for it gets what runs already.
      known.token = token;
      known.lost = false;
      await known.ended;
      return null;
    }
    const data = readJobData(job.data);
    if (data === null || data.owner !== this.keys.id) {
      this.#options.log(`job ${jobId} is no task, and was dropped`);
      return null;
    }
    const foreign = this.#options.foreignModule(data.name, data.module);
    if (foreign !== undefined) {
      await job.moveToWait(token);
      this.#options.onForeign(foreign);
      throw new this.#options.link.bullmq.WaitingError();
    }
    if (this.#leaving || !this.#options.manager.hasTimeFor(data)) {
      await job.moveToWait(token);
      if (!this.#leaving) this.#options.onNoTime();
      throw new this.#options.link.bullmq.WaitingError();
    }
    const ended = Promise.withResolvers<void>();
    const attempt: Attempt = {
      jobId,
      run: `${this.#options.self.id}-${this.#nextRun++}`,
      token,
      controller: new AbortController(),
      total: 0,
      lost: false,
      ended: ended.promise,
    };
    this.#attempts.set(jobId, attempt);
    const end = (): void => {
      this.#attempts.delete(jobId);
      ended.resolve();
      if (this.#leaving && this.busy === 0) this.#options.onIdle();
    };
    try {
      const result = await this.#run(attempt, data, job.stalledCounter);
      const wanted = !attempt.controller.signal.aborted && !this.#closed;
      // Not waited for: what BullMQ sends now gets there after it, and needs no way of its own.
      if (wanted) void this.#record(attempt, result).finally(end);
      else end();
    } catch (error) {
      end();
      throw error;
    }
    return null;
  }

  /** @param stalled - how often a worker was lost that had taken the job */
  async #run(attempt: Attempt, data: JobData, stalled: number): Promise<string | TilewrightError> {
    const losses = stalled === 0 ? 0 : await this.#losses(attempt.jobId);
    if (losses >= MAX_LOSSES) return givenUp(data, losses);
    // On its last attempt it takes no others along, and none takes it along.
    const task: EncodedTask = { ...data, alone: data.alone === true || losses === MAX_LOSSES - 1 };
    const options: RunOptions = {
      signal: attempt.controller.signal,
      onStart: (worker) => this.#tellStarted(attempt, worker),
      onProgress: (amount) => {
        attempt.total += amount;
        const { jobId: job, run, total } = attempt;
        this.#tell({ type: 'progress', job, run, total });
      },
      onOutput: (output) => this.#tell({ type: 'output', job: attempt.jobId, ...output }),
    };
    const onTurn = stalled === 0 ? undefined : () => this.#noteBegun(attempt.jobId, 1);
    try {
      return await this.#options.manager.run(task, options, onTurn);
    } catch (error) {
      return asFailure(error);
    }
  }

  /**
   * How often the job's worker was lost after the job had begun. The first time, nobody has counted:
   * that is done from the second attempt on, where it may have to wait for its turn.
   */
  async #losses(jobId: string): Promise<number> {
    const begun = await this.#options.link.client.hget(this.keys.begun, jobId);
    return 1 + (Number(begun) || 0);
  }

  async #noteBegun(jobId: string, count: number): Promise<void> {
    await this.#options.link.client.hincrby(this.keys.begun, jobId, count);
  }

  /** Not the job's fault: this worker lives, and was merely cut off. */
  async #noteLost(jobs: readonly string[]): Promise<void> {
    for (const id of jobs) {
      const attempt = this.#attempts.get(id);
      if (attempt === undefined || attempt.lost) continue;
      attempt.lost = true;
      await this.#noteBegun(id, -1).catch(() => undefined);
    }
  }

  #tellStarted({ jobId: job, run }: Attempt, worker: string): void {
    this.#tell({ type: 'started', job, run, manager: this.#options.self.id, worker });
  }

  /** Goes on until it is recorded, or nobody wants it. */
  async #record(attempt: Attempt, result: string | TilewrightError): Promise<void> {
    const { link, log } = this.#options;
    const { jobId, run, total } = attempt;
    const record = writeRecord({ run, total, result });
    const done = { type: 'done', job: jobId } as const satisfies ToCoordinator;
    const answer = {
      jobId,
      record,
      // What one has done counts even if another was asked meanwhile; that one failed does not.
      fromHolder: typeof result !== 'string',
      held: record.length > SHORT_RECORD ? done : { ...done, record },
      lost: { ...done, again: true },
    };
    for (;;) {
      try {
        const { token } = attempt;
        const outcome = await recordResult(link.client, this.keys, { ...answer, token });
        // Without one, the server was restarted without its data, and it is not back yet.
        if (outcome !== 'no coordinator') return;
      } catch (error) {
        log(`the result of job ${jobId} can't be written: ${toTilewrightError(error).message}`);
      }
      if (this.#closed || this.orphaned || attempt.controller.signal.aborted) return;
      await setTimeout(RECORD_PAUSE_MS);
    }
  }
}

function givenUp({ name }: JobData, losses: number): TilewrightError {
  return new TilewrightError(
    'worker-died',
    `The worker process ended during task ${name}, each of ${losses} times: it is not tried again`,
  );
}
