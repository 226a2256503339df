/** Describes this machine. */

import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os';
import { cpuQuota, diskLimits, memoryLimit } from './cgroups.ts';
import type { MachineInfo } from './machine-info.ts';
import { pressureFolder, readPressure } from './pressure.ts';

export function describeMachine(): MachineInfo {
  const processors = cpus();
  const disk = diskLimits();
  return {
    host: hostname(),
    platform: platform(),
    release: release(),
    node: process.version,
    processor: processors[0]?.model.trim() || arch(),
    cores: processors.length || availableParallelism(),
    usableCores: availableParallelism(),
    cpuQuota: cpuQuota(),
    memory: totalmem(),
    memoryLimit: memoryLimit(),
    diskReadLimit: disk.read,
    diskWriteLimit: disk.write,
    pressure: readPressure(pressureFolder()) !== null,
  };
}
