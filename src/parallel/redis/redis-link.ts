/** The connections of this process to a Redis server: they come back by themselves. */

import type * as BullMQ from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { type QueueAddress, withoutPassword } from './queue-address.ts';
import { defineScripts, type ScriptedRedis } from './scripts.ts';

/** How long a server is called before somebody is told that it does not answer. */
const PATIENCE_MS = 8_000;
/** A server that says nothing for this long is called again: the link may have been cut. */
const SILENCE_MS = 20_000;
const LONGEST_PAUSE_MS = 2_000;
/** What a further call will not change. */
const FINAL = /WRONGPASS|NOAUTH|NOPERM|AUTH|certificate|ENOTFOUND|DB index/i;

export type BullMQModule = typeof BullMQ;
type Listener = (message: string) => void;

export class RedisLink {
  readonly address: QueueAddress;
  readonly bullmq: BullMQModule;
  /** For commands. */
  readonly client: ScriptedRedis;
  readonly #subscriber: Redis;
  readonly #listeners = new Map<string, Listener>();
  #downSince: number | null = null;
  #closed = false;
  /** Called when the server is lost, and when it is back. */
  onDown: () => void = () => undefined;
  onUp: () => void = () => undefined;

  private constructor(
    address: QueueAddress,
    bullmq: BullMQModule,
    client: ScriptedRedis,
    subscriber: Redis,
  ) {
    this.address = address;
    this.bullmq = bullmq;
    this.client = client;
    this.#subscriber = subscriber;
    client.on('close', () => this.#noteDown());
    client.on('ready', () => this.#noteUp());
    subscriber.on('message', (channel: string, message: string) =>
      this.#listeners.get(channel)?.(message),
    );
  }

  /** @throws TilewrightError queue, usage if the packages are not installed */
  static async open(address: QueueAddress): Promise<RedisLink> {
    const { bullmq, Redis } = await loadPackages();
    let opening = true;
    const until = performance.now() + PATIENCE_MS;
    const options = {
      ...address.options,
      lazyConnect: true,
      protocol: 2,
      replyMapping: 'legacy',
      connectTimeout: PATIENCE_MS / 2,
      socketTimeout: SILENCE_MS,
      // Commands wait for the server to come back: a run outlives its restart.
      maxRetriesPerRequest: null,
      retryStrategy: (times: number) => {
        if (opening && performance.now() > until) return null;
        return Math.min(100 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS);
      },
    } satisfies RedisOptions & { replyMapping: 'legacy' };
    const clients = [new Redis(options), new Redis(options)] as const;
    const [client, subscriber] = clients;
    try {
      for (const one of clients) await connect(one, address, until);
      opening = false;
      return new RedisLink(address, bullmq, defineScripts(client), subscriber);
    } catch (error) {
      for (const one of clients) one.disconnect();
      throw error;
    }
  }

  get ready(): boolean {
    return !this.#closed && this.client.status === 'ready';
  }

  /** Milliseconds for which the server could not be reached; 0 if it can be. */
  get downMs(): number {
    return this.#downSince === null ? 0 : performance.now() - this.#downSince;
  }

  async subscribe(channel: string, listener: Listener): Promise<void> {
    this.#listeners.set(channel, listener);
    await this.#subscriber.subscribe(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#listeners.delete(channel);
    await this.#subscriber.unsubscribe(channel);
  }

  /** Sends a message, unless nobody could hear it. */
  async publish(channel: string, message: object): Promise<void> {
    if (this.ready) {
      await this.client.publish(channel, JSON.stringify(message)).catch(() => undefined);
    }
  }

  /** Lets a cut be noticed on the connection on which nothing is asked. */
  ping(): void {
    if (this.#subscriber.status === 'ready') this.#subscriber.ping().catch(() => undefined);
  }

  /** An error of the server or the connection as one of ours. */
  error(what: string, cause: unknown, retryable = false): TilewrightError {
    return queueError(what, cause, this.address, retryable);
  }

  close(): void {
    this.#closed = true;
    this.client.disconnect();
    this.#subscriber.disconnect();
  }

  #noteDown(): void {
    if (this.#closed || this.#downSince !== null) return;
    this.#downSince = performance.now();
    this.onDown();
  }

  #noteUp(): void {
    if (this.#closed) return;
    this.#downSince = null;
    this.onUp();
  }
}

async function loadPackages(): Promise<{
  bullmq: BullMQModule;
  Redis: typeof import('ioredis').Redis;
}> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (error) {
    throw new TilewrightError(
      'usage',
      'A queue needs two packages that are not installed here: npm install bullmq ioredis ' +
        `(${toTilewrightError(error).message.split('\n')[0]})`,
    );
  }
}

/** @throws TilewrightError queue when it is clear that nobody answers */
function connect(client: Redis, address: QueueAddress, until: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let last: unknown = new Error('nobody answers');
    const fail = (): void => {
      clearTimeout(timer);
      reject(queueError(`The queue ${address.shown} can't be reached`, last, address));
    };
    const timer = setTimeout(fail, Math.max(0, until - performance.now()));
    client.on('error', (error: Error) => {
      last = error;
      if (FINAL.test(error.message)) fail();
    });
    // It goes on trying by itself: the errors tell why it did not come to that.
    client.connect().catch((error) => {
      last = error;
      if (client.status === 'end') fail();
    });
    client.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The cause itself is left out: a command that failed has its arguments with it. */
function queueError(
  what: string,
  cause: unknown,
  address: QueueAddress,
  retryable = false,
): TilewrightError {
  const { message, code } = (cause ?? {}) as { message?: string; code?: string };
  const reason = message === undefined || message === '' ? (code ?? String(cause)) : message;
  return new TilewrightError('queue', `${what}: ${withoutPassword(reason, address)}`, {
    retryable,
  });
}
