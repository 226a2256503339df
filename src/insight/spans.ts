/** Which worker did what when, on one clock: that of the coordinator, from the run's start. */

import type { TaskUsage } from '../parallel/usage/usage.ts';
import type { RecordLine, RunLine } from '../staging/recording/record-lines.ts';
import { type Phase, phaseOf } from '../staging/telling/phases.ts';
import type { TaskSpan } from './analysis.ts';

type TaskEnded = Extract<RecordLine, { type: 'task-ended' }>;

export interface MeasuredSpan extends TaskSpan {
  /** Name of its worker. */
  name: string;
  usage: TaskUsage | null;
  /** As how many of its phase's tasks it counts: what builds tiles or spills rows, none. */
  counts: number;
}

/** When a phase went on. */
export interface PhaseInterval {
  phase: Phase;
  start: number;
  /** The run's end, for one that was not told to have ended. */
  end: number;
  tasks: number;
}

/**
 * Attempts at tasks that came to a worker, in the order of their ends.
 * @returns also the workers' names, in the order of their first tasks
 */
export function spansOf(lines: readonly RecordLine[]): {
  spans: MeasuredSpan[];
  workers: string[];
} {
  const run = lines[0] as RunLine;
  const ended = lines.filter((line): line is TaskEnded => line.type === 'task-ended');
  const offsets = clockOffsets(run, ended);
  const spans = ended.flatMap((line) => spanOf(line, offsets) ?? []);
  const first = new Map<string, number>();
  for (const { name, start } of spans) {
    first.set(name, Math.min(first.get(name) ?? Number.POSITIVE_INFINITY, start));
  }
  const workers = [...first.keys()].sort((a, b) => first.get(a)! - first.get(b)!);
  const places = new Map(workers.map((name, place) => [name, place]));
  for (const span of spans) span.worker = places.get(span.name)!;
  return { spans, workers };
}

/**
 * Seconds to take from a worker's clock. On the coordinator's machine that is exact. Elsewhere a
 * task can't be told to have ended before it has, so the least of these differences is taken.
 */
function clockOffsets(run: RunLine, ended: readonly TaskEnded[]): Map<string, number> {
  const offsets = new Map<string, number>();
  for (const { at, usage } of ended) {
    if (usage === null || usage.host === run.machine.host) continue;
    const offset = (usage.startedAt + usage.wallMs) / 1000 - at;
    offsets.set(usage.host, Math.max(offsets.get(usage.host) ?? Number.NEGATIVE_INFINITY, offset));
  }
  offsets.set(run.machine.host, Date.parse(run.startedAt) / 1000);
  return offsets;
}

function spanOf(line: TaskEnded, offsets: ReadonlyMap<string, number>): MeasuredSpan | null {
  const { phase, subject, part, parts, attempt, bytes, usage, worker } = line;
  if (worker === null) return null;
  const common = {
    worker: 0,
    name: worker,
    ...{ phase, subject, part, parts, attempt, bytes, counts: line.counts ?? 1, usage },
    submitted: line.submittedAt,
    error: line.error?.message ?? null,
  };
  if (usage === null) {
    const start = line.startedAt ?? line.at;
    return { ...common, start, end: line.at, cpu: 0, queuedForCpu: 0, blocked: 0, gc: 0 };
  }
  const start = Math.max(0, usage.startedAt / 1000 - offsets.get(usage.host)!);
  const wall = usage.wallMs / 1000;
  const cpu = Math.min(wall, (usage.cpuUserMs + usage.cpuSystemMs) / 1000);
  const queuedForCpu = Math.min(wall - cpu, (usage.queuedForCpuMs ?? 0) / 1000);
  return {
    ...common,
    start,
    end: start + wall,
    cpu,
    queuedForCpu,
    blocked: wall - cpu - queuedForCpu,
    gc: usage.gcMs / 1000,
  };
}

/** @param end - of the run */
export function phaseIntervals(lines: readonly RecordLine[], end: number): PhaseInterval[] {
  const intervals: PhaseInterval[] = [];
  const open = new Map<Phase, PhaseInterval>();
  for (const line of lines) {
    if (line.type === 'phase-started') {
      const interval = { phase: line.phase, start: line.at, end, tasks: line.tasks };
      intervals.push(interval);
      open.set(line.phase, interval);
    } else if (line.type === 'phase-ended') {
      const interval = open.get(line.phase);
      if (interval !== undefined) interval.end = line.at;
    }
  }
  return intervals;
}

/** Also of a phase of another version: what has tasks says so. */
export function hasTasks({ phase, tasks }: PhaseInterval): boolean {
  return tasks > 0 || phaseOf(phase).work === 'tasks';
}

/**
 * Spans by the places of workers: one that came when another had ended for good, to replace it, has
 * that one's place. Each place's spans are in their order.
 */
export function workerPlaces(spans: readonly MeasuredSpan[]): MeasuredSpan[][] {
  const ordered = spans.toSorted((a, b) => a.start - b.start);
  const places: MeasuredSpan[][] = [];
  for (const own of Map.groupBy(ordered, ({ name }) => name).values()) {
    const free = places.find((place) => place.at(-1)!.end <= own[0]!.start);
    if (free === undefined) places.push(own);
    else free.push(...own);
  }
  return places;
}
