/** How far a run is as a whole, and how long it will take yet. */

import type { Phase } from '../../staging/pipeline/phases.ts';
import type { PhaseProgress } from './phase-progress.ts';
import type { TimeLeft } from './time-left.ts';

/** Merging takes so long for a second of staging, until it is measured: 40 % to 60 %. */
const MERGE_FOR_STAGE = 2 / 3;
/** Journal and summary, for a second of staging and merging. */
const FINALIZE_SHARE = 0.02;
/** Bytes a second and slot, until staging is measured. Only its ratio to the planning counts. */
const FIRST_GUESS = 5e6;
/** A measured speed counts in full from this share of a phase on, and below it by as much less. */
const MEASURED_FROM = 0.1;
/** Time left is told from this share, or so many seconds of work, on. */
const TOLD_FROM_SHARE = 0.02;
const TOLD_FROM_SECONDS = 3;
/** How far a guess may be off: what is not measured yet; and what runs, at its beginning and end. */
const UNMEASURED_OFF = 0.5;
const RUNNING_OFF = { start: 0.35, end: 0.1 };

type Phases = ReadonlyMap<Phase, PhaseProgress>;

/** 0 to below 1: each phase by the seconds that it takes, as far as that is known. */
export function overallShare(phases: Phases, slots: number, at: number): number {
  const plan = phases.get('plan');
  const stage = stageSeconds(phases, slots, at);
  const merge = mergeSeconds(phases, stage, at);
  const parts: [PhaseProgress | undefined, number][] = [
    [plan, plan?.seconds(at) ?? 0],
    [phases.get('stage'), stage],
    [phases.get('merge'), merge],
    [phases.get('finalize'), Math.max(0.05, FINALIZE_SHARE * (stage + merge))],
  ];
  let all = 0;
  let done = 0;
  for (const [phase, seconds] of parts) {
    all += seconds;
    done += seconds * (phase?.ownShare ?? 0);
  }
  return all === 0 ? 0 : Math.min(0.999, done / all);
}

/** Seconds that this run's staging takes on the whole. */
function stageSeconds(phases: Phases, slots: number, at: number): number {
  const stage = phases.get('stage');
  if (stage === undefined) return phases.has('merge') ? 0 : 1;
  if (stage.endedAt !== null) return stage.seconds(at);
  const guess = stage.bytes / (FIRST_GUESS * Math.max(1, slots));
  return blended(stage, Math.max(guess, 1), at);
}

function mergeSeconds(phases: Phases, stageTime: number, at: number): number {
  const merge = phases.get('merge');
  if (merge?.endedAt != null) return merge.seconds(at);
  const whole = phases.get('stage')?.wholeSeconds(at) ?? stageTime;
  const guess = Math.max(whole * MERGE_FOR_STAGE, 0.1);
  return merge === undefined ? guess : blended(merge, guess, at);
}

/** A guess that measurement replaces as it goes on. */
function blended(phase: PhaseProgress, guess: number, at: number): number {
  const left = phase.secondsLeft(at);
  if (left === null) return Math.max(guess, phase.seconds(at));
  const weight = Math.min(1, phase.ownShare / MEASURED_FROM);
  return (1 - weight) * guess + weight * (phase.seconds(at) + left);
}

/** Null while it would mean nothing. */
export function timeLeft(phases: Phases, at: number): TimeLeft | null {
  const stage = phases.get('stage');
  const merge = phases.get('merge');
  const running = [stage, merge].find((phase) => phase !== undefined && phase.endedAt === null);
  const next = stage?.wholeSeconds(at) ?? null;
  const expected = next === null ? null : next * MERGE_FOR_STAGE;
  if (running === undefined) {
    // Between staging and merging.
    if (stage === undefined || merge !== undefined || expected === null) return null;
    return around(expected, UNMEASURED_OFF);
  }
  if (running === merge) {
    if (toldFrom(merge, at)) return ofRunning(merge, at);
    return expected === null ? null : around(expected * (1 - merge.share), UNMEASURED_OFF);
  }
  if (!toldFrom(running, at) || expected === null) return null;
  const left = ofRunning(running, at);
  const later = around(expected, UNMEASURED_OFF);
  return left === null ? null : { low: left.low + later.low, high: left.high + later.high };
}

function toldFrom(phase: PhaseProgress, at: number): boolean {
  return phase.ownShare >= TOLD_FROM_SHARE && phase.seconds(at) >= TOLD_FROM_SECONDS;
}

function ofRunning(phase: PhaseProgress, at: number): TimeLeft | null {
  const left = phase.secondsLeft(at);
  if (left === null) return null;
  const { start, end } = RUNNING_OFF;
  return around(left, start + (end - start) * phase.ownShare);
}

function around(seconds: number, off: number): TimeLeft {
  return { low: seconds * (1 - off), high: seconds * (1 + off) };
}
