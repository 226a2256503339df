/** Tasks to managers that are connected to this process: no server is needed. */

import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import type { ChannelEvents, ManagerInfo, TaskChannel } from '../blocks/task-channel.ts';
import { cancelled, interrupted, type RunOptions, type ShutdownOptions } from '../executor.ts';
import { roomIn } from '../stream-room.ts';
import type { EncodedTask } from '../task.ts';
import { TaskQueue } from '../task-queue.ts';
import { decodeFailure } from '../values/failure.ts';
import { type Listener, listenLocally, listenOnNetwork, writeKey } from './address.ts';
import { MAX_LINE, readMessages, sendMessage } from './json-lines.ts';
import {
  ALIVE_INTERVAL_MS,
  anyHello,
  type FromManager,
  fromManager,
  hello,
  PROTOCOL,
  SILENCE_LIMIT_MS,
  type ToManager,
} from './protocol.ts';

interface Job {
  id: number;
  task: EncodedTask;
  options: RunOptions;
  resolve: (result: string) => void;
  reject: (error: Error) => void;
  started: boolean;
}

/** A stranger says hello, in a short line and at once. */
const MAX_HELLO = 1 << 16;
const HELLO_LIMIT_MS = 30_000;

/** A connected manager. */
interface Peer extends ManagerInfo {
  stream: Duplex;
  jobs: Map<number, Job>;
  leaving: boolean;
  heardAt: number;
}

export interface SocketOptions {
  /** Whether managers call over a network. */
  network: boolean;
  /** Host name or address that they call; default: this machine's name. */
  address?: string | undefined;
  /** Default: any that is free. */
  port?: number | undefined;
}

export class SocketChannel implements TaskChannel {
  readonly prefetch = 0;
  readonly #options: SocketOptions;
  readonly #peers = new Set<Peer>();
  readonly #streams = new Set<Duplex>();
  readonly #waiting = new TaskQueue<Job>();
  #listener: Listener | undefined;
  #events: ChannelEvents | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  /** Nobody waits for an answer any more. */
  #closed = false;
  #nextId = 1;
  #nextPeer = 1;
  #onIdle = (): void => undefined;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get managers(): readonly ManagerInfo[] {
    return [...this.#peers];
  }

