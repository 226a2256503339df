/** Measures what the model wants to know of this machine and its disk. */

import { freemem } from 'node:os';
import { measureDiskSpeed } from '../../../machine/disk-speed.ts';
import { fileSystemOf, takesDirectWrites } from '../../../machine/file-system.ts';
import { describeMachine } from '../../../machine/machine.ts';
import type { DiskSpeed, FileSystemInfo, MachineInfo } from '../../../machine/machine-info.ts';
import { measurePageCost, type PageCost } from '../../../machine/page-cost.ts';
import { keyedNumbers, readNumberFile, readSystemFile } from '../../../machine/system-files.ts';

export interface MachineFacts {
  info: MachineInfo;
  disk: DiskSpeed;
  fileSystem: FileSystemInfo;
  pages: PageCost | null;
  cores: number;
  /** Bytes for programs and caches, and those that nothing uses at all. */
  memoryAvailable: number;
  memoryFree: number;
  dirtyBytes: number;
  /** Whether large pieces go past the page cache. */
  takesDirect: boolean;
}

/** What measuring the disk and memory may take, each. */
const MEASURE_MS = 800;
/** So much is written at least, so that the sample that follows does not meet fresh memory. */
const LEAST_PAGES = 300e6;
const MOST_PAGES = 1.2e9;

export function measureMachine(folder: string): MachineFacts {
  const info = describeMachine();
  const fileSystem = fileSystemOf(folder);
  const memoryFree =
    (keyedNumbers(readSystemFile('/proc/meminfo')).get('MemFree') ?? freemem() / 1024) * 1024;
  const memoryAvailable = Math.min(freemem(), info.memoryLimit ?? Infinity);
  const room = Math.min(MOST_PAGES, memoryFree * 0.3, fileSystem.free * 0.2);
  const pages = measurePageCost(folder, Math.min(LEAST_PAGES, room), room, MEASURE_MS);
  return {
    info,
    fileSystem,
    pages,
    disk: measureDiskSpeed(folder, MEASURE_MS),
    cores: Math.min(info.usableCores, info.cpuQuota ?? Infinity),
    memoryAvailable,
    memoryFree,
    dirtyBytes: dirtyLimit(memoryAvailable),
    takesDirect: takesDirectWrites(folder),
  };
}

/** Bytes that may wait in memory to be written to a disk. */
function dirtyLimit(available: number): number {
  const bytes = readNumberFile('/proc/sys/vm/dirty_bytes') ?? 0;
  if (bytes > 0) return bytes;
  return ((readNumberFile('/proc/sys/vm/dirty_ratio') ?? 20) / 100) * available;
}
