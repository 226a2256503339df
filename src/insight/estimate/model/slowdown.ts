/** How much longer tasks take beside others than alone. Pure. */

import {
  type MergePoint,
  type MergeRates,
  ratesOf,
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
 * On a quiet machine a sample of a second or two says less of what workers cost each other than what
 * was measured on whole jobs does: this much of the guess is the latter then. On a busy one only the
 * sample knows what others take.
 */
const TRUST_IN_USUAL = 0.6;
/** From this part of the time in which tasks of one worker wait for a core, a machine is busy. */
const BUSY = 0.25;

/**
 * @param alone - tasks of one worker
 * @param together - tasks of as many workers as there are cores; null for one core
 * @param workers - of `together`
 * @param busy - part of its time for which a task of one worker had to wait for a core
 * @returns times as long as the rates say, with what tasks wait for cores: they share them with
 *   others
 */
export function slowdownFrom(
  alone: PassPoints,
  together: PassPoints | null,
  stageRates: ReadonlyMap<string, StageRates>,
  mergeRates: MergeRates,
  workers: number,
  busy = 1,
): { one: number; all: number } {
  const one = bounded(waiting(alone));
  const all =
    together === null
      ? one
      : bounded(waitingAtPace(together) * (pace(together, stageRates, mergeRates) ?? USUAL));
  // Several workers never get less done than one.
  const measured = Math.min(Math.max(1, all / one), Math.max(1, workers * 0.9));
  const trust = together === null ? 0 : TRUST_IN_USUAL * Math.max(0, 1 - busy / BUSY);
  return { one, all: one * measured ** (1 - trust) * USUAL ** trust };
}

/** With what tasks wait for a core, how many times as long as without. */
function waiting({ stage, merge }: PassPoints): number {
  let [net, queued] = [0, 0];
  for (const point of stage) {
    net += netOfStage(point);
    queued += point.queued;
  }
  for (const point of merge) {
    net += point.net;
    queued += point.queued;
  }
  return net === 0 ? 1 : 1 + queued / net;
}

/**
 * The same for tasks after the first: before that the workers' own threads, which optimize their code,
 * take cores from them, and this is reckoned by itself.
 */
function waitingAtPace({ stage, merge }: PassPoints): number {
  const steady = {
    stage: splitBySpeed(stage, netOfStage).steady,
    merge: splitBySpeed(merge, ({ net }) => net).steady,
  };
  return waiting(steady);
}

/** How many times as long as the rates say tasks take themselves; null if too few tell. */
function pace(
  points: PassPoints,
  stageRates: ReadonlyMap<string, StageRates>,
  { perTile, perByte }: MergeRates,
): number | null {
  let [took, expected] = [0, 0];
  for (const point of splitBySpeed(points.stage, netOfStage).steady) {
    took += netOfStage(point);
    expected += stageCostOf(point, ratesOf(stageRates, point.format));
  }
  for (const point of splitBySpeed(points.merge, ({ net }) => net).steady) {
    took += point.net;
    expected += perTile * point.tiles + perByte * point.shuffleBytes;
  }
  return expected < ENOUGH_MS ? null : took / expected;
}

function netOfStage({ reading, kernels, writing, other }: StagePoint): number {
  return reading + kernels + writing + other;
}

function bounded(factor: number): number {
  return Math.min(MOST, Math.max(1, factor));
}
