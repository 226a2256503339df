/** Times a kernel over several rounds and prints what one item costs. */

import { type Spread, spreadOf } from '../measure.ts';

const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;

export interface KernelResult {
  kernel: string;
  /** What is counted, in the singular. */
  unit: string;
  items: number;
  rounds: number;
  nanosecondsPerItem: Spread;
  /** What the kernel did to the items, for example how many it found. */
  outcome?: string;
}

export interface KernelOptions {
  /** Brings back the input before each round, untimed. */
  reset?: () => void;
  outcome?: () => string;
}

/**
 * Runs `run` over the same `items` items again and again, untimed until it is compiled and its
 * memory touched, and prints minimum and median; as a line of JSON if the command line asks for it.
 */
export function timeKernel(
  kernel: string,
  unit: string,
  items: number,
  run: () => void,
  options: KernelOptions = {},
): KernelResult {
  const times: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    options.reset?.();
    const start = process.hrtime.bigint();
    run();
    const nanoseconds = Number(process.hrtime.bigint() - start);
    if (round >= 0) times.push(nanoseconds / items);
  }
  const nanosecondsPerItem = spreadOf(times);
  const result: KernelResult = { kernel, unit, items, rounds: ROUNDS, nanosecondsPerItem };
  if (options.outcome !== undefined) result.outcome = options.outcome();
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
  else console.log(kernelLine(result));
  return result;
}

export function kernelLine(result: KernelResult): string {
  const { kernel, unit, items, nanosecondsPerItem, outcome } = result;
  const cost = (ns: number): string => ns.toFixed(ns < 100 ? 1 : 0).padStart(6);
  const { min, median } = nanosecondsPerItem;
  const line = `${kernel.padEnd(36)}${cost(min)} min${cost(median)} median  ns per ${unit}`;
  return `${line} (${items}${outcome === undefined ? '' : `; ${outcome}`})`;
}
