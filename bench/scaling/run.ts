/**
 * The simulator's command: `npx node bench/scaling/run.ts [--workers 1,2,32] [--disk nvme,nfs,lustre]
 * [--json]`. The real planner plans the whole job on forged files; then the run is simulated for each disk and
 * number of workers, with several seeds.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TilewrightError } from '../../src/core/errors.ts';
import type { Plan } from '../../src/staging/planning/plan.ts';
import { type ForgedInput, forgeInputs, planForgery } from './forge.ts';
import { coverGround, type GroundCover, placeSlices } from './ground-cover.ts';
import { type Job, type Layout, makeJob, type ReadFormat } from './job.ts';
import { planFolder } from './planning.ts';
import {
  DISKS,
  type DiskName,
  ENGINES,
  type EngineName,
  USUAL_TROUBLE,
  usualEngine,
} from './presets.ts';
import { PLAN_SECONDS, ROWS_PER_FEATURE, TILE_BYTES_PER_ROW } from './rates.ts';
import { duration, printScaling, printTable, type ScalingRow } from './report.ts';
import { simulate, stepSeconds } from './simulate.ts';
import { planStaging, type StageOptions } from './stage-plan.ts';

const USAGE = `Usage: npx node bench/scaling/run.ts [options]

  --workers N,N,…    1,2,8,32,100,320 is the default
  --disk NAME,…      ${Object.keys(DISKS).join(', ')}; all but memory is the default;
                     nvme is in one machine: for up to 32 workers
  --engine NAME      ${Object.keys(ENGINES).join(', ')}; by default threads for up to 32 workers,
                     slurm above
  --inputs N         17039 is the default
  --polygons N       1e9 is the default
  --format NAME      of the inputs: shp (the default), gpkg, geoparquet or flatgeobuf
  --staged NAME      of the tiles: gpkg (the default) or geoparquet
  --pack N           4^N tiles are packed into a file; by default none are
  --spread N         ground of an input, as a multiple of that of a dense scene; 6 is the default
  --seeds N          how many runs are simulated for each figure; 9 is the default
  --memory N         for the rows of each worker, in MB; by default 512 for threads, else 256
  --all-directories  as if each worker read all records before it merges
  --json             print the result as JSON`;

const MAX_LOCAL_WORKERS = 32;

try {
  await main();
} catch (error) {
  if (!(error instanceof TilewrightError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        workers: { type: 'string', default: '1,2,8,32,100,320' },
        disk: { type: 'string', default: 'nvme,nfs,lustre' },
        engine: { type: 'string' },
        inputs: { type: 'string', default: '17039' },
        polygons: { type: 'string', default: '1e9' },
        format: { type: 'string', default: 'shp' },
        staged: { type: 'string', default: 'gpkg' },
        pack: { type: 'string' },
        spread: { type: 'string', default: '6' },
        seeds: { type: 'string', default: '9' },
        memory: { type: 'string' },
        'all-directories': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const workers = options.workers.split(',').map((text) => positive(text, '--workers'));
  const disks = options.disk.split(',').map((name) => oneOf(name, DISKS, '--disk') as DiskName);
  const engine = options.engine === undefined ? null : oneOf(options.engine, ENGINES, '--engine');
  const format = oneOf(options.format, PLAN_SECONDS, '--format') as ReadFormat;
  const layout: Layout = {
    format: oneOf(options.staged, TILE_BYTES_PER_ROW, '--staged') as Layout['format'],
    pack: options.pack === undefined ? null : positive(options.pack, '--pack'),
  };
  const seeds = positive(options.seeds, '--seeds');
  const planned = await planJob(
    {
      seed: 1,
      inputs: positive(options.inputs, '--inputs'),
      polygons: positive(options.polygons, '--polygons'),
      spread: Number(options.spread),
    },
    format,
  );
  const jobs = new Map<string, Job>();
  const rows: ScalingRow[] = [];
  for (const count of workers) {
    const its = engine === null ? usualEngine(count) : ENGINES[engine as EngineName];
    const { sharesMemory } = its;
    const megabytes = positive(options.memory ?? (sharesMemory ? '512' : '256'), '--memory');
    const memory = megabytes * 2 ** 20;
    const job = await jobFor(planned, { workers: count, sharesMemory, memory }, layout);
    jobs.set(`${count} ${its.name}`, job);
    for (const disk of disks.filter((name) => fits(name)(count))) {
      const scenario = {
        workers: count,
        disk: DISKS[disk],
        engine: its,
        trouble: USUAL_TROUBLE,
        crowding: [1.12, 1.5] as const,
        diskSigma: 0.3,
        allDirectories: options['all-directories'],
      };
      const runs = Array.from({ length: seeds }, (_, seed) => simulate(job, scenario, seed + 1));
      rows.push({ workers: count, disk, engine: scenario.engine.name, runs });
    }
  }
  rows.sort((a, b) => disks.indexOf(a.disk as DiskName) - disks.indexOf(b.disk as DiskName));
  printScaling(rows, options.json);
  if (!options.json) printJobs(jobs);
}

/** What each way to stage the job has to write. */
function printJobs(jobs: ReadonlyMap<string, Job>): void {
  const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(0)} %`;
  const terabytes = (bytes: number): string => `${(bytes / 1e12).toFixed(2)} TB`;
  console.log();
  printTable([
    ['workers', 'groups', 'tasks', 'rows in shuffle files', 'of them', 'tiles renamed'].concat([
      ...['written', 'on the disk', 'files', 'longest task'],
    ]),
    ...[...jobs].map(([name, job]) => [
      name,
      `${job.groups}`,
      `${job.stage.length}`,
      percent(job.spilledRows, job.rows),
      terabytes(job.shuffleBytes),
      percent(job.renamedTiles, job.tiles),
      terabytes(job.writtenBytes),
      terabytes(job.diskBytes),
      job.files.toLocaleString('en'),
      duration(Math.max(...job.stage.map(({ cpuSeconds }) => cpuSeconds))),
    ]),
  ]);
  const [job] = jobs.values();
  for (const { name, ...step } of job!.before) {
    const on = Object.values(DISKS).map((disk) => duration(stepSeconds({ name, ...step }, disk)));
    console.log(`${name}: ${Object.keys(DISKS).join(', ')}: ${on.join(', ')}`);
  }
}

/** A disk inside a machine serves that machine's workers only. */
function fits(disk: DiskName): (workers: number) => boolean {
  return (workers) => disk !== 'nvme' || workers <= MAX_LOCAL_WORKERS;
}

interface PlannedJob {
  inputs: ForgedInput[];
  format: ReadFormat;
  plan: Plan;
  cover: GroundCover;
}

/** Plans the job with the real planner, on files that only look big. */
async function planJob(
  options: Parameters<typeof planForgery>[0],
  format: ReadFormat,
): Promise<PlannedJob> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-forged-'));
  try {
    const inputs = planForgery(options);
    forgeInputs(folder, inputs, format === 'shp' ? 'shp' : 'gpkg');
    const { plan, cost } = await planFolder(folder);
    const cover = coverGround(inputs, plan, ROWS_PER_FEATURE);
    const polygons = inputs.reduce((sum, input) => sum + input.polygons, 0);
    console.error(
      `${inputs.length} inputs, ${(polygons / 1e6).toFixed(1)} million polygons, ` +
        `${cover.tiles.length} tiles, ${cover.byInput.length} pairs of input and tile\n` +
        `the real planner took ${(cost.findSeconds + cost.planSeconds).toFixed(1)} s here, its plan ` +
        `${(cost.heapBytes / 1e6).toFixed(0)} MB`,
    );
    return { inputs, format, plan: placeSlices(plan, inputs), cover };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Has the real pipeline stage it with so many workers. */
async function jobFor(
  { inputs, format, plan, cover }: PlannedJob,
  options: StageOptions,
  layout: Layout,
): Promise<Job> {
  const staged = await planStaging(plan, cover, options);
  console.error(
    `${options.workers} workers: ${staged.tasks.length} tasks, made in ` +
      `${staged.startSeconds.toFixed(1)} s, ${(1e6 * staged.secondsPerTask).toFixed(0)} µs each`,
  );
  return makeJob(inputs, cover, staged, format, layout);
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) {
    throw usage(`${option} wants whole numbers above 0, not ${text}`);
  }
  return value;
}

function oneOf(name: string, choices: object, option: string): string {
  if (Object.hasOwn(choices, name)) return name;
  throw usage(`${option} wants one of ${Object.keys(choices).join(', ')}, not ${name}`);
}

function usage(message: string): TilewrightError {
  return new TilewrightError('usage', `${message}\n\n${USAGE}`);
}
