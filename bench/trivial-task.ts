/** A task that takes no time, so that what remains is the executor's. */

export function next(n: number): number {
  return n + 1;
}
