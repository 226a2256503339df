/** Futures among the arguments of an app: it waits for them, and gets their results instead. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { AppFuture } from './app-future.ts';

/** All futures in the arguments, also in arrays and plain objects. */
export function futuresIn(value: unknown, found: AppFuture<unknown>[] = []): AppFuture<unknown>[] {
  if (value instanceof AppFuture) found.push(value);
  else if (Array.isArray(value)) for (const item of value) futuresIn(item, found);
  else if (isPlain(value)) for (const item of Object.values(value)) futuresIn(item, found);
  return found;
}

/**
 * The arguments with results in place of futures.
 * @throws TilewrightError dependency-failed, when all of them have ended
 */
export async function resolveFutures(name: string, args: readonly unknown[]): Promise<unknown[]> {
  const futures = futuresIn(args);
  if (futures.length === 0) return [...args];
  const results = new Map<AppFuture<unknown>, unknown>();
  const outcomes = await Promise.allSettled(futures);
  for (const [i, outcome] of outcomes.entries()) {
    const future = futures[i]!;
    if (outcome.status === 'fulfilled') {
      results.set(future, outcome.value);
      continue;
    }
    const { message, input, feature, tile } = toTilewrightError(outcome.reason);
    throw new TilewrightError(
      'dependency-failed',
      `${name} can't be run because ${future.name}, whose result it needs, failed: ${message}`,
      { input, feature, tile, cause: outcome.reason },
    );
  }
  return args.map((arg) => replace(arg, results));
}

function replace(value: unknown, results: ReadonlyMap<AppFuture<unknown>, unknown>): unknown {
  if (value instanceof AppFuture) return results.get(value);
  if (Array.isArray(value)) return value.map((item) => replace(item, results));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replace(v, results)]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
