import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ForgedFormat, forgeInputs, planForgery } from '../../bench/scaling/forge.ts';
import { coverGround, placeSlices } from '../../bench/scaling/ground-cover.ts';
import { type Job, makeJob } from '../../bench/scaling/job.ts';
import { simulatePhase, type Work } from '../../bench/scaling/phase.ts';
import { startOrder } from '../../bench/scaling/pipeline.ts';
import { planAgain, planFolder } from '../../bench/scaling/planning.ts';
import { DISKS, ENGINES, NO_TROUBLE, USUAL_TROUBLE } from '../../bench/scaling/presets.ts';
import { ROWS_PER_FEATURE, TILE_BYTES_PER_ROW } from '../../bench/scaling/rates.ts';
import { type Scenario, simulate } from '../../bench/scaling/simulate.ts';
import { planStaging, type StageOptions, type StageWork } from '../../bench/scaling/stage-plan.ts';
import { Random } from '../../src/core/random.ts';
import { temporaryFolder } from '../staging/support.ts';

const INPUTS = planForgery({ seed: 4, inputs: 60, polygons: 4e6, spread: 3 });
const POLYGONS = INPUTS.reduce((sum, input) => sum + input.polygons, 0);

async function planJob(
  t: Parameters<typeof temporaryFolder>[0],
  format: ForgedFormat,
  options: Partial<StageOptions> = {},
) {
  const folder = join(temporaryFolder(t), 'input');
  forgeInputs(folder, INPUTS, format);
  const planned = await planFolder(folder);
  assert.ok((await planAgain(folder, planned.plan)).planSeconds > 0);
  const plan = placeSlices(planned.plan, INPUTS);
  const cover = coverGround(INPUTS, plan, ROWS_PER_FEATURE);
  const usual = { workers: 4, sharesMemory: true, memory: 64 << 20 };
  const staged = await planStaging(plan, cover, { ...usual, ...options });
  return { plan, cover, staged, job: makeJob(INPUTS, cover, staged, format) };
}

const IDEAL: Scenario = {
  workers: 1,
  disk: DISKS.memory,
  engine: { ...ENGINES.threads, dispatchSeconds: 0, gapSeconds: 0, startSeconds: 0 },
  trouble: NO_TROUBLE,
  crowding: [1, 1],
  diskSigma: 0,
  allDirectories: false,
};

const total = (job: Job, of: (work: Work) => number): number =>
  [...job.stage, ...job.merge].reduce((sum, work) => sum + of(work), 0);
const near = (a: number, b: number): void => {
  assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)), `${a} and ${b}`);
};

test('the planner takes forged inputs for real ones, of both formats alike', async (t) => {
  const sizes = new Map(INPUTS.map(({ stem, polygons }) => [stem, polygons]));
  for (const format of ['shp', 'gpkg'] as const) {
    const { plan, job, cover, staged } = await planJob(t, format);
    assert.deepEqual(plan.failed, []);
    assert.equal(plan.planned.length, INPUTS.length);
    for (const { name, featureCount, slices, bytes, placing, columns } of plan.planned) {
      assert.equal(featureCount, sizes.get(name.replace(/\..*/, '')));
      assert.ok(Math.abs(bytes / featureCount / 740 - 1) < 0.01, `${bytes / featureCount}`);
      assert.equal(slices.length, Math.ceil(bytes / (24 * 2 ** 20)));
      assert.match(placing!.crs.name, /Polar Stereographic North/);
      assert.equal(columns.length, 5);
    }
    const rows = cover.byInput.reduce((sum, part) => sum + part.rows, 0);
    assert.ok(Math.abs(rows / POLYGONS / 1.0277 - 1) < 0.01);
    assert.ok(job.merge.length > 200 && job.merge.length <= 256);
    assert.ok(staged.tasks.length > INPUTS.length);
  }
});

