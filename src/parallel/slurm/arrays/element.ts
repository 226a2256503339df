/** An element of an array: runs its tasks, a few at a time, and tells about them in its log. */

import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { TilewrightError, toTilewrightError } from '../../../core/errors.ts';
import { Registry } from '../../registry.ts';
import { encodeFailure } from '../../values/failure.ts';
import { jobEnd } from '../../worker/job-end.ts';
import { Manager } from '../../worker/manager.ts';
import {
  type ArrayControl,
  type ArraySpec,
  arrayControl,
  arraySpec,
  type ElementEvent,
  type FiledTask,
  paths,
  readJson,
  readTasks,
} from './array-files.ts';
import { LogWriter } from './log-writer.ts';

/**
 * Runs until its tasks have ended, or the driver or Slurm wants it to end. A SIGTERM, which comes
 * before Slurm kills, lets running tasks end if there is time for that.
 * @returns why it ended
 * @throws TilewrightError scheduler if it was started before, staged-folder if by another version
 */
export async function runElement(folder: string, index: number): Promise<string> {
  const spec = readJson(paths.spec(folder), arraySpec);
  if (spec === null) throw new TilewrightError('scheduler', `${folder} is not there`);
  const tasks = readTasks(paths.tasks(folder, index));
  begin(paths.begun(folder, index));
  const element = new Element(folder, spec, tasks, await LogWriter.open(paths.log(folder, index)));
  return element.run();
}

/** Slurm may start a job twice: the driver has taken the first one's tasks elsewhere by then. */
function begin(path: string): void {
  try {
    writeFileSync(path, `${hostname()} ${process.pid}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new TilewrightError('scheduler', `${path} is there: this element was started before`);
  }
}

class Element {
  readonly #folder: string;
  readonly #spec: ArraySpec;
  readonly #tasks: FiledTask[];
  readonly #log: LogWriter;
  readonly #manager: Manager;
  readonly #running = new Map<number, AbortController>();
  readonly #cancelled = new Set<number>();
  readonly #stopped = Promise.withResolvers<string>();
  /** Why no more tasks are begun. */
  #leaving: string | null = null;

  constructor(folder: string, spec: ArraySpec, tasks: FiledTask[], log: LogWriter) {
    this.#folder = folder;
    this.#spec = spec;
    this.#tasks = tasks;
    this.#log = log;
    const registry = new Registry(spec.modules);
    this.#manager = new Manager({ maxWorkers: spec.threads, endsAt: jobEnd(), registry });
  }

  async run(): Promise<string> {
    this.#tell({ type: 'hello', host: hostname(), pid: process.pid });
    const onSignal = (): void => {
      this.#leaving ??= 'Slurm wants it to end';
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal).on('SIGHUP', onSignal);
    const timer = setInterval(() => this.#obey(), this.#spec.controlMs);
    this.#obey();
    const workers = Array.from({ length: this.#manager.slots }, () => this.#work());
    const done = Promise.all(workers).then(() => this.#leaving ?? 'all is done');
    const reason = await Promise.race([done, this.#stopped.promise]);
    clearInterval(timer);
    this.#tell({ type: 'end', reason });
    await this.#log.close();
    return reason;
  }

  async #work(): Promise<void> {
    for (let task = this.#next(); task !== undefined; task = this.#next()) await this.#run(task);
  }

  /** The next task; the longest that there is still time for. */
  #next(): FiledTask | undefined {
    if (this.#leaving !== null) return undefined;
    while (this.#tasks.length > 0 && this.#cancelled.has(this.#tasks[0]!.id)) this.#tasks.shift();
    const task = this.#tasks[0];
    if (task === undefined) return undefined;
    if (!this.#manager.hasTimeFor(task)) {
      this.#leaving = 'its time is nearly over';
      return undefined;
    }
    return this.#tasks.shift();
  }

  async #run(task: FiledTask): Promise<void> {
    const { id } = task;
    const controller = new AbortController();
    this.#running.set(id, controller);
    const started = performance.now();
    const ms = (): number => performance.now() - started;
    try {
      const result = await this.#manager.run(task, {
        signal: controller.signal,
        onStart: (worker) => this.#tell({ type: 'started', id, worker }),
        onProgress: (amount) => this.#tell({ type: 'progress', id, amount }),
        onOutput: (output) => this.#tell({ type: 'output', id, ...output }),
      });
      this.#tell({ type: 'result', id, result, ms: ms() });
    } catch (error) {
      this.#tell({ type: 'error', id, failure: encodeFailure(error), ms: ms() });
    }
    this.#running.delete(id);
  }

  /** Looks at what the driver wants. */
  #obey(): void {
    let control: ArrayControl | null;
    try {
      control = readJson(paths.control(this.#folder), arrayControl);
    } catch {
      // The disk may be back at the next look.
      return;
    }
    for (const id of control?.cancelled ?? []) {
      this.#cancelled.add(id);
      this.#running.get(id)?.abort();
    }
    if (control?.stop === 'drain') this.#leaving ??= 'its driver wants no more';
    if (control?.stop === 'now') this.#stopped.resolve('its driver wants it to end');
  }

  #tell(event: ElementEvent): void {
    this.#log.append(event, (error) => {
      // What can't be told is not done: the driver finds out by the element's end.
      process.stderr.write(`tilewright element: ${toTilewrightError(error).message}\n`);
      process.exit(1);
    });
  }
}
