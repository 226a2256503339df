/** The machine over time, from samples of its counters. */

import type { SampleLine } from '../../staging/recording/record-lines.ts';
import type { RunAnalysis } from '../analysis.ts';
import type { Unit } from '../units.ts';

/** Seconds since the run's start, and what was measured then; null: nothing was. */
export interface Point {
  at: number;
  value: number | null;
}

export interface Series {
  name: string;
  points: Point[];
  /** Colour of what it is about elsewhere; else colours go in turn. */
  tone?: 'core' | 'blocked' | 'memory' | 'other';
}

export interface SampleChart {
  id: string;
  title: string;
  unit: Unit;
  series: Series[];
  /** What the machine can give at most; `of`: the series that it is for, if it is not for all. */
  limits: { name: string; value: number; of?: number }[];
}

/** Points of a series at most; more are averaged. */
const POINTS = 400;

/** Charts of what the samples have; what no sample has is left out. */
export function sampleCharts({ samples, run, end, seconds }: RunAnalysis): SampleChart[] {
  if (samples.length < 2) return [];
  const { machine } = run;
  const memory = machine.memoryLimit ?? machine.memory;
  const cores = Math.min(machine.usableCores, machine.cpuQuota ?? machine.usableCores);
  const rate = (key: CounterKey, scale = 1): Point[] =>
    thin(
      rates(samples, (sample) => sample[key], scale),
      seconds,
    );
  const level = (value: (sample: SampleLine) => number | null): Point[] =>
    thin(
      samples.map((sample) => ({ at: sample.at, value: value(sample) })),
      seconds,
    );
  const pressure = (kind: 'cpu' | 'memory' | 'io'): Point[] =>
    thin(
      rates(samples, ({ pressureMs }) => pressureMs?.[kind] ?? null, 1e-3),
      seconds,
      // Counters are read a moment apart from the clock.
    ).map(({ at, value }) => ({ at, value: value === null ? null : Math.min(1, value) }));
  const held = thin(
    rates(samples, ({ throttledMs }) => throttledMs, 1e-3),
    seconds,
  );
  // Most groups have no limit, and are never held back.
  const throttled = held.some(({ value }) => value !== null && value > 0) ? held : [];
  const charts: SampleChart[] = [
    {
      id: 'cpu',
      title: 'CPU',
      unit: 'cores',
      series: [
        { name: 'all processes', points: rate('busyMs', 1e-3) },
        { name: 'this process', points: rate('processCpuMs', 1e-3) },
      ],
      limits: [{ name: 'cores it may use', value: cores }],
    },
    {
      id: 'disk',
      title: 'Disk of the staged folder',
      unit: 'bytes/s',
      series: [
        { name: 'written', points: rate('diskWrittenBytes') },
        { name: 'read', points: rate('diskReadBytes') },
      ],
      limits: known([
        ['writes at most', end?.disk.write ?? machine.diskWriteLimit],
        ['reads at most', end?.disk.read ?? machine.diskReadLimit],
      ]),
    },
    {
      id: 'network',
      title: 'Network',
      unit: 'bytes/s',
      series: [
        { name: 'received', points: rate('receivedBytes') },
        { name: 'sent', points: rate('sentBytes') },
      ],
      limits: [],
    },
    {
      id: 'memory',
      title: 'Memory',
      unit: 'bytes',
      series: [
        {
          name: 'all processes',
          points: level(({ memoryAvailable }) => Math.max(0, memory - memoryAvailable)),
        },
        { name: 'this process', points: level(({ processMemory }) => processMemory) },
      ],
      limits: [{ name: machine.memoryLimit === null ? 'memory' : 'limit', value: memory }],
    },
    {
      id: 'pressure',
      title: 'Pressure: some process had to wait for …',
      unit: 'share',
      series: [
        { name: 'a core', points: pressure('cpu'), tone: 'core' },
        { name: 'the disk', points: pressure('io'), tone: 'blocked' },
        { name: 'memory', points: pressure('memory'), tone: 'memory' },
        { name: 'its share of the cores', points: throttled, tone: 'other' },
      ],
      limits: [],
    },
    {
      id: 'tasks',
      title: 'Workers and tasks',
      unit: 'count',
      series: [
        { name: 'workers', points: level(({ workers }) => workers) },
        { name: 'tasks that run', points: level(({ running }) => running) },
        { name: 'tasks that wait', points: level(({ waiting }) => waiting) },
      ],
      limits: [],
    },
  ];
  return charts.flatMap((chart) => {
    const series = chart.series.filter(({ points }) => points.some(({ value }) => value !== null));
    return series.length === 0 ? [] : [{ ...chart, series }];
  });
}

/** Limits of the series in turn. */
function known(limits: (readonly [string, number | null | undefined])[]): SampleChart['limits'] {
  return limits.flatMap(([name, value], of) =>
    value == null || !(value > 0) ? [] : [{ name, value, of }],
  );
}

type CounterKey = {
  [K in keyof SampleLine]: SampleLine[K] extends number | null ? K : never;
}[keyof SampleLine];

/** Change of a counter a second, at the middle of each pair of samples. */
function rates(
  samples: readonly SampleLine[],
  counter: (sample: SampleLine) => number | null,
  scale: number,
): Point[] {
  const points: Point[] = [];
  for (let i = 1; i < samples.length; i++) {
    const [before, after] = [samples[i - 1]!, samples[i]!];
    const [from, to] = [counter(before), counter(after)];
    const time = after.at - before.at;
    if (!(time > 0)) continue;
    // A counter that goes back has begun anew: what it counted meanwhile is lost.
    const value = from === null || to === null || to < from ? null : ((to - from) * scale) / time;
    points.push({ at: (before.at + after.at) / 2, value });
  }
  return points;
}

/** Means over equal parts of the time, if there are too many points. */
function thin(points: Point[], seconds: number): Point[] {
  if (points.length <= POINTS) return points;
  const span = Math.max(seconds, points.at(-1)!.at);
  const bins = Array.from({ length: POINTS }, () => ({ at: 0, all: 0, sum: 0, count: 0 }));
  for (const { at, value } of points) {
    const bin = bins[Math.min(POINTS - 1, Math.floor((at / span) * POINTS))]!;
    bin.at += at;
    bin.all++;
    if (value === null) continue;
    bin.sum += value;
    bin.count++;
  }
  return bins
    .filter(({ all }) => all > 0)
    .map(({ at, all, sum, count }) => ({ at: at / all, value: count === 0 ? null : sum / count }));
}
