/**
 * Estimates against measured runs: `npx node bench/estimate.bench.ts [--size NAME]… [--data DIR]
 * [--workers N,N] [--pairs N]`. Each estimate is followed at once by the run that it is about, so that
 * both meet the machine in the same state, and pairs are repeated.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Estimate, TimeParts } from '../src/insight/estimate/estimate-types.ts';
import type { TaskUsage } from '../src/parallel/usage/usage.ts';
import { DATASET_NAMES, type DatasetName, outputFolder, prepareDataset } from './data.ts';
import { measure } from './measure.ts';

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');

const { values } = parseArgs({
  options: {
    size: { type: 'string', multiple: true, default: ['tiny', 'tenth', 'full'] },
    data: { type: 'string' },
    workers: { type: 'string', default: '1,2' },
    pairs: { type: 'string', default: '3' },
  },
});
const workers = values.workers.split(',').map(Number);
const ratios: { size: string; workers: number; time: number; cpu: number; disk: number }[] = [];

console.log(
  'size    workers   estimated (range)        measured  ratio   CPU ratio   disk ratio   peak ratio   memory ratio',
);
for (let pair = 0; pair < Number(values.pairs); pair++) {
  for (const size of values.size) {
    const folder = values.data ?? prepareDataset(nameOf(size), console.error).folder;
    for (const number of workers) await comparePair(size, folder, number);
  }
}
console.log('\nmedian of the pairs');
for (const [key, some] of Map.groupBy(ratios, ({ size, workers }) => `${size} ${workers}`)) {
  const median = (of: (one: (typeof some)[number]) => number): string => {
    const sorted = some.map(of).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!.toFixed(2);
  };
  console.log(
    `${key}: time ${median((one) => one.time)}, CPU ${median((one) => one.cpu)}, disk ${median((one) => one.disk)}`,
  );
}

async function comparePair(size: string, folder: string, number: number): Promise<void> {
  const out = outputFolder();
  try {
    const args = [MAIN, 'estimate', folder, '--out', out, '--json', '--workers', String(number)];
    const estimate = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 }),
    ) as Estimate;
    const row = estimate.rows.find(({ kind }) => kind === 'given')!;
    const { seconds, memory } = row.time.find((one) => one.workers === number)!;
    const run = await measure(process.execPath, [
      ...[MAIN, 'stage', folder, '--out', out, '--quiet', '--workers', String(number)],
    ]);
    const { staged, shuffles } = diskOf(out);
    const time = seconds.about / run.wallSeconds;
    const cpu = sum(row.parts) / run.cpuSeconds;
    const disk = row.disk.staged.about / staged;
    ratios.push({ size, workers: number, time, cpu, disk });
    const within = run.wallSeconds >= seconds.low && run.wallSeconds <= seconds.high;
    const range = `${seconds.about.toFixed(2)} s (${seconds.low.toFixed(2)}–${seconds.high.toFixed(2)})`;
    console.log(
      `${size.padEnd(8)}${String(number).padEnd(10)}${range.padEnd(25)}` +
        `${run.wallSeconds.toFixed(2)} s${within ? '' : ' !'}`.padEnd(10) +
        `${time.toFixed(2)}    ${cpu.toFixed(2)}        ${disk.toFixed(3)}        ` +
        `${(row.disk.peak.about / (staged + shuffles)).toFixed(3)}        ` +
        `${(memory.about / run.peakTreeBytes).toFixed(2)}`,
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
    // What one pair left to be written is not to slow down the next.
    spawnSync('sync');
  }
}

/** Seconds of CPU that the model has for a run with one worker. */
function sum({ stage, build, ...rest }: TimeParts): number {
  return [stage, build, rest].flatMap((part) => Object.values(part)).reduce((a, b) => a + b, 0);
}

/** Bytes of all files in the folder, and of the shuffle files that were there, by the run's record. */
function diskOf(folder: string): { staged: number; shuffles: number } {
  let [staged, shuffles] = [0, 0];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const stats = statSync(path);
    if (!stats.isFile()) continue;
    staged += stats.size;
    if (!name.endsWith('.jsonl')) continue;
    for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
      const { usage } = JSON.parse(line) as { usage?: TaskUsage | null };
      shuffles += usage?.notes['shuffleBytes'] ?? 0;
    }
  }
  return { staged, shuffles };
}

function nameOf(size: string): DatasetName {
  const name = DATASET_NAMES.find((known) => known === size);
  if (name === undefined) throw new RangeError(`There is no size ${size}`);
  return name;
}
