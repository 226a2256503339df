/** What the whole machine has done so far, for whoever looks at it once a second. */

import { freemem } from 'node:os';
import { groupCounter } from './cgroups.ts';
import { readNetworkCounts } from './network.ts';
import { type Pressure, pressureFolder, readPressure } from './pressure.ts';
import { keyedNumbers, readSystemFile } from './system-files.ts';

const SECTOR_BYTES = 512;

/** Counted from the machine's start; null: the system does not tell. */
export interface MachineCounts {
  /** Milliseconds that its cores have worked, and milliseconds that they had. */
  busyMs: number | null;
  coresMs: number | null;
  pressureMs: Pressure | null;
  /** Milliseconds for which the own control group was kept from cores that were free. */
  throttledMs: number | null;
  /** Bytes: free, with what caches would give back. */
  memoryAvailable: number;
  /** Bytes of the disk that was asked for, and how long it had something to do. */
  diskReadBytes: number | null;
  diskWrittenBytes: number | null;
  diskBusyMs: number | null;
  receivedBytes: number | null;
  sentBytes: number | null;
  /**
   * Pages of the own control group that were thrown out of memory and were needed again soon. Those
   * of the whole machine would be others' too.
   */
  refaults: number | null;
}

/**
 * A reader, since finding the places takes longer than reading them.
 * @param disk - `major:minor`; null for none
 */
export function machineCounter(disk: string | null): () => MachineCounts {
  const group = groupCounter();
  const folder = pressureFolder();
  return () => {
    const { busyMs, coresMs } = processorTimes();
    const { throttledMs, refaults } = group();
    const network = readNetworkCounts();
    const memory = keyedNumbers(readSystemFile('/proc/meminfo')).get('MemAvailable');
    return {
      busyMs,
      coresMs,
      pressureMs: readPressure(folder),
      throttledMs,
      memoryAvailable: memory === undefined ? freemem() : memory * 1024,
      ...diskCounts(disk, readSystemFile('/proc/diskstats')),
      receivedBytes: network?.received ?? null,
      sentBytes: network?.sent ?? null,
      refaults,
    };
  };
}

/** From the first line of /proc/stat, in hundredths of a second. */
function processorTimes(): Pick<MachineCounts, 'busyMs' | 'coresMs'> {
  const line = readSystemFile('/proc/stat')?.match(/^cpu\s+(.*)$/m)?.[1];
  if (line === undefined) return { busyMs: null, coresMs: null };
  // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
  const fields = line.split(' ').slice(0, 8).map(Number);
  const all = fields.reduce((sum, field) => sum + field, 0);
  const idle = (fields[3] ?? 0) + (fields[4] ?? 0);
  return { busyMs: (all - idle) * 10, coresMs: all * 10 };
}

export function diskCounts(
  disk: string | null,
  text: string | null,
): Pick<MachineCounts, 'diskReadBytes' | 'diskWrittenBytes' | 'diskBusyMs'> {
  const [major, minor] = disk?.split(':') ?? [];
  for (const line of text?.split('\n') ?? []) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] !== major || fields[1] !== minor) continue;
    return {
      diskReadBytes: Number(fields[5]) * SECTOR_BYTES,
      diskWrittenBytes: Number(fields[9]) * SECTOR_BYTES,
      diskBusyMs: Number(fields[12]),
    };
  }
  return { diskReadBytes: null, diskWrittenBytes: null, diskBusyMs: null };
}
