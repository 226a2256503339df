/** A whole run of a job: the coordinator's steps, the stage tasks and the merge tasks. */

import { Random } from '../../src/core/random.ts';
import { DEFAULT_RETRIES } from '../../src/parallel/data-flow/retry.ts';
import type { Job, Step } from './job.ts';
import {
  type PhaseResult,
  type Spent,
  simulatePhase,
  sumOfWork,
  type Work,
  type Worker,
} from './phase.ts';
import type { Disk, Engine, Trouble } from './presets.ts';
import { SHARED_MACHINE } from './rates.ts';

export interface Scenario {
  workers: number;
  disk: Disk;
  engine: Engine;
  trouble: Trouble;
  /**
   * How many times as long a task takes on a node whose cores are all at work: drawn evenly between
   * these, once a run.
   */
  crowding: readonly [min: number, max: number];
  /**
   * Sigma of the logarithm of the disk's speed, drawn once a run: nobody knows a shared disk better,
   * and others use it too.
   */
  diskSigma: number;
  /** Whether each worker reads the directories of all shuffle files, as the coordinator does. */
  allDirectories: boolean;
}

export type Cause = keyof Spent;

export interface Simulated {
  plan: number;
  stage: number;
  merge: number;
  finalize: number;
  pack: number;
  /** Seconds; the sum of those above. */
  total: number;
  /** CPU time of the tasks on a machine of their own, as a part of the workers' time. */
  efficiency: number;
  /** Seconds of workers, the coordinator's steps included, during which they all wait. */
  spent: Spent;
  /** What most of the workers' time went into. */
  binds: string;
  phases: PhaseResult[];
  givenUp: number;
}

export function simulate(job: Job, scenario: Scenario, seed: number): Simulated {
  const { workers, engine, trouble } = scenario;
  const random = new Random(seed);
  // Drawn first: a seed has one disk, whatever the number of workers.
  const disk = diskOfDay(scenario.disk, Math.exp(scenario.diskSigma * random.normal()));
  const steps = new Map<string, number>();
  const serial = (list: readonly Step[]): number =>
    list.reduce((sum, step) => {
      const seconds = stepSeconds(step, disk);
      steps.set(step.name, (steps.get(step.name) ?? 0) + seconds);
      return sum + seconds;
    }, 0);

  const planned = serial(job.before);
  const staff = hire(scenario, planned, random);
  const stage = simulatePhase({
    tasks: batches(job.stage, engine),
    ...{ workers: staff, start: planned, disk, engine, trouble, random },
    endSeconds: job.stageEndSeconds,
    maxAttempts: DEFAULT_RETRIES + 1,
  });
  const between = serial(job.between);
  const merge = simulatePhase({
    tasks: batches(job.merge, engine),
    firstTask: scenario.allDirectories ? job.allDirectories : null,
    ...{ workers: staff, start: stage.end + between, disk, engine, trouble, random },
    endSeconds: 0,
    maxAttempts: DEFAULT_RETRIES + 1,
  });
  const finalize = serial(job.after);
  const committed = merge.end + finalize;
  const pack =
    job.pack.length === 0
      ? null
      : simulatePhase({
          tasks: batches(job.pack, engine),
          ...{ workers: staff, start: committed, disk, engine, trouble, random },
          endSeconds: 0,
          maxAttempts: DEFAULT_RETRIES + 1,
        });
  const total = pack?.end ?? committed;
  const phases = pack === null ? [stage, merge] : [stage, merge, pack];
  const spent = phases.map((phase) => phase.spent).reduce(addSpent);
  const waited = [...steps.values()].reduce((sum, seconds) => sum + seconds, 0);
  spent.coordinator += workers * waited;
  const cpu = [...job.stage, ...job.merge, ...job.pack].reduce(
    (sum, work) => sum + work.cpuSeconds,
    0,
  );
  return {
    plan: planned,
    stage: stage.end - planned,
    merge: merge.end - stage.end,
    finalize,
    pack: total - committed,
    total,
    efficiency: cpu / (workers * total),
    spent,
    binds: binding(spent, steps),
    phases,
    givenUp: phases.reduce((sum, phase) => sum + phase.givenUp, 0),
  };
}

function diskOfDay(disk: Disk, speed: number): Disk {
  return {
    ...disk,
    bytesPerSecond: disk.bytesPerSecond * speed,
    nodeBytesPerSecond: disk.nodeBytesPerSecond * speed,
    workerBytesPerSecond: disk.workerBytesPerSecond * speed,
    metadataSeconds: disk.metadataSeconds / speed,
    metadataPerSecond: disk.metadataPerSecond * speed,
  };
}

export function stepSeconds({ cpuSeconds, operations, bytes }: Step, disk: Disk): number {
  return cpuSeconds + operations * disk.metadataSeconds + bytes / disk.workerBytesPerSecond;
}

/** Workers in their blocks, which are asked for when there is work for them. */
function hire(scenario: Scenario, start: number, random: Random): Worker[] {
  const { workers, engine, trouble, crowding } = scenario;
  const [min, max] = crowding;
  const crowded = min + (max - min) * random.next();
  const wait = new Map<number, number>();
  const staff = Array.from({ length: workers }, (_, i): Worker => {
    const block = engine.workersPerBlock === Infinity ? 0 : Math.floor(i / engine.workersPerBlock);
    const queue =
      wait.get(block) ?? engine.queueSeconds * Math.exp(engine.queueSigma * random.normal());
    wait.set(block, queue);
    const slowness = workers === 1 ? 1 : workers === 2 ? SHARED_MACHINE : crowded;
    return { readyAt: start + queue + engine.startSeconds, block, slowness };
  });
  // So many, wherever they are: drawn one by one, one slow worker of two would be a rare accident.
  const slow = Math.round(trouble.slowShare * workers);
  for (let k = 0; k < slow; k++) {
    const other = k + random.integer(workers - k);
    [staff[k], staff[other]] = [staff[other]!, staff[k]!];
    staff[k]!.slowness *= trouble.slowFactor;
  }
  return staff.sort((a, b) => a.readyAt - b.readyAt);
}

/** Tasks as the engine starts them: each by itself, or one after the other in one start. */
function batches(tasks: readonly Work[], engine: Engine): readonly Work[] {
  if (engine.batchSeconds === 0) return tasks;
  const joined: Work[] = [];
  let open: Work | undefined;
  for (const task of tasks) {
    open = open === undefined ? task : sumOfWork(open, task);
    if (open.cpuSeconds >= engine.batchSeconds) {
      joined.push(open);
      open = undefined;
    }
  }
  if (open !== undefined) joined.push(open);
  return joined;
}

function addSpent(a: Spent, b: Spent): Spent {
  const sum = { ...a };
  for (const cause of Object.keys(b) as Cause[]) sum[cause] += b[cause];
  return sum;
}

const WORDS: Readonly<Record<Cause, string>> = {
  cpu: 'cpu',
  slow: 'stragglers',
  disk: 'disk',
  metadata: 'metadata',
  scheduler: 'scheduler',
  coordinator: 'coordinator',
  tail: 'too few tasks',
  lost: 'deaths',
};

/** The largest of the causes; of the coordinator also its longest step. */
function binding(spent: Spent, steps: ReadonlyMap<string, number>): string {
  const [cause] = (Object.entries(spent) as [Cause, number][]).sort((a, b) => b[1] - a[1])[0]!;
  if (cause !== 'coordinator') return WORDS[cause];
  const [name] = [...steps].sort((a, b) => b[1] - a[1])[0]!;
  return `coordinator (${name})`;
}
