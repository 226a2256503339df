/**
 * The course notebook of the Python pipeline and Parsl, line by line:
 * `node examples/notebook.ts [local|slurm|redis]`. The word chooses the configuration below
 * `examples/notebook/`; nothing else changes.
 */

import { resolve } from 'node:path';
import { initializeStager, plotTiles } from '../src/index.ts';
import { app, type Config, clear, load } from '../src/parallel.ts';
import type * as Apps from './notebook/apps.ts';
import { enterSampleFolder } from './samples.ts';

enterSampleFolder();

// iwp_config = {…}; stager = pdgstaging.TileStager(iwp_config)
const stager = initializeStager('input', 'staged');

// input_paths = stager.tiles.get_filenames_from_dir('input')
const inputPaths = stager.tiles.getFilenamesFromDir('input');
console.log(`${inputPaths.length} input files`);

// start = time.time(); stager.stage(input_paths[0]); print(time.time() - start)
const start = performance.now();
await stager.stage(inputPaths[0]!);
const seconds = (performance.now() - start) / 1000;
console.log(`one file took ${seconds.toFixed(2)} s; ${inputPaths.length} of them, one after the`);
console.log(`other, would take about ${(seconds * inputPaths.length).toFixed(2)} s`);

// plot_tiles(stager)
const map = await plotTiles(stager, { output: 'tiles.png' });
console.log(`tiles.png: ${map.title}`);

// !rm -rf staged staging_summary.csv
console.log(`${await stager.clean()} tiles removed`);

// config = Config(executors=[HighThroughputExecutor(…)]); parsl.load(config)
const name = process.argv[2] ?? 'local';
const { config } = (await import(`./notebook/${name}.ts`)) as { config: Config };
await using kernel = await load(config);

// @python_app
// def stage_file(path): …
const stageFile = app<typeof Apps.stageFile>(
  new URL('./notebook/apps.ts', import.meta.url),
  'stageFile',
);

// app_futures = [stage_file(path) for path in input_paths]
const [dirInput, dirStaged] = [resolve('input'), resolve('staged')];
const futures = inputPaths.map((path) => stageFile(dirInput, dirStaged, resolve(path)));

// [future.result() for future in app_futures]
for (const { path, featuresStaged } of await Promise.all(futures)) {
  console.log(`${path}: ${featuresStaged} features`);
}
console.log(`${kernel.counts.done} tasks done`);

// executor.shutdown(); parsl.clear()
for (const executor of config.executors) await executor.shutdown();
await clear();
console.log(`${stager.tiles.getFilenamesFromDir('staged').length} tiles`);
