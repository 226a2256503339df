/** Control groups of this process, version 1 and 2: what they allow, and what they have counted. */

import { dirname, join } from 'node:path';
import { keyedNumbers, readNumberFile, readSystemFile } from './system-files.ts';

/** More than any machine has: version 1 writes such a number where there is no limit. */
const NO_LIMIT = 2 ** 60;

interface Mount {
  /** What of the hierarchy is mounted there. */
  root: string;
  folder: string;
  version: 1 | 2;
  controllers: string[];
}

/** Folders from the group of this process up to the root, for a controller; nearest first. */
export function groupFolders(controller: string): { folder: string; version: 1 | 2 }[] {
  const found: { folder: string; version: 1 | 2 }[] = [];
  const groups = parseGroups(readSystemFile('/proc/self/cgroup') ?? '');
  for (const mount of parseMounts(readSystemFile('/proc/self/mountinfo') ?? '')) {
    if (mount.version === 1 && !mount.controllers.includes(controller)) continue;
    const path = groups.get(mount.version === 2 ? '' : controller);
    if (path === undefined) continue;
    // In a container the mount may show a part of the hierarchy only.
    const inside = path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    for (let folder = join(mount.folder, inside); ; folder = dirname(folder)) {
      found.push({ folder, version: mount.version });
      if (folder.length <= mount.folder.length) break;
    }
  }
  return found;
}

/** Paths by controller; that of version 2 under the empty name. */
export function parseGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const [, controllers, path] of text.matchAll(/^\d+:([^:]*):(.*)$/gm)) {
    for (const name of controllers!.split(',')) groups.set(name, path!);
  }
  return groups;
}

export function parseMounts(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const type = after?.split(' ')[0];
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const fields = before!.split(' ');
    const root = fields[3] === '/' ? '' : fields[3]!;
    const version = type === 'cgroup' ? 1 : 2;
    const controllers = (after!.split(' ')[2] ?? '').split(',');
    mounts.push({ root, folder: fields[4]!, version, controllers });
  }
  return mounts;
}

/** Cores' worth of time; null for no limit. */
export function cpuQuota(): number | null {
  return least(
    groupFolders('cpu').map(({ folder, version }) => {
      if (version === 1) {
        const quota = readNumberFile(join(folder, 'cpu.cfs_quota_us'));
        const period = readNumberFile(join(folder, 'cpu.cfs_period_us'));
        return quota === null || period === null || period === 0 ? null : quota / period;
      }
      const [quota, period] = (readSystemFile(join(folder, 'cpu.max')) ?? 'max').split(' ');
      return quota === 'max' ? null : Number(quota) / Number(period);
    }),
  );
}

/** Bytes; null for no limit. */
export function memoryLimit(): number | null {
  return least(
    groupFolders('memory').map(({ folder, version }) => {
      const name = version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
      const limit = readNumberFile(join(folder, name));
      return limit === null || limit > NO_LIMIT ? null : limit;
    }),
  );
}

/** Bytes a second of the strictest limit on any disk; null for no limit. */
export function diskLimits(): { read: number | null; write: number | null } {
  const reads: (number | null)[] = [];
  const writes: (number | null)[] = [];
  for (const { folder, version } of groupFolders('blkio')) {
    if (version === 1) {
      const limit = (name: string): (number | null)[] => {
        const text = readSystemFile(join(folder, `blkio.throttle.${name}_bps_device`)) ?? '';
        return [...text.matchAll(/^\d+:\d+ (\d+)$/gm)].map(([, bytes]) => Number(bytes));
      };
      reads.push(...limit('read'));
      writes.push(...limit('write'));
    } else {
      const text = readSystemFile(join(folder, 'io.max')) ?? '';
      reads.push(...[...text.matchAll(/\brbps=(\d+)/g)].map(([, bytes]) => Number(bytes)));
      writes.push(...[...text.matchAll(/\bwbps=(\d+)/g)].map(([, bytes]) => Number(bytes)));
    }
  }
  return { read: least(reads), write: least(writes) };
}

/** What the groups of this process have counted since they were made. */
export interface GroupCounts {
  /** Milliseconds for which the group was kept from its cores, its quota being used up. */
  throttledMs: number | null;
  /** Pages that were thrown out of memory and were needed again soon. */
  refaults: number | null;
}

/** A reader, since finding the folders takes longer than reading from them. */
export function groupCounter(): () => GroupCounts {
  const cpu = groupFolders('cpu')[0];
  // The root's would be those of the whole machine.
  const [memory] = groupFolders('memory').length > 1 ? groupFolders('memory') : [];
  return () => {
    const stat = cpu && keyedNumbers(readSystemFile(join(cpu.folder, 'cpu.stat')));
    const own = memory && keyedNumbers(readSystemFile(join(memory.folder, 'memory.stat')));
    const nanoseconds = stat?.get('throttled_time');
    const microseconds = stat?.get('throttled_usec');
    const refaults = [...(own ?? [])].filter(([name]) => /^(workingset_)?refault/.test(name));
    return {
      throttledMs:
        nanoseconds !== undefined
          ? nanoseconds / 1e6
          : microseconds !== undefined
            ? microseconds / 1e3
            : null,
      refaults: refaults.length === 0 ? null : refaults.reduce((sum, [, n]) => sum + n, 0),
    };
  };
}

function least(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : Math.min(...known);
}
