/** Seeded analyses of runs that never were, for tests of reports and for pictures of them. */

import { Random } from '../../src/core/random.ts';
import type { InputShare, PhaseShare, RunAnalysis, TaskSpan } from '../../src/insight/analysis.ts';
import type { EndLine, RunLine, SampleLine } from '../../src/staging/recording/record-lines.ts';
import type { Phase } from '../../src/staging/telling/phases.ts';

export interface SampleOptions {
  seed?: number;
  workers?: number;
  hosts?: number;
  stageTasks?: number;
  mergeTasks?: number;
  /** Mean seconds of a task. */
  taskSeconds?: number;
  /** Shares of a task's time. */
  computing?: number;
  core?: number;
  inputName?: (index: number) => string;
}

const GB = 1e9;

export function sampleAnalysis(options: SampleOptions = {}): RunAnalysis {
  const { seed = 1, workers = 2, hosts = 1, stageTasks = 40, mergeTasks = 60 } = options;
  const { taskSeconds = 0.8, computing = 0.86, core = 0.05 } = options;
  const inputName = options.inputName ?? ((i) => `scene-${String(i + 1).padStart(5, '0')}.gpkg`);
  const random = new Random(seed);
  const timeline: TaskSpan[] = [];
  const phases: PhaseShare[] = [phaseShare('plan', 0, taskSeconds / 4, [])];
  let clock = taskSeconds / 4;
  for (const [phase, tasks] of [
    ['stage', stageTasks],
    ['merge', mergeTasks],
  ] as [Phase, number][]) {
    const free = Array.from({ length: workers }, () => clock);
    const spans: TaskSpan[] = [];
    for (let i = 0; i < tasks; i++) {
      const worker = free.indexOf(Math.min(...free));
      const start = free[worker]! + 0.004 * taskSeconds * random.next();
      const wall = taskSeconds * Math.exp(0.5 * random.normal()) * (phase === 'stage' ? 1 : 0.5);
      const part = phase === 'stage' ? (i % 4) + 1 : 1;
      const share = Math.min(1, computing * (0.8 + 0.4 * random.next()));
      const queued = Math.min(1 - share, core * (0.5 + random.next()));
      const subject =
        phase === 'stage' ? inputName(Math.floor(i / 4)) : `partition ${(i % 256) + 1}`;
      spans.push({
        worker,
        phase,
        subject,
        part,
        parts: phase === 'stage' ? 4 : 1,
        submitted: clock,
        start,
        end: start + wall,
        cpu: wall * share,
        queuedForCpu: wall * queued,
        blocked: wall * Math.max(0, 1 - share - queued),
        gc: wall * 0.03,
        bytes: Math.round(wall * 30e6),
        attempt: 1,
        error: null,
      });
      free[worker] = start + wall;
    }
    const end = Math.max(...free);
    phases.push(phaseShare(phase, clock, end, spans));
    timeline.push(...spans);
    clock = end + 0.02 * taskSeconds;
  }
  phases.push(phaseShare('finalize', clock, clock + taskSeconds / 3, []));
  const seconds = clock + taskSeconds / 3;
  return assemble({ random, workers, hosts, timeline, phases, seconds });
}

function phaseShare(phase: Phase, start: number, end: number, spans: TaskSpan[]): PhaseShare {
  const sum = (value: (span: TaskSpan) => number): number =>
    spans.reduce((total, span) => total + value(span), 0);
  const wall = sum((span) => span.end - span.start);
  const parts = { reading: 0.2 * wall, kernels: 0.55 * wall, writing: 0.25 * wall };
  return {
    phase,
    start,
    end,
    tasks: spans.length,
    cpu: sum(({ cpu }) => cpu),
    wall,
    queuedForCpu: sum(({ queuedForCpu }) => queuedForCpu),
    blocked: sum(({ blocked }) => blocked),
    gc: sum(({ gc }) => gc),
    readBytes: sum(({ bytes }) => bytes),
    writtenBytes: Math.round(1.3 * sum(({ bytes }) => bytes)),
    parts: spans.length === 0 ? {} : parts,
  };
}

interface Pieces {
  random: Random;
  workers: number;
  hosts: number;
  timeline: TaskSpan[];
  phases: PhaseShare[];
  seconds: number;
}

