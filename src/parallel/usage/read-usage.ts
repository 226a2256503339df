/** What a worker says that a task has cost, checked. */

import { z } from 'zod';
import type { TaskUsage } from './usage.ts';

const number = z.number();
const counted = number.nullable();

const schema = z.object({
  worker: z.string(),
  host: z.string(),
  startedAt: number,
  wallMs: number,
  cpuUserMs: number,
  cpuSystemMs: number,
  queuedForCpuMs: counted,
  readBytes: counted,
  writtenBytes: counted,
  diskReadBytes: counted,
  diskWrittenBytes: counted,
  minorFaults: counted,
  majorFaults: counted,
  gcMs: number,
  peakMemory: number,
  pressureMs: z.object({ cpu: number, memory: number, io: number }).nullable(),
  receivedBytes: counted,
  sentBytes: counted,
  notes: z.record(z.string(), number),
  machine: z
    .object({
      host: z.string(),
      platform: z.string(),
      release: z.string(),
      node: z.string(),
      processor: z.string(),
      cores: number,
      usableCores: number,
      cpuQuota: counted,
      memory: number,
      memoryLimit: counted,
      diskReadLimit: counted,
      diskWriteLimit: counted,
      pressure: z.boolean(),
    })
    .optional(),
});

/** The opposite of `addUsage`; null if nothing was measured, or by no worker of ours. */
export function splitUsage(text: string): { usage: TaskUsage | null; result: string } {
  const end = text.indexOf('\n');
  if (end === 0) return { usage: null, result: text.slice(1) };
  try {
    const { data } = schema.safeParse(JSON.parse(text.slice(0, end)));
    return { usage: data ?? null, result: text.slice(end + 1) };
  } catch {
    return { usage: null, result: text.slice(end + 1) };
  }
}
