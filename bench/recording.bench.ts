/**
 * What recording costs: `npx node bench/recording.bench.ts [--size tiny|tenth|full] [--runs N]`.
 * Stages the job with and without it, in turns, and compares the processes' CPU times, which a busy
 * machine disturbs less than the time by the clock.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readRecordLines, readRecords } from '../src/staging/recording/record-file.ts';
import { DATASET_NAMES, prepareDataset } from './data.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'tenth' },
    runs: { type: 'string', default: '7' },
  },
});
const size = DATASET_NAMES.find((name) => name === values.size);
if (size === undefined) throw new Error(`--size is one of ${DATASET_NAMES.join(', ')}`);
const { folder: scenes } = prepareDataset(size, console.log);
const folder = mkdtempSync(join(tmpdir(), 'tilewright-recording-'));

interface Cost {
  cpu: number;
  wall: number;
}

/** Seconds of CPU time and by the clock, and what the recorder says that it has taken. */
function stage(record: boolean): Cost & { own: number } {
  const out = join(folder, 'staged');
  const code = `
    const { TileStager } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    const stager = new TileStager({ dirStaged: ${JSON.stringify(out)}, record: ${record}, workers: 2 });
    const started = performance.now();
    const { featuresStaged } = await stager.stageAll({ inputs: [${JSON.stringify(scenes)}] });
    if (featuresStaged === 0) throw new Error('Nothing was staged');
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ cpu: (user + system) / 1e6, wall: (performance.now() - started) / 1e3 }));`;
  const program = join(folder, 'stage.mjs');
  writeFileSync(program, code);
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  let own = 0;
  const kept = readRecords(out)[0];
  if (kept !== undefined) {
    const end = readRecordLines(kept.path).at(-1)!;
    if (end.type === 'end') own = end.recording;
  }
  rmSync(out, { recursive: true });
  return { ...(JSON.parse(stdout) as Cost), own };
}

const median = (numbers: number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

try {
  stage(true);
  const ratios = { cpu: [] as number[], wall: [] as number[], own: [] as number[] };
  for (let run = 0; run < Number(values.runs); run++) {
    // Which comes first changes, since the second may find a warmer machine.
    const first = run % 2 === 0;
    const a = stage(first);
    const b = stage(!first);
    const [on, off] = first ? [a, b] : [b, a];
    ratios.cpu.push(on.cpu / off.cpu);
    ratios.wall.push(on.wall / off.wall);
    ratios.own.push(on.own / on.wall);
    console.log(
      `with ${on.cpu.toFixed(2)} s CPU, ${on.wall.toFixed(2)} s; without ${off.cpu.toFixed(2)} s CPU, ` +
        `${off.wall.toFixed(2)} s; the recorder itself ${(on.own * 1000).toFixed(0)} ms`,
    );
  }
  console.log(
    `${size}: CPU × ${median(ratios.cpu).toFixed(3)}, time × ${median(ratios.wall).toFixed(3)}, ` +
      `the coordinator records for ${(100 * median(ratios.own)).toFixed(1)} % of the time`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
