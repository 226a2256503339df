/** How much longer tasks take beside others than alone. Pure. */

import {
  type MergePoint,
  type MergeRates,
  type StagePoint,
  type StageRates,
  splitBySpeed,
  stageCostOf,
} from './fit.ts';

interface Waiting {
  /** Milliseconds that the task waited for a core. */
  queued: number;
}

export interface PassPoints {
  stage: readonly (StagePoint & Waiting)[];
  merge: readonly (MergePoint & Waiting)[];
}

/** With less than so many milliseconds of steady work there is nothing to compare. */
const ENOUGH_MS = 150;
/** What is taken then: with two workers on two cores, as measured (docs/PERFORMANCE.md). */
const USUAL = 1.1;
const MOST = 4;

/**
 * @param alone - tasks of one worker
 * @param together - tasks of as many workers as there are cores; null for one core
 * @param workers - of `together`
 * @returns times as long as the rates say, with what tasks wait for cores: they share them with
 *   others
 */
export function slowdownFrom(
  alone: PassPoints,
  together: PassPoints | null,
  stageRates: ReadonlyMap<string, StageRates>,
  mergeRates: MergeRates,
  workers: number,
): { one: number; all: number } {
  const factor = (points: PassPoints): number | null => {
    let [took, expected] = [0, 0];
    const stage = splitBySpeed(points.stage, netOfStage).steady;
    for (const point of stage) {
      took += netOfStage(point) + point.queued;
      expected += stageCostOf(point, stageRates.get(point.format)!);
    }
    for (const point of splitBySpeed(points.merge, ({ net }) => net).steady) {
      took += point.net + point.queued;
      expected += mergeRates.perTile * point.tiles + mergeRates.perByte * point.shuffleBytes;
    }
    return expected < ENOUGH_MS ? null : took / expected;
  };
  const one = bounded(factor(alone) ?? 1);
  const all = together === null ? one : bounded(factor(together) ?? one * USUAL);
  // Several workers never get less done than one.
  return { one, all: Math.min(Math.max(one, all), one * Math.max(1, workers * 0.9)) };
}

function netOfStage({ reading, kernels, writing, other }: StagePoint): number {
  return reading + kernels + writing + other;
}

function bounded(factor: number): number {
  return Math.min(MOST, Math.max(1, factor));
}
