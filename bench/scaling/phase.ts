/**
 * A phase of a run on a virtual clock: tasks in their order, workers that take them, a coordinator
 * that hands them out one by one, a disk that all share.
 *
 * A task by itself takes its CPU time on its worker, and the time to read its bytes and for the
 * answers to its metadata operations. While the tasks that run want more of the disk than it has, all of them are slowed
 * down by one factor: progress is counted on a second clock that runs slower then. So a task's end
 * on that clock is known when it starts, and each event costs the logarithm of their number.
 */

import type { Random } from '../../src/core/random.ts';
import { EventQueue } from './event-queue.ts';
import type { Disk, Engine, Trouble } from './presets.ts';

export interface Work {
  cpuSeconds: number;
  readBytes: number;
  /** Written behind the task's back, but by the same disk. */
  writeBytes: number;
  /** Metadata operations. */
  operations: number;
}

export interface Worker {
  /** When it can take its first task. */
  readyAt: number;
  /** Its node, which limits its share of the disk. */
  block: number;
  /** How many times as long its tasks take as on a usual one. */
  slowness: number;
}

/** Where the workers' time went, in seconds of a worker. */
export interface Spent {
  cpu: number;
  /** Longer than usual: slow workers, and what differs between tasks. */
  slow: number;
  /** Waiting for bytes, and for metadata. */
  disk: number;
  metadata: number;
  /** Not there yet: queue and start; between tasks. */
  scheduler: number;
  /** Waiting for the coordinator. */
  coordinator: number;
  /** Nothing was left to take while others still worked. */
  tail: number;
  /** Done by workers that died, and done again. */
  lost: number;
}

export interface PhaseOptions {
  /** In the order in which they are handed out. */
  tasks: readonly Work[];
  /** What a worker does besides, with its first task. */
  firstTask?: Work | null;
  workers: readonly Worker[];
  start: number;
  disk: Disk;
  engine: Engine;
  trouble: Trouble;
  /** Of the coordinator, after each task. */
  endSeconds: number;
  maxAttempts: number;
  random: Random;
}

export interface PhaseResult {
  end: number;
  spent: Spent;
  /** How often each task came to its end, and how often it was started. */
  ended: Uint8Array;
  starts: Uint16Array;
  /** Tasks that were given up after so many attempts. */
  givenUp: number;
}

type Event =
  | { kind: 'ready'; worker: number; fresh: boolean }
  | { kind: 'begin'; worker: number; task: number }
  | { kind: 'death'; worker: number; start: number }
  | { kind: 'again'; task: number };

interface Running {
  task: number;
  /** Number of the start, by which a death finds out that the task has ended. */
  start: number;
  begun: number;
  seconds: number;
  bytesPerSecond: number;
  operationsPerSecond: number;
}

export function noTime(): Spent {
  return {
    ...{ cpu: 0, slow: 0, disk: 0, metadata: 0 },
    ...{ scheduler: 0, coordinator: 0, tail: 0, lost: 0 },
  };
}

export function simulatePhase(options: PhaseOptions): PhaseResult {
  return new Phase(options).run();
}

class Phase {
  readonly #options: PhaseOptions;
  readonly #spent = noTime();
  readonly #ended: Uint8Array;
  readonly #starts: Uint16Array;
  readonly #noise: Float64Array;
  readonly #events = new EventQueue<Event>();
  /** Ends of tasks, on the clock of progress. */
  readonly #ends = new EventQueue<{ worker: number; start: number }>();
  readonly #running: (Running | undefined)[];
  readonly #idle: number[] = [];
  readonly #freeSince: Float64Array;
  readonly #began: Uint8Array;
  readonly #again: number[] = [];
  readonly #blocks = new Set<number>();
  #next = 0;
  #open: number;
  #givenUp = 0;
  #startCount = 0;
  #runningCount = 0;
  #bytesPerSecond = 0;
  #operationsPerSecond = 0;
  #time: number;
  #progress = 0;
  #pace = 1;
  #coordinatorFree: number;

