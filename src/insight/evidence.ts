/** Numbers beside the machine's limits, for the report of a run. */

import type { EndLine, RunLine, SampleLine } from '../staging/recording/record-lines.ts';
import type { Bound, Evidence } from './analysis.ts';
import type { MeasuredSpan } from './spans.ts';
import { EMBEDDED, type TimeShares, type Workforce } from './time-shares.ts';
import { bytesText, percentText, rateText, secondsText } from './units.ts';

/** What is known of a run, and where the time of its workers went. */
export interface Facts extends Workforce {
  end: EndLine | null;
  samples: readonly SampleLine[];
  shares: TimeShares;
}

/** What the samples say of the time between the first and the last of them. */
interface Change {
  seconds: number;
  /** Cores that were busy on the average, of all on the machine. */
  busyCores: number | null;
  throttledMs: number | null;
  received: number | null;
  sent: number | null;
  refaults: number | null;
}

function changeOf(samples: readonly SampleLine[], cores: number): Change {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at <= first.at) {
    return {
      ...{ seconds: 0, busyCores: null, throttledMs: null, received: null, sent: null },
      refaults: null,
    };
  }
  const grown = (pick: (sample: SampleLine) => number | null): number | null => {
    const [a, b] = [pick(first), pick(last)];
    return a === null || b === null ? null : b - a;
  };
  const busy = grown(({ busyMs }) => busyMs);
  const had = grown(({ coresMs }) => coresMs);
  return {
    seconds: last.at - first.at,
    busyCores: busy === null || had === null || had === 0 ? null : (cores * busy) / had,
    throttledMs: grown(({ throttledMs }) => throttledMs),
    received: grown(({ receivedBytes }) => receivedBytes),
    sent: grown(({ sentBytes }) => sentBytes),
    refaults: grown(({ refaults }) => refaults),
  };
}

/** Cores that one process may keep busy: those that there are, less what its group does not get. */
export function usableCores({ usableCores: cores, cpuQuota }: RunLine['machine']): number {
  return Math.min(cores, cpuQuota ?? cores);
}

const ORDER: readonly Bound[] = ['cpu', 'disk', 'memory', 'network', 'scheduler', 'too-few-tasks'];

/** All that was measured, what concerns the bound first. */
export function evidenceOf(bound: Bound, facts: Facts): Evidence[] {
  const change = changeOf(facts.samples, facts.run.machine.cores);
  const by: Partial<Record<Bound, Evidence[]>> = {
    cpu: cpuEvidence(facts, change),
    disk: diskEvidence(facts),
    memory: memoryEvidence(facts, change),
    network: networkEvidence(facts, change),
    scheduler: schedulerEvidence(facts),
    'too-few-tasks': taskEvidence(facts),
  };
  const order = [bound, ...ORDER.filter((other) => other !== bound)];
  return order.flatMap((one) => by[one] ?? []);
}

function cpuEvidence(facts: Facts, change: Change): Evidence[] {
  const { run, spans, shares, workers, seconds } = facts;
  const cores = usableCores(run.machine);
  const cpu = spans.reduce((sum, span) => sum + span.cpu, 0);
  const queued = shares.get('waiting for a core') ?? 0;
  const gc = spans.reduce((sum, span) => sum + span.gc, 0);
  const hosts = new Set(spans.map(({ name }) => name.split('/')[0])).size;
  const quota = run.machine.cpuQuota;
  const limit =
    quota !== null && quota < run.machine.usableCores
      ? `${quota.toFixed(1)} cores: the quota of the control group`
      : `${cores} cores`;
  const evidence: Evidence[] = [
    {
      what: 'CPU time of the tasks',
      value: `${(cpu / seconds).toFixed(2)} cores`,
      // Other machines may have others.
      limit: hosts > 1 ? null : limit,
      share: hosts > 1 ? null : Math.min(1, cpu / seconds / cores),
    },
    {
      what: 'Tasks that waited for a core',
      value: percentText(queued / (workers * seconds)),
      limit: null,
      share: queued / (workers * seconds),
    },
  ];
  const others = coresOfOthers(facts);
  if (change.busyCores !== null && hosts === 1) {
    evidence.push({
      what: 'Other programs on the machine',
      value: `${others.toFixed(2)} cores`,
      limit: `${run.machine.cores} cores`,
      share: others / run.machine.cores,
    });
  }
  if (change.throttledMs !== null && change.throttledMs > 0) {
    evidence.push({
      what: 'Stopped by the quota of the control group',
      value: secondsText(change.throttledMs / 1000),
      limit: null,
      share: null,
    });
  }
  evidence.push({
    what: 'Garbage collection',
    value: percentText(cpu > 0 ? gc / cpu : 0),
    limit: null,
    share: cpu > 0 ? gc / cpu : 0,
  });
  return evidence;
}

