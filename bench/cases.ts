/** The end-to-end cases: which command each runs, on which files. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from './data.ts';
import type { Scene } from './scenes.ts';

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
/** ogr2ogr is slow: it gets the smallest files, up to so many bytes, but at least one. */
const MAX_OGR2OGR_BYTES = 150e6;

export interface Command {
  command: string;
  args: string[];
}

export interface Case {
  name: string;
  /** The files that it works on. */
  files(dataset: Dataset): Scene[];
  /** `out` is a folder that does not exist yet. */
  command(dataset: Dataset, out: string): Command;
  /** Bytes written for each byte read, roughly: for the check of the free space. */
  outputRatio: number;
}

function stageCase(name: string, args: readonly string[]): Case {
  return {
    name,
    files: (dataset) => dataset.files,
    command: (dataset, out) => ({
      command: process.execPath,
      args: [MAIN, 'stage', dataset.folder, '--out', out, '--quiet', ...args],
    }),
    // Shuffle files and tiles are there at once, and tiles have an index and eight columns more.
    outputRatio: 3,
  };
}

export const STAGE_CASES: readonly Case[] = [
  stageCase('stage-inline', ['--executor', 'inline']),
  stageCase('stage-1', ['--workers', '1']),
  stageCase('stage-2', ['--workers', '2']),
  stageCase('stage-simplify', ['--workers', '2', '--simplify-tolerance', '0.0001']),
];

/** What copying the same files takes: the least that a job of reading and writing can. */
export const CP_CASE: Case = {
  name: 'cp',
  files: (dataset) => dataset.files,
  command: (dataset, out) => ({ command: 'cp', args: ['-r', dataset.folder, out] }),
  outputRatio: 1,
};

/** Reprojects file by file, on one core, without tiles. */
export const OGR2OGR_CASE: Case = {
  name: 'ogr2ogr',
  files: ({ files }) => {
    const sorted = [...files].sort((a, b) => a.bytes - b.bytes);
    let bytes = 0;
    return sorted.filter((file, i) => {
      bytes += file.bytes;
      return i === 0 || bytes <= MAX_OGR2OGR_BYTES;
    });
  },
  command: (dataset, out) => {
    const paths = OGR2OGR_CASE.files(dataset).map((file) => file.path);
    const convert = 'ogr2ogr -t_srs EPSG:4326 "$out/$(basename "$file")" "$file"';
    const script = `out=$1; shift; mkdir "$out"; for file; do ${convert} || exit 1; done`;
    return { command: 'sh', args: ['-c', script, 'sh', out, ...paths] };
  },
  outputRatio: 1.3,
};

/**
 * The cases of a machine with more cores: the same with a worker for each.
 * @returns none where two workers are all already
 */
export function allCoresCases(): Case[] {
  const cores = availableParallelism();
  return cores > 2 ? [stageCase(`stage-${cores}`, ['--workers', String(cores)])] : [];
}
