// %% [markdown]
// # Polygons into tiles
//
// This notebook stages a folder of polygon files into tiles, looks at them, and does it again on
// parallel workers. It is in TypeScript, for the kernel that Deno brings along: in a checkout,
// `npm ci` installs it and `npm run notebook -- --kernel` makes it known to Jupyter. The same cells
// are a plain program, `node examples/staging.ts`.

// %%
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { writeScenes } from '../bench/scenes.ts';
import {
  estimate,
  estimateText,
  initializeStager,
  plotTiles,
  reportText,
  runReport,
  serve,
} from '../src/index.ts';
import {
  app,
  Config,
  clear,
  HighThroughputExecutor,
  LocalProvider,
  load,
} from '../src/parallel.ts';
import * as apps from './notebook/apps.ts';

// %% [markdown]
// ## The data
//
// Three overlapping scenes of ice-wedge polygons, in a temporary folder. For files of your own, leave
// this cell out and give their folder in the next one.

// %%
const folder = mkdtempSync(join(tmpdir(), 'tilewright-notebook-'));
process.chdir(folder);
const scenes = writeScenes('input', { seed: 1, count: 3, polygonsEach: 2_000 });
console.log(`${scenes.length} files, ${scenes.reduce((sum, { bytes }) => sum + bytes, 0)} bytes`);

// %% [markdown]
// ## A stager
//
// A stager is a configuration and what can be done with it. All else has defaults: the TileMatrixSet
// WGS1984Quad, z 13, no simplification. `new TileStager({ … })` takes any configuration, also one of
// the Python pipeline with its `snake_case` names.

// %%
const stager = initializeStager('input', 'staged');
const inputPaths = stager.tiles.getFilenamesFromDir('input');
console.log(inputPaths.map((path) => basename(path)).join('\n'));

// %% [markdown]
// ## One file
//
// Every polygon that intersects a tile is in that tile, whole. So there are more rows than polygons.

// %%
const first = await stager.stage(inputPaths[0]!);
console.log(
  `${first.featuresStaged} polygons, ${first.rowsWritten} rows, ${first.tiles.total} tiles`,
);
console.log(`${first.seconds.toFixed(2)} s`);

// %% [markdown]
// ## How long will it take?
//
// The time of one file times the number of files is a poor guess: it counts the start for each, and
// says nothing of more workers. An estimate stages a sample, measures the machine, and tells a range,
// for these files and for 100 and 1,000 of their kind. On the command line: `tilewright estimate input`.

// %%
const expected = await estimate(stager, { inputs: ['input'], workers: [1, 2] });
console.log(estimateText(expected));

// %% [markdown]
// ## What did it make?
//
// The polygons, in a random colour for each tile. One on a border is in both tiles.

// %%
await plotTiles(stager, { output: 'tiles.png' });

// %% [markdown]
// ## Again
//
// Nothing has to be removed before a file is staged again: there is nothing to do until it changes.

// %%
const again = await stager.stage(inputPaths[0]!);
console.log(again.inputs.map(({ name, status }) => `${name}: ${status}`).join('\n'));

// %% [markdown]
// ## In parallel
//
// The names and ideas are Parsl's. An executor runs tasks, a provider gets it the blocks in which its
// workers run, an app is a function that the workers call, and a call of it gives a future. With a
// `SlurmProvider` in place of the `LocalProvider` the blocks are jobs on a cluster.

// %%
const config = new Config({
  executors: [
    new HighThroughputExecutor({
      label: 'htex_local',
      maxWorkers: 32,
      provider: new LocalProvider({ maxBlocks: 1 }),
    }),
  ],
});
const kernel = await load(config);
const stageFile = app<typeof apps.stageFile>(apps.url, 'stageFile');

// %%
const dirStaged = resolve('staged');
const futures = inputPaths.map((path) => stageFile(resolve('input'), dirStaged, resolve(path)));
for (const future of futures) {
  const { featuresStaged, seconds } = await future;
  console.log(
    `${future.name} ${future.taskId}: ${featuresStaged} polygons, ${seconds.toFixed(2)} s`,
  );
}

// %% [markdown]
// How many tasks wait, run and are done can be asked at any moment.

// %%
console.log(kernel.counts);

// %% [markdown]
// ## What is it waiting for?
//
// CPU, disk, memory, the network, the scheduler, or more tasks? Every run is recorded: what each task
// has cost, and what the machine did meanwhile. The report says in its first line what bound the run,
// then on what evidence, and what would make it faster. Here for all files once more, in one run. On
// the command line: `tilewright report staged`, and with `--html FILE` a page with charts.

// %%
await initializeStager('input', 'again').stageAll();
const report = reportText(runReport('again'), { width: 90, color: false });
// The temporary folder's name says nothing.
console.log(report.replaceAll(`${process.cwd()}/`, ''));

// %% [markdown]
// ## The end
//
// `clear` ends the workers and gives the blocks back.

// %%
for (const executor of config.executors) await executor.shutdown();
await clear();
console.log(`${stager.tiles.getFilenamesFromDir('staged').length} tiles`);
console.log(
  readFileSync(stager.config.values.filenameStagingSummary, 'utf8').split('\n', 2).join('\n'),
);

// %% [markdown]
// All of them, by how many polygons they hold.

// %%
await plotTiles(stager, { color: 'count', output: 'counts.png' });

// %% [markdown]
// To walk through them, down to the single polygon and its copies, there is a page:
// `tilewright serve staged` on the command line, or as long as this program runs:

// %%
const viewer = await serve('staged', { port: 0 });
console.log((await fetch(viewer.url)).status === 200 ? 'The viewer answers' : 'no viewer');
await viewer.close();

// %% [markdown]
// This removes the sample data and the tiles. Leave it out to keep them.

// %%
process.chdir('..');
rmSync(folder, { recursive: true });
