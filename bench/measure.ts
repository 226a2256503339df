/**
 * What a command costs: wall time, CPU time and memory of a child process and its descendants,
 * read from Linux's /proc (proc(5)); needs no other tool.
 */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { TilewrightError } from '../src/core/errors.ts';

/** Linux reports CPU time to programs in units of 1/100 s (USER_HZ) on every architecture. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MILLISECONDS = 10;
/** Of what a failed command said: the end is kept. */
const MAX_OUTPUT = 4000;

export interface Measurement {
  wallSeconds: number;
  /** User and system time of the command and of the descendants that it waited for; ±0.01 s. */
  cpuSeconds: number;
  /** Largest resident set of any one process (VmHWM); growth in the last 10 ms may be missed. */
  peakProcessBytes: number;
  /** Largest sum of the resident sets of all its processes at one moment, sampled. */
  peakTreeBytes: number;
}

export interface Spread {
  min: number;
  median: number;
  max: number;
}

export type MeasurementSpread = Record<keyof Measurement, Spread>;

let running = false;

/**
 * Runs a command and measures it. Its output is dropped unless it fails.
 * @throws TilewrightError when it can't be started or does not exit with 0
 */
export async function measure(command: string, args: readonly string[]): Promise<Measurement> {
  if (process.platform !== 'linux') {
    throw new TilewrightError('usage', 'Measuring commands needs /proc, which only Linux has');
  }
  // CPU time is a difference of sums over all children, so there can be only one at a time.
  if (running) throw new TilewrightError('usage', 'Only one command can be measured at a time');
  running = true;
  try {
    const cpuBefore = childrenCpuSeconds();
    const start = performance.now();
    // The command has replaced the forked process when spawn returns, so no sample sees this one.
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);

    const memory = { peakProcessBytes: 0, peakTreeBytes: 0 };
    const sampler = setInterval(() => {
      if (child.pid !== undefined) sampleMemory(child.pid, memory);
    }, SAMPLE_MILLISECONDS);
    let end = start;
    const outcome = await new Promise<string | null>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('exit', () => {
        end = performance.now();
      });
      child.on('close', (code, signal) => {
        resolve(code === 0 ? null : `${signal ?? `exit code ${code}`}: ${output.trim()}`);
      });
    });
    clearInterval(sampler);
    if (outcome !== null) {
      throw new TilewrightError('internal', `${[command, ...args].join(' ')} failed: ${outcome}`);
    }
    return {
      wallSeconds: (end - start) / 1000,
      cpuSeconds: childrenCpuSeconds() - cpuBefore,
      ...memory,
    };
  } finally {
    running = false;
  }
}

/** Minimum, median and maximum of each figure over several runs of one command. */
export function spread(runs: readonly Measurement[]): MeasurementSpread {
  const of = (key: keyof Measurement): Spread => spreadOf(runs.map((run) => run[key]));
  return {
    wallSeconds: of('wallSeconds'),
    cpuSeconds: of('cpuSeconds'),
    peakProcessBytes: of('peakProcessBytes'),
    peakTreeBytes: of('peakTreeBytes'),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('there is no spread of no values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length & 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}

/** CPU time of all children that have ended, with theirs: cutime and cstime. */
function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field, the command's name in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

function sampleMemory(
  root: number,
  memory: Pick<Measurement, 'peakProcessBytes' | 'peakTreeBytes'>,
): void {
  let total = 0;
  const pending = [root];
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const status = readUnlessGone(`/proc/${pid}/status`);
    memory.peakProcessBytes = Math.max(memory.peakProcessBytes, bytesOf(status, 'VmHWM:'));
    total += bytesOf(status, 'VmRSS:');
    for (const thread of threadsOf(pid)) {
      const children = readUnlessGone(`/proc/${pid}/task/${thread}/children`);
      for (const child of children.split(' ')) if (child !== '') pending.push(Number(child));
    }
  }
  memory.peakTreeBytes = Math.max(memory.peakTreeBytes, total);
}

/** A process or a thread may end between two reads; what is gone has nothing to say. */
function readUnlessGone(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A field of /proc/PID/status, which are in kB; 0 where it is missing, as once it has ended. */
function bytesOf(status: string, field: string): number {
  const at = status.indexOf(field);
  return at < 0 ? 0 : Number.parseInt(status.slice(at + field.length), 10) * 1024;
}
