/** Writes one run to its file: in a thread of its own, so that tasks never wait for a disk. */

import { residentMemory } from '../../machine/resident-memory.ts';
import type { ObservedBlock } from '../data-flow/observer.ts';
import { MonitoringFile } from './monitoring-file.ts';
import { EventReader, type PackedEvents } from './packed-events.ts';
import { RunRows } from './run-rows.ts';
import { type Row, timestamp } from './schema.ts';

/** Batches that wait for a file that somebody has locked: about ten minutes of them. */
const MAX_WAITING = 1200;

/** What comes from the kernel's thread. */
export interface Batch {
  /** Null: nothing has happened. */
  tasks: PackedEvents | null;
  blocks: readonly ObservedBlock[];
  /** Milliseconds since the epoch: the run has ended. */
  endedAt?: number;
  /** The process ends, and the run with it, whatever became of it. */
  last?: boolean;
}

export class RunWriter {
  readonly #file: MonitoringFile;
  readonly #rows: RunRows;
  readonly #events = new EventReader();
  readonly #workflow: Row<'workflow'>;
  readonly #pid: number;
  #waiting: Batch[] = [];

  /** @throws TilewrightError output-unwritable and the like */
  constructor(path: string, workflow: Row<'workflow'>) {
    const runId = String(workflow.run_id);
    this.#workflow = workflow;
    this.#pid = Number(workflow.pid);
    this.#file = new MonitoringFile(path, runId);
    this.#rows = new RunRows(runId, this.#file);
    this.write({ tasks: null, blocks: [] });
  }

  /** Writes a batch, or keeps it while the file is locked. */
  write(batch: Batch): void {
    this.#waiting.push(batch);
    const written = this.#file.transaction(() => {
      for (const { tasks, blocks, endedAt } of this.#waiting) {
        if (tasks !== null) this.#events.read(tasks, (event) => this.#rows.onTask(event));
        for (const event of blocks) this.#rows.onBlock(event);
        if (endedAt === undefined) continue;
        this.#rows.end();
        this.#workflow.time_completed = timestamp(endedAt);
      }
      this.#rows.flush();
      this.#file.insert('workflow', {
        ...this.#workflow,
        last_seen: timestamp(Date.now()),
        tasks_completed_count: this.#rows.done,
        tasks_failed_count: this.#rows.failed,
      });
    });
    if (written) this.#waiting = [];
    else if (this.#waiting.length > MAX_WAITING) {
      throw new Error(`${this.#file.path} has been locked by another program for too long`);
    }
  }

  /** Writes what the kernel's process has used so far. */
  sample(): void {
    const { user, system } = process.cpuUsage();
    this.#file.transaction(() =>
      this.#file.insert('coordinator', {
        run_id: this.#workflow.run_id ?? null,
        timestamp: timestamp(Date.now()),
        psutil_process_pid: this.#pid,
        psutil_process_time_user: user / 1e6,
        psutil_process_time_system: system / 1e6,
        psutil_process_memory_resident: residentMemory(),
      }),
    );
  }

  close(): void {
    this.#file.close();
  }
}
