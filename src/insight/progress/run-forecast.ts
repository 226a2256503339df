/** How far a run is as a whole, and how long it will take yet. */

import type { PhaseDeclaration } from '../../staging/telling/phases.ts';
import type { PhaseProgress } from './phase-progress.ts';
import type { TimeLeft } from './time-left.ts';

/** Bytes a second and slot, until the first tasks are measured. Only its ratio to the planning counts. */
const FIRST_GUESS = 5e6;
/** A measured speed counts in full from this share of a phase on, and below it by as much less. */
const MEASURED_FROM = 0.1;
/** Seconds that a phase with a weight takes at the least. */
const LEAST = { tasks: 0.1, coordinator: 0.05, others: 0 };
/** Time left is told from this share, or so many seconds of work, on. */
const TOLD_FROM_SHARE = 0.02;
const TOLD_FROM_SECONDS = 3;
/** How far a guess may be off: what is not measured yet; and what runs, at its beginning and end. */
const UNMEASURED_OFF = 0.5;
const RUNNING_OFF = { start: 0.35, end: 0.1 };

/** A phase that the run has, or will have as far as it is known; null until it has started. */
export type ForecastPhase = Pick<PhaseDeclaration, 'work' | 'weight'> & {
  progress: PhaseProgress | null;
};

/** 0 to below 1: each phase by the seconds that it takes, as far as that is known. */
export function overallShare(run: readonly ForecastPhase[], slots: number, at: number): number {
  let all = 0;
  let done = 0;
  /** Seconds of the phases of tasks so far, at their speeds. */
  let worked = 0;
  for (const [i, phase] of run.entries()) {
    const { work, progress } = phase;
    if (work === 'others') continue;
    // It was passed over: there was nothing to do.
    if (progress === null && run.slice(i + 1).some((later) => later.progress !== null)) continue;
    const seconds = secondsOf(phase, worked, slots, at);
    if (work === 'tasks') worked += progress?.wholeSeconds(at) ?? seconds;
    all += seconds;
    done += seconds * (progress?.ownShare ?? 0);
  }
  return all === 0 ? 0 : Math.min(0.999, done / all);
}

/** Seconds that this run takes for the phase on the whole. @param worked - for those before it */
function secondsOf(
  { work, weight, progress }: ForecastPhase,
  worked: number,
  slots: number,
  at: number,
): number {
  if (work === 'tasks' && progress?.endedAt != null) return progress.seconds(at);
  if (weight > 0) {
    const guess = Math.max(worked * weight, LEAST[work]);
    return progress === null || work !== 'tasks' ? guess : blended(progress, guess, at);
  }
  if (work !== 'tasks') return progress?.seconds(at) ?? 0;
  if (progress === null) return 1;
  return blended(progress, Math.max(1, progress.bytes / (FIRST_GUESS * Math.max(1, slots))), at);
}

/** A guess that measurement replaces as it goes on. */
function blended(phase: PhaseProgress, guess: number, at: number): number {
  const left = phase.secondsLeft(at);
  if (left === null) return Math.max(guess, phase.seconds(at));
  const weight = Math.min(1, phase.ownShare / MEASURED_FROM);
  return (1 - weight) * guess + weight * (phase.seconds(at) + left);
}

/** Of the phases of tasks, which take the time; null while it would mean nothing. */
export function timeLeft(run: readonly ForecastPhase[], at: number): TimeLeft | null {
  const phases = run.filter(({ work }) => work === 'tasks');
  const parts: TimeLeft[] = [];
  /** Seconds of those before, at their speeds; null if that can't be told. */
  let worked: number | null = null;
  for (const [i, { weight, progress }] of phases.entries()) {
    const isPast = progress?.endedAt != null || phases.slice(i + 1).some((one) => one.progress);
    if (!isPast) {
      const expected = worked === null || weight === 0 ? null : worked * weight;
      const own = ofPhase(progress, expected, at);
      if (own === null) return null;
      parts.push(own);
    }
    const whole: number | null = progress?.wholeSeconds(at) ?? null;
    if (whole !== null) worked = (worked ?? 0) + whole;
    else if (!isPast && worked !== null) worked += worked * weight;
  }
  if (parts.length === 0) return null;
  const sum = (end: keyof TimeLeft): number => parts.reduce((all, part) => all + part[end], 0);
  return { low: sum('low'), high: sum('high') };
}

/** @param expected - seconds that it takes, by those before it; null if that can't be told */
function ofPhase(
  phase: PhaseProgress | null,
  expected: number | null,
  at: number,
): TimeLeft | null {
  if (phase !== null && toldFrom(phase, at)) return ofRunning(phase, at);
  return expected === null ? null : around(expected * (1 - (phase?.share ?? 0)), UNMEASURED_OFF);
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