test('every feature is staged once, and every row ends in one tile, built or merged', async (t) => {
  const cases: Partial<StageOptions>[] = [
    { memory: 1 << 30 },
    { memory: 8 << 20 },
    { sharesMemory: false, workers: 1 },
    { sharesMemory: false, workers: 50 },
  ];
  const written: number[] = [];
  for (const options of cases) {
    const { cover, staged, job } = await planJob(t, 'gpkg', options);
    const sum = (of: (task: StageWork) => number) =>
      staged.tasks.reduce((all, task) => all + of(task), 0);
    assert.equal(
      sum(({ features }) => features),
      POLYGONS,
    );
    const rows = cover.slices.flat(2).reduce((all, part) => all + part.rows, 0);
    near(rows, job.rows);
    const left = [...staged.tiles.values()];
    // Held until they are built, or spilled; what is spilled is read back, or left to the merge.
    const inFiles = left.reduce((all, tile) => all + tile.rows, 0);
    near(sum(({ spilledRows }) => spilledRows) + 1, sum((task) => task.readBackRows) + inFiles + 1);
    near(sum(({ builtRows }) => builtRows) + inFiles, rows);
    assert.equal(staged.tiles.size, job.tiles);
    assert.ok(left.every((tile) => tile.built || tile.segments > 0));
    assert.equal(left.filter((tile) => tile.segments === 0).length, job.renamedTiles);
    written.push(job.writtenBytes);
  }
  const [most, little, one, many] = written as [number, number, number, number];
  assert.ok(most < little && most < one && one < many, `${written}`);
});

test('packs: each tile is read and written once more, into few files', async (t) => {
  const { cover, staged, job } = await planJob(t, 'gpkg');
  const packed = makeJob(INPUTS, cover, staged, 'gpkg', { format: 'geoparquet', pack: 4 });
  const places = new Set(cover.tiles.map(({ x, y }) => `${x >> 4}/${y >> 4}`));
  assert.equal(packed.pack.length, places.size);
  assert.deepEqual([job.files, packed.files], [job.tiles, places.size]);
  assert.ok(packed.files < job.tiles / 20);
  const read = packed.pack.reduce((sum, { readBytes }) => sum + readBytes, 0);
  near(read, packed.rows * TILE_BYTES_PER_ROW.gpkg);
  assert.ok(packed.diskBytes > job.rows * TILE_BYTES_PER_ROW.gpkg);
  const [plain, whole] = [job, packed].map((one) => simulate(one, IDEAL, 1));
  const more = packed.pack.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  near(whole!.total - plain!.total, more);
  assert.deepEqual([plain!.pack, plain!.phases.length, whole!.phases.length], [0, 2, 3]);
});

test('a task is done once, on one worker or many, in peace or in trouble', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const trouble = { ...USUAL_TROUBLE, deathsPerWorkerHour: 60 };
  let again = 0;
  for (const engine of Object.values(ENGINES)) {
    for (const workers of [1, 3, 40, 400]) {
      const scenario = { ...IDEAL, workers, engine, trouble, disk: DISKS.lustre };
      for (const { phases, givenUp } of [simulate(job, scenario, 1), simulate(job, scenario, 2)]) {
        assert.equal(givenUp, 0);
        for (const { ended, starts } of phases) {
          assert.ok(ended.every((times) => times === 1));
          assert.ok(starts.every((times) => times >= 1 && times <= 3));
          again += starts.reduce((sum, times) => sum + times - 1, 0);
        }
      }
    }
  }
  assert.ok(again > 10, `${again} tasks were started again`);
});

test('tasks whose workers always die are given up, and counted', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const trouble = { ...NO_TROUBLE, deathsPerWorkerHour: 1e8 };
  const { phases, givenUp } = simulate(job, { ...IDEAL, workers: 8, trouble }, 1);
  const ended = phases.flatMap((phase) => [...phase.ended]).reduce((sum, times) => sum + times, 0);
  assert.ok(givenUp > 0);
  assert.equal(ended + givenUp, job.stage.length + job.merge.length);
});

test('no run beats the CPU, the disk or the metadata server', async (t) => {
  const { job } = await planJob(t, 'shp');
  const cpu = total(job, (work) => work.cpuSeconds);
  const bytes = total(job, (work) => work.readBytes + work.writeBytes);
  const operations = total(job, (work) => work.operations);
  for (const disk of Object.values(DISKS)) {
    for (const workers of [1, 2, 32, 1000]) {
      const run = simulate(job, { ...IDEAL, disk, workers }, 3);
      near(run.total, run.plan + run.stage + run.merge + run.finalize);
      const tasks = run.stage + run.merge;
      const least = Math.max(
        cpu / workers,
        bytes / Math.min(disk.bytesPerSecond, disk.nodeBytesPerSecond),
        operations / disk.metadataPerSecond,
      );
      assert.ok(
        tasks > least * (1 - 1e-9),
        `${disk.name}, ${workers}: ${tasks} s, at least ${least} s`,
      );
      assert.ok(run.efficiency > 0 && run.efficiency <= 1);
    }
  }
});

