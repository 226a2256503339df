/** From the record of a run to what can be said of it. */

import type {
  EndLine,
  RecordLine,
  RunLine,
  SampleLine,
} from '../staging/recording/record-lines.ts';
import { readsInputs } from '../staging/telling/events.ts';
import type { InputShare, PhaseShare, RunAnalysis, TaskSpan, WorkerShare } from './analysis.ts';
import type { Facts } from './evidence.ts';
import { type MeasuredSpan, type PhaseInterval, phaseIntervals, spansOf } from './spans.ts';
import { stragglersOf } from './stragglers.ts';
import { timeShares, type Workforce } from './time-shares.ts';
import { adviceOf, verdictOf } from './verdict.ts';

const SLOWEST = 20;
/** Of nearly all machines; where pages are larger, want of memory is told of later. */
const PAGE_BYTES = 4096;
/** Names of what tasks note, as the report has them. */
const PARTS: Record<string, string> = {
  readMs: 'reading',
  kernelMs: 'kernels',
  buildMs: 'writing tiles',
  spillMs: 'writing shuffle files',
};

/** @param lines - of `readRecordLines`: the first one is the run's */
export function analyse(lines: readonly RecordLine[]): RunAnalysis {
  const run = lines[0] as RunLine;
  const end = lines.find((line): line is EndLine => line.type === 'end') ?? null;
  const samples = lines.filter((line): line is SampleLine => line.type === 'sample');
  const { spans, workers: names } = spansOf(lines);
  const last = lines.at(-1)!;
  const seconds = Math.max(1e-3, end?.at ?? ('at' in last ? last.at : 0));
  const phases = phaseIntervals(lines, seconds);
  const told = Math.max(0, ...samples.map((sample) => sample.workers ?? 0));
  const workers = Math.max(1, told, atOnce(spans));
  const readAgain = readAgainOf(spans, samples);
  const workforce: Workforce = { run, spans, phases, workers, seconds, readAgain };
  const shares = timeShares(workforce);
  const facts: Facts = { ...workforce, end, samples, shares };
  const all = workers * seconds;
  return {
    run,
    end,
    seconds,
    verdict: verdictOf(facts),
    advice: adviceOf(facts),
    time: [...shares]
      .map(([kind, amount]) => ({ kind, seconds: amount, share: amount / all }))
      .sort((a, b) => b.seconds - a.seconds),
    phases: phaseShares(phases, spans),
    workers: names.map((name) => workerShare(name, spans)),
    timeline: spans.map(withoutUsage),
    slowest: slowestInputs(spans),
    stragglers: stragglersOf(spans, phases, workers),
    failures: failuresOf(lines),
    samples,
    missing: missingFrom(run, spans, end),
  };
}

/**
 * Pages that came back soon after they were thrown out, of all that was read from the disk. Where a
 * run has the memory that it needs, this is next to nothing.
 */
function readAgainOf(spans: readonly MeasuredSpan[], samples: readonly SampleLine[]): number {
  const [first, last] = [samples[0]?.refaults ?? null, samples.at(-1)?.refaults ?? null];
  const read = spans.reduce((sum, { usage }) => sum + (usage?.diskReadBytes ?? 0), 0);
  if (first === null || last === null || read === 0) return 0;
  return Math.min(1, ((last - first) * PAGE_BYTES) / read);
}

/** How many tasks went on at one time, at the most. */
function atOnce(spans: readonly MeasuredSpan[]): number {
  const moments = spans.flatMap(({ start, end }) => [[start, 1] as const, [end, -1] as const]);
  // Where one ends and the next begins, the end comes first; clocks differ by a millisecond or so.
  moments.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0;
  let most = 0;
  for (const [, change] of moments) {
    now += change;
    most = Math.max(most, now);
  }
  return Math.min(most, new Set(spans.map(({ name }) => name)).size);
}