  async start(events: ChannelEvents, folder: string): Promise<void> {
    this.#events = events;
    const onConnection = (stream: Duplex): void => this.#accept(stream);
    this.#listener = this.#options.network
      ? await listenOnNetwork(onConnection, this.#options)
      : await listenLocally(onConnection, folder);
    this.#timer = setInterval(() => this.#watch(), ALIVE_INTERVAL_MS);
    // A program that has no more work may end, even if it forgot to shut down.
    this.#timer.unref();
    this.#listener.server.unref();
  }

  workerArguments(folder: string): readonly string[] {
    const { address, key } = this.#listener!;
    if (key === null) return ['--connect', address];
    const keyFile = join(folder, 'key');
    writeKey(keyFile, key);
    return ['--connect', address, '--key-file', keyFile];
  }

  run(task: EncodedTask, options: RunOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      if (options.signal?.aborted) throw cancelled(task);
      const job: Job = { id: this.#nextId++, task, options, resolve, reject, started: false };
      options.signal?.addEventListener('abort', () => this.#takeBack(job), { once: true });
      this.#waiting.push(job);
      this.#dispatch();
    });
  }

  fail(error: Error): void {
    this.#failure = error;
    for (const job of this.#waiting.drain()) job.reject(error);
  }

  release(blockId: string): void {
    for (const peer of this.#peers) {
      if (peer.blockId !== blockId) continue;
      peer.leaving = true;
      this.#send(peer, { type: 'stop', drain: true });
    }
  }

  async shutdown({ drain = false }: ShutdownOptions): Promise<void> {
    this.fail(interrupted());
    if (drain && this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#onIdle();
    this.#closed = true;
    for (const peer of this.#peers) {
      this.#send(peer, { type: 'stop', drain: false });
      for (const job of peer.jobs.values()) job.reject(interrupted());
      peer.jobs.clear();
    }
    clearInterval(this.#timer);
    for (const stream of this.#streams) stream.end();
    this.#listener?.server.close();
    this.#listener?.remove();
  }

  get #running(): number {
    let running = 0;
    for (const peer of this.#peers) running += peer.jobs.size;
    return running;
  }

  #accept(stream: Duplex): void {
    let peer: Peer | undefined;
    this.#streams.add(stream);
    const patience = setTimeout(() => stream.destroy(), HELLO_LIMIT_MS).unref();
    stream.on('error', () => undefined);
    stream.on('close', () => {
      clearTimeout(patience);
      this.#streams.delete(stream);
      if (peer !== undefined) this.#lose(peer);
    });
    const onMessage = (message: unknown): void => {
      // It was refused, or all is over.
      if (stream.writableEnded) return;
      if (peer !== undefined) this.#onMessage(peer, fromManager.parse(message));
      else peer = this.#greet(stream, message);
      clearTimeout(patience);
    };
    readMessages(stream, onMessage, () => (peer === undefined ? MAX_HELLO : MAX_LINE));
  }

  #greet(stream: Duplex, message: unknown): Peer | undefined {
    const { success, data } = hello.safeParse(message);
    if (!success) {
      const sameVersion = anyHello.safeParse(message).data?.protocol === PROTOCOL;
      const reason = sameVersion
        ? 'What the worker says of itself can not be true: its workers are no number from 1 to 4096, say'
        : 'The worker is of another version of tilewright than its coordinator';
      sendMessage(stream, { type: 'refused', reason } satisfies ToManager);
      (stream as Socket).destroySoon();
      return undefined;
    }
    const { blockId, host, pid, slots } = data;
    const peer: Peer = {
      id: String(this.#nextPeer++),
      blockId,
      host,
      pid,
      slots,
      stream,
      jobs: new Map(),
      leaving: false,
      heardAt: performance.now(),
      get busy() {
        return this.jobs.size;
      },
    };
    this.#peers.add(peer);
    attend(peer);
    this.#events?.onManager(peer);
    this.#dispatch();
    return peer;
  }

  /** Gives tasks, in their order, to the managers with the most free workers. */
  #dispatch(): void {
    for (let job = this.#waiting.peek(); job !== undefined; job = this.#waiting.peek()) {
      let best: Peer | undefined;
      let most = 0;
      for (const peer of this.#peers) {
        const free = peer.leaving ? 0 : peer.slots - coresOf(peer);
        if (free > most) [best, most] = [peer, free];
      }
      // One that no manager is large enough for is refused by the largest.
      if (best === undefined || !this.#fits(job, best)) return;
      this.#waiting.shift();
      job.started = false;
      best.jobs.set(job.id, job);
      attend(best);
      this.#send(best, { type: 'task', id: job.id, task: job.task });
    }
  }

  #fits({ task }: Job, peer: Peer): boolean {
    const { cores = 1 } = task.resources ?? {};
    if (peer.slots - coresOf(peer) >= cores || cores <= 1) return true;
    return [...this.#peers].every(({ slots }) => slots < cores) && peer.jobs.size === 0;
  }

  #onMessage(peer: Peer, message: FromManager): void {
    peer.heardAt = performance.now();
    if (message.type === 'leaving') peer.leaving = true;
    if (!('id' in message)) return;
    const job = message.id === null ? undefined : peer.jobs.get(message.id);
    if (message.type === 'output') {
      const { stream, text, worker } = message;
      const tell = job?.options.onOutput ?? this.#events?.onOutput;
      if (this.#closed) return;
      tell?.({ stream, text, worker });
      holdUp(peer, roomIn(process[stream]));
      return;
    }
    if (job === undefined) {
      if (this.#closed) return;
      throw new Error('it tells of a task that it does not have');
    }
    switch (message.type) {
      case 'started':
        if (!job.started) job.options.onStart?.(message.worker);
        job.started = true;
        return;
      case 'progress':
        job.options.onProgress?.(message.amount);
        return;
      case 'returned':
        peer.leaving = true;
        peer.jobs.delete(job.id);
        this.#putBack(job);
        break;
      case 'result':
        peer.jobs.delete(job.id);
        job.resolve(message.result);
        break;
      case 'error': {
        const failure = decodeFailure(message.failure);
        if (failure === null) throw new Error('it tells of a failure in no words of ours');
        peer.jobs.delete(job.id);
        job.reject(failure);
      }
    }
    this.#dispatch();
    attend(peer);
    if (this.#running === 0) this.#onIdle();
  }

  #putBack(job: Job): void {
    if (this.#failure !== undefined) job.reject(this.#failure);
    else this.#waiting.putBack(job);
  }

  #takeBack(job: Job): void {
    this.#waiting.remove(job);
    for (const peer of this.#peers) {
      if (peer.jobs.get(job.id) !== job) continue;
      // The worker is free again when it answers.
      this.#send(peer, { type: 'cancel', id: job.id });
    }
    job.reject(cancelled(job.task));
  }

  #lose(peer: Peer): void {
    this.#peers.delete(peer);
    for (const job of peer.jobs.values()) {
      if (job.started) job.reject(workerDied(peer, job));
      else this.#putBack(job);
    }
    peer.jobs.clear();
    this.#events?.onManagerGone(peer);
    this.#dispatch();
    if (this.#running === 0) this.#onIdle();
  }

  #watch(): void {
    const now = performance.now();
    for (const peer of this.#peers) {
      if (peer.stream.isPaused()) peer.heardAt = now;
      if (now - peer.heardAt > SILENCE_LIMIT_MS) peer.stream.destroy();
      else this.#send(peer, { type: 'alive' });
    }
  }

  #send(peer: Peer, message: ToManager): void {
    try {
      sendMessage(peer.stream, message);
    } catch (error) {
      peer.stream.destroy(toTilewrightError(error));
    }
  }
}

/** Cores that a manager's tasks occupy. */
function coresOf({ jobs }: Peer): number {
  let sum = 0;
  for (const { task } of jobs.values()) sum += task.resources?.cores ?? 1;
  return sum;
}

/** A connection keeps the process alive for as long as it has tasks. */
function attend({ stream, jobs }: Peer): void {
  if (jobs.size > 0) (stream as Socket).ref();
  else (stream as Socket).unref();
}

/**
 * Nothing is heard of it while the program's own output is full: it waits then, and its tasks do. Not
 * for listeners, which may wait for a task in their turn.
 */
function holdUp({ stream }: Peer, room: Promise<void> | undefined): void {
  if (room === undefined) return;
  stream.pause();
  void room.finally(() => stream.resume());
}

function workerDied(peer: Peer, job: Job): TilewrightError {
  return new TilewrightError(
    'worker-died',
    `The worker process ${peer.pid} on ${peer.host} ended during task ${job.task.name}`,
    { retryable: true },
  );
}
