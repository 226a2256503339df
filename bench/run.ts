/**
 * The benchmarks' command: `npm run bench -- [--case NAME]… [--size tiny|tenth|full] [--runs N]
 * [--json]`. Runs the cases in turns, so that a slow moment of the machine hits them all alike,
 * and prints medians beside those of `cp` and `ogr2ogr` from the same minutes.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TilewrightError } from '../src/core/errors.ts';
import { allCoresCases, type Case, CP_CASE, OGR2OGR_CASE, STAGE_CASES } from './cases.ts';
import {
  DATASET_NAMES,
  type DatasetName,
  formatBytes,
  outputFolder,
  prepareDataset,
  requireSpace,
} from './data.ts';
import { type KernelResult, kernelLine } from './kernels/time.ts';
import { type Measurement, measure } from './measure.ts';
import { type CaseResult, machine, printTable, summarize } from './report.ts';

const USAGE = `Usage: npm run bench -- [--case NAME]... [--size SIZE] [--runs N] [--json]

  --case   stage (all of the stage-… cases; the default), stage-inline, stage-1, stage-2,
           stage-simplify, big (one file of 1 GB), cp, ogr2ogr, kernels; may be repeated
  --size   ${DATASET_NAMES.join(', ')}; tiny is the default
  --runs   how often each case is run and counted; 3 is the default
  --json   print the result as JSON`;

interface EndToEnd {
  size: DatasetName;
  results: CaseResult[];
}

interface Options {
  case: string[];
  size: string;
  runs: string;
  json: boolean;
  help: boolean;
}

try {
  const options = readOptions();
  if (options.help) console.log(USAGE);
  else await main(options);
} catch (error) {
  if (!(error instanceof TilewrightError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function readOptions(): Options {
  try {
    return parseArgs({
      options: {
        case: { type: 'string', multiple: true, default: ['stage'] },
        size: { type: 'string', default: 'tiny' },
        runs: { type: 'string', default: '3' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

async function main(values: Options): Promise<void> {
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw usage(`--runs wants a number, not ${values.runs}`);
  const size = DATASET_NAMES.find((name) => name === values.size);
  if (size === undefined) throw usage(`There is no size ${values.size}`);

  const result: { machine: object; endToEnd: EndToEnd[]; kernels: KernelResult[] } = {
    machine: machine(),
    endToEnd: [],
    kernels: [],
  };
  const names = new Set(values.case);
  const wantsBig = names.delete('big');
  const wantsKernels = names.delete('kernels');
  if (names.size > 0) result.endToEnd.push(await runEndToEnd(size, [...names], runs));
  if (wantsBig) result.endToEnd.push(await runEndToEnd('big', ['stage-1', 'stage-2'], runs));
  if (wantsKernels) result.kernels = runKernels();
  if (values.json) {
    console.log(JSON.stringify(result, null, 1));
  } else {
    for (const { results } of result.endToEnd) printTable(results);
    for (const kernel of result.kernels) console.log(kernelLine(kernel));
  }
}

async function runEndToEnd(size: DatasetName, names: string[], runs: number): Promise<EndToEnd> {
  const cases = chooseCases(names);
  const dataset = prepareDataset(size, log);
  const out = outputFolder();
  requireSpace(
    Math.max(...cases.map((one) => one.outputRatio)) * dataset.bytes,
    `the output of ${size}`,
  );
  log(
    `${size}: ${dataset.files.length} files, ${dataset.polygons} polygons, ${formatBytes(dataset.bytes)}`,
  );

  const measurements = cases.map((): Measurement[] => []);
  const outputs = cases.map(() => 0);
  // On a virtual machine memory is slow when it is first touched. The warm-up fills the page cache
  // with the inputs, and touches as much memory as the cases will.
  for (let run = -1; run < runs; run++) {
    for (const [i, one] of cases.entries()) {
      if (run < 0 && one === OGR2OGR_CASE) continue;
      const { command, args } = one.command(dataset, out);
      try {
        const measured = await measure(command, args);
        if (run >= 0) measurements[i]!.push(measured);
        outputs[i] = countGeoPackages(out);
        if (outputs[i] === 0) throw new TilewrightError('internal', `${one.name} wrote no files`);
        const phase = run < 0 ? 'warm-up' : `run ${run + 1} of ${runs}`;
        log(`${phase}: ${one.name} ${measured.wallSeconds.toFixed(2)} s`);
      } finally {
        rmSync(out, { recursive: true, force: true });
      }
      // What one case left to be written is not to slow down the next.
      spawnSync('sync');
    }
  }
  return { size, results: summarize(dataset, cases, measurements, outputs) };
}

function chooseCases(names: string[]): Case[] {
  const stageCases = [...STAGE_CASES, ...allCoresCases()];
  const yardsticks =
    spawnSync('ogr2ogr', ['--version']).status === 0 ? [CP_CASE, OGR2OGR_CASE] : [CP_CASE];
  if (yardsticks.length === 1) log('ogr2ogr is not on the PATH: no comparison with it');
  const all = [...yardsticks, ...stageCases];
  const chosen = new Set<Case>(yardsticks);
  for (const name of names) {
    const found = name === 'stage' ? stageCases : all.filter((one) => one.name === name);
    if (found.length === 0) throw usage(`There is no case ${name}, or it can't run here`);
    for (const one of found) chosen.add(one);
  }
  return [...chosen];
}

function runKernels(): KernelResult[] {
  const folder = join(import.meta.dirname, 'kernels');
  const files = readdirSync(folder).filter((name) => name.endsWith('.bench.ts'));
  // Each in a process of its own, so that one kernel's calls don't spoil another's optimization.
  return files.sort().flatMap((file) => {
    const child = spawnSync(process.execPath, [join(folder, file), '--json'], { encoding: 'utf8' });
    if (child.status !== 0) {
      throw new TilewrightError('internal', `${file} failed: ${child.stderr.trim()}`);
    }
    const lines = child.stdout.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as KernelResult);
  });
}

function countGeoPackages(folder: string): number {
  if (!existsSync(folder)) return 0;
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.gpkg')).length;
}

function log(line: string): void {
  console.error(line);
}

function usage(message: string): TilewrightError {
  return new TilewrightError('usage', `${message}\n\n${USAGE}`);
}
