/**
 * Events on their way to the thread that writes them. There can be a hundred thousand a second, so
 * what all have is numbers in one array, which is handed over, and names are sent once.
 */

import type { TaskEvent, TaskEventState } from '../kernel/observer.ts';

/** What few events have; of an error what it says of itself. */
export interface Rare
  extends Pick<
    TaskEvent,
    'depends' | 'usage' | 'hash' | 'stdout' | 'stderr' | 'inputs' | 'outputs' | 'join'
  > {
  error?: { code: string; message: string } | undefined;
}

/** An event on the other side. */
export interface ToldTask extends Rare {
  taskId: number;
  state: TaskEventState;
  attempt: number;
  at: number;
  name: string;
  executor: string | undefined;
  worker: string | undefined;
}

export interface PackedEvents {
  /** STRIDE for each event: task, state, attempt, time; name, executor, worker as places. */
  numbers: Float64Array<ArrayBuffer>;
  count: number;
  /** Strings whose places follow those sent before. */
  strings: string[];
  /** By the event's place. */
  rare: [place: number, rare: Rare][];
}

const STRIDE = 7;
const STATES: readonly TaskEventState[] = [
  'waiting',
  'queued',
  'running',
  'retry',
  'done',
  'memoized',
  'failed',
  'cancelled',
];
const STATE_NUMBERS = new Map(STATES.map((state, i) => [state, i]));

export class EventPacker {
  readonly #capacity: number;
  readonly #places = new Map<string, number>();
  #numbers: Float64Array<ArrayBuffer>;
  #strings: string[] = [];
  #rare: [number, Rare][] = [];
  #count = 0;

  /** @param capacity - events that one batch holds */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#numbers = new Float64Array(capacity * STRIDE);
  }

  get count(): number {
    return this.#count;
  }

  get full(): boolean {
    return this.#count === this.#capacity;
  }

  /** Not when it is full. */
  add(event: TaskEvent): void {
    const numbers = this.#numbers;
    const at = this.#count * STRIDE;
    numbers[at] = event.taskId;
    numbers[at + 1] = STATE_NUMBERS.get(event.state)!;
    numbers[at + 2] = event.attempt;
    numbers[at + 3] = event.at;
    numbers[at + 4] = this.#place(event.name);
    numbers[at + 5] = event.executor === undefined ? -1 : this.#place(event.executor);
    numbers[at + 6] = event.worker === undefined ? -1 : this.#place(event.worker);
    const { depends, usage, error, hash, stdout, stderr, inputs, outputs, join } = event;
    if (
      (depends !== undefined && depends.length > 0) ||
      usage !== undefined ||
      error !== undefined ||
      hash != null ||
      stdout !== undefined ||
      stderr !== undefined ||
      inputs !== undefined ||
      outputs !== undefined ||
      join === true
    ) {
      const told = error === undefined ? undefined : { code: error.code, message: error.message };
      const rare = { depends, usage, hash, stdout, stderr, inputs, outputs, join, error: told };
      this.#rare.push([this.#count, rare]);
    }
    this.#count++;
  }

  #place(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(text, place);
      this.#strings.push(text);
    }
    return place;
  }

  /** What has come since the last time; its numbers are to be handed over. */
  take(): PackedEvents {
    const numbers = this.#numbers.slice(0, this.#count * STRIDE);
    const packed = { numbers, count: this.#count, strings: this.#strings, rare: this.#rare };
    this.#strings = [];
    this.#rare = [];
    this.#count = 0;
    return packed;
  }
}

/** Reads batches in the order in which they were taken. */
export class EventReader {
  readonly #strings: string[] = [];

  read({ numbers, count, strings, rare }: PackedEvents, onTask: (event: ToldTask) => void): void {
    for (const text of strings) this.#strings.push(text);
    let next = 0;
    for (let i = 0; i < count; i++) {
      const at = i * STRIDE;
      const event: ToldTask = {
        taskId: numbers[at]!,
        state: STATES[numbers[at + 1]!]!,
        attempt: numbers[at + 2]!,
        at: numbers[at + 3]!,
        name: this.#strings[numbers[at + 4]!]!,
        executor: this.#strings[numbers[at + 5]!],
        worker: this.#strings[numbers[at + 6]!],
      };
      if (rare[next]?.[0] === i) Object.assign(event, rare[next++]![1]);
      onTask(event);
    }
  }
}