/** Cores that other programs on the coordinator's machine have kept busy; 0 if nothing tells. */
export function coresOfOthers({ run, samples, spans }: Facts): number {
  const own = cpuOfProcess(samples);
  const { busyCores, seconds } = changeOf(samples, run.machine.cores);
  if (own === null || busyCores === null) return 0;
  // Workers in processes of their own are no others.
  const workers = EMBEDDED.includes(run.executor)
    ? 0
    : spans.reduce((sum, { cpu }) => sum + cpu, 0) / seconds;
  return Math.max(0, busyCores - own - workers);
}

/** Cores that the coordinator's process, threads included, has kept busy. */
function cpuOfProcess(samples: readonly SampleLine[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return null;
  return (last.processCpuMs - first.processCpuMs) / 1000 / (last.at - first.at);
}

function diskEvidence({ run, end, spans, shares, workers, seconds }: Facts): Evidence[] {
  const waited = (shares.get('waiting for the disk') ?? 0) / (workers * seconds);
  const evidence: Evidence[] = [
    {
      what: 'Tasks that waited for the disk',
      value: percentText(waited),
      limit: null,
      share: waited,
    },
  ];
  const rows = [
    ['Read from the disk', 'diskReadBytes', end?.disk.read, run.machine.diskReadLimit],
    ['Written to the disk', 'diskWrittenBytes', end?.disk.write, run.machine.diskWriteLimit],
  ] as const;
  for (const [what, of, measured, allowed] of rows) {
    const bytes = sumOf(spans, (span) => span.usage?.[of] ?? null);
    if (bytes === null) continue;
    const limits = [
      measured == null ? null : `${rateText(measured)} measured`,
      allowed === null ? null : `${rateText(allowed)} allowed by the control group`,
    ].filter((text) => text !== null);
    const most = Math.min(
      measured ?? Number.POSITIVE_INFINITY,
      allowed ?? Number.POSITIVE_INFINITY,
    );
    evidence.push({
      what,
      value: `${rateText(bytes / seconds)}, ${bytesText(bytes)} in all`,
      limit: limits.length === 0 ? null : limits.join(', '),
      share: Number.isFinite(most) ? Math.min(1, bytes / seconds / most) : null,
    });
  }
  return evidence;
}

function memoryEvidence(facts: Facts, change: Change): Evidence[] {
  const { run, end, spans, samples } = facts;
  const evidence: Evidence[] = [];
  const peak = Math.max(
    end?.peakMemory ?? 0,
    ...spans.map(({ usage }) => usage?.peakMemory ?? 0),
    ...samples.map(({ processMemory }) => processMemory),
  );
  const { memory, memoryLimit } = run.machine;
  const most = Math.min(memory, memoryLimit ?? memory);
  evidence.push({
    what: 'Memory of a process, at most',
    value: bytesText(peak),
    limit: `${bytesText(most)}${memoryLimit !== null && memoryLimit < memory ? ' allowed by the control group' : ''}`,
    share: Math.min(1, peak / most),
  });
  const stalls = stallShare(spans, 'memory');
  if (stalls !== null) {
    evidence.push({
      what: 'Tasks stalled by want of memory',
      value: percentText(stalls),
      limit: null,
      share: stalls,
    });
  }
  if (change.refaults !== null) {
    const again =
      facts.readAgain * (sumOf(spans, ({ usage }) => usage?.diskReadBytes ?? null) ?? 0);
    const all = sumOf(spans, ({ usage }) => usage?.readBytes ?? null) ?? 0;
    evidence.push({
      what: 'Read again, having been thrown out of memory',
      value: bytesText(again),
      limit: `${bytesText(all)} read in all`,
      share: all === 0 ? null : Math.min(1, again / all),
    });
  }
  const faults = sumOf(spans, (span) => span.usage?.majorFaults ?? null);
  if (faults !== null) {
    evidence.push({
      what: 'Pages of the program read from a disk',
      value: Math.round(faults).toLocaleString('en'),
      limit: null,
      share: null,
    });
  }
  return evidence;
}

/** Part of the tasks' time in which a process of their machine was stalled for want of it. */
function stallShare(spans: readonly MeasuredSpan[], what: 'memory' | 'io'): number | null {
  let stalled = 0;
  let wall = 0;
  for (const { usage } of spans) {
    if (usage === null || usage.pressureMs === null) continue;
    stalled += usage.pressureMs[what];
    wall += usage.wallMs;
  }
  return wall === 0 ? null : Math.min(1, stalled / wall);
}

function networkEvidence({ run, shares, workers, seconds }: Facts, change: Change): Evidence[] {
  const waited = (shares.get('waiting for the network') ?? 0) / (workers * seconds);
  const evidence: Evidence[] = [
    {
      what: 'Workers that waited for the network',
      value: percentText(waited),
      limit: null,
      share: waited,
    },
  ];
  if (change.received !== null && change.sent !== null && change.seconds > 0) {
    evidence.push({
      what: 'Through the network interfaces',
      value:
        `${rateText(change.received / change.seconds)} in, ` +
        `${rateText(change.sent / change.seconds)} out`,
      limit: null,
      share: null,
    });
  }
  const types = [...new Set([run.input?.type, run.output.type])].filter((type) => type != null);
  const onNetwork = run.output.network || (run.input?.network ?? false);
  evidence.push({
    what: 'File systems of inputs and tiles',
    value: types.join(' and ') + (onNetwork ? ', of another machine' : ''),
    limit: null,
    share: null,
  });
  return evidence;
}

function schedulerEvidence({ spans, shares, workers, seconds }: Facts): Evidence[] {
  const waited = (shares.get('waiting for the scheduler') ?? 0) / (workers * seconds);
  const first = Math.min(...spans.map(({ start }) => start));
  return [
    {
      what: 'Waited for workers to be there',
      value: `${percentText(waited)}; the first task began after ${secondsText(first)}`,
      limit: null,
      share: waited,
    },
  ];
}

function taskEvidence({ spans, shares, workers, seconds }: Facts): Evidence[] {
  const idle = (shares.get('nothing to do') ?? 0) / (workers * seconds);
  const longest = spans.reduce((best, span) => Math.max(best, span.end - span.start), 0);
  return [
    {
      what: 'Workers that had nothing to do',
      value: percentText(idle),
      limit: `${spans.length} tasks for ${workers} workers`,
      share: idle,
    },
    {
      what: 'The longest task',
      value: secondsText(longest),
      limit: `of ${secondsText(seconds)}`,
      share: Math.min(1, longest / seconds),
    },
  ];
}

function sumOf(
  spans: readonly MeasuredSpan[],
  pick: (span: MeasuredSpan) => number | null,
): number | null {
  let sum: number | null = null;
  for (const span of spans) {
    const value = pick(span);
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}
