/** BullMQ's worker, made to bear whatever is found in a queue that others can write to. */

import { setTimeout } from 'node:timers/promises';
import type {
  BackendFactory,
  Job,
  JobJson,
  RedisQueueBackend,
  Worker,
  WorkerOptions,
} from 'bullmq';
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

  /** Jobs reach the worker by these three: alone, or with the end of the one before. */
  const backendOf: BackendFactory<RedisQueueBackend> = (...given) => {
    const backend = bullmq.createRedisBackend(...given);
    const { moveToActive, moveToCompleted, moveToFailed } = backend;
    return Object.assign(backend, {
      async moveToActive(...asked: Parameters<typeof moveToActive>) {
        try {
          return withPlainJob(await moveToActive.apply(backend, asked));
        } catch (error) {
          // BullMQ tells of it, and asks again at once.
          if (worker.closing === undefined) await setTimeout(TROUBLE_PAUSE_MS);
          throw error;
        }
      },
      async moveToCompleted(...ended: Parameters<typeof moveToCompleted>) {
        const { result, finishedOn } = await moveToCompleted.apply(backend, ended);
        return { result: withPlainJob(result), finishedOn };
      },
      async moveToFailed(...ended: Parameters<typeof moveToFailed>) {
        const { result, finishedOn } = await moveToFailed.apply(backend, ended);
        return { result: withPlainJob(result), finishedOn };
      },
    });
  };

  const options: WorkerOptions = {
    connection: client,
    prefix,
    concurrency: slots,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  };
  const run = (job: QueueJob, token?: string): Promise<null> => work(job, token!);
  const worker: QueueWorker = new bullmq.Worker(id, run, options, backendOf);
  worker.on('error', tell);
  return worker;
}

/** What has nothing to do with a task is left out of a job, the first of what BullMQ's scripts give. */
function withPlainJob<Given>(given: Given): Given {
  if (!Array.isArray(given) || !given[0]) return given;
  const { timestamp, attemptsStarted, attemptsMade, stalledCounter, data } = given[0] as JobJson;
  const kept = { timestamp, attemptsStarted, attemptsMade, stalledCounter };
  const plain = {
    ...kept,
    name: 'task',
    opts: {},
    progress: 0,
    data: isJson(data) ? data : 'null',
  };
  return [plain, ...given.slice(1)] as Given;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
