/**
 * What the check of validity costs: `npx node bench/validity.bench.ts [--size tiny|tenth|full]
 * [--runs N] [--tolerance T]`. Stages the job with it and without, in turns, and compares the processes'
 * CPU times, which a busy machine disturbs less than the time by the clock.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DATASET_NAMES, prepareDataset } from './data.ts';
import { spreadOf } from './measure.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'tenth' },
    runs: { type: 'string', default: '5' },
    tolerance: { type: 'string' },
  },
});
const size = DATASET_NAMES.find((name) => name === values.size);
if (size === undefined) throw new Error(`--size is one of ${DATASET_NAMES.join(', ')}`);
const { folder: scenes } = prepareDataset(size, console.log);
const folder = mkdtempSync(join(tmpdir(), 'tilewright-validity-'));
const modes = ['unchecked', 'keep'] as const;

/** Seconds of CPU time, start-up left out. */
function stage(invalid: (typeof modes)[number]): number {
  const out = join(folder, 'staged');
  const config = {
    ...{ dirStaged: out, workers: 2, invalid },
    simplifyTolerance: values.tolerance === undefined ? null : Number(values.tolerance),
  };
  const code = `
    const { TileStager } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    const stager = new TileStager(${JSON.stringify(config)});
    const { featuresStaged, validity } = await stager.stageAll({ inputs: [${JSON.stringify(scenes)}] });
    if (featuresStaged === 0 || (validity === null) !== ${invalid === 'unchecked'}) throw new Error('Not staged as asked');
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1e6);`;
  const program = join(folder, 'stage.mjs');
  writeFileSync(program, code);
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  rmSync(out, { recursive: true });
  return Number(stdout);
}

try {
  for (const mode of modes) stage(mode);
  const seconds = { unchecked: [] as number[], keep: [] as number[] };
  for (let run = 0; run < Number(values.runs); run++) {
    for (const mode of modes) seconds[mode].push(stage(mode));
  }
  for (const mode of modes) {
    const { min, median, max } = spreadOf(seconds[mode]);
    console.log(
      `${mode.padEnd(9)}  ${min.toFixed(2)} / ${median.toFixed(2)} / ${max.toFixed(2)} s of CPU`,
    );
  }
  const least = (mode: (typeof modes)[number]): number => Math.min(...seconds[mode]);
  const share = 100 * (1 - least('unchecked') / least('keep'));
  console.log(`the check takes ${share.toFixed(1)} % of staging's CPU time (of the fastest runs)`);
} finally {
  rmSync(folder, { recursive: true });
}
