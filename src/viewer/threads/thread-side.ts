/** The thread's side of thread-pool.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorJson, toTilewrightError } from '../../core/errors.ts';
import type { FunctionLocation } from '../../parallel/registry.ts';
import { loadFormats } from '../../staging/tasks/format-modules.ts';

export interface ToThread {
  id: number;
  method: string;
  args: unknown[];
  /** Its first value becomes 1 when nobody waits for the answer any more. */
  cancelled: Int32Array;
}

export type FromThread =
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorJson };

// biome-ignore lint/suspicious/noExplicitAny: a method takes what its caller gives it
type Methods = Record<string, (...args: any[]) => unknown>;

let flag: Int32Array | undefined;

/** Whether the answer that is being worked on is not wanted any more. */
export function isCancelled(): boolean {
  return flag !== undefined && Atomics.load(flag, 0) === 1;
}

/** Answers calls of these methods, one after the other. */
export function serveThread(methods: Methods): void {
  const port = parentPort;
  if (port === null) throw new Error('This module is the start of a worker thread');
  const { formats } = workerData as { formats?: FunctionLocation };
  const ready = loadFormats(formats);
  // Whoever calls hears of it.
  ready.catch(() => undefined);
  port.on('message', async ({ id, method, args, cancelled }: ToThread) => {
    try {
      await ready;
      flag = cancelled;
      const value = isCancelled() ? null : methods[method]!(...args);
      const transfer = value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [];
      port.postMessage({ kind: 'answer', id, value } satisfies FromThread, transfer);
    } catch (error) {
      const json = toTilewrightError(error).toJSON();
      port.postMessage({ kind: 'error', id, error: json } satisfies FromThread);
    }
  });
}
