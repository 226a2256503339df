/**
 * Takes tasks from queues on a Redis server: a block's manager from that of its coordinator, one
 * that was started by hand from those of all coordinators that share the queue's name.
 */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { COMMANDS_MODULE } from '../apps/register-commands.ts';
import type { Registry } from '../registry.ts';
import type { Manager } from '../worker/manager.ts';
import type { TaskSource } from '../worker/task-source.ts';
import { clearIfDead } from './clear.ts';
import { type OwnerInfo, readOwner } from './messages.ts';
import { parseQueueUrl, type QueueAddress, warnIfOpen } from './queue-address.ts';
import {
  BEAT_MS,
  checkQueueName,
  coordinatorsKey,
  DEFAULT_QUEUE_NAME,
  isCoordinatorId,
  queueKeys,
  UNREACHABLE_LIMIT_MS,
} from './queue-keys.ts';
import { RedisLink } from './redis-link.ts';
import { ServedQueue } from './served-queue.ts';

/** A coordinator that was taken for dead, and is not, has its managers back after this. */
const REJOIN_AFTER_MS = 60_000;

export interface RedisSourceOptions {
  queue: string;
  queueName?: string | undefined;
  queueCa?: string | undefined;
  /** The coordinator that it ends with; without one it stays. */
  owner?: string | undefined;
  blockId?: string | undefined;
  /** Milliseconds without a task after which it ends; default: it does not. */
  idleExitMs?: number | undefined;
  /** Of the modules that it was given. */
  registry: Registry;
  log?: ((line: string) => void) | undefined;
}

export class RedisSource implements TaskSource {
  readonly #options: RedisSourceOptions;
  readonly #address: QueueAddress;
  readonly #prefix: string;
  readonly #queues = new Map<string, ServedQueue>();
  /** Coordinators that have closed, and when; their keys may be there for a moment yet. */
  readonly #closed = new Map<string, number>();
  /** Programs of which was said that they are left alone. */
  readonly #told = new Set<string>();
  readonly #ended = Promise.withResolvers<string>();
  readonly #id = randomBytes(8).toString('hex');
  #link: RedisLink | undefined;
  #manager: Manager | undefined;
  #leaving: string | undefined;
  #looking = false;
  #busyAt = performance.now();

  /** @throws TilewrightError usage */
  constructor(options: RedisSourceOptions) {
    this.#options = options;
    this.#address = parseQueueUrl(options.queue, options.queueCa);
    this.#prefix = checkQueueName(options.queueName ?? DEFAULT_QUEUE_NAME);
  }

