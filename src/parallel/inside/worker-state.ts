/**
 * What a worker thread knows of itself. It is kept on the global object, because a program may bring
 * a copy of this package of its own.
 */

import { TilewrightError } from '../../core/errors.ts';

export interface WorkerState {
  /** How many engines it is inside of, from 1. */
  readonly depth: number;
  /** URL of the module of tasks that is being imported now. */
  importing: string | null;
  /** Called when that module calls `load()`. */
  onLoad: () => void;
}

const KEY = Symbol.for('tilewright.worker');
/** Tells programs that tasks start how deep inside of engines they are. */
const DEPTH_VARIABLE = 'TILEWRIGHT_DEPTH';
/** A task may well run a program that has an engine of its own; no more than so many in a row. */
const MAX_DEPTH = 4;

type Global = { [KEY]?: WorkerState };

/** Undefined outside of workers. */
export function workerState(): WorkerState | undefined {
  return (globalThis as Global)[KEY];
}

/** Makes this thread a worker. */
export function enterWorker(depth: number): WorkerState {
  const state: WorkerState = { depth, importing: null, onLoad: () => undefined };
  (globalThis as Global)[KEY] = state;
  process.env[DEPTH_VARIABLE] = String(depth);
  return state;
}

/** How many engines this thread is inside of: 0 for a program that nobody runs as a task. */
export function engineDepth(): number {
  return workerState()?.depth ?? (Number(process.env[DEPTH_VARIABLE]) || 0);
}

/**
 * Keeps an engine from starting engines without end.
 * @throws TilewrightError usage
 */
export function assertMayStart(label: string): void {
  const importing = workerState()?.importing ?? null;
  if (importing !== null) {
    throw new TilewrightError(
      'usage',
      `A worker imports ${importing} for its functions, and that starts the executor ${label}: ` +
        'every worker would start more. Start it by load(), at which workers stop, or put the ' +
        'functions into a module of their own',
    );
  }
  if (engineDepth() < MAX_DEPTH) return;
  throw new TilewrightError(
    'usage',
    `The executor ${label} is not started: it is inside of a task of an engine, which is inside of ` +
      `a task …, ${MAX_DEPTH} deep. A program that runs itself as a task would go on for ever`,
  );
}
