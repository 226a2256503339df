/**
 * The course notebook of the Python pipeline and Parsl, line by line:
 * `node examples/notebook.ts [local|slurm|redis]`. The word chooses the configuration below
 * `examples/notebook/`; nothing else changes. `examples/staging.ipynb` has more to read, and pictures.
 */

import { basename, resolve } from 'node:path';
import { estimate, initializeStager, plotTiles, runReport } from '../src/index.ts';
import { app, type Config, clear, load } from '../src/parallel.ts';
import type * as Apps from './notebook/apps.ts';
import { enterSampleFolder } from './samples.ts';

enterSampleFolder(6, 30_000);

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

// How long for all, for 100, for 1,000? Not that many times as long: starting is paid once.
const { rows } = await estimate(stager, { inputs: ['input'] });
const several = rows.filter(({ kind }) => kind === 'given' || kind === 'more');
const times = several.map((row) => `${row.label} ${row.time.at(-1)!.seconds.about.toFixed(1)} s`);
console.log(`estimated: ${times.join(', ')}`);

// plot_tiles(stager)
const map = await plotTiles(stager, { output: 'tiles.png' });
console.log(`tiles.png: ${map.title}`);

// stager.stage_all(): the first file is staged already, and nothing of it is done again.
const all = await stager.stageAll();
console.log(`all took ${all.seconds.toFixed(2)} s`);

// CPU bound, I/O bound, memory bound or network bound? The run was measured.
console.log(runReport('staged').verdict.sentence);

// !rm -rf staged staging_summary.csv: not needed, but the workers below are to have something to do.
console.log(`${await stager.clean()} tiles removed`);

// config = Config(executors=[HighThroughputExecutor(…)]); parsl.load(config)
const name = process.argv[2] ?? 'local';
const { config } = (await import(`./notebook/${name}.ts`)) as { config: Config };
await using kernel = await load(config);

// @python_app
// def stage_file(path): …
// Workers are other processes: they import the function from the module that exports it.
const stageFile = app<typeof Apps.stageFile>(
  new URL('./notebook/apps.ts', import.meta.url),
  'stageFile',
);

// app_futures = [stage_file(path) for path in input_paths]
// Each call returns at once, with a future; what the function needs are its arguments.
const [dirInput, dirStaged] = [resolve('input'), resolve('staged')];
const futures = inputPaths.map((path) => stageFile(dirInput, dirStaged, resolve(path)));

// app_futures[0].done(), app_futures[0].result()
// The first future knows where its task is: queued as long as no worker is there. `await` waits for its result.
const first = futures[0]!;
console.log(`${first.name}, task ${first.taskId}: ${first.state}`);
await first;
console.log(`${first.name}, task ${first.taskId}: ${first.state}`);

// [future.result() for future in app_futures]
for (const { path, featuresStaged } of await Promise.all(futures)) {
  console.log(`${basename(path)}: ${featuresStaged} features`);
}
console.log(`${kernel.counts.done} tasks done`);

// executor.shutdown(); parsl.clear()
for (const executor of config.executors) await executor.shutdown();
await clear();
console.log(`${stager.tiles.getFilenamesFromDir('staged').length} tiles`);
