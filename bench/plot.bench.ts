/**
 * Times `tilewright plot` on all tiles of a data set and says how much memory it takes:
 * `npx node bench/plot.bench.ts [SIZE]`, with the sizes of bench/data.ts; `big`, 1.35 million
 * polygons, by default.
 */

import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../src/core/errors.ts';
import { plotTiles, TileStager } from '../src/index.ts';
import { DATASET_NAMES, formatBytes, outputFolder, prepareDataset, requireSpace } from './data.ts';
import { type Measurement, measure, spread } from './measure.ts';

const MAIN = join(import.meta.dirname, '../src/cli/main.ts');
const RUNS = 3;

const wanted = process.argv[2] ?? 'big';
const size = DATASET_NAMES.find((name) => name === wanted);
if (size === undefined) {
  throw new TilewrightError('usage', `There is no size ${wanted}: ${DATASET_NAMES.join(', ')}`);
}
const dataset = prepareDataset(size, (line) => console.error(line));
const folder = outputFolder();
requireSpace(3 * dataset.bytes, `the tiles of ${size}`);
try {
  const stager = new TileStager({ dirStaged: folder });
  await stager.stageAll({ inputs: [dataset.folder] });
  const { title } = await plotTiles(stager, { tiles: Number.POSITIVE_INFINITY });
  console.log(title);
  for (const color of ['random', 'input']) {
    for (const format of ['png', 'svg']) {
      const file = join(folder, `map.${format}`);
      const runs: Measurement[] = [];
      const command = [MAIN, 'plot', folder, '-o', file, '--tiles', 'all', '--color', color];
      for (let run = 0; run < RUNS; run++) runs.push(await measure(process.execPath, command));
      const { wallSeconds, peakProcessBytes } = spread(runs);
      console.log(
        `${format} ${color.padEnd(6)}  ${wallSeconds.median.toFixed(2)} s ` +
          `(${wallSeconds.min.toFixed(2)} to ${wallSeconds.max.toFixed(2)}), ` +
          `at most ${formatBytes(peakProcessBytes.max)} of memory, ` +
          `file of ${formatBytes(statSync(file).size)}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
