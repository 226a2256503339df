/**
 * Asks the thread that speaks HTTP, and waits for its answers: readers are synchronous. Each thread
 * that reads has one of its own, from its first question on.
 */

import { MessageChannel, receiveMessageOnPort, SHARE_ENV, Worker } from 'node:worker_threads';
import { TilewrightError } from '../../core/errors.ts';
import type { Answer, Job } from './range-thread.ts';

/** More than all attempts of all that may be waited for take. */
const LOST_MS = 1_800_000;

let client: RangeClient | undefined;

export function rangeClient(): RangeClient {
  client ??= new RangeClient();
  return client;
}

class RangeClient {
  readonly #port;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #answers = new Map<number, Answer>();
  readonly #dropped = new Set<number>();
  #last = 0;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const module = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./range-thread.${module}`, import.meta.url), {
      name: 'tilewright ranges',
      // Credentials are looked up when they are needed, and handed to nobody.
      env: SHARE_ENV,
      workerData: { port: port2, signal: this.#signal },
      transferList: [port2],
    });
    // Nobody waits for it when all else is done.
    worker.unref();
    port1.unref();
  }

  /** @returns the number by which the answer is asked for */
  send(job: Job): number {
    const id = ++this.#last;
    this.#port.postMessage({ id, job });
    return id;
  }

  /** Whether `take` would wait for the answer. */
  isPending(id: number): boolean {
    this.#receive();
    return !this.#answers.has(id);
  }

  /** Waits for the answer, which is given once. @throws TilewrightError that it is */
  take(id: number): Answer['value'] {
    for (;;) {
      const seen = Atomics.load(this.#signal, 0);
      if (!this.isPending(id)) return this.#taken(id);
      if (Atomics.wait(this.#signal, 0, seen, LOST_MS) === 'timed-out') {
        throw new TilewrightError('internal', 'The thread that reads URLs does not answer');
      }
    }
  }

  /** Until `take` does not wait, the thread may do other things. */
  async ready(id: number): Promise<void> {
    // What is waited for so keeps no process alive.
    const alive = setInterval(() => undefined, 1000);
    try {
      for (;;) {
        const seen = Atomics.load(this.#signal, 0);
        if (!this.isPending(id)) return;
        const wait = Atomics.waitAsync(this.#signal, 0, seen, LOST_MS);
        if ((await wait.value) === 'timed-out') return;
      }
    } finally {
      clearInterval(alive);
    }
  }

  /** Nobody wants this answer any more. */
  drop(id: number): void {
    this.#receive();
    if (this.#answers.delete(id)) return;
    this.#dropped.add(id);
    this.#port.postMessage({ id, job: null });
  }

  #taken(id: number): Answer['value'] {
    const { value, error } = this.#answers.get(id)!;
    this.#answers.delete(id);
    if (error !== undefined) throw TilewrightError.fromJSON(error);
    return value;
  }

  #receive(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      const answer = received.message as Answer;
      if (!this.#dropped.delete(answer.id)) this.#answers.set(answer.id, answer);
    }
  }
}
