/** What a pool and its threads tell each other. */

import type { MessagePort } from 'node:worker_threads';
import type { OutputStream } from '../inside/capture-output.ts';
import type { FunctionLocation } from '../registry.ts';
import type { Measured, TaskUsage } from '../usage/usage.ts';

/** What a thread is started with. */
export interface ThreadData {
  /** From 1. */
  number: number;
  /** How many engines it is inside of, from 1. */
  depth: number;
  /** Its way to the pool. */
  port: MessagePort;
  /** In memory of both: how much of what it has printed, in UTF-16 code units, is not taken yet. */
  printed: Int32Array;
}

/** A task for a thread. */
export interface ToThread {
  id: number;
  location: FunctionLocation;
  /** As they are, or as text. */
  args: readonly unknown[] | string;
  /** Whether the result is wanted as text, with the usage before it. */
  asText: boolean;
  measured: Measured;
  each: boolean;
  /** By which commands of the task are found; null for tasks that are known to start none. */
  token: string | null;
}

/** The result is a value, or text if it was wanted so or nothing else says it. */
export type FromThread =
  | { id: number; progress: number }
  | { id: number; value?: unknown; text?: string; usage?: TaskUsage | null | undefined }
  | { id: number; failure: string }
  | { output: OutputStream; text: string }
  /** The system's number of the thread, where it tells. */
  | { thread: number };
