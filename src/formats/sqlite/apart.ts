/**
 * Runs SQL that a file brings along (views, virtual tables, generated columns) in a process of its
 * own, because it is a program by a stranger: it may have no end, or make gigabytes out of nothing,
 * and SQLite can't be stopped from within a thread that is inside it.
 */

import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Value } from '../../core/columns.ts';
import { type ErrorCode, TilewrightError } from '../../core/errors.ts';
import { programCommand } from '../../core/program.ts';

export interface ApartRequest {
  /** Database that is attached as `source`, as a URL. */
  source: string;
  /** Its `pragma encoding`, which must be the target's too. */
  encoding: string;
  /** Path of the main database; null for one in memory. */
  target: string | null;
  /** How long the main database may get, in bytes. */
  maxBytes: number;
  statements: string[];
  /** What to answer with; integers have to be below 2^53. */
  query: string | null;
}

export type ApartAnswer =
  | { rows: Record<string, Value>[] }
  | { error: { message: string; errcode?: number } }
  | { failure: 'time' | 'size' | 'ended' };

/** Of SQLite: no memory, disk full, value too big: what the limits lead to. */
const LIMIT_CODES = new Set([7, 13, 18]);

/**
 * Waits for the answer, so that a reader may ask between two rows.
 * @param what - e.g. `layer roads`
 * @throws TilewrightError input-unreadable at a limit, input-layer when the SQL is wrong
 */
export function runApart(
  request: ApartRequest,
  path: string,
  what: string,
  limitMs: number,
): Record<string, Value>[] {
  const module = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = new URL(`./apart-process.${module}`, import.meta.url).pathname;
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(`./apart-thread.${module}`, import.meta.url), {
    workerData: {
      command: [...programCommand(decodeURIComponent(program)), JSON.stringify(request)],
      ...{ limitMs, port: port2, signal },
    },
    transferList: [port2],
  });
  // The thread has a limit of its own; this one is for a thread that does not even begin.
  Atomics.wait(signal, 0, 0, limitMs + 30_000);
  const answer = (receiveMessageOnPort(port1)?.message ?? { failure: 'ended' }) as ApartAnswer;
  port1.close();
  void worker.terminate();
  if ('rows' in answer) return answer.rows;
  let why: string;
  let code: ErrorCode = 'input-unreadable';
  if ('error' in answer) {
    const { message, errcode } = answer.error;
    why = `the SQL of this view or of its generated columns fails: ${message}`;
    if (LIMIT_CODES.has((errcode ?? 0) & 0xff)) why += ' (a limit on what it may take)';
    else code = 'input-layer';
  } else if (answer.failure === 'time') {
    why = `the SQL of this view or of its generated columns has not ended in ${limitMs / 1000} s`;
  } else if (answer.failure === 'size') {
    why = 'the SQL of this view gives more than can be';
  } else why = 'the process that ran the SQL of this view or of its generated columns has ended';
  throw new TilewrightError(
    code,
    `${path}: ${what} can't be read: ${why}. Store its rows as a table, e.g. with ogr2ogr`,
    { input: path },
  );
}
