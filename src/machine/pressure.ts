/** PSI: how long processes of the machine, or of one's own group, had to wait for what. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { groupFolders } from './cgroups.ts';
import { readSystemFile } from './system-files.ts';

/** Milliseconds, since the machine's start, in which at least one process was kept waiting. */
export interface Pressure {
  cpu: number;
  memory: number;
  io: number;
}

/** Where it is told: for the own group if that is known, else for the whole machine. */
export function pressureFolder(): string | null {
  const own = groupFolders('').find(({ version }) => version === 2);
  // The root's is the machine's, and can be read in more places there.
  if (own !== undefined && existsSync(join(own.folder, 'memory.pressure'))) {
    const depth = groupFolders('').filter(({ version }) => version === 2).length;
    if (depth > 1) return own.folder;
  }
  return existsSync('/proc/pressure/io') ? '/proc/pressure' : null;
}

/** Null where the system does not tell. */
export function readPressure(folder: string | null): Pressure | null {
  if (folder === null) return null;
  const suffix = folder === '/proc/pressure' ? '' : '.pressure';
  const of = (what: string): number | null => {
    const text = readSystemFile(join(folder, `${what}${suffix}`));
    const total = text?.match(/^some .*total=(\d+)$/m)?.[1];
    return total === undefined ? null : Number(total) / 1000;
  };
  const [cpu, memory, io] = [of('cpu'), of('memory'), of('io')];
  return cpu === null || memory === null || io === null ? null : { cpu, memory, io };
}