  async serve(manager: Manager): Promise<string> {
    const { owner } = this.#options;
    this.#manager = manager;
    if (owner === undefined) warnIfOpen(this.#address);
    const link = await RedisLink.open(this.#address);
    this.#link = link;
    link.onDown = () => this.#log(`the queue ${this.#address.shown} is gone; waiting for it`);
    link.onUp = () => {
      this.#log('the queue is back');
      void this.#look();
    };
    const timer = setInterval(() => void this.#look(), BEAT_MS);
    try {
      await this.#join(link);
      return await this.#ended.promise;
    } finally {
      clearInterval(timer);
      await Promise.all([...this.#queues.values()].map((queue) => queue.close(false)));
      await manager.stop();
      link.close();
    }
  }

  drain(): void {
    this.#leave('it was told to end');
  }

  async #join(link: RedisLink): Promise<void> {
    const { owner } = this.#options;
    try {
      if (owner !== undefined) {
        await this.#open(link, owner);
        return;
      }
      await link.subscribe(coordinatorsKey(this.#prefix), () => void this.#look());
      await this.#find(link);
      this.#log(`serves the queue ${this.#prefix} on ${this.#address.shown}`);
    } catch (error) {
      throw link.error(`The queue ${this.#address.shown} can't be used`, error);
    }
  }

  async #open(link: RedisLink, id: string): Promise<void> {
    if (this.#leaving !== undefined || this.#queues.has(id) || this.#closed.has(id)) return;
    const { blockId = null, registry } = this.#options;
    const isBlock = this.#options.owner !== undefined;
    const manager = this.#manager!;
    const queue = new ServedQueue({
      link,
      keys: queueKeys(this.#prefix, id),
      manager,
      self: { id: this.#id, blockId, host: hostname(), pid: process.pid, slots: manager.slots },
      log: (line) => this.#log(line),
      onClosed: () => void this.#close(queue),
      onRelease: (blocks) => {
        if (blockId !== null && blocks.includes(blockId)) this.drain();
      },
      // A block's worker looks up what it does not know in its coordinator's own file.
      foreignModule: (task, modules) =>
        isBlock ? undefined : registry.foreignModule(task, modules),
      onForeign: (module) => void this.#leaveAlone(queue, module),
      onIdle: () => this.#noteIdle(),
      onNoTime: () => this.#leave('too little of its time is left for the next task'),
    });
    this.#queues.set(id, queue);
    await queue.start();
  }

  async #close(queue: ServedQueue): Promise<void> {
    const { id } = queue.keys;
    this.#closed.set(id, performance.now());
    await queue.close(true);
    this.#queues.delete(id);
    if (this.#options.owner !== undefined) this.#ended.resolve('its coordinator has closed');
  }

  /** Joins the queues of coordinators that have come. */
  async #find(link: RedisLink): Promise<void> {
    const now = performance.now();
    for (const [id, closedAt] of this.#closed) {
      if (now - closedAt > REJOIN_AFTER_MS) this.#closed.delete(id);
    }
    for (const id of await link.client.smembers(coordinatorsKey(this.#prefix))) {
      if (!isCoordinatorId(id) || this.#closed.has(id)) continue;
      const text = await link.client.get(queueKeys(this.#prefix, id).owner);
      const owner = text === null ? null : readOwner(text);
      if (owner === null) continue;
      const foreign = this.#foreignModule(owner);
      if (foreign === undefined) await this.#open(link, id);
      else this.#tellForeign(id, foreign);
    }
  }

  /** A module of a program's that this worker was not given, or has another text of. */
  #foreignModule({ modules }: OwnerInfo): string | undefined {
    const { registry } = this.#options;
    return modules.find(([name, of]) => registry.fingerprint(name) !== of)?.[0];
  }

  /** A program whose functions it does not have is for other workers. */
  async #leaveAlone(queue: ServedQueue, module: string): Promise<void> {
    const { id } = queue.keys;
    this.#tellForeign(id, module);
    this.#queues.delete(id);
    queue.pause();
    // Tasks of modules that it has may still run.
    await queue.settled();
    await queue.close(false);
  }

  #tellForeign(id: string, module: string): void {
    if (this.#told.has(id)) return;
    this.#told.add(id);
    const known = this.#options.registry.fingerprint(module);
    const why = known === null ? 'was not given to it' : 'has another text here';
    const needs =
      module === COMMANDS_MODULE
        ? 'it runs commands with --commands only'
        : `--tasks ${module}.ts, the same file, is what it would need`;
    this.#log(`leaves a program alone whose module ${module} ${why}: ${needs}`);
  }

  /** Every few seconds: signs of life, both ways. */
  async #look(): Promise<void> {
    const link = this.#link!;
    this.#noteIdle();
    const { owner } = this.#options;
    if (owner !== undefined && link.downMs > UNREACHABLE_LIMIT_MS) {
      this.#ended.resolve(`the queue could not be reached for ${UNREACHABLE_LIMIT_MS / 1000} s`);
    }
    link.ping();
    if (!link.ready || this.#looking) return;
    this.#looking = true;
    try {
      for (const queue of [...this.#queues.values()]) {
        await queue.beat();
        if (queue.orphaned) await this.#abandon(link, queue);
      }
      if (owner === undefined) await this.#find(link);
      await this.#share();
    } catch {
      // The next look may have more luck; a server that is gone is told of already.
    } finally {
      this.#looking = false;
    }
  }

  async #abandon(link: RedisLink, queue: ServedQueue): Promise<void> {
    this.#log(`the coordinator ${queue.keys.id} is gone; its tasks are dropped`);
    await queue.close(true);
    this.#queues.delete(queue.keys.id);
    await clearIfDead(link, queue.keys);
    if (this.#options.owner !== undefined) this.#ended.resolve('its coordinator is gone');
  }

  /** Coordinators with work get equal shares of the workers; the others one, to begin with. */
  async #share(): Promise<void> {
    const queues = [...this.#queues.values()];
    if (queues.length === 0) return;
    const waiting = await Promise.all(queues.map((queue) => queue.countWaiting()));
    const wanting = queues.filter((queue, i) => queue.busy > 0 || waiting[i]! > 0);
    const share = Math.ceil(this.#manager!.slots / Math.max(1, wanting.length));
    for (const queue of queues) {
      const alone = queues.length === 1;
      queue.slots = alone || wanting.includes(queue) ? share : 1;
    }
  }

  #leave(reason: string): void {
    this.#leaving ??= reason;
    for (const queue of this.#queues.values()) queue.pause();
    this.#noteIdle();
    if (this.#link === undefined) this.#ended.resolve(this.#leaving);
  }

  #noteIdle(): void {
    const busy = [...this.#queues.values()].some((queue) => queue.busy > 0);
    if (busy) this.#busyAt = performance.now();
    else if (this.#leaving !== undefined) this.#ended.resolve(this.#leaving);
    const { idleExitMs } = this.#options;
    if (idleExitMs === undefined || this.#leaving !== undefined) return;
    if (performance.now() - this.#busyAt > idleExitMs) {
      this.#leave(`it had nothing to do for ${idleExitMs / 1000} s`);
    }
  }

  #log(line: string): void {
    this.#options.log?.(line);
  }
}
