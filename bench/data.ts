/**
 * Data sets of the benchmarks, made once and kept under bench/data (which Git ignores). A data set
 * is known by a hash of what it was made with, so a changed generator or changed sizes make a new
 * one; without its marker it was interrupted, and is made again.
 */

import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../src/core/errors.ts';
import {
  BYTES_PER_FEATURE,
  CELL_AREA,
  GENERATOR_VERSION,
  type Scene,
  type ScenesOptions,
  writeScenes,
} from './scenes.ts';

export const DATA_FOLDER = join(import.meta.dirname, 'data');

const SEED = 20190703;

const DATASETS = {
  /** 100,000 polygons, 74 MB. */
  tiny: { seed: SEED, count: 4, polygonsEach: 25_000 },
  /** A tenth of the users' job: 810,000 polygons. */
  tenth: { seed: SEED, count: 35, totalBytes: 600e6, minBytes: 2e6, maxBytes: 50e6 },
  /** The users' job: 8.1 million polygons, about 2,200 tiles of WGS1984Quad at z 13. */
  full: { seed: SEED, count: 35, totalBytes: 6e9, minBytes: 20e6, maxBytes: 500e6 },
  /** One file that has to be sliced: 1.35 million polygons. */
  big: { seed: SEED, count: 1, totalBytes: 1e9 },
} as const satisfies Record<string, ScenesOptions>;

export type DatasetName = keyof typeof DATASETS;
export const DATASET_NAMES = Object.keys(DATASETS) as DatasetName[];

export interface Dataset {
  name: DatasetName;
  /** Holds the GeoPackages and nothing else. */
  folder: string;
  files: Scene[];
  polygons: number;
  bytes: number;
}

/** The data set of this name, made if it is not there yet; `log` is told what takes time. */
export function prepareDataset(name: DatasetName, log: (line: string) => void): Dataset {
  const options: ScenesOptions = { overlap: 0.1, cellArea: CELL_AREA, ...DATASETS[name] };
  const key = createHash('sha256')
    .update(JSON.stringify({ version: GENERATOR_VERSION, ...options }))
    .digest('hex')
    .slice(0, 12);
  const root = join(DATA_FOLDER, `${name}-${key}`);
  const folder = join(root, 'scenes');
  const marker = join(root, 'complete.json');

  let files = readMarker(marker, folder);
  if (files === null) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const bytes = options.totalBytes ?? options.count * options.polygonsEach! * BYTES_PER_FEATURE;
    requireSpace(bytes, `the data set '${name}'`);
    log(`making the data set '${name}', ${formatBytes(bytes)}, in ${root}`);
    const start = performance.now();
    files = writeScenes(folder, options);
    const seconds = (performance.now() - start) / 1000;
    const polygons = files.reduce((sum, file) => sum + file.polygons, 0);
    log(`made ${polygons} polygons in ${seconds.toFixed(1)} s`);
    const relative = files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
    writeFileSync(`${marker}.partial`, JSON.stringify(relative, null, 1));
    renameSync(`${marker}.partial`, marker);
  }
  return {
    name,
    folder,
    files,
    polygons: files.reduce((sum, file) => sum + file.polygons, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/**
 * Path of a folder for the output of a command; it does not exist yet. Those that processes left
 * which ended before they could remove them are removed.
 */
export function outputFolder(): string {
  mkdirSync(DATA_FOLDER, { recursive: true });
  for (const name of readdirSync(DATA_FOLDER)) {
    const match = /^out-(\d+)$/.exec(name);
    if (match !== null && !isRunning(Number(match[1]))) {
      rmSync(join(DATA_FOLDER, name), { recursive: true, force: true });
    }
  }
  const folder = join(DATA_FOLDER, `out-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

/** Throws if the disk of the data sets has not `bytes` bytes left, and a tenth more. */
export function requireSpace(bytes: number, purpose: string): void {
  mkdirSync(DATA_FOLDER, { recursive: true });
  const { bavail, bsize } = statfsSync(DATA_FOLDER);
  const free = bavail * bsize;
  if (free < bytes * 1.1) {
    throw new TilewrightError(
      'disk-full',
      `${purpose} needs ${formatBytes(bytes * 1.1)}, but the disk of ${DATA_FOLDER} has ${formatBytes(free)} left; free some space or choose a smaller --size`,
    );
  }
}

export function formatBytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** The files that the marker lists, if it is there and they are as long as it says; else null. */
function readMarker(marker: string, folder: string): Scene[] | null {
  try {
    const files = JSON.parse(readFileSync(marker, 'utf8')) as Scene[];
    const complete = files.map((file) => ({ ...file, path: join(folder, file.path) }));
    return complete.every((file) => statSync(file.path).size === file.bytes) ? complete : null;
  } catch {
    // No marker, or a file is gone: the data set has to be made again.
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
