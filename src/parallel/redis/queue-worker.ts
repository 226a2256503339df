/** BullMQ's worker, made to bear whatever is found in a queue that others can write to. */

import { setTimeout } from 'node:timers/promises';
import type { Job, JobJson, Worker } from 'bullmq';
import type { QueueKeys } from './queue-keys.ts';
import type { RedisLink } from './redis-link.ts';

/** How long a job stays with a worker that no longer says that it has it. */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;
/** After an error of the server it is asked again, but not at once. */
const TROUBLE_PAUSE_MS = 500;
/** The same trouble is told again after this. */
const REPEAT_MS = 30_000;

export type QueueJob = Job<unknown, null>;
export type QueueWorker = Worker<unknown, null>;

/**
 * A worker that takes jobs from a coordinator's queue. How often a job may be lost is decided by
 * `work`, which can name its task: BullMQ itself gives none up. Jobs that end are not kept.
 */
export function createQueueWorker(
  { bullmq, client }: RedisLink,
  { id, prefix }: QueueKeys,
  slots: number,
  work: (job: QueueJob, token: string) => Promise<null>,
  log: (line: string) => void,
): QueueWorker {
  const tell = sparing(log);

  class TolerantWorker extends bullmq.Worker<unknown, null> {
    /** What has nothing to do with a task is left out. */
    protected override createJob(json: JobJson, jobId: string): QueueJob {
      const { timestamp, attemptsStarted, attemptsMade, stalledCounter, data } = json;
      const kept = { timestamp, attemptsStarted, attemptsMade, stalledCounter };
      const plain = { ...kept, id: jobId, name: 'task', opts: {}, progress: 0 } as JobJson;
      try {
        return super.createJob({ ...plain, data }, jobId);
      } catch {
        return super.createJob({ ...plain, data: 'null' }, jobId);
      }
    }

    protected override async moveToActive(token: string, name?: string): Promise<QueueJob> {
      try {
        return await super.moveToActive(token, name);
      } catch (error) {
        if (this.closing === undefined) {
          tell(error);
          await setTimeout(TROUBLE_PAUSE_MS);
        }
        // BullMQ takes this for "there is none".
        return undefined as never;
      }
    }
  }

  const worker = new TolerantWorker(id, (job, token) => work(job, token!), {
    connection: client,
    prefix,
    concurrency: slots,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', tell);
  return worker;
}

/** Tells of errors, but not of the same one again and again. */
function sparing(log: (line: string) => void): (error: unknown) => void {
  const told = new Map<string, number>();
  return (error) => {
    // Without what differs from job to job.
    const text = error instanceof Error ? error.message : String(error);
    const kind = text.replaceAll(/\bt?\d+\b/g, '');
    const now = performance.now();
    if (now - (told.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (told.size > 100) told.clear();
    told.set(kind, now);
    log(`trouble with the queue: ${text}`);
  };
}
