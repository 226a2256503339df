/** Beyond how many workers more don't help, and why. Pure. */

import type { Limit } from '../estimate-types.ts';
import type { Prediction } from './model.ts';

/** More workers are said to help if they save this part of the time. */
const GAIN = 0.05;

/** The range of numbers that is looked at, in steps of about a sixth. */
export function workerNumbers(most: number): number[] {
  const numbers: number[] = [];
  for (let n = 1; n < most; n = Math.max(n + 1, Math.round(n * 1.17))) numbers.push(n);
  return [...numbers, most];
}

export interface WorkerLimit {
  workers: number;
  limit: Limit;
}

/**
 * @param most - number of workers to look at
 * @param fitting - how many fit into memory
 */
export function findLimit(
  predictFor: (workers: number) => Prediction,
  { most, fitting }: { most: number; fitting: number },
): WorkerLimit {
  const numbers = workerNumbers(most);
  const predictions = numbers.map(predictFor);
  const best = Math.min(...predictions.map(({ seconds }) => seconds));
  const place = predictions.findIndex(({ seconds }) => seconds * (1 - GAIN) <= best);
  const workers = numbers[place]!;
  if (fitting < workers) return { workers: Math.max(1, fitting), limit: 'memory' };
  if (place === numbers.length - 1) return { workers, limit: 'none' };
  // With twice as many, the limit is what takes most of the time then.
  const twice = predictFor(Math.min(most, workers * 2));
  return { workers, limit: mainLimit(twice) };
}

function mainLimit({ bound }: Prediction): Limit {
  const seconds = new Map<Limit, number>();
  for (const part of bound) {
    seconds.set(part.limit, (seconds.get(part.limit) ?? 0) + part.seconds);
  }
  // What nothing limits gets less and less with more workers, so it is not the reason.
  const known = [...seconds].filter(([limit]) => limit !== 'none');
  known.sort((a, b) => b[1] - a[1]);
  return known[0]?.[0] ?? 'none';
}
