/**
 * What coordinator and managers say to each other over a socket. A manager begins with `hello`.
 * Both send `alive` now and then: whoever hears nothing for long takes the other for gone.
 */

import type { ErrorJson } from '../../core/errors.ts';
import type { EncodedTask } from '../task.ts';

/** Raised when messages change: coordinator and workers have to be of one version. */
export const PROTOCOL = 2;

export const ALIVE_INTERVAL_MS = 5_000;
/** Longer than a cable is pulled for, shorter than anybody waits for a dead node. */
export const SILENCE_LIMIT_MS = 60_000;

export type FromManager =
  | {
      type: 'hello';
      protocol: number;
      blockId: string | null;
      host: string;
      pid: number;
      slots: number;
    }
  | { type: 'started'; id: number; worker: string }
  | { type: 'progress'; id: number; amount: number }
  | { type: 'result'; id: number; result: string }
  | { type: 'error'; id: number; error: ErrorJson }
  /** A task that it will not begin: another manager may have it. */
  | { type: 'returned'; id: number }
  /** It takes no more tasks, and ends when those that it has are done. */
  | { type: 'leaving' }
  | { type: 'alive' };

export type ToManager =
  | { type: 'task'; id: number; task: EncodedTask }
  | { type: 'cancel'; id: number }
  | { type: 'stop'; drain: boolean }
  | { type: 'refused'; reason: string }
  | { type: 'alive' };
