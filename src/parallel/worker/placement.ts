/** Which worker of a node this is, on which cores and accelerators: the environment of its thread. */

import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { TilewrightError } from '../../core/errors.ts';
import type { OptionRule } from '../options.ts';
import { WORKER_CORES } from '../threads/pin-thread.ts';

/** Where the workers of a node go. */
export interface PlacementOptions {
  blockId?: string | undefined;
  /**
   * Cores that a worker is kept on, out of those that the process may use: `block`, the first ones for
   * the first worker and so on; `block-reverse`, from the other end; `alternating`, every n-th of n
   * workers; `list:0-3:4,6`, those of each worker by number. Default: `none`, all.
   */
  cpuAffinity?: string | undefined;
  /** Names of accelerators, one for each worker; there are no more workers than these. */
  accelerators?: readonly string[] | undefined;
}

export const affinityRule: OptionRule = {
  says: '"none", "block", "block-reverse", "alternating" or "list:" and cores, such as "list:0-3:4,6"',
  holds: (value) =>
    typeof value === 'string' &&
    /^(none|block|block-reverse|alternating|list(:\d+(-\d+)?(,\d+(-\d+)?)*)+)$/.test(value),
};

/** How many workers a list has cores for, or accelerators are there for. */
export function placesOf({ cpuAffinity = 'none', accelerators }: PlacementOptions): number {
  const listed = cpuAffinity.startsWith('list:') ? cpuAffinity.split(':').length - 1 : Infinity;
  return Math.min(listed, accelerators?.length ?? Infinity);
}

/**
 * Variables of a worker; those of Parsl have PARSL_ where these have TILEWRIGHT_.
 * @param rank - of the worker on its node, from 0
 * @param count - how many workers the node has
 * @throws TilewrightError config-invalid if it can't be kept on its cores here
 */
export function workerVariables(
  rank: number,
  count: number,
  options: PlacementOptions,
): Record<string, string> {
  const { blockId, accelerators } = options;
  const variables: Record<string, string> = {
    TILEWRIGHT_WORKER_RANK: String(rank),
    TILEWRIGHT_WORKER_COUNT: String(count),
    TILEWRIGHT_WORKER_POOL_ID: `${hostname()}/${process.pid}`,
    ...(blockId !== undefined && { TILEWRIGHT_WORKER_BLOCK_ID: blockId }),
  };
  const cores = coresOf(rank, count, options.cpuAffinity ?? 'none', allowedCores);
  if (cores !== null) {
    const list = cores.join(',');
    variables[WORKER_CORES] = list;
    // Libraries with threads of their own: OpenMP's, GCC's and Intel's way to say it.
    variables['OMP_NUM_THREADS'] = String(cores.length);
    variables['GOMP_CPU_AFFINITY'] = list;
    variables['KMP_AFFINITY'] = `explicit,proclist=[${list}]`;
  }
  const accelerator = accelerators?.[rank];
  if (accelerator !== undefined) {
    // NVIDIA, AMD and Intel.
    variables['CUDA_VISIBLE_DEVICES'] = accelerator;
    variables['ROCR_VISIBLE_DEVICES'] = accelerator;
    variables['ZE_AFFINITY_MASK'] = accelerator;
    variables['ZE_ENABLE_PCI_ID_DEVICE_ORDER'] = '1';
  }
  return variables;
}

/**
 * Numbers of the cores of a worker, out of those that `available` gives in order; null for all.
 * @throws TilewrightError config-invalid if there are more workers than cores
 */
export function coresOf(
  rank: number,
  count: number,
  affinity: string,
  available: () => readonly number[],
): number[] | null {
  if (affinity === 'none') return null;
  const cores = available();
  if (affinity.startsWith('list:')) {
    const listed = parseCores(affinity.split(':')[rank + 1] ?? '');
    const absent = listed.filter((core) => !cores.includes(core));
    if (absent.length === 0) return listed;
    throw new TilewrightError(
      'config-invalid',
      `cpuAffinity names the cores ${absent.join(', ')}, and there are ${cores.join(', ')}`,
    );
  }
  const each = Math.floor(cores.length / count);
  if (each === 0) {
    throw new TilewrightError(
      'config-invalid',
      `cpuAffinity ${affinity} needs a core for each worker, and there are ${count} workers and ` +
        `${cores.length} cores: lower maxWorkers`,
    );
  }
  if (affinity === 'alternating') return cores.filter((_, i) => i % count === rank);
  const place = affinity === 'block' ? rank : count - 1 - rank;
  return cores.slice(place * each, (place + 1) * each);
}

/** `0-3,6` as numbers. */
export function parseCores(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first, last = first] = part.trim().split('-').map(Number);
    return Array.from({ length: Math.max(0, last! - first! + 1) }, (_, i) => first! + i);
  });
}

/** Cores that this process may use, in order. */
function allowedCores(): number[] {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const here =
    process.platform === 'linux' && path.some((folder) => existsSync(join(folder, 'taskset')));
  const list = here ? readFileSync('/proc/self/status', 'utf8') : '';
  const cores = /^Cpus_allowed_list:\s*(\S+)/m.exec(list)?.[1];
  if (cores !== undefined) return parseCores(cores);
  throw new TilewrightError(
    'config-invalid',
    "cpuAffinity needs Linux and the program taskset (Debian's package util-linux) on each node",
  );
}
