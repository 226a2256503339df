/** Measures what the calling thread spends on a task. */

import { hostname } from 'node:os';
import { type EntryType, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, workerData } from 'node:worker_threads';
import { describeMachine } from '../../machine/machine.ts';
import { readNetworkCounts } from '../../machine/network.ts';
import { pressureFolder, readPressure } from '../../machine/pressure.ts';
import { difference, readThreadCounts } from '../../machine/thread-meter.ts';
import type { TaskUsage } from './usage.ts';

/** The number of a worker thread, from 1; 0 is the main thread. */
const threadNumber = isMainThread ? 0 : ((workerData as { number?: number } | null)?.number ?? 0);

/** Names a thread among those of all machines: `host/process/thread`. */
export function workerName(thread: number): string {
  return `${hostname()}/${process.pid}/${thread}`;
}

/** Milliseconds of garbage collection in this thread so far, once somebody has asked. */
let collectedMs = 0;
let watching = false;
let pressurePlace: string | null | undefined;
/** A thread tells once what machine it is on. */
let machineTold = false;

function watchCollections(): void {
  if (watching) return;
  watching = true;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration;
  });
  observer.observe({ type: 'gc' satisfies EntryType });
}

export class TaskMeter {
  readonly #startedAt = Date.now();
  readonly #started = performance.now();
  readonly #gc: number;
  readonly #thread = readThreadCounts();
  readonly #network = readNetworkCounts();
  readonly #pressure: ReturnType<typeof readPressure>;
  readonly #notes: Record<string, number> = {};

  constructor() {
    watchCollections();
    this.#gc = collectedMs;
    // Null where there is none, which need not be found out again.
    if (pressurePlace === undefined) pressurePlace = pressureFolder();
    this.#pressure = readPressure(pressurePlace);
  }

  /** Adds to what the task itself counts. */
  note(name: string, amount: number): void {
    this.#notes[name] = (this.#notes[name] ?? 0) + amount;
  }

  async read(): Promise<TaskUsage> {
    const wallMs = performance.now() - this.#started;
    const now = readThreadCounts();
    const before = this.#thread;
    const network = readNetworkCounts();
    const pressure = readPressure(pressurePlace ?? null);
    // Node tells of garbage collections a few turns later.
    await setImmediate();
    await setImmediate();
    await setImmediate();
    const machine = machineTold ? undefined : describeMachine();
    machineTold = true;
    return {
      worker: workerName(threadNumber),
      host: hostname(),
      startedAt: this.#startedAt,
      wallMs,
      cpuUserMs: now.cpuUser - before.cpuUser,
      cpuSystemMs: now.cpuSystem - before.cpuSystem,
      queuedForCpuMs: difference(now.queuedForCpu, before.queuedForCpu),
      readBytes: difference(now.read, before.read),
      writtenBytes: difference(now.written, before.written),
      diskReadBytes: difference(now.diskRead, before.diskRead),
      diskWrittenBytes: difference(now.diskWritten, before.diskWritten),
      minorFaults: difference(now.minorFaults, before.minorFaults),
      majorFaults: difference(now.majorFaults, before.majorFaults),
      gcMs: collectedMs - this.#gc,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      pressureMs:
        pressure === null || this.#pressure === null
          ? null
          : {
              cpu: pressure.cpu - this.#pressure.cpu,
              memory: pressure.memory - this.#pressure.memory,
              io: pressure.io - this.#pressure.io,
            },
      receivedBytes: difference(network?.received ?? null, this.#network?.received ?? null),
      sentBytes: difference(network?.sent ?? null, this.#network?.sent ?? null),
      notes: this.#notes,
      machine,
    };
  }
}
