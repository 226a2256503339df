/**
 * Measures on this machine what rates.ts says of the machine of the documentation: `npx node
 * --expose-gc bench/scaling/measure.ts [--size tiny|tenth|full] [--runs N]`. A real run is timed task by task;
 * planner, journal and summary do the big job's work on forged files.
 */

import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readShuffleFile } from '../../src/staging/rows/shuffle-format.ts';
import { DATASET_NAMES, outputFolder, prepareDataset } from '../data.ts';
import { forgeInputs, planForgery } from './forge.ts';
import { makeJob } from './job.ts';
import { journalCost } from './journal-cost.ts';
import { type RunCost, stageOrder, timedRun } from './pipeline.ts';
import { planAgain, planFolder } from './planning.ts';
import { printTable } from './report.ts';

const { size, runs } = parseArgs({
  options: { size: { type: 'string', default: 'tenth' }, runs: { type: 'string', default: '3' } },
}).values;

const rows: string[][] = [['what', 'measured']];
const add = (what: string, value: number, unit: string): void => {
  rows.push([what, `${value.toPrecision(3)} ${unit}`]);
};

await measureRun();
measureDirectories();
for (const format of ['shp', 'gpkg'] as const) {
  for (const spread of format === 'shp' ? [1, 6] : [1]) await measureBigJob(format, spread);
}
printTable(rows);

/** The median run of some, after one that is not counted. */
async function measureRun(): Promise<void> {
  const name = DATASET_NAMES.find((known) => known === size) ?? 'tenth';
  const dataset = prepareDataset(name, console.error);
  const out = outputFolder();
  const costs: (RunCost & { tileBytes: number })[] = [];
  for (let run = -1; run < Number(runs); run++) {
    try {
      const cost = await timedRun(dataset.folder, out);
      if (run >= 0) costs.push({ ...cost, tileBytes: bytesOfTiles(out) });
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }
  costs.sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const cost = costs[costs.length >> 1]!;
  const sum = (task: string, of: 'cpuSeconds' | 'rows' | 'shuffleBytes'): number =>
    cost.tasks.reduce((total, one) => total + (one.name === task ? one[of] : 0), 0);
  rows.push([`a run of ${cost.tasks.length} tasks, ${dataset.polygons} polygons`, name]);
  add('stage, CPU', (1e6 * sum('staging.stage', 'cpuSeconds')) / dataset.polygons, 'µs a polygon');
  add('merge, CPU', (1e6 * sum('staging.merge', 'cpuSeconds')) / cost.rows, 'µs a row');
  add('rows', cost.rows / dataset.polygons, 'a polygon');
  add('shuffle files', sum('staging.stage', 'shuffleBytes') / cost.rows, 'bytes a row');
  add('tiles', cost.tileBytes / cost.rows, 'bytes a row');
  for (const task of ['staging.stage', 'staging.merge']) {
    const logs = cost.tasks
      .filter((one) => one.name === task && one.rows > 0)
      .map((one) => Math.log(one.cpuSeconds / one.rows));
    const mean = logs.reduce((total, log) => total + log, 0) / logs.length;
    const variance = logs.reduce((total, log) => total + (log - mean) ** 2, 0) / logs.length;
    add(`${task}, sigma of the logarithm of a task's CPU a row`, Math.sqrt(variance), '');
  }
}

/** Shuffle files like the big job's: a hundred segments each. */
function measureDirectories(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-scaling-'));
  try {
    const segments = 100;
    const directory = new Float64Array(7 * segments).fill(1);
    const json = Buffer.from(JSON.stringify({ rowsRead: 1, padding: 'x'.repeat(200) }));
    const trailer = Float64Array.of(0, segments, json.length);
    const parts = [Buffer.from(directory.buffer), json, Buffer.from(trailer.buffer)];
    const paths = Array.from({ length: 3000 }, (_, i) => join(folder, String(i)));
    for (const path of paths) writeFileSync(path, Buffer.concat(parts));
    const start = performance.now();
    for (const path of paths) readShuffleFile(path);
    const seconds = (performance.now() - start) / 1000;
    add('directory of a shuffle file with 100 segments', (1e6 * seconds) / paths.length, 'µs');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureBigJob(format: 'shp' | 'gpkg', spread: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-forged-'));
  try {
    const inputs = planForgery({ seed: 1, inputs: 17_039, polygons: 1e9, spread });
    forgeInputs(folder, inputs, format);
    const { plan, cost } = await planFolder(folder);
    const memory = process.memoryUsage().heapUsed;
    const start = await stageOrder(plan);
    const { cover } = makeJob(inputs, start.tasks, format);
    rows.push([`${inputs.length} inputs (${format}, spread ${spread})`, '']);
    add('find and plan', cost.findSeconds + cost.planSeconds, 's');
    add('find and plan, CPU of all threads', cost.cpuSeconds, 's');
    const again = await planAgain(folder, plan);
    add('the same when nothing has changed', again.findSeconds + again.planSeconds, 's');
    add('memory of the plan', cost.heapBytes / 1e6, 'MB');
    add('make the stage tasks', start.startSeconds, 's');
    add('memory then', (process.memoryUsage().heapUsed - memory) / 1e6, 'MB');
    add('end of a stage task', 1e6 * start.secondsPerTask, 'µs');
    if (format !== 'shp') return;
    const journal = journalCost(plan, start.tasks, cover);
    add('pairs of input and tile', journal.rows, '');
    add('pending run', journal.pendingBytes / 1e6, 'MB');
    add('write it', journal.setPendingSeconds, 's');
    add('read it', journal.readPendingSeconds, 's');
    add('commit', journal.commitSeconds, 's');
    add('journal', journal.journalBytes / 1e6, 'MB');
    add('summary', journal.summarySeconds, 's');
    add('its size', journal.summaryBytes / 1e6, 'MB');
    add('inputs and number of tiles, for the report', journal.reportSeconds, 's');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bytesOfTiles(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.gpkg'))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
