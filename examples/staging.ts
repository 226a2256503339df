// %% [markdown]
// # Polygons into tiles
//
// This notebook stages a folder of polygon files into tiles, and answers what one asks on the way: what
// came out, how long all files will take, or 1,000, what the work waits for, and how it goes in parallel, here and
// on a cluster.
//
// It is in TypeScript, for the kernel of Deno. In a checkout `npm run notebook` executes it, and
// `npm run notebook -- --kernel` makes the kernel known to your Jupyter. The same cells are a plain program,
// `node examples/staging.ts`.

// %%
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import process from 'node:process';
import { writeScenes } from '../bench/scenes.ts';
import {
  type ConfigInput,
  estimate,
  estimateText,
  initializeStager,
  plotTiles,
  reportText,
  runReport,
  serve,
  TileStager,
} from '../src/index.ts';
import {
  app,
  Config,
  clear,
  HighThroughputExecutor,
  LocalProvider,
  load,
  SlurmProvider,
} from '../src/parallel.ts';
import * as apps from './notebook/apps.ts';

// %% [markdown]
// ## The data
//
// `input` is the folder of the files. For files of your own give its full path, and leave out the next cell. All
// that the notebook writes goes into `folder`, a temporary folder that the last cell removes.

// %%
const folder = mkdtempSync(join(tmpdir(), 'tilewright-notebook-'));
process.chdir(folder);
const input = join(folder, 'input');

const n = (number: number) => number.toLocaleString('en');
const s = (number: number) => `${number.toFixed(2)} s`;

// %% [markdown]
// This cell makes sample data: 35 overlapping scenes of ice-wedge polygons, as satellite images of the
// Arctic yield them. They are half a gigabyte, so that the times below are those of work and not of starting up.

// %%
const sample = { seed: 1, count: 35, polygonsEach: 20_000 };
const scenes = writeScenes(join(folder, 'input'), sample);
const bytes = scenes.reduce((sum, scene) => sum + scene.bytes, 0);
console.log(`${scenes.length} files made, ${(bytes / 1e6).toFixed(0)} MB`);

// %% [markdown]
// ## A stager
//
// A stager is a configuration and what can be done with it. All else has defaults: the TileMatrixSet
// WGS1984Quad, z 13, no simplification. `new TileStager({ … })` takes any configuration, also one of
// the Python pipeline with its `snake_case` names.

// %%
const stager = initializeStager(input, 'staged');
console.log(stager.config.get('dirStaged'), stager.config.get('tmsId'));
const inputPaths = stager.tiles.getFilenamesFromDir('input');
console.log(`${inputPaths.length} files, the first is ${basename(inputPaths[0]!)}`);

// %% [markdown]
// ## One file
//
// Every polygon that intersects a tile is in that tile, whole. So there are more rows than polygons.

// %%
const first = await stager.stage(inputPaths[0]!);
console.log(
  `${n(first.featuresStaged)} polygons, ${n(first.rowsWritten)} rows, ${first.tiles.total} tiles`,
);
console.log(s(first.seconds));

// %% [markdown]
// ### What did it make?
//
// The polygons, in a random colour for each tile. One on a border is in both tiles.

// %%
await plotTiles(stager, { output: 'tiles.png' });

// %% [markdown]
// ### And again?
//
// Nothing has to be removed before a file is staged again: there is nothing to do until it changes.

// %%
const again = await stager.stage(inputPaths[0]!);
console.log(again.inputs.map(({ name, status }) => `${name}: ${status}`).join('\n'));

// %% [markdown]
// ## How long will all of them take? And 100, and 1,000?
//
// The time of one file times the number of files is a poor guess. A run begins with what happens only once:
// its threads start, and their code is slow until the engine has seen what is worth optimizing. That is the
// **warm-up**. The first run of a program has more of it than any other, since the library is loaded, too.
// Here is the same file once more, into another folder:

// %%
const second = await initializeStager(input, 'staged-again').stage(inputPaths[0]!);
console.log(`the first time ${s(first.seconds)}, now ${s(second.seconds)}`);

// %% [markdown]
// An estimate tells warm-up and work apart. It stages a sample, for some seconds, measures the
// machine, and reckons what a run would take, with a range. On the command line: `tilewright estimate input`.

// %%
const workers = availableParallelism();
const expected = await estimate(stager, { inputs: [input], workers: [workers] });
console.log(estimateText(expected));

