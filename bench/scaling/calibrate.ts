/**
 * The simulator against measured runs: `npx node bench/scaling/calibrate.ts`. The rates are those of
 * the run of 8.1 million polygons, so that one worker's time there is no prediction; the others are.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spreadOf } from '../measure.ts';
import { BYTES_PER_FEATURE } from '../scenes.ts';
import { type ForgeOptions, forgeInputs, planForgery } from './forge.ts';
import { coverGround, placeSlices } from './ground-cover.ts';
import { type Job, makeJob } from './job.ts';
import { planFolder } from './planning.ts';
import { DISKS, ENGINES, NO_TROUBLE, USUAL_TROUBLE } from './presets.ts';
import { ROWS_PER_FEATURE } from './rates.ts';
import { printTable } from './report.ts';
import { simulate } from './simulate.ts';
import { planStaging } from './stage-plan.ts';

/** Of docs/PERFORMANCE.md, `npm run bench`: median, minimum and maximum of the wall time in seconds. */
const MEASURED = [
  { job: 'full', workers: 1, wall: [53.34, 48.04, 58.69] },
  { job: 'full', workers: 2, wall: [31.6, 26.36, 32.0] },
  { job: 'big', workers: 1, wall: [7.34, 7.24, 7.44] },
  { job: 'big', workers: 2, wall: [4.3, 4.23, 4.37] },
  { job: 'tenth', workers: 1, wall: [3.98, 3.76, 4.27] },
  { job: 'tenth', workers: 2, wall: [2.85, 2.75, 3.06] },
] as const;

/** The benchmark's data sets. */
const JOBS: Readonly<Record<string, ForgeOptions>> = {
  full: { seed: 20190703, inputs: 35, polygons: 6e9 / BYTES_PER_FEATURE, minBytes: 20e6 },
  big: { seed: 20190703, inputs: 1, polygons: 1e9 / BYTES_PER_FEATURE },
  tenth: {
    ...{ seed: 20190703, inputs: 35, polygons: 6e8 / BYTES_PER_FEATURE },
    ...{ minBytes: 2e6, maxBytes: 50e6 },
  },
};
const SEEDS = 15;

const rows = [['job', 'polygons', 'workers', 'measured s', 'simulated s', 'error']];
for (const { job: name, workers, wall } of MEASURED) {
  const job = await planSmallJob(JOBS[name]!, workers);
  const scenario = {
    ...{ workers, disk: DISKS.memory, engine: ENGINES.threads },
    trouble: { ...NO_TROUBLE, taskSigma: USUAL_TROUBLE.taskSigma },
    crowding: [1, 1] as const,
    diskSigma: 0,
    allDirectories: true,
  };
  const totals = Array.from({ length: SEEDS }, (_, i) => simulate(job, scenario, i + 1).total);
  const { min, median, max } = spreadOf(totals);
  const error = (100 * (median - wall[0])) / wall[0];
  rows.push([
    name,
    job.polygons.toLocaleString('en-US'),
    String(workers),
    `${wall[0].toFixed(2)} (${wall[1].toFixed(2)}–${wall[2].toFixed(2)})`,
    `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`,
    `${error < 0 ? '−' : '+'}${Math.abs(error).toFixed(0)} %`,
  ]);
}
printTable(rows);

async function planSmallJob(options: ForgeOptions, workers: number): Promise<Job> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-forged-'));
  try {
    const inputs = planForgery(options);
    forgeInputs(folder, inputs, 'gpkg');
    const plan = placeSlices((await planFolder(folder)).plan, inputs);
    const cover = coverGround(inputs, plan, ROWS_PER_FEATURE);
    const staged = await planStaging(plan, cover, { workers, sharesMemory: true, memory: 1 << 30 });
    return makeJob(inputs, cover, staged, 'gpkg');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
