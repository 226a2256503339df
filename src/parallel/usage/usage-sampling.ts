/** Which of many short tasks are measured: to measure one takes about half a millisecond. */

/** Milliseconds that a task takes at least for its measuring not to matter: a fortieth of it. */
const WORTH_MS = 20;
/** Of all calls, however short. */
const LEAST_SHARE = 1 / 1000;
/** Weight of the last task in the mean. */
const NEWEST = 0.2;

interface Pace {
  meanMs: number;
  /** Shares of the tasks since the last that was measured; with 1 the next is. */
  due: number;
}

/** Of this thread, by the function's name. */
const paces = new Map<string, Pace>();

/** Of functions that take long enough, each call; of others so few that it takes no longer in all. */
export function worthMeasuring(name: string): boolean {
  const pace = paces.get(name);
  if (pace === undefined) return true;
  pace.due += Math.min(1, Math.max(LEAST_SHARE, pace.meanMs / WORTH_MS));
  if (pace.due < 1) return false;
  pace.due -= 1;
  return true;
}

/** @param ms - milliseconds that a call has taken */
export function noteDuration(name: string, ms: number): void {
  const pace = paces.get(name);
  if (pace === undefined) paces.set(name, { meanMs: ms, due: 0 });
  else pace.meanMs += NEWEST * (ms - pace.meanMs);
}