// %% [markdown]
// Is it right? All files, in one run, beside what was expected of it: its time, and its work, in seconds of CPU
// of all workers. Start and warm-up are in both, once for each worker and not once for each file. Where other
// programs want the cores too, the time wavers with them; the work hardly does.

// %%
const before = process.cpuUsage();
const all = new TileStager({ dirInput: input, dirStaged: 'all', workers });
const run = await all.stageAll();
const cpu = process.cpuUsage(before);

const given = expected.rows.find(({ kind }) => kind === 'given')!;
const { seconds } = given.time.find((time) => time.workers === workers)!;
const { stage, build, ...others } = given.parts;
const parts = [stage, build, others].flatMap((part) => Object.values(part));

function compare(what: string, estimated: number, measured: number) {
  const ratio = (estimated / measured).toFixed(2);
  console.log(`${what}: estimated ${s(estimated)}, measured ${s(measured)}, ratio ${ratio}`);
}
const work = parts.reduce((a, b) => a + b);
compare('time', seconds.about, run.seconds);
compare('work', work, (cpu.user + cpu.system) / 1e6);
console.log(`range of the time: ${s(seconds.low)} to ${s(seconds.high)}`);
console.log(`start ${s(others.start)}, warm-up ${s(others.warmUp)}`);
const times = inputPaths.length;
console.log(`poor guess, the first file times ${times}: ${s(times * first.seconds)}`);

// %% [markdown]
// ## CPU bound, I/O bound, memory bound or network bound?
//
// How would one figure it out for sure? By measuring. Every run is recorded: what each task has cost, by
// the system's own counters, and what the machine did meanwhile. The report says in its first line what
// bound the run, then on what evidence, and what would make it faster. On the command line:
// `tilewright report all`, and with `--html FILE` a page with charts.

// %%
const report = reportText(runReport('all'), { width: 90, color: false });
// The temporary folder's name says nothing.
console.log(report.replaceAll(`${process.cwd()}/`, ''));

// %% [markdown]
// ## In parallel, by yourself
//
// `stageAll` has used all cores already. This is for work of your own, with the names and ideas of Parsl:
// an **app** is a function that workers call, a call of it gives a **future**, an **executor** runs the tasks, and a
// **provider** gets it the blocks in which its workers run.
//
// ### The app
//
// Workers are other processes, on a cluster on other machines, and know nothing of the variables of this
// notebook. So the function of an app is exported by a module, which they import, and what it needs are its
// arguments. This is the module, `examples/notebook/apps.ts`:

// %%
console.log(readFileSync(new URL(apps.url), 'utf8'));

// %% [markdown]
// `app` makes an app of it, by the module's URL and the function's name. With its type, an editor and `tsc` mark
// a wrong argument.

// %%
const stageFile = app<typeof apps.stageFile>(apps.url, 'stageFile');

// %% [markdown]
// ### Where it runs
//
// One block on this machine, with 32 workers at the most. As in Parsl, there are no more of them than cores, so
// this is right on a laptop and on a node with 32. `workerInit` are lines for the shell of a block, before its
// workers start: `module load …`, or `source activate …` in Python. Here nothing has to be loaded; the line lets
// colleagues of your group write to the tiles, too.

// %%
const executor = new HighThroughputExecutor({
  label: 'htex_local',
  maxWorkers: 32,
  provider: new LocalProvider({ maxBlocks: 1, workerInit: 'umask 002' }),
});
const config = new Config({ executors: [executor] });
const kernel = await load(config);

// %% [markdown]
// ### Futures
//
// A call of the app returns at once, with a future. It is a promise that also knows what becomes of its task:
// the first one is queued, for its worker has yet to start. `await` waits for the result, as `.result()` does
// in Parsl, and throws if the task has failed.

// %%
const began = performance.now();
const dirStaged = resolve('in-parallel');
const dirInput = resolve(input);
const futures = inputPaths.map((path) => stageFile(dirInput, dirStaged, resolve(path)));
const future = futures[0]!;
console.log(`${future.name}, task ${future.taskId}: ${future.state}`);
const result = await future;
console.log(`${future.name}, task ${future.taskId}: ${future.state}`);
console.log(`${n(result.featuresStaged)} polygons in ${s(result.seconds)}`);
console.log(`${executor.workers} workers, of 32 at the most, on ${workers} cores`);

// %% [markdown]
// The others are waited for in the same way. Each call is a run of its own: it reads and processes beside the
// others, and they take turns in writing tiles. So for staging alone `stageAll` is quicker.

