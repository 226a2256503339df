/** Writes what becomes of the tasks of a run to a SQLite file, while it runs. As in Parsl. */

import { hostname, userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TilewrightError } from '../../core/errors.ts';
import { packageVersion } from '../../core/version.ts';
import type { KernelObserver, ObservedBlock, TaskEvent } from '../data-flow/observer.ts';
import { EventPacker } from './packed-events.ts';
import type { Batch } from './run-writer.ts';
import { timestamp } from './schema.ts';
import type { FromWriter, WriterData } from './writer-thread.ts';

/** Milliseconds between two transactions. */
const FLUSH_MS = 500;
/** Events of one batch at the most. */
const BATCH_EVENTS = 10_000;
/** Milliseconds that the end of the run waits for the file. */
const END_MS = 20_000;
/** The same, at the end of a process that did not wait. */
const EXIT_MS = 5_000;

/** Options of a {@link MonitoringHub}. */
export interface MonitoringOptions {
  /** The file. Runs that are in it already stay. Default: a new one in `logDir`. */
  file?: string;
  /** Folder of the file, if `file` is not given. Default: `monitoring` in the `runDir`. */
  logDir?: string;
  /** Default: name of the program's file. */
  workflowName?: string;
  /** Default: the time of the start. */
  workflowVersion?: string;
  /**
   * Milliseconds between two samples of the kernel's process (table `coordinator`); 0: none. What
   * tasks cost is measured at their end. Default: 5000.
   */
  resourceIntervalMs?: number;
}

type Run = Parameters<NonNullable<KernelObserver['onStart']>>[0];
type End = Parameters<NonNullable<KernelObserver['onEnd']>>[0];

// The source runs as it is; the published package is compiled.
const threadUrl = new URL(
  import.meta.url.endsWith('.ts') ? './writer-thread.ts' : './writer-thread.js',
  import.meta.url,
);

/**
 * For `Config({ monitoring: new MonitoringHub() })`. `tilewright monitor` shows what it writes; the
 * tables are Parsl's (schema.ts). When the file can't be written there is one warning, and tasks go
 * on without it.
 */
export class MonitoringHub implements KernelObserver {
  readonly #options: MonitoringOptions;
  /** Path of the file that is written, or was last; null before the first run. */
  file: string | null = null;
  #thread: Worker | null = null;
  #ended = new Int32Array(new SharedArrayBuffer(4));
  #finished = Promise.withResolvers<void>();
  #tasks = new EventPacker(BATCH_EVENTS);
  #blocks: ObservedBlock[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: MonitoringOptions = {}) {
    const { resourceIntervalMs = 0 } = options;
    if (!(resourceIntervalMs >= 0 && resourceIntervalMs < 2 ** 31)) {
      throw new TilewrightError(
        'config-invalid',
        'The parallel configuration is not valid: resourceIntervalMs of the MonitoringHub must be ' +
          `a number ≥ 0, not ${resourceIntervalMs}`,
      );
    }
    this.#options = options;
  }

  onStart(run: Run): void {
    if (this.#running) {
      throw new TilewrightError('usage', 'A MonitoringHub is for one kernel at a time');
    }
    this.#running = true;
    const { runId, startedAt, program, runDir } = run;
    const options = this.#options;
    const folder = options.logDir ?? join(runDir ?? 'runinfo', 'monitoring');
    const began = timestamp(startedAt);
    this.file = resolve(options.file ?? join(folder, fileName(runId, startedAt)));
    this.#ended = new Int32Array(new SharedArrayBuffer(4));
    this.#finished = Promise.withResolvers();
    this.#tasks = new EventPacker(BATCH_EVENTS);
    const data: WriterData = {
      path: this.file,
      workflow: {
        run_id: runId,
        workflow_name: options.workflowName ?? basename(program),
        workflow_version: options.workflowVersion ?? began,
        time_began: began,
        host: hostname(),
        user: userName(),
        rundir: resolve(runDir ?? '.'),
        pid: process.pid,
        tilewright_version: packageVersion(),
      },
      resourceIntervalMs: options.resourceIntervalMs ?? 5_000,
      ended: this.#ended,
    };
    // A program that was given as text says what kind of text it is; for a file that is refused.
    const fromText = process.execArgv.some((option) => option.startsWith('--input-type'));
    const thread = new Worker(threadUrl, {
      workerData: data,
      // Rows live for a moment: with more room they are not copied about before they go.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
      ...(fromText && { execArgv: [] }),
    });
    thread.unref();
    thread.on('message', (failure: FromWriter) => this.#stop(failure));
    thread.on('error', (error: Error) => this.#stop(error.message));
    thread.on('exit', () => this.#stop('its thread has ended'));
    this.#thread = thread;
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS).unref();
    process.on('exit', this.#onExit);
  }

  onTask(event: TaskEvent): void {
    if (this.#thread === null) return;
    this.#tasks.add(event);
    if (this.#tasks.full) this.#flush();
  }

  onBlock(event: ObservedBlock): void {
    if (this.#thread !== null) this.#blocks.push(event);
  }

  async onEnd({ endedAt }: End): Promise<void> {
    this.#running = false;
    const thread = this.#thread;
    if (thread === null) return;
    thread.ref();
    this.#send({ endedAt });
    const late = setTimeout(() => this.#stop('it takes too long'), END_MS);
    await this.#finished.promise;
    clearTimeout(late);
    await thread.terminate();
  }

  #flush(): void {
    if (this.#tasks.count > 0 || this.#blocks.length > 0) this.#send({});
  }

  #send(more: Partial<Batch>): void {
    const tasks = this.#tasks.take();
    const batch: Batch = { tasks, blocks: this.#blocks, ...more };
    this.#blocks = [];
    this.#thread?.postMessage(batch, [tasks.numbers.buffer]);
  }

  /** Whoever ends the process without `clear` has what there was up to then. */
  readonly #onExit = (): void => {
    this.#send({ last: true });
    Atomics.wait(this.#ended, 0, 0, EXIT_MS);
  };

  /** @param failure - why no more can be written; null: all was */
  #stop(failure: FromWriter): void {
    if (this.#thread === null) return;
    this.#thread.unref();
    this.#thread = null;
    this.#blocks = [];
    clearInterval(this.#timer);
    process.off('exit', this.#onExit);
    this.#finished.resolve();
    if (failure === null) return;
    const text = `Monitoring has stopped, the tasks go on: ${failure}`;
    process.emitWarning(text, 'TilewrightWarning');
  }
}

/** `2026-11-28T12-55-01-1a2b3c4d.db`: in the order of their starts. */
function fileName(runId: string, startedAt: number): string {
  const start = new Date(startedAt).toISOString().slice(0, 19).replaceAll(':', '-');
  return `${start}-${runId.slice(0, 8)}.db`;
}

/** Some containers' users have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}