function phaseShares(
  intervals: readonly PhaseInterval[],
  spans: readonly MeasuredSpan[],
): PhaseShare[] {
  return intervals.map(({ phase, start, end }) => {
    const own = spans.filter(
      (span) => span.phase === phase && span.end > start && span.start < end,
    );
    const sum = (pick: (span: MeasuredSpan) => number): number =>
      own.reduce((total, span) => total + pick(span), 0);
    const parts: Record<string, number> = {};
    for (const [note, part] of Object.entries(PARTS)) {
      const amount = sum(({ usage }) => usage?.notes[note] ?? 0) / 1000;
      if (amount > 0) parts[part] = amount;
    }
    return {
      ...{ phase, start, end, tasks: own.length },
      cpu: sum(({ cpu }) => cpu),
      wall: sum((span) => span.end - span.start),
      queuedForCpu: sum(({ queuedForCpu }) => queuedForCpu),
      blocked: sum(({ blocked }) => blocked),
      gc: sum(({ gc }) => gc),
      readBytes: sum(({ usage }) => usage?.readBytes ?? 0),
      writtenBytes: sum(({ usage }) => usage?.writtenBytes ?? 0),
      parts,
    };
  });
}

function workerShare(name: string, spans: readonly MeasuredSpan[]): WorkerShare {
  const own = spans.filter((span) => span.name === name);
  return {
    worker: name,
    host: name.split('/')[0]!,
    tasks: own.length,
    busy: own.reduce((sum, span) => sum + span.end - span.start, 0),
    cpu: own.reduce((sum, span) => sum + span.cpu, 0),
    peakMemory: Math.max(0, ...own.map(({ usage }) => usage?.peakMemory ?? 0)),
  };
}

function withoutUsage({
  name: _name,
  usage: _usage,
  counts: _counts,
  ...span
}: MeasuredSpan): TaskSpan {
  return span;
}

function slowestInputs(spans: readonly MeasuredSpan[]): InputShare[] {
  const staged = spans.filter((span) => readsInputs(span) && span.error === null);
  const inputs = [...Map.groupBy(staged, ({ subject }) => subject)].map(([input, slices]) => {
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const wall = slices.reduce((sum, slice) => sum + slice.end - slice.start, 0);
    const cpu = slices.reduce((sum, slice) => sum + slice.cpu, 0);
    return { input, bytes, wall, cpu, speed: bytes / Math.max(1e-6, wall), slices: slices.length };
  });
  return inputs.sort((a, b) => b.wall - a.wall).slice(0, SLOWEST);
}

function failuresOf(lines: readonly RecordLine[]): RunAnalysis['failures'] {
  const failures: RunAnalysis['failures'] = [];
  for (const line of lines) {
    if (line.type === 'task-ended' && line.error !== null && line.retried) {
      failures.push({ subject: line.subject, message: line.error.message, retried: true });
    } else if (line.type === 'input-failed') {
      failures.push({ subject: line.input, message: line.error.message, retried: false });
    } else if (line.type === 'product-failed') {
      const subject = `${line.product} ${line.tile}`;
      failures.push({ subject, message: line.error.message, retried: false });
    }
  }
  return failures;
}

function missingFrom(run: RunLine, spans: readonly MeasuredSpan[], end: EndLine | null): string[] {
  const missing: string[] = [];
  const measured = spans.flatMap(({ usage }) => usage ?? []);
  if (measured.some(({ queuedForCpuMs }) => queuedForCpuMs === null)) {
    missing.push('how long tasks waited for a core: the system does not tell');
  }
  if (measured.some(({ readBytes }) => readBytes === null)) {
    missing.push('bytes read and written: the system does not tell');
  }
  if (!run.machine.pressure) missing.push('stalls for CPU, memory and disk (PSI)');
  if (measured.length < spans.length) {
    missing.push(`what ${spans.length - measured.length} attempts have cost that failed`);
  }
  if (end !== null && end.disk.read === null) missing.push('the reading speed of the disk');
  if (end === null) missing.push('how it ended: it was killed, or goes on');
  return missing;
}
