/** Futures among the arguments of an app: the kernel waits for them, and passes their results. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { AppFuture } from './app-future.ts';
import type { Failure, Snapshot } from './snapshot.ts';

/**
 * The arguments with results in place of futures.
 * @throws TilewrightError dependency-failed, when all of them have ended
 */
export async function resolveArguments(name: string, args: Snapshot): Promise<unknown[]> {
  const settled = await args.settle();
  if ('value' in settled) return settled.value as unknown[];
  throw failed(`${name} can't be run because`, 'whose result it needs,', settled.failures);
}

/**
 * The result of a join app, with results in place of futures.
 * @throws TilewrightError dependency-failed, when all of them have ended
 */
export async function resolveJoined(name: string, returned: Snapshot): Promise<unknown> {
  const settled = await returned.settle();
  if ('value' in settled) return settled.value;
  throw failed(`${name} failed because`, 'which it has called,', settled.failures);
}

const TOLD = 3;

function failed(
  beginning: string,
  relation: string,
  failures: readonly Failure[],
): TilewrightError {
  const errors = failures.map(({ reason }) => toTilewrightError(reason, {}, 'task-failed'));
  const told = failures.slice(0, TOLD).map(({ source, place }, i) => {
    const what = source instanceof AppFuture ? source.name : `the promise at ${place}`;
    return `${what}: ${errors[i]!.message}`;
  });
  const [first, error] = [failures[0]!, errors[0]!];
  const { input, feature, tile } = error;
  if (failures.length === 1) {
    const what =
      first.source instanceof AppFuture
        ? `${first.source.name}, ${relation} failed`
        : `the promise at ${first.place} was rejected`;
    return new TilewrightError('dependency-failed', `${beginning} ${what}: ${error.message}`, {
      input,
      feature,
      tile,
      cause: first.reason,
    });
  }
  const more = failures.length > TOLD ? '; …' : '';
  const message = `${beginning} ${failures.length} apps or promises failed: ${told.join('; ')}${more}`;
  const cause = new AggregateError(
    failures.map(({ reason }) => reason),
    `${failures.length} failed`,
  );
  return new TilewrightError('dependency-failed', message, { cause });
}