function assemble({ random, workers, hosts, timeline, phases, seconds }: Pieces): RunAnalysis {
  const sum = (value: (span: TaskSpan) => number): number =>
    timeline.reduce((total, span) => total + value(span), 0);
  const all = workers * seconds || 1;
  const [cpu, core, blocked] = [
    sum((span) => span.cpu),
    sum(({ queuedForCpu }) => queuedForCpu),
    sum((span) => span.blocked),
  ];
  const run = sampleRun(workers, hosts);
  const time: RunAnalysis['time'] = [
    { kind: 'computing', seconds: cpu, share: cpu / all },
    { kind: 'waiting for a core', seconds: core, share: core / all },
    { kind: 'waiting for the disk', seconds: blocked, share: blocked / all },
    {
      kind: 'nothing to do',
      seconds: all - cpu - core - blocked,
      share: 1 - (cpu + core + blocked) / all,
    },
  ];
  time.sort((a, b) => b.seconds - a.seconds);
  const percent = Math.round((100 * cpu) / all);
  const last = timeline.filter(({ phase }) => phase === 'stage').sort((a, b) => b.end - a.end);
  return {
    run,
    end: sampleEnd(seconds),
    seconds,
    verdict: {
      bound: 'cpu',
      sentence: `CPU bound this run: its ${workers} workers computed ${percent} % of the time.`,
      evidence: [
        {
          what: 'CPU time of the workers',
          value: `${((cpu / all) * workers).toFixed(1)} of ${workers} cores`,
          limit: `${workers} cores`,
          share: cpu / all,
        },
        { what: 'Written to the disk', value: '41 MB/s', limit: '310 MB/s', share: 0.13 },
        { what: 'Read from the disk', value: '28 MB/s', limit: '520 MB/s', share: 0.05 },
        { what: 'Memory of all processes', value: '2.1 GB', limit: '16 GB', share: 0.13 },
        { what: 'Tasks for each worker', value: '50', limit: null, share: null },
      ],
      next: 'disk',
    },
    advice: [
      {
        what: `Give it ${2 * workers} workers`,
        why: `They computed ${percent} % of the time, and ${2 * workers} cores are there to be used.`,
        seconds: { low: 0.52 * seconds, high: 0.6 * seconds },
      },
      {
        what: 'Put the staged folder on a local disk',
        why: 'Writing waited for the disk in merge tasks.',
        seconds: { low: 0.93 * seconds, high: 0.97 * seconds },
      },
    ],
    time,
    phases,
    workers: sampleWorkers(workers, hosts, timeline, seconds),
    timeline,
    slowest: slowestInputs(timeline),
    stragglers: last.slice(0, 2).map((span) => ({
      ...span,
      why: 'It ran on while most of the workers had nothing to do any more.',
    })),
    failures: [],
    samples: sampleSamples(random, seconds, workers),
    missing: [],
  };
}

function sampleRun(workers: number, hosts: number): RunLine {
  return {
    type: 'run',
    version: 1,
    tilewright: '0.1.0',
    runId: '20261125-180351-7f3a',
    startedAt: '2026-11-25T18:03:51.204Z',
    folder: '/data/ice-wedges/staged',
    executor: hosts > 1 ? 'slurm' : 'threads',
    slots: workers,
    machine: {
      host: 'node000',
      platform: 'linux',
      release: '6.1.0',
      node: '24.21.0',
      processor: 'Example Processor 2.4 GHz',
      cores: 4,
      usableCores: 4,
      cpuQuota: null,
      memory: 16 * GB,
      memoryLimit: null,
      diskReadLimit: null,
      diskWriteLimit: null,
      pressure: true,
    },
    output: {
      path: '/data/ice-wedges/staged',
      mountPoint: '/data',
      type: 'ext4',
      network: false,
      free: 412 * GB,
    },
    input: {
      path: '/archive/scenes',
      mountPoint: '/archive',
      type: 'nfs4',
      network: true,
      free: 9000 * GB,
    },
  };
}

