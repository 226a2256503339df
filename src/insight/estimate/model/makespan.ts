/** How long tasks take that are handed out longest first. */

export interface TaskKind {
  seconds: number;
  /** Need not be whole. */
  count: number;
}

/** With more tasks for each worker than this, they come out even. */
const EVEN = 64;

/**
 * Seconds until the last of them ends.
 * @param workers - may be a fraction more than a whole number, as a quota of cores is
 */
export function makespan(kinds: readonly TaskKind[], workers: number): number {
  const total = kinds.reduce((sum, { seconds, count }) => sum + seconds * count, 0);
  const tasks = kinds.reduce((sum, { count }) => sum + count, 0);
  if (workers <= 1) return total / workers;
  const longest = Math.max(0, ...kinds.map(({ seconds }) => seconds));
  const least = Math.max(longest, total / workers);
  if (tasks > EVEN * workers) return least;
  const ends = new Float64Array(Math.max(1, Math.min(Math.floor(workers), Math.ceil(tasks))));
  // What is not whole yet: of ten kinds with 0.3 tasks each, three are handed out.
  let due = 0;
  for (const { seconds, count } of [...kinds].sort((a, b) => b.seconds - a.seconds)) {
    for (due += count; due > 0.5; due--) {
      let first = 0;
      for (let i = 1; i < ends.length; i++) if (ends[i]! < ends[first]!) first = i;
      ends[first]! += seconds;
    }
  }
  return Math.max(Math.max(...ends) * (Math.floor(workers) / workers), least);
}
