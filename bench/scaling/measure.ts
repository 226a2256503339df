/**
 * Measures on this machine what rates.ts says of the machine of the documentation: `npx node
 * --expose-gc bench/scaling/measure.ts [--size tiny|tenth|full] [--runs N] [--tasks-only]`. A real run is timed task by task;
 * planner, journal and summary do the big job's work on forged files.
 */

import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DATASET_NAMES, outputFolder, prepareDataset } from '../data.ts';
import { forgeInputs, planForgery } from './forge.ts';
import { coverGround, placeSlices } from './ground-cover.ts';
import { journalCost } from './journal-cost.ts';
import { type RunCost, type TimedOptions, timedRun } from './pipeline.ts';
import { planAgain, planFolder } from './planning.ts';
import { ROWS_PER_FEATURE } from './rates.ts';
import { printTable } from './report.ts';
import { planStaging } from './stage-plan.ts';

const {
  size,
  runs,
  'tasks-only': tasksOnly,
} = parseArgs({
  options: {
    size: { type: 'string', default: 'tenth' },
    runs: { type: 'string', default: '3' },
    'tasks-only': { type: 'boolean', default: false },
  },
}).values;

const rows: string[][] = [['what', 'measured']];
const add = (what: string, value: number, unit: string): void => {
  rows.push([what, `${value.toPrecision(3)} ${unit}`]);
};

/** There are shuffle files where there is little memory, and tiles that are merged of them where groups share tiles. */
const KINDS: Record<string, TimedOptions> = {
  together: {},
  'with 8 MB': { memory: 8 },
  'in groups for 16 workers': { apart: 16 },
};

await measureRuns();
if (!tasksOnly)
  for (const format of ['shp', 'gpkg'] as const) {
    for (const spread of format === 'shp' ? [1, 6] : [1]) await measureBigJob(format, spread);
  }
printTable(rows);

/** Of each kind the median run of some, after one that is not counted. */
async function measureRuns(): Promise<void> {
  const name = DATASET_NAMES.find((known) => known === size) ?? 'tenth';
  const dataset = prepareDataset(name, console.error);
  const out = outputFolder();
  for (const [kind, options] of Object.entries(KINDS)) {
    const costs: (RunCost & { tileBytes: number })[] = [];
    for (let run = -1; run < Number(runs); run++) {
      try {
        const cost = await timedRun(dataset.folder, out, options);
        if (run >= 0) costs.push({ ...cost, tileBytes: bytesOfTiles(out) });
      } finally {
        rmSync(out, { recursive: true, force: true });
      }
    }
    costs.sort((a, b) => a.cpuSeconds - b.cpuSeconds);
    addCosts(kind, costs[costs.length >> 1]!, dataset.polygons);
  }
}

function addCosts(
  kind: string,
  { tasks, tileBytes, ...cost }: RunCost & { tileBytes: number },
  polygons: number,
): void {
  rows.push([`${kind}: ${tasks.length} tasks, ${polygons} polygons`, size]);
  add('all, CPU', (1e6 * cost.cpuSeconds) / polygons, 'µs a polygon');
  add('all, wall', cost.wallSeconds, 's');
  add('rows', cost.rows / polygons, 'a polygon');
  add('tiles', tileBytes / cost.rows, 'bytes a row');
  for (const [task, its] of Map.groupBy(tasks, (one) => one.name)) {
    const sum = (of: 'cpuSeconds' | 'rows' | 'tiles' | 'shuffleBytes' | 'memory'): number =>
      its.reduce((total, one) => total + one[of], 0);
    const written = sum('rows');
    add(`${task}, CPU`, sum('cpuSeconds'), 's');
    if (sum('memory') > 0) add(`${task}, memory`, sum('memory') / cost.rows, 'bytes a row');
    if (sum('shuffleBytes') > 0) add(`${task}, file`, sum('shuffleBytes') / written, 'bytes a row');
    if (sum('tiles') > 0)
      add(`${task}, CPU`, (1e6 * sum('cpuSeconds')) / sum('tiles'), 'µs a tile');
    if (written === 0) continue;
    add(`${task}, CPU`, (1e6 * sum('cpuSeconds')) / written, 'µs a row');
    const logs = its
      .filter((one) => one.rows > 0)
      .map((one) => Math.log(one.cpuSeconds / one.rows));
    const mean = logs.reduce((total, log) => total + log, 0) / logs.length;
    const variance = logs.reduce((total, log) => total + (log - mean) ** 2, 0) / logs.length;
    add(`${task}, sigma of the logarithm of a task's CPU a row`, Math.sqrt(variance), '');
  }
}

async function measureBigJob(format: 'shp' | 'gpkg', spread: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-forged-'));
  try {
    const inputs = planForgery({ seed: 1, inputs: 17_039, polygons: 1e9, spread });
    forgeInputs(folder, inputs, format);
    const { plan, cost } = await planFolder(folder);
    const memory = process.memoryUsage().heapUsed;
    rows.push([`${inputs.length} inputs (${format}, spread ${spread})`, '']);
    add('find and plan', cost.findSeconds + cost.planSeconds, 's');
    add('find and plan, CPU of all threads', cost.cpuSeconds, 's');
    const again = await planAgain(folder, plan);
    add('the same when nothing has changed', again.findSeconds + again.planSeconds, 's');
    add('memory of the plan', cost.heapBytes / 1e6, 'MB');
    if (format !== 'shp') return;
    const cover = coverGround(inputs, plan, ROWS_PER_FEATURE);
    const placed = placeSlices(plan, inputs);
    for (const sharesMemory of [true, false]) {
      const options = { workers: 32, sharesMemory, memory: 256 << 20 };
      const staged = await planStaging(placed, cover, options);
      const kind = `32 workers, memory ${sharesMemory ? 'shared' : 'of their own'}`;
      add(`${kind}: to the first task`, staged.startSeconds, 's');
      add(`${kind}: each of ${staged.tasks.length} tasks`, 1e6 * staged.secondsPerTask, 'µs');
    }
    add('memory then', (process.memoryUsage().heapUsed - memory) / 1e6, 'MB');
    const journal = journalCost(plan, cover);
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
