/**
 * Control groups that hold a command to a limit: of version 1, with a tree for each controller, or
 * of version 2, with one tree. Pressure is told by version 2's tree, which a machine with version 1
 * mostly has beside it.
 */

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killIfThere, waitUntil } from '../engines/processes.ts';

export interface Limits {
  /** It gets cores before everything else on the machine, so that others don't hold it back. */
  first?: boolean;
  /** Cores, also parts of one: 0.5. */
  cores?: number;
  /** The cores that it may run on, as in `0-1`. */
  cpus?: string;
  /** Bytes, page cache included. */
  memory?: number;
  /** Bytes a second each way, of a disk such as `254:0`. */
  disk?: { device: string; bytesPerSecond: number };
}

/** By the names of version 2. */
export type Controller = 'cpu' | 'cpuset' | 'memory' | 'io';

const FIRST_NAMES = { cpu: 'cpu', cpuset: 'cpuset', memory: 'memory', io: 'blkio' } as const;
const PERIOD_US = 100_000;

/** What a limit of each kind is written to; in version 1 an `io` limit has two files. */
function settings({ first, cores, cpus, memory, disk }: Limits): {
  controller: Controller;
  first: [file: string, value: string][];
  second: [file: string, value: string];
}[] {
  const all: ReturnType<typeof settings> = [];
  if (first === true) {
    all.push({
      controller: 'cpu',
      first: [['cpu.shares', '262144']],
      second: ['cpu.weight', '10000'],
    });
  }
  if (cores !== undefined) {
    const quota = String(cores * PERIOD_US);
    all.push({
      controller: 'cpu',
      first: [['cpu.cfs_quota_us', quota]],
      second: ['cpu.max', `${quota} ${PERIOD_US}`],
    });
  }
  if (cpus !== undefined) {
    all.push({
      controller: 'cpuset',
      first: [['cpuset.cpus', cpus]],
      second: ['cpuset.cpus', cpus],
    });
  }
  if (memory !== undefined) {
    all.push({
      controller: 'memory',
      first: [['memory.limit_in_bytes', String(memory)]],
      second: ['memory.max', String(memory)],
    });
  }
  if (disk !== undefined) {
    const { device, bytesPerSecond } = disk;
    all.push({
      controller: 'io',
      first: [
        ['blkio.throttle.read_bps_device', `${device} ${bytesPerSecond}`],
        ['blkio.throttle.write_bps_device', `${device} ${bytesPerSecond}`],
      ],
      second: ['io.max', `${device} rbps=${bytesPerSecond} wbps=${bytesPerSecond}`],
    });
  }
  return all;
}

/** Why these limits can't be set here, or false. */
export function limitsMissing(limits: Limits): string | false {
  if (process.getuid?.() !== 0) return 'control groups need root';
  const unified = mountOf(null);
  const file = unified === null ? '' : join(unified, 'cgroup.controllers');
  const offered = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
  for (const { controller } of settings(limits)) {
    if (mountOf(controller) === null && !offered.includes(controller)) {
      return `there are no control groups for ${controller}: mount cgroup2 at /sys/fs/cgroup`;
    }
  }
  return false;
}

export class ControlGroup {
  /** By controller; where pressure is told is `unified`. */
  readonly #folders = new Map<Controller | 'unified', string>();

  /**
   * Makes the group and sets its limits.
   * @param name - of its folders; no other group may have it
   */
  constructor(name: string, limits: Limits = {}) {
    try {
      this.#make(name, limits);
    } catch (error) {
      for (const folder of this.#all()) rmdirSync(folder);
      throw error;
    }
  }

  /** Put before a command to run it in the group. */
  get run(): string[] {
    const files = this.#all().map((folder) => join(folder, 'cgroup.procs'));
    // The shell joins with a number of its own, and then becomes the command.
    const script =
      'while [ "$1" != -- ]; do echo $$ > "$1" || exit 126; shift; done; shift; exec "$@"';
    return ['/bin/sh', '-c', script, 'limits', ...files, '--'];
  }

  /** A file's lines of a name and a number, as in `memory.stat`; empty if it is not there. */
  numbers(controller: Controller, file: string): Record<string, number> {
    const path = join(this.#folders.get(controller) ?? '', file);
    if (!existsSync(path)) return {};
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => line.split(' ')).map(([name, value]) => [name, Number(value)]),
    );
  }

  /** Milliseconds in which some process of it waited; null if the kernel does not count them. */
  pressure(kind: 'cpu' | 'io' | 'memory'): number | null {
    const file = join(this.#folders.get('unified') ?? '', `${kind}.pressure`);
    if (!existsSync(file)) return null;
    return Number(/^some .*total=(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1]) / 1000;
  }

  /** Ends what is left in it, and removes it. */
  async remove(): Promise<void> {
    const folders = this.#all();
    const empty = (): boolean => {
      const left = folders.flatMap(processesIn);
      for (const pid of left) killIfThere(pid, 'SIGKILL');
      return left.length === 0;
    };
    await waitUntil(empty, 20_000, 'the processes of a control group to end');
    for (const folder of folders) {
      // A process that has just ended may hold the group for another moment.
      await waitUntil(() => isRemoved(folder), 10_000, `${folder} to be removed`);
    }
    this.#folders.clear();
  }

  #all(): string[] {
    return [...new Set(this.#folders.values())];
  }

  #make(name: string, limits: Limits): void {
    const unified = mountOf(null);
    if (unified !== null) this.#folders.set('unified', makeIn(unified, name));
    for (const { controller, first, second } of settings(limits)) {
      const isFirst = mountOf(controller) !== null;
      const folder = this.#folders.get(controller) ?? makeFor(controller, name, unified);
      this.#folders.set(controller, folder);
      for (const [file, value] of isFirst ? first : [second]) {
        writeFileSync(join(folder, file), value);
      }
    }
  }
}

/** Makes the folder of a controller, or lets the group in version 2's tree have it. */
function makeFor(controller: Controller, name: string, unified: string | null): string {
  const mount = mountOf(controller);
  if (mount === null) {
    writeFileSync(join(unified!, 'cgroup.subtree_control'), `+${controller}`);
    return join(unified!, name);
  }
  const parent = ownFolder(mount, controller);
  const folder = makeIn(parent, name);
  if (controller === 'cpuset') {
    // A new group of version 1 has no memory nodes.
    writeFileSync(join(folder, 'cpuset.mems'), readFileSync(join(parent, 'cpuset.mems')));
  }
  return folder;
}

/** Where the tree of a controller of version 1 is, or version 2's (null); null if it is nowhere. */
function mountOf(controller: Controller | null): string | null {
  if (!existsSync('/proc/self/mounts')) return null;
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, path = '', type = '', options = ''] = line.split(' ');
    if (controller === null) {
      if (type === 'cgroup2') return path;
    } else if (type === 'cgroup' && options.split(',').includes(FIRST_NAMES[controller])) {
      return path;
    }
  }
  return null;
}

/** This process's own group of version 1: a group below it evades none of its limits. */
function ownFolder(mount: string, controller: Controller): string {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const [, , path = ''] =
    lines
      .map((line) => line.split(':'))
      .find(([, names = '']) => names.split(',').includes(FIRST_NAMES[controller])) ?? [];
  // In a container the mount may begin further down than the path.
  return existsSync(join(mount, path)) ? join(mount, path) : mount;
}

function makeIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  return folder;
}

function processesIn(folder: string): number[] {
  const ids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n');
  return ids.filter((id) => id !== '').map(Number);
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}
