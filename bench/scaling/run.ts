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
import { type ForgedFormat, forgeInputs, planForgery } from './forge.ts';
import { type Job, makeJob } from './job.ts';
import { stageOrder } from './pipeline.ts';
import { planFolder } from './planning.ts';
import {
  DISKS,
  type DiskName,
  ENGINES,
  type EngineName,
  USUAL_TROUBLE,
  usualEngine,
} from './presets.ts';
import { printScaling, type ScalingRow } from './report.ts';
import { simulate } from './simulate.ts';

const USAGE = `Usage: npx node bench/scaling/run.ts [options]

  --workers N,N,…    1,2,8,32,100,320,1000 is the default
  --disk NAME,…      ${Object.keys(DISKS).join(', ')}; all but memory is the default;
                     nvme is in one machine: for up to 32 workers
  --engine NAME      ${Object.keys(ENGINES).join(', ')}; by default threads for up to 2 workers,
                     local for up to 32, slurm above
  --inputs N         17039 is the default
  --polygons N       1e9 is the default
  --format NAME      shp (the default) or gpkg
  --spread N         ground of an input, as a multiple of that of a dense scene; 6 is the default
  --seeds N          how many runs are simulated for each figure; 9 is the default
  --all-directories  as if each worker read all shuffle files' directories before it merges
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
        workers: { type: 'string', default: '1,2,8,32,100,320,1000' },
        disk: { type: 'string', default: 'nvme,nfs,lustre' },
        engine: { type: 'string' },
        inputs: { type: 'string', default: '17039' },
        polygons: { type: 'string', default: '1e9' },
        format: { type: 'string', default: 'shp' },
        spread: { type: 'string', default: '6' },
        seeds: { type: 'string', default: '9' },
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
  const format = oneOf(options.format, { shp: 0, gpkg: 0 }, '--format') as ForgedFormat;
  const seeds = positive(options.seeds, '--seeds');
  const job = await planJob(
    {
      seed: 1,
      inputs: positive(options.inputs, '--inputs'),
      polygons: positive(options.polygons, '--polygons'),
      spread: Number(options.spread),
    },
    format,
  );
  const rows = disks.flatMap((disk) =>
    workers.filter(fits(disk)).map((count): ScalingRow => {
      const scenario = {
        workers: count,
        disk: DISKS[disk],
        engine: engine === null ? usualEngine(count) : ENGINES[engine as EngineName],
        trouble: USUAL_TROUBLE,
        crowding: [1.12, 1.5] as const,
        diskSigma: 0.3,
        allDirectories: options['all-directories'],
      };
      const runs = Array.from({ length: seeds }, (_, seed) => simulate(job, scenario, seed + 1));
      return { workers: count, disk, engine: scenario.engine.name, runs };
    }),
  );
  printScaling(rows, options.json);
}

/** A disk inside a machine serves that machine's workers only. */
function fits(disk: DiskName): (workers: number) => boolean {
  return (workers) => disk !== 'nvme' || workers <= MAX_LOCAL_WORKERS;
}

/** Plans the job with the real planner, on files that only look big. */
async function planJob(
  options: Parameters<typeof planForgery>[0],
  format: ForgedFormat,
): Promise<Job> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-forged-'));
  try {
    const inputs = planForgery(options);
    forgeInputs(folder, inputs, format);
    const { plan, cost } = await planFolder(folder);
    const start = await stageOrder(plan);
    const { job } = makeJob(inputs, start.tasks, format);
    console.error(
      `${job.inputs} inputs, ${(job.polygons / 1e6).toFixed(1)} million polygons, ` +
        `${job.stage.length} stage tasks, ${job.merge.length} merge tasks, ${job.tiles} tiles, ` +
        `${job.pairs} pairs of input and tile\n` +
        `the real planner took ${(cost.findSeconds + cost.planSeconds).toFixed(1)} s here, its plan ` +
        `${(cost.heapBytes / 1e6).toFixed(0)} MB; making the tasks ${start.startSeconds.toFixed(1)} s`,
    );
    return job;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
