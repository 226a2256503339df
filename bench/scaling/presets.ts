/** Disks and engines to choose from. Round figures of the kinds that are common, not of a product. */

export interface Disk {
  name: string;
  /** Of all clients together; reads and writes alike. */
  bytesPerSecond: number;
  /** Of all workers of one node. */
  nodeBytesPerSecond: number;
  /** What one worker reads at when it is alone. */
  workerBytesPerSecond: number;
  /** From the call to its answer, of one metadata operation. */
  metadataSeconds: number;
  /** Metadata operations of all clients together. */
  metadataPerSecond: number;
}

export const DISKS = {
  /** Everything stays in the page cache, as in the measurements: only CPU is left. */
  memory: disk('memory', Infinity, Infinity, Infinity, 0, Infinity),
  nvme: disk('nvme', 2.5e9, Infinity, 2e9, 20e-6, 300_000),
  nfs: disk('nfs', 1e9, 1e9, 0.5e9, 1e-3, 10_000),
  lustre: disk('lustre', 20e9, 5e9, 1e9, 0.5e-3, 40_000),
} as const;

export type DiskName = keyof typeof DISKS;

function disk(
  name: string,
  bytesPerSecond: number,
  nodeBytesPerSecond: number,
  workerBytesPerSecond: number,
  metadataSeconds: number,
  metadataPerSecond: number,
): Disk {
  return {
    name,
    bytesPerSecond,
    nodeBytesPerSecond,
    workerBytesPerSecond,
    metadataSeconds,
    metadataPerSecond,
  };
}

export interface Engine {
  name: string;
  /** Whether its workers put their rows together: threads of one process. */
  sharesMemory: boolean;
  /** Time of the coordinator per task, during which it hands out no other. */
  dispatchSeconds: number;
  /** How long a worker is idle between two tasks besides. */
  gapSeconds: number;
  /** From the start of a worker to its first task. */
  startSeconds: number;
  workersPerBlock: number;
  /** Wait for a block in the scheduler's queue: median, and sigma of its logarithm. */
  queueSeconds: number;
  queueSigma: number;
  /** Until a dead worker is noticed and replaced. */
  replaceSeconds: number;
  /** Tasks are put together until they take about so long; 0: each by itself. */
  batchSeconds: number;
}

/**
 * The first figure is measured by bench/executors.ts; how long blocks are waited for, and until a dead
 * worker is replaced, is what may be expected.
 */
export const ENGINES = {
  threads: engine('threads', 0.07e-3, 0.1e-3, 0.15, Infinity, 0, 0, 1, 0),
  local: engine('local', 0.25e-3, 0.5e-3, 0.4, Infinity, 0, 0, 2, 0),
  redis: engine('redis', 1.4e-3, 2e-3, 1, 32, 0, 0, 30, 0),
  slurm: engine('slurm', 0.3e-3, 0.5e-3, 1.5, 32, 60, 1, 30, 0),
  'slurm-array': engine('slurm-array', 0.1e-3, 2.2, 2, 1, 60, 1, 30, 60),
} as const;

export type EngineName = keyof typeof ENGINES;

function engine(
  name: string,
  dispatchSeconds: number,
  gapSeconds: number,
  startSeconds: number,
  workersPerBlock: number,
  queueSeconds: number,
  queueSigma: number,
  replaceSeconds: number,
  batchSeconds: number,
): Engine {
  return {
    name,
    sharesMemory: name === 'threads',
    dispatchSeconds,
    gapSeconds,
    startSeconds,
    workersPerBlock,
    queueSeconds,
    queueSigma,
    replaceSeconds,
    batchSeconds,
  };
}

/** Threads of one machine for up to 32 workers, blocks of a cluster above. */
export function usualEngine(workers: number): Engine {
  return workers <= 32 ? ENGINES.threads : ENGINES.slurm;
}

/** What goes wrong, and how unlike workers are. */
export interface Trouble {
  /** A part of the workers takes so many times as long. */
  slowShare: number;
  slowFactor: number;
  /** Sigma of the logarithm of a task's duration. */
  taskSigma: number;
  deathsPerWorkerHour: number;
}

export const USUAL_TROUBLE: Trouble = {
  slowShare: 0.05,
  slowFactor: 2,
  taskSigma: 0.25,
  deathsPerWorkerHour: 0.01,
};

export const NO_TROUBLE: Trouble = {
  slowShare: 0,
  slowFactor: 1,
  taskSigma: 0,
  deathsPerWorkerHour: 0,
};
