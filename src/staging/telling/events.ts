/** What a run tells while it goes on. */

import type { ErrorJson } from '../../core/errors.ts';
import type { TaskUsage } from '../../parallel/usage/usage.ts';
import type { Phase } from './phases.ts';

/** All have `at`: seconds since the run's start. */
export type RunEvent = { at: number } & (
  | {
      type: 'run-started';
      /** The staged folder. */
      folder: string;
      runId: string;
      /** The executor's label, and how many tasks it can use at a time. */
      executor: string;
      slots: number;
      /** That it will go through, in their order, as far as it has something to do in them. */
      phases: Phase[];
    }
  | {
      type: 'phase-started';
      phase: Phase;
      /** What will be counted, in the phase's unit (inputs, features, rows …); 0 if nothing is. */
      total: number;
      /** Tasks that it has. */
      tasks: number;
      /** Bytes that they read, roughly. */
      bytes: number;
      /** There if features are counted that a selection passes over. */
      isBeforeSelection?: true;
    }
  | { type: 'progress'; phase: Phase; done: number; total: number }
  | { type: 'phase-ended'; phase: Phase }
  | {
      type: 'task-started';
      phase: Phase;
      /** Tells tasks of the run apart. */
      task: number;
      /** What it works on: the input's name, `12 tiles`, `partition 17`, or tiles by their range. */
      subject: string;
      /** Which slice of the input, of how many; 1 of 1 for one that is not sliced. */
      part: number;
      parts: number;
      /**
       * As how many of its phase's tasks it counts: a group of slices as many, what builds tiles or
       * spills rows beside them none. An earlier version did not say: one.
       */
      counts?: number;
      /** `host/process/thread`. */
      worker: string;
      attempt: number;
    }
  | {
      type: 'task-ended';
      phase: Phase;
      task: number;
      subject: string;
      part: number;
      parts: number;
      counts?: number;
      /** Null if it never came to a worker. */
      worker: string | null;
      attempt: number;
      /** Bytes of the input, of rows in memory, or of files of the run, that it has read, roughly. */
      bytes: number;
      /** Seconds since the run's start at which it was handed to the executor and begun. */
      submittedAt: number;
      startedAt: number | null;
      /** Null if the attempt failed, or if its executor does not measure. */
      usage: TaskUsage | null;
      /** Null if it succeeded. */
      error: ErrorJson | null;
      /** Whether it is tried again. */
      retried: boolean;
    }
  /** An input can't be staged, or `input`, which was asked for, is none; the others go on. */
  | { type: 'input-failed'; input: string; error: ErrorJson }
  /** The product of a tile, `z/x/y`, can't be made; the others go on. */
  | { type: 'product-failed'; product: string; tile: string; error: ErrorJson }
  /** Something that may go wrong; the run goes on. */
  | { type: 'warning'; message: string }
  | { type: 'run-ended'; state: EndState; error: ErrorJson | null }
);

/** `finished`: also with failed inputs; `interrupted`: by whoever ran it, and the same command goes on. */
export type EndState = 'finished' | 'failed' | 'interrupted';

/** The same without the time, which is added to what is told. */
export type Told<E extends RunEvent = RunEvent> = E extends unknown ? Omit<E, 'at'> : never;

/** Whether a task has read inputs: what builds tiles or spills rows beside it has not. */
export function readsInputs({ phase, counts = 1 }: { phase: Phase; counts?: number }): boolean {
  return phase === 'stage' && counts > 0;
}