function sampleEnd(seconds: number): EndLine {
  return {
    type: 'end',
    at: seconds,
    state: 'finished',
    error: null,
    made: {
      inputs: { staged: 10, unchanged: 3, failed: 0 },
      featuresRead: 1_204_331,
      featuresStaged: 1_203_990,
      rowsWritten: 1_310_022,
      tiles: { new: 47, changed: 6, unchanged: 2, removed: 0, total: 312 },
    },
    inputBytes: 1.21e9,
    shuffleBytes: 1.4e9,
    tileBytes: 1.62e9,
    coordinatorCpu: 0.02 * seconds,
    peakMemory: 412e6,
    disk: { read: 520e6, write: 310e6 },
    recording: 0.031,
  };
}

function sampleWorkers(
  workers: number,
  hosts: number,
  timeline: TaskSpan[],
  seconds: number,
): RunAnalysis['workers'] {
  const perHost = Math.ceil(workers / hosts);
  const shares = Array.from({ length: workers }, (_, i) => {
    const host = `node${String(Math.floor(i / perHost)).padStart(3, '0')}`;
    const worker = `${host}/${4000 + Math.floor(i / perHost)}/${(i % perHost) + 1}`;
    return { worker, host, tasks: 0, busy: 0, cpu: 0, peakMemory: 250e6 + 1e6 * (i % 90) };
  });
  for (const { worker, start, end, cpu } of timeline) {
    const share = shares[worker]!;
    share.tasks++;
    share.busy += (end - start) / seconds;
    share.cpu += cpu;
  }
  return shares.map((share) => ({ ...share, busy: share.busy * seconds }));
}

function slowestInputs(timeline: TaskSpan[]): InputShare[] {
  const inputs = new Map<string, InputShare>();
  for (const span of timeline) {
    if (span.phase !== 'stage') continue;
    const share = inputs.get(span.subject) ?? {
      input: span.subject,
      bytes: 0,
      wall: 0,
      cpu: 0,
      speed: 0,
      slices: 0,
    };
    share.bytes += span.bytes;
    share.wall += span.end - span.start;
    share.cpu += span.cpu;
    share.slices++;
    share.speed = share.bytes / share.wall;
    inputs.set(span.subject, share);
  }
  return [...inputs.values()].sort((a, b) => b.wall - a.wall).slice(0, 20);
}

function sampleSamples(random: Random, seconds: number, workers: number): SampleLine[] {
  const samples: SampleLine[] = [];
  const step = Math.max(0.25, seconds / 2000);
  const sums = { busy: 9e6, process: 100, read: 1e9, written: 2e9, received: 5e8, sent: 4e8 };
  const pressure = { cpu: 500, memory: 0, io: 900 };
  const used = Math.min(workers, 4);
  for (let at = 0; at <= seconds; at += step) {
    const merging = at > 0.65 * seconds;
    samples.push({
      type: 'sample',
      at,
      busyMs: sums.busy,
      coresMs: 4e7 + 4000 * at,
      processCpuMs: sums.process,
      processMemory: 180e6 + 230e6 * Math.min(1, (4 * at) / (seconds || 1)) + 1e7 * random.next(),
      pressureMs: { ...pressure },
      throttledMs: 0,
      memoryAvailable: 13.9e9 - 2e8 * random.next(),
      diskReadBytes: sums.read,
      diskWrittenBytes: sums.written,
      diskBusyMs: 100 * at,
      receivedBytes: sums.received,
      sentBytes: sums.sent,
      refaults: 0,
      workers,
      running: Math.min(workers, 40),
      waiting: Math.max(0, Math.round(40 * (1 - at / (seconds || 1)))),
    });
    sums.busy += 1000 * step * used * (0.85 + 0.2 * random.next());
    sums.process += 1000 * step * used * (0.8 + 0.1 * random.next());
    sums.read += step * (merging ? 12e6 : 45e6) * (0.6 + 0.8 * random.next());
    sums.written += step * (merging ? 120e6 : 40e6) * (0.6 + 0.8 * random.next());
    sums.received += step * 30e6 * random.next();
    sums.sent += step * 1e6 * random.next();
    pressure.cpu += 1000 * step * 0.2 * random.next();
    pressure.io += 1000 * step * (merging ? 0.3 : 0.1) * random.next();
    pressure.memory += 1000 * step * 0.01 * random.next();
  }
  return samples;
}
