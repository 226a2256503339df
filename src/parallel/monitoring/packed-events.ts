/**
 * Events on their way to the thread that writes them. There can be a hundred thousand a second, so
 * what all have is numbers in one array, which is handed over, and names are sent once.
 */

import type { TaskEvent, TaskEventState } from '../data-flow/observer.ts';

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
  /**
   * STRIDE for each event: task, state, attempt, milliseconds since `since`; name, executor and
   * worker as places, −1 for none. Small whole numbers, which are fastest.
   */
  numbers: Int32Array<ArrayBuffer>;
  /** Milliseconds since the epoch. */
  since: number;
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
  readonly #numbers: Int32Array<ArrayBuffer>;
  #since = 0;
  #strings: string[] = [];
  #rare: [number, Rare][] = [];
  #count = 0;

  /** @param capacity - events that one batch holds */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#numbers = new Int32Array(capacity * STRIDE);
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
    if (this.#count === 0) this.#since = Math.floor(event.at);
    const at = this.#count * STRIDE;
    numbers[at] = event.taskId;
    numbers[at + 1] = STATE_NUMBERS.get(event.state)!;
    numbers[at + 2] = event.attempt;
    numbers[at + 3] = event.at - this.#since;
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
    const [count, since, strings, rare] = [this.#count, this.#since, this.#strings, this.#rare];
    this.#strings = [];
    this.#rare = [];
    this.#count = 0;
    return { numbers, since, count, strings, rare };
  }
}

/** Reads batches in the order in which they were taken. */
export class EventReader {
  readonly #strings: string[] = [];

  /** @param onTask - gets an event that is valid during the call */
  read(
    { numbers, since, count, strings, rare }: PackedEvents,
    onTask: (event: ToldTask) => void,
  ): void {
    for (const text of strings) this.#strings.push(text);
    let next = 0;
    const plain: ToldTask = {
      taskId: 0,
      state: 'waiting',
      attempt: 0,
      at: 0,
      name: '',
      executor: undefined,
      worker: undefined,
    };
    for (let i = 0; i < count; i++) {
      const at = i * STRIDE;
      plain.taskId = numbers[at]!;
      plain.state = STATES[numbers[at + 1]!]!;
      plain.attempt = numbers[at + 2]!;
      plain.at = since + numbers[at + 3]!;
      plain.name = this.#strings[numbers[at + 4]!]!;
      plain.executor = this.#strings[numbers[at + 5]!];
      plain.worker = this.#strings[numbers[at + 6]!];
      onTask(rare[next]?.[0] === i ? { ...plain, ...rare[next++]![1] } : plain);
    }
  }
}
