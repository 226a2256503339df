/** An array of jobs, as its driver sees it: tasks in elements, and what the elements' logs tell. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { TilewrightError, toTilewrightError } from '../../../core/errors.ts';
import type { RunOptions } from '../../executor.ts';
import { readFailure } from '../../messages.ts';
import type { EncodedTask } from '../../task.ts';
import type { JobRef } from '../job-list.ts';
import {
  type ArrayControl,
  type ArraySpec,
  type ElementEvent,
  elementEvent,
  paths,
  writeJson,
  writeTasks,
} from './array-files.ts';
import { LogReader } from './log-reader.ts';

/** A task that was handed in and has not ended. */
export interface Entry {
  readonly id: number;
  readonly task: EncodedTask;
  readonly weight: number | undefined;
  readonly options: RunOptions;
  readonly resolve: (result: string) => void;
  readonly reject: (error: Error) => void;
  /** The array that it is in; undefined while it waits for one. */
  array: ArrayJob | undefined;
  started: boolean;
}

export interface Element {
  readonly index: number;
  /** Tasks that have not ended. */
  readonly entries: Map<number, Entry>;
  readonly log: LogReader<ElementEvent>;
  /** Where it runs, once it has said so. */
  host: string | null;
  /** Whether it has begun a task. */
  begun: boolean;
  /** What it has said at its end, or why nobody listens to it any more. */
  ended: string | null;
  /** Since when its log can't be read; null while it can. */
  silentSince: number | null;
  /** Whether its log was not as an element writes it: it is to be cancelled. */
  damaged: boolean;
  /** Whether the driver has done with it. */
  settled: boolean;
}

export interface ArrayEvents {
  /** An element has started. */
  onHello(): void;
  /** An element has begun its first task. */
  onBegin(): void;
  onEnd(entry: Entry, ms: number): void;
}

const ERROR_LENGTH = 2_000;
/** Logs that are open at once. */
const READERS = 32;
/** How long a log may be out of reach, on a disk that machines share. */
const SILENCE_LIMIT_MS = 60_000;

export class ArrayJob {
  readonly folder: string;
  readonly name: string;
  readonly elements: readonly Element[];
  /** Known once Slurm has accepted it. */
  jobId = '';
  /** When all elements were settled; null before. */
  finishedAt: number | null = null;
  readonly #cancelled: number[] = [];
  #stop: ArrayControl['stop'] = null;
  #controlChanged = false;

  /** Writes what the elements need, but for the script. */
  constructor(folder: string, name: string, groups: readonly Entry[][], spec: ArraySpec) {
    this.folder = folder;
    this.name = name;
    mkdirSync(folder, { mode: 0o700 });
    writeJson(paths.spec(folder), spec);
    writeJson(paths.control(folder), { cancelled: [], stop: null });
    this.elements = groups.map((group, index) => {
      const tasks = group.map(({ id, task }) => ({ ...task, id }));
      writeTasks(paths.tasks(folder, index), tasks);
      writeFileSync(paths.log(folder, index), '');
      for (const entry of group) entry.array = this;
      return {
        index,
        entries: new Map(group.map((entry) => [entry.id, entry])),
        log: new LogReader(paths.log(folder, index), elementEvent),
        silentSince: null,
        damaged: false,
        host: null,
        begun: false,
        ended: null,
        settled: false,
      };
    });
    // Last: who finds it finds the rest.
    this.record(null);
  }

  record(jobId: string | null): void {
    writeJson(paths.job(this.folder), { name: this.name, jobId });
    this.jobId = jobId ?? '';
  }

  get ref(): JobRef {
    return { id: this.jobId, name: this.name };
  }

  refOf(element: Element): JobRef {
    return { id: `${this.jobId}_${element.index}`, name: this.name };
  }

  get unsettled(): Element[] {
    return this.elements.filter((element) => !element.settled);
  }

  *entries(): Generator<Entry> {
    for (const element of this.elements) yield* element.entries.values();
  }

  /** Forgets a task; its element is told. */
  takeBack(entry: Entry): void {
    this.drop(entry);
    this.#cancelled.push(entry.id);
    this.#controlChanged = true;
  }

  drop(entry: Entry): void {
    entry.array = undefined;
    for (const element of this.elements) element.entries.delete(entry.id);
  }

  stop(how: 'drain' | 'now'): void {
    this.#stop = how;
    this.#controlChanged = true;
  }

  /** Tells the elements what has changed, if something has. */
  writeControl(): void {
    if (!this.#controlChanged) return;
    writeJson(paths.control(this.folder), { cancelled: this.#cancelled, stop: this.#stop });
    this.#controlChanged = false;
  }

  /** Takes note of what the elements have told since the last call. */
  async read(events: ArrayEvents): Promise<void> {
    const elements = this.unsettled;
    const next = elements.values();
    const readers = Array.from({ length: Math.min(READERS, elements.length) }, async () => {
      for (const element of next) {
        const told = await listen(element);
        for (const event of told) this.#onEvent(element, event, events);
      }
    });
    await Promise.all(readers);
  }

  #onEvent(element: Element, event: ElementEvent, events: ArrayEvents): void {
    if (event.type === 'hello') {
      element.host = event.host;
      events.onHello();
      return;
    }
    if (event.type === 'end') {
      element.ended = event.reason;
      return;
    }
    if (!element.begun) events.onBegin();
    element.begun = true;
    const entry = element.entries.get(event.id);
    if (entry === undefined) return;
    switch (event.type) {
      case 'started':
        entry.started = true;
        entry.options.onStart?.(event.worker);
        return;
      case 'progress':
        entry.options.onProgress?.(event.amount);
        return;
      case 'output': {
        const { stream, text, worker } = event;
        entry.options.onOutput?.({ stream, text, worker });
        return;
      }
      case 'result':
        this.drop(entry);
        events.onEnd(entry, event.ms);
        entry.resolve(event.result);
        return;
      case 'error':
        this.drop(entry);
        events.onEnd(entry, event.ms);
        entry.reject(readFailure(event.failure));
    }
  }

  /**
   * Ends what an element that is gone has left: tasks that it had begun reject.
   * @param reason - what became of it
   * @returns tasks that it had not begun
   */
  release(element: Element, reason: string): Entry[] {
    element.settled = true;
    const waiting: Entry[] = [];
    for (const entry of [...element.entries.values()]) {
      this.drop(entry);
      if (!entry.started) {
        waiting.push(entry);
        continue;
      }
      entry.reject(
        new TilewrightError(
          'worker-died',
          `Element ${this.refOf(element).id} of a Slurm array ended on ${element.host ?? 'its node'} ` +
            `(${reason}) during task ${entry.task.name}`,
          { retryable: true },
        ),
      );
    }
    return waiting;
  }

  /** The end of what an element has written to its error stream. */
  errorOutput(element: Element): string {
    try {
      return readFileSync(paths.err(this.folder, element.index), 'utf8')
        .slice(-ERROR_LENGTH)
        .trim();
    } catch {
      // It has never come to that: there is nothing to tell.
      return '';
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What an element has told; one that can't be understood, or not be heard for long, has ended. */
async function listen(element: Element): Promise<ElementEvent[]> {
  try {
    const events = await element.log.read();
    element.silentSince = null;
    return events;
  } catch (caught) {
    const error = toTilewrightError(caught);
    element.damaged = error.code === 'scheduler';
    element.silentSince ??= performance.now();
    if (element.damaged || performance.now() - element.silentSince > SILENCE_LIMIT_MS) {
      element.damaged = true;
      element.ended ??= `its log can't be read: ${error.message}`;
    }
    return [];
  }
}
