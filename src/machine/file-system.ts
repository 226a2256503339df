/** Which file system holds a path, and whether it is one of another machine. */

import { existsSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FileSystemInfo } from './machine-info.ts';
import { readSystemFile } from './system-files.ts';

const NETWORK =
  /^(nfs|cifs|smb|9p|afs|ceph|glusterfs|lustre|gpfs|beegfs|orangefs|pvfs|virtiofs|fuse\.(sshfs|s3fs|rclone|gcsfuse|goofys|ceph|glusterfs|beegfs|cvmfs|davfs))/;

/** Those on disks of this machine that take direct writes well; of others that is not known. */
const DIRECT = /^(ext[234]|xfs|f2fs|overlay)$/;
/** What was asked last: the same folder is asked about for one file after the other. */
let asked: { folder: string; direct: boolean } | undefined;

/** Whether large files in a folder are better written past the page cache. */
export function takesDirectWrites(folder: string): boolean {
  if (asked?.folder !== folder) {
    const type = mountOf(realpathSync(nearestThatIsThere(folder)))?.type ?? '';
    asked = { folder, direct: DIRECT.test(type) };
  }
  return asked.direct;
}

interface MountEntry {
  device: string;
  mountPoint: string;
  type: string;
}

/** @param path - need not exist yet: then it is about the folder that it would be in */
export function fileSystemOf(path: string): FileSystemInfo {
  const real = realpathSync(nearestThatIsThere(path));
  const mount = mountOf(real);
  const type = mount?.type ?? 'unknown';
  const { bavail, bsize } = statfsSync(real);
  return {
    path: resolve(path),
    mountPoint: mount?.mountPoint ?? '/',
    type,
    network: NETWORK.test(type),
    free: bavail * bsize,
  };
}

/** `major:minor` of the disk that holds a path; null where that is not known. */
export function diskOf(path: string): string | null {
  const device = BigInt(statSync(nearestThatIsThere(path), { bigint: true }).dev);
  // As in glibc's sysmacros: 12 bits of the major number, 20 of the minor, not side by side.
  const major = Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn));
  const minor = Number((device & 0xffn) | ((device >> 12n) & ~0xffn));
  return readSystemFile('/proc/diskstats') === null ? null : `${major}:${minor}`;
}

function nearestThatIsThere(path: string): string {
  let known = resolve(path);
  while (!existsSync(known) && dirname(known) !== known) known = dirname(known);
  return known;
}

function mountOf(path: string): MountEntry | undefined {
  const entries = parseMountInfo(readSystemFile('/proc/self/mountinfo') ?? '');
  let best: MountEntry | undefined;
  for (const entry of entries) {
    const { mountPoint } = entry;
    const holds = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    // Of two on one place the later one is seen.
    if (holds && mountPoint.length >= (best?.mountPoint.length ?? 0)) best = entry;
  }
  return best;
}

export function parseMountInfo(text: string): MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    if (after === undefined) continue;
    const fields = before!.split(' ');
    const mountPoint = fields[4]!.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    entries.push({ device: fields[2]!, mountPoint, type: after.split(' ')[0]! });
  }
  return entries;
}
