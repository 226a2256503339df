/** Takes tasks from a coordinator over a socket. Ends when the coordinator does. */

import { hostname } from 'node:os';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { TilewrightError } from '../../core/errors.ts';
import { connectTo } from '../socket/address.ts';
import { readMessages, sendMessage } from '../socket/json-lines.ts';
import {
  ALIVE_INTERVAL_MS,
  type FromManager,
  type Hello,
  PROTOCOL,
  SILENCE_LIMIT_MS,
  type ToManager,
  toManager,
} from '../socket/protocol.ts';
import type { EncodedTask } from '../task.ts';
import { encodeFailure } from '../values/failure.ts';
import type { Manager } from './manager.ts';
import type { TaskSource } from './task-source.ts';

/** Why it ends when nobody told it to. */
export const COORDINATOR_GONE = 'its coordinator is gone';
const CONNECT_ATTEMPTS = 5;
const CONNECT_PAUSE_MS = 1_000;

export class SocketSource implements TaskSource {
  readonly #address: string;
  readonly #keyFile: string | null;
  readonly #blockId: string | null;
  readonly #tasks = new Map<number, AbortController>();
  readonly #ended = Promise.withResolvers<string>();
  #stream: Duplex | undefined;
  #heardAt = 0;
  #leaving = false;

  constructor(address: string, keyFile: string | null, blockId: string | null) {
    this.#address = address;
    this.#keyFile = keyFile;
    this.#blockId = blockId;
  }

  async serve(manager: Manager): Promise<string> {
    const stream = await this.#connect();
    this.#stream = stream;
    this.#heardAt = performance.now();
    stream.on('error', () => undefined);
    stream.on('close', () => this.#ended.resolve(COORDINATOR_GONE));
    readMessages(stream, (message) => this.#onMessage(toManager.parse(message), manager));
    this.#send({
      type: 'hello',
      protocol: PROTOCOL,
      blockId: this.#blockId,
      host: hostname(),
      pid: process.pid,
      slots: manager.slots,
    });
    const alive = setInterval(() => {
      if (performance.now() - this.#heardAt > SILENCE_LIMIT_MS) stream.destroy();
      else this.#send({ type: 'alive' });
    }, ALIVE_INTERVAL_MS);
    try {
      return await this.#ended.promise;
    } finally {
      clearInterval(alive);
      await manager.stop();
      // Answers that are on their way still go out.
      stream.end();
    }
  }

  drain(): void {
    if (!this.#leaving) this.#send({ type: 'leaving' });
    this.#leaving = true;
    if (this.#tasks.size === 0) this.#ended.resolve('it was told to end');
  }

  async #connect(): Promise<Duplex> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await connectTo(this.#address, this.#keyFile);
      } catch (error) {
        if (attempt === CONNECT_ATTEMPTS || this.#leaving) throw error;
        await setTimeout(CONNECT_PAUSE_MS);
      }
    }
  }

  #onMessage(message: ToManager, manager: Manager): void {
    this.#heardAt = performance.now();
    switch (message.type) {
      case 'task':
        if (this.#tasks.has(message.id)) throw new Error('it gives a task twice');
        void this.#run(message.id, message.task, manager);
        return;
      case 'cancel':
        this.#tasks.get(message.id)?.abort();
        return;
      case 'stop':
        if (message.drain) this.drain();
        else this.#ended.resolve('it was told to stop');
        return;
      case 'refused':
        this.#ended.reject(new TilewrightError('queue', message.reason));
        return;
      case 'alive':
    }
  }

  async #run(id: number, task: EncodedTask, manager: Manager): Promise<void> {
    if (this.#leaving || !manager.hasTimeFor(task)) {
      this.#send({ type: 'returned', id });
      this.drain();
      return;
    }
    const controller = new AbortController();
    this.#tasks.set(id, controller);
    try {
      const result = await manager.run(task, {
        signal: controller.signal,
        onStart: (worker) => this.#send({ type: 'started', id, worker }),
        onProgress: (amount) => this.#send({ type: 'progress', id, amount }),
        onOutput: (output) => this.#send({ type: 'output', id, ...output }),
      });
      this.#send({ type: 'result', id, result });
    } catch (error) {
      this.#send({ type: 'error', id, failure: encodeFailure(error) });
    }
    this.#tasks.delete(id);
    if (this.#leaving) this.drain();
  }

  #send(message: Hello | FromManager): Promise<void> | undefined {
    return this.#stream && sendMessage(this.#stream, message);
  }
}