test('the time of all workers is accounted for', async (t) => {
  const { job } = await planJob(t, 'shp');
  const trouble = { ...USUAL_TROUBLE, deathsPerWorkerHour: 20 };
  for (const disk of Object.values(DISKS)) {
    for (const workers of [1, 7, 300]) {
      const scenario = { ...IDEAL, disk, workers, trouble, engine: ENGINES.slurm };
      const run = simulate(job, scenario, 5);
      const spent = Object.values(run.spent).reduce((sum, seconds) => sum + seconds, 0);
      assert.ok(
        Math.abs(spent / (workers * run.total) - 1) < 0.02,
        `${spent / workers} of ${run.total} s`,
      );
    }
  }
});

test('one worker on an ideal disk takes the sum of its tasks', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const run = simulate(job, IDEAL, 1);
  const steps = [...job.before, ...job.between, ...job.after];
  const coordinator = steps.reduce((sum, step) => sum + step.cpuSeconds, 0);
  const ends = job.stageEndSeconds * job.stage.length;
  const least = total(job, (work) => work.cpuSeconds) + coordinator;
  assert.ok(
    run.total >= least * (1 - 1e-9) && run.total <= (least + ends) * (1 + 1e-9),
    `${run.total}, at least ${least}, ends ${ends}`,
  );
});

test('more workers are never slower on an ideal disk', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const trouble = { ...NO_TROUBLE, taskSigma: 0.4 };
  for (const seed of [1, 2, 3]) {
    let last = Infinity;
    for (const workers of [3, 4, 5, 8, 13, 32, 33, 100, 256, 320, 1000]) {
      const run = simulate(job, { ...IDEAL, trouble, workers }, seed);
      const tasks = run.stage + run.merge;
      assert.ok(tasks <= last * (1 + 1e-9), `${workers} workers: ${tasks} s after ${last} s`);
      last = tasks;
    }
  }
});

test('a seed makes one run, another seed another', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const scenario = { ...IDEAL, workers: 50, trouble: USUAL_TROUBLE, engine: ENGINES.slurm };
  assert.deepEqual(simulate(job, scenario, 7), simulate(job, scenario, 7));
  assert.notEqual(simulate(job, scenario, 7).total, simulate(job, scenario, 8).total);
});

test('slow workers, waits in the queue and directories read by all cost time', async (t) => {
  const { job } = await planJob(t, 'gpkg');
  const plain = { ...IDEAL, workers: 40, disk: DISKS.nfs };
  const { total: least } = simulate(job, plain, 1);
  const slow = { ...NO_TROUBLE, slowShare: 0.2, slowFactor: 4 };
  const worse: Partial<Scenario>[] = [
    { trouble: slow, disk: DISKS.nfs },
    { engine: ENGINES.slurm },
    { engine: ENGINES['slurm-array'] },
    { allDirectories: true },
    { crowding: [1.5, 1.5] },
  ];
  for (const change of worse) {
    const { total } = simulate(job, { ...plain, ...change }, 1);
    // Where the disk binds, a slower worker may come off better by the order of the tasks.
    assert.ok(total >= 0.99 * least, `${JSON.stringify(change)}: ${total}, ${least}`);
  }
});

test('the model hands out tasks as the pipeline does', async () => {
  // By hand: three at once; 3 and 4 when 1 and 2 end, 5 and 6 when 3 and 4 do.
  assert.deepEqual(await startOrder([5, 3, 3, 1, 1, 4, 1], 3), [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 3],
    [4, 3],
    [5, 4],
    [6, 4],
  ]);
  const random = new Random(11);
  const seconds = Array.from({ length: 300 }, () => 1 + random.next());
  for (const workers of [1, 7, 40]) {
    const starts = await startOrder(seconds, workers);
    const end = Math.max(...starts.map(([task, at]) => at + seconds[task]!));
    const still = { readBytes: 0, writeBytes: 0, operations: 0 };
    const phase = simulatePhase({
      tasks: seconds.map((cpuSeconds): Work => ({ cpuSeconds, ...still })),
      workers: Array.from({ length: workers }, () => ({ readyAt: 0, block: 0, slowness: 1 })),
      ...{ start: 0, disk: DISKS.memory, engine: IDEAL.engine, trouble: NO_TROUBLE },
      ...{ endSeconds: 0, maxAttempts: 3, random },
    });
    near(phase.end, end);
  }
});