// %%
const results = await Promise.all(futures);
const polygons = results.reduce((total, one) => total + one.featuresStaged, 0);
const took = (performance.now() - began) / 1000;
console.log(`${n(polygons)} polygons in ${s(took)}, in one run ${s(run.seconds)}`);
console.log('tasks:', kernel.counts);

// %% [markdown]
// Both ways lead to the same tiles. The line of `workerInit` was obeyed: the group may write.

// %%
const tiles = new TileStager({ dirStaged }).tiles.getFilenamesFromDir('staged');
console.log(`${tiles.length} tiles, in one run ${run.tiles.total}`);
console.log(`permissions ${(statSync(tiles[0]!).mode & 0o777).toString(8)}`);

// %% [markdown]
// This ends the workers and gives the blocks back.

// %%
await executor.shutdown();
await clear();

// %% [markdown]
// ## What is there now
//
// The summary, with a row for each file and tile; and a corner of the map, in a colour for each file: the scenes
// overlap.

// %%
const summary = readFileSync(all.config.values.filenameStagingSummary, 'utf8');
console.log(summary.split('\n', 2).join('\n'));

// %%
await plotTiles(all, { color: 'input', tiles: 12, output: 'inputs.png' });

// %% [markdown]
// To walk through them, down to the single polygon and its copies, there is a page:
// `tilewright serve all` on the command line, or as long as this program runs:

// %%
const viewer = await serve('all', { port: 0 });
console.log((await fetch(viewer.url)).status === 200 ? 'The viewer answers' : 'no viewer');
await viewer.close();

// %% [markdown]
// ## Your cluster
//
// With another provider the blocks are jobs. This configuration asks Slurm for up to eight nodes, with 32
// workers each. `await load(slurm)` in place of `load(config)`, in a program on a login node, and nothing else changes.

// %%
const slurm = new Config({
  executors: [
    new HighThroughputExecutor({
      label: 'htex_slurm',
      maxWorkers: 32,
      provider: new SlurmProvider({
        partition: 'compute',
        account: 'permafrost',
        maxBlocks: 8,
        coresPerNode: 32,
        walltime: '01:00:00',
        workerInit: 'module load nodejs/24',
      }),
    }),
  ],
});
const [blocks] = slurm.executors;
console.log(`${blocks!.label}: ${blocks!.slots} tasks at a time`);

// %% [markdown]
// What to change for yours:
//
// - `partition`, `account`: what `sinfo` and your project say.
// - `coresPerNode`, `maxWorkers`: cores of a node. A worker takes about 130 MB of memory.
// - `maxBlocks`, `walltime`: several small blocks start sooner than a large one. A block that ends is replaced
//   while there is work.
// - `workerInit`: what you type after a login before Node.js 24 is found. In a checkout that `npm ci` was run in,
//   nothing.
// - Inputs, staged folder and this checkout: on a disk that all nodes have under the same path.
// - Other systems: `PBSProProvider`, `LSFProvider`, `GridEngineProvider`, `CondorProvider`, `KubernetesProvider`. Without
//   any of them: `queue: 'redis://HOST'` in the executor, and on each machine
//   `tilewright worker --queue redis://HOST --tasks examples/notebook/apps.ts`.
//
// ### Staging itself
//
// Staging goes to a cluster without a program, by a configuration file:

// %%
const cluster: ConfigInput = {
  dirInput: '/shared/input',
  dirStaged: '/shared/staged',
  executor: 'slurm-array',
  parallel: {
    partition: 'compute',
    account: 'permafrost',
    walltime: '00:30:00',
    workerInit: 'module load nodejs/24',
  },
};
new TileStager(cluster); // A wrong name or value is refused here.
writeFileSync('cluster.json', JSON.stringify(cluster, null, 2));

// %% [markdown]
// ```sh
// tilewright estimate --config cluster.json --workers 32,256
// tilewright stage --config cluster.json --detach
// tilewright status /shared/staged
// tilewright wait /shared/staged
// ```
//
// With `--detach` the process that leads the run is a job, too: you can log out. If anything dies, the same
// command goes on from there; nothing is staged twice. The guide has [all of it](../docs/guides/on-a-cluster.md).
//
// ## The end
//
// This removes what the notebook has made; files of your own stay. Leave it out to keep the tiles.

// %%
process.chdir('..');
rmSync(folder, { recursive: true });