  constructor(options: PhaseOptions) {
    const { tasks, workers, start, trouble, random } = options;
    this.#options = options;
    this.#ended = new Uint8Array(tasks.length);
    this.#starts = new Uint16Array(tasks.length);
    // Drawn task by task, so that a task is as long as it is on any number of workers.
    const sigma = trouble.taskSigma;
    this.#noise = Float64Array.from(tasks, () =>
      sigma === 0 ? 1 : Math.exp(sigma * random.normal() - (sigma * sigma) / 2),
    );
    this.#running = new Array<Running | undefined>(workers.length).fill(undefined);
    this.#freeSince = new Float64Array(workers.length).fill(start);
    this.#began = new Uint8Array(workers.length);
    this.#open = tasks.length;
    this.#time = start;
    this.#coordinatorFree = start;
    for (const [worker, { readyAt }] of workers.entries()) {
      this.#events.push(Math.max(start, readyAt), { kind: 'ready', worker, fresh: true });
    }
  }

  run(): PhaseResult {
    while (this.#open > 0) {
      const end = this.#time + (this.#ends.next - this.#progress) / this.#pace;
      const event = this.#events.next;
      if (end === Infinity && event === Infinity)
        throw new Error('no worker is left for the tasks');
      this.#advance(Math.min(end, event));
      if (end <= event) this.#finish();
      else this.#handle(this.#events.pop()!);
    }
    const end = Math.max(this.#time, this.#coordinatorFree);
    for (const [worker, since] of this.#freeSince.entries()) {
      const { readyAt } = this.#options.workers[worker]!;
      const there = Math.max(since, Math.min(readyAt, end));
      this.#spent.scheduler += there - since;
      this.#spent.tail += Math.max(0, end - there);
    }
    const result = { end, spent: this.#spent, ended: this.#ended, starts: this.#starts };
    return { ...result, givenUp: this.#givenUp };
  }

  /** Brings both clocks to `time`. */
  #advance(time: number): void {
    const elapsed = Math.max(0, time - this.#time);
    const lost = elapsed * (1 - this.#pace) * this.#runningCount;
    if (this.#diskIsNarrower()) this.#spent.disk += lost;
    else this.#spent.metadata += lost;
    this.#progress += elapsed * this.#pace;
    this.#time = Math.max(time, this.#time);
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'ready': {
        const { block } = this.#options.workers[event.worker]!;
        if (event.fresh && !this.#blocks.has(block)) {
          this.#blocks.add(block);
          this.#setPace();
        }
        this.#take(event.worker);
        return;
      }
      case 'begin':
        this.#begin(event.worker, event.task);
        return;
      case 'again': {
        this.#again.push(event.task);
        const worker = this.#idle.shift();
        if (worker !== undefined) this.#take(worker);
        return;
      }
      case 'death':
        if (this.#running[event.worker]?.start === event.start) this.#die(event.worker);
    }
  }

  /** The worker asks for a task; the coordinator hands it out when it has done what came before. */
  #take(worker: number): void {
    const { tasks, engine, workers } = this.#options;
    const task = this.#again.shift() ?? (this.#next < tasks.length ? this.#next++ : undefined);
    if (task === undefined) {
      this.#idle.push(worker);
      return;
    }
    const since = this.#freeSince[worker]!;
    const there = Math.max(since, Math.min(workers[worker]!.readyAt, this.#time));
    this.#spent.scheduler += there - since;
    const idle = Math.max(0, this.#time - there);
    this.#spent.tail += idle;
    this.#coordinatorFree = Math.max(this.#coordinatorFree, this.#time) + engine.dispatchSeconds;
    this.#spent.coordinator += this.#coordinatorFree - this.#time;
    this.#spent.scheduler += engine.gapSeconds;
    this.#events.push(this.#coordinatorFree + engine.gapSeconds, { kind: 'begin', worker, task });
  }

  #begin(worker: number, task: number): void {
    const { disk, trouble, workers, firstTask, tasks, random } = this.#options;
    this.#starts[task]!++;
    let work = tasks[task]!;
    if (firstTask && this.#began[worker] === 0) work = sumOfWork(work, firstTask);
    this.#began[worker] = 1;
    const { slowness } = workers[worker]!;
    const seconds = aloneSeconds(work, disk, this.#noise[task]! * slowness);
    const running: Running = {
      task,
      start: ++this.#startCount,
      begun: this.#progress,
      seconds,
      bytesPerSecond: (work.readBytes + work.writeBytes) / seconds,
      operationsPerSecond: work.operations / seconds,
    };
    this.#running[worker] = running;
    this.#runningCount++;
    this.#bytesPerSecond += running.bytesPerSecond;
    this.#operationsPerSecond += running.operationsPerSecond;
    this.#setPace();
    this.#ends.push(this.#progress + seconds, { worker, start: running.start });
    if (trouble.deathsPerWorkerHour > 0) {
      const after = (-Math.log(1 - random.next()) * 3600) / trouble.deathsPerWorkerHour;
      this.#events.push(this.#time + after, { kind: 'death', worker, start: running.start });
    }
  }

  #finish(): void {
    const { worker, start } = this.#ends.pop()!;
    const running = this.#running[worker];
    if (running?.start !== start) return;
    const { disk, tasks, endSeconds } = this.#options;
    const work = tasks[running.task]!;
    const read = readSeconds(work, disk);
    const answers = work.operations * disk.metadataSeconds;
    this.#spent.cpu += work.cpuSeconds;
    this.#spent.disk += read;
    this.#spent.metadata += answers;
    this.#spent.slow += running.seconds - work.cpuSeconds - read - answers;
    this.#ended[running.task]!++;
    this.#open--;
    this.#leave(worker, running);
    this.#coordinatorFree = Math.max(this.#coordinatorFree, this.#time) + endSeconds;
    this.#take(worker);
  }

  #die(worker: number): void {
    const { engine, maxAttempts } = this.#options;
    const running = this.#running[worker]!;
    this.#spent.lost += this.#progress - running.begun;
    this.#leave(worker, running);
    const noticed = this.#time + engine.replaceSeconds;
    this.#spent.lost += engine.replaceSeconds;
    this.#freeSince[worker] = noticed;
    this.#began[worker] = 0;
    this.#events.push(noticed, { kind: 'ready', worker, fresh: false });
    if (this.#starts[running.task]! < maxAttempts) {
      this.#events.push(noticed, { kind: 'again', task: running.task });
    } else {
      this.#givenUp++;
      this.#open--;
    }
  }

  #leave(worker: number, running: Running): void {
    this.#running[worker] = undefined;
    this.#freeSince[worker] = this.#time;
    this.#runningCount--;
    this.#bytesPerSecond -= running.bytesPerSecond;
    this.#operationsPerSecond -= running.operationsPerSecond;
    if (this.#runningCount === 0) this.#bytesPerSecond = this.#operationsPerSecond = 0;
    this.#setPace();
  }

  #bandwidth(): number {
    const { disk } = this.#options;
    return Math.min(disk.bytesPerSecond, Math.max(1, this.#blocks.size) * disk.nodeBytesPerSecond);
  }

  #diskIsNarrower(): boolean {
    const { metadataPerSecond } = this.#options.disk;
    const bytes = this.#bytesPerSecond / this.#bandwidth();
    return bytes >= this.#operationsPerSecond / metadataPerSecond;
  }

  #setPace(): void {
    const { metadataPerSecond } = this.#options.disk;
    const bytes = this.#bytesPerSecond / this.#bandwidth();
    this.#pace = 1 / Math.max(1, bytes, this.#operationsPerSecond / metadataPerSecond);
  }
}

/** Seconds of a task that has the disk for itself. */
function aloneSeconds(work: Work, disk: Disk, slowness: number): number {
  const seconds = work.cpuSeconds * slowness + readSeconds(work, disk);
  // Never nothing, so that rates are finite.
  return Math.max(1e-9, seconds + work.operations * disk.metadataSeconds);
}

function readSeconds(work: Work, disk: Disk): number {
  return work.readBytes / disk.workerBytesPerSecond;
}

export function sumOfWork(a: Work, b: Work): Work {
  return {
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    readBytes: a.readBytes + b.readBytes,
    writeBytes: a.writeBytes + b.writeBytes,
    operations: a.operations + b.operations,
  };
}
