/**
 * What the time of the workers went into. All of workers × seconds is accounted for: a worker is in
 * a task, where it computes, waits for a core, or waits for something else; or it has none, because
 * there is none, because the next one is not with it yet, or because the run is at a step that one
 * process does alone.
 */

import type { TaskUsage } from '../parallel/usage/usage.ts';
import type { RunLine } from '../staging/recording/record-lines.ts';
import { phaseOf } from '../staging/telling/phases.ts';
import type { TimeKind } from './analysis.ts';
import { hasTasks, type MeasuredSpan, type PhaseInterval, workerPlaces } from './spans.ts';

/** From here on it is not starting up any more: nobody gives it a worker. */
const STARTING_SECONDS = 3;
/** Of the time in which a task stood still, memory was the reason from this share of stalls on. */
const MEMORY_STALLS = 0.25;

/** Executors whose workers are threads of the coordinator's process. */
export const EMBEDDED: readonly string[] = ['threads', 'inline'];

export type TimeShares = Map<TimeKind, number>;

export interface Workforce {
  run: RunLine;
  spans: readonly MeasuredSpan[];
  phases: readonly PhaseInterval[];
  /** How many workers there were. */
  workers: number;
  /** The run's length. */
  seconds: number;
  /** Part of what was read from the disk that had been in memory, and was thrown out of it. */
  readAgain: number;
}

/** Seconds of workers by kind; the sum is workers × seconds. */
export function timeShares(workforce: Workforce): TimeShares {
  const { run, spans, phases, workers, seconds, readAgain } = workforce;
  const shares: TimeShares = new Map();
  const add = (kind: TimeKind, amount: number): void => {
    if (amount > 0) shares.set(kind, (shares.get(kind) ?? 0) + amount);
  };
  for (const span of spans) {
    // What was not measured is taken for work.
    if (span.usage === null) {
      add('computing', span.end - span.start);
      continue;
    }
    add('computing', span.cpu);
    add('waiting for a core', span.queuedForCpu);
    for (const [kind, part] of blockedBy(run, span, readAgain)) add(kind, part * span.blocked);
  }
  let parallel = 0;
  for (const phase of phases) {
    const others = phaseOf(phase.phase).work === 'others';
    if (others) add('waiting for another run', workers * (phase.end - phase.start));
    if (others || hasTasks(phase)) parallel += phase.end - phase.start;
    if (!hasTasks(phase)) continue;
    const own = spans.filter((span) => span.phase === phase.phase && within(span, phase));
    for (const [kind, amount] of idleShares(run, phase, own, workers)) add(kind, amount);
  }
  add('the coordinator', workers * (seconds - parallel));
  return shares;
}

const within = ({ start, end }: MeasuredSpan, phase: PhaseInterval): boolean =>
  (start + end) / 2 >= phase.start && (start + end) / 2 <= phase.end;

/** What a task that neither computed nor waited for a core has waited for, and for which part. */
function blockedBy(
  run: RunLine,
  { phase, usage, blocked }: MeasuredSpan,
  readAgain: number,
): [TimeKind, number][] {
  const reads = phase === 'stage' ? (run.input ?? run.output) : run.output;
  const pressure = usage!.pressureMs;
  if (pressure !== null && pressure.memory / 1000 > MEMORY_STALLS * blocked) {
    return [['waiting for memory', 1]];
  }
  if (reads.network || run.output.network) return [['waiting for the network', 1]];
  const memory = readAgain * readingPart(usage!);
  return [
    ['waiting for memory', memory],
    ['waiting for the disk', 1 - memory],
  ];
}

/** How much of what went to and from the disk was read: what is written directly is waited for too. */
function readingPart({ diskReadBytes, diskWrittenBytes }: TaskUsage): number {
  const all = (diskReadBytes ?? 0) + (diskWrittenBytes ?? 0);
  return all === 0 ? 1 : (diskReadBytes ?? 0) / all;
}

/** Time of a phase in which workers had no task. */
function idleShares(
  run: RunLine,
  phase: PhaseInterval,
  spans: readonly MeasuredSpan[],
  workers: number,
): [TimeKind, number][] {
  const shares: [TimeKind, number][] = [];
  const places = workerPlaces(spans);
  // After this moment there was no task any more that somebody could have begun.
  const lastBegin = spans.reduce((latest, { start }) => Math.max(latest, start), phase.start);
  // Threads get a task as soon as there is one: there was none until another one had ended.
  const isEmbedded = EMBEDDED.includes(run.executor);
  const ends = isEmbedded ? spans.map(({ end }) => end).sort((a, b) => a - b) : [];
  for (const own of places) {
    let at = phase.start;
    for (const [i, span] of own.entries()) {
      const next = Math.min(span.start, phase.end);
      const none = i === 0 ? 0 : Math.min(next, lastBefore(ends, span.submitted)) - at;
      if (none > 0) {
        shares.push(['nothing to do', none]);
        at += none;
      }
      if (next > at) shares.push([waitFor(run, next - at, i === 0), next - at]);
      at = Math.max(at, span.end);
    }
    // In the end: tasks that others began meanwhile did not come to this one.
    const missed = Math.min(lastBegin, phase.end) - at;
    if (missed > 0) {
      shares.push([isEmbedded ? 'nothing to do' : waitFor(run, missed, false), missed]);
    }
    shares.push(['nothing to do', phase.end - Math.max(at, lastBegin)]);
  }
  // Workers that had no task in this phase: until the last one was begun they were not there yet.
  const without = Math.max(0, workers - places.length);
  if (without > 0) {
    const length = phase.end - phase.start;
    const before = Math.min(lastBegin - phase.start, length);
    const absent = phase.tasks > places.length ? before : 0;
    shares.push([waitFor(run, absent, true), without * absent]);
    shares.push(['nothing to do', without * (length - absent)]);
  }
  return shares;
}

/** The last of these moments, in ascending order, that is not after another one. */
function lastBefore(moments: readonly number[], at: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moments[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return moments[low - 1] ?? 0;
}

/** Why a task that was there did not come to a worker that had none. */
function waitFor(run: RunLine, gap: number, first: boolean): TimeKind {
  // Processes of this machine hear of their tasks without a network too.
  const here = ['threads', 'inline', 'local'].includes(run.executor);
  if (here && (!first || gap < STARTING_SECONDS)) return first ? 'starting up' : 'the coordinator';
  const scheduled = run.executor.startsWith('slurm');
  if (first) {
    return gap < STARTING_SECONDS ? 'starting up' : 'waiting for the scheduler';
  }
  // Elements of an array have their tasks with them: it is the next element that is waited for.
  return scheduled && run.executor.includes('array')
    ? 'waiting for the scheduler'
    : 'waiting for the network';
}
