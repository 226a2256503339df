/** What the end-to-end cases' measurements say: speeds, ratios, a table. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { type Case, CP_CASE, OGR2OGR_CASE } from './cases.ts';
import type { Dataset } from './data.ts';
import { type Measurement, type MeasurementSpread, spread } from './measure.ts';

export interface CaseResult {
  case: string;
  files: number;
  polygons: number;
  bytes: number;
  runs: Measurement[];
  spread: MeasurementSpread;
  /** GeoPackages that the last run left. */
  outputFiles: number;
  /** The following are of the medians. */
  polygonsPerSecond: number;
  polygonsPerCpuSecond: number;
  megabytesPerSecond: number;
  /** Polygons a second, as a multiple of the same run's `cp` and `ogr2ogr`. */
  timesCp: number | null;
  timesOgr2ogr: number | null;
}

/**
 * @param measurements - the counted runs of each case
 * @param outputs - how many GeoPackages each case left
 */
export function summarize(
  dataset: Dataset,
  cases: Case[],
  measurements: Measurement[][],
  outputs: number[],
): CaseResult[] {
  const results = cases.map((one, i): CaseResult => {
    const files = one.files(dataset);
    const polygons = files.reduce((sum, file) => sum + file.polygons, 0);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const runs = measurements[i]!;
    const figures = spread(runs);
    return {
      case: one.name,
      files: files.length,
      polygons,
      bytes,
      runs,
      spread: figures,
      outputFiles: outputs[i]!,
      polygonsPerSecond: polygons / figures.wallSeconds.median,
      polygonsPerCpuSecond: polygons / figures.cpuSeconds.median,
      megabytesPerSecond: bytes / 1e6 / figures.wallSeconds.median,
      timesCp: null,
      timesOgr2ogr: null,
    };
  });
  const speedOf = (wanted: Case): number | undefined =>
    results.find((result) => result.case === wanted.name)?.polygonsPerSecond;
  const cp = speedOf(CP_CASE);
  const ogr2ogr = speedOf(OGR2OGR_CASE);
  for (const result of results) {
    if (cp !== undefined) result.timesCp = result.polygonsPerSecond / cp;
    if (ogr2ogr !== undefined) result.timesOgr2ogr = result.polygonsPerSecond / ogr2ogr;
  }
  return results;
}

export function printTable(results: CaseResult[]): void {
  const rows = results.map((result) => {
    const { wallSeconds, cpuSeconds, peakProcessBytes, peakTreeBytes } = result.spread;
    return [
      result.case,
      count(result.polygons),
      `${wallSeconds.median.toFixed(2)} (${wallSeconds.min.toFixed(2)}–${wallSeconds.max.toFixed(2)})`,
      cpuSeconds.median.toFixed(2),
      count(result.polygonsPerSecond),
      count(result.polygonsPerCpuSecond),
      result.megabytesPerSecond.toFixed(1),
      (peakProcessBytes.max / 1e6).toFixed(0),
      (peakTreeBytes.max / 1e6).toFixed(0),
      result.timesCp?.toPrecision(2) ?? '–',
      result.timesOgr2ogr?.toPrecision(3) ?? '–',
      count(result.outputFiles),
    ];
  });
  rows.unshift(
    ['case', 'polygons', 'wall s (min–max)', 'CPU s', 'polygons/s', '/CPU s', 'MB/s'].concat([
      'peak MB',
      'of all',
      '× cp',
      '× ogr2ogr',
      'files out',
    ]),
  );
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
    );
    console.log(cells.join('  '));
  }
}

/** What a figure has to be read with: the machine and the versions. */
export function machine(): object {
  const commit = spawnSync('git', ['rev-parse', 'HEAD'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  return {
    system: `${type()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    sqlite: process.versions['sqlite'],
    tilewright: (JSON.parse(manifest) as { version: string }).version,
    commit: commit.status === 0 ? commit.stdout.trim() : null,
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
