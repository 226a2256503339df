/**
 * Tasks through a queue on a Redis server: workers may join and leave while it runs, from anywhere
 * that reaches the server. What the queue says is a hint: every few seconds, and when the server is
 * back, the coordinator compares it with what it waits for itself.
 */

import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Queue } from 'bullmq';
import type { ChannelEvents, ManagerInfo, TaskChannel } from '../blocks/task-channel.ts';
import { cancelled, interrupted, type RunOptions, type ShutdownOptions } from '../executor.ts';
import { isOwnModule } from '../inside/import-module.ts';
import { modulesOf, type Registry } from '../registry.ts';
import type { EncodedTask } from '../task.ts';
import { clearDead, clearKeys, dismissManagers, ownCoordinators } from './clear.ts';
import {
  type JobData,
  type OwnerInfo,
  readPresence,
  readRecord,
  readToCoordinator,
  type ToManagers,
} from './messages.ts';
import { Outstanding } from './outstanding.ts';
import { Presence } from './presence.ts';
import { bullPriority, rankAll } from './priorities.ts';
import { parseQueueUrl, type QueueAddress, warnIfOpen } from './queue-address.ts';
import {
  BEAT_MS,
  checkQueueName,
  DEFAULT_QUEUE_NAME,
  MANAGER_TTL_MS,
  newCoordinatorId,
  OWNER_TTL_MS,
  type QueueKeys,
  queueKeys,
} from './queue-keys.ts';
import { RedisLink } from './redis-link.ts';
import { beatCoordinator } from './scripts.ts';
import { within } from './within.ts';

export interface RedisChannelOptions {
  /** URL of the server; see queue-address.ts. */
  queue: string;
  queueName?: string | undefined;
  /** File of certificates that the server's has to be signed by. */
  queueCa?: string | undefined;
  /** Of the modules that tasks may be of. */
  registry: Registry;
}

/** BullMQ's log of events, which nobody reads here. */
const KEPT_EVENTS = 100;
/** How long the end of a run waits for a server that does not answer. */
const FAREWELL_MS = 5_000;
/** Beats between two looks for what dead coordinators have left. */
const BEATS_PER_SWEEP = 10;

export class RedisChannel implements TaskChannel {
  /**
   * Enough for workers that are started by hand to find work as soon as they join, and for the way
   * to the server and back not to be waited for; little enough for the server's memory.
   */
  readonly prefetch = 256;
  readonly #options: RedisChannelOptions;
  readonly #address: QueueAddress;
  readonly #keys: QueueKeys;
  readonly #jobs = new Map<string, Outstanding>();
  readonly #released = new Set<string>();
  /** Whether a task had a priority, so that all jobs have numbers. */
  #ranked = false;
  /** Names of the modules whose functions tasks have called, or may. */
  readonly #modules = new Set<string>();
  /** Results that were taken, and may be removed. */
  #taken: string[] = [];
  #presence: Presence | undefined;
  #link: RedisLink | undefined;
  #queue: Queue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #beating = false;
  #beats = 0;
  #nextId = 1;
  #ending: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** At the end: nothing runs any more, or nobody waits for it. */
  readonly #idle = Promise.withResolvers<void>();

  /** @throws TilewrightError usage */
  constructor(options: RedisChannelOptions) {
    this.#options = options;
    this.#address = parseQueueUrl(options.queue, options.queueCa);
    const name = checkQueueName(options.queueName ?? DEFAULT_QUEUE_NAME);
    this.#keys = queueKeys(name, newCoordinatorId());
  }

  get managers(): readonly ManagerInfo[] {
    return this.#presence?.managers ?? [];
  }

  async start(events: ChannelEvents): Promise<void> {
    warnIfOpen(this.#address);
    const link = await RedisLink.open(this.#address);
    this.#link = link;
    this.#presence = new Presence(events);
    const { id, prefix, toCoordinator, coordinators } = this.#keys;
    ownCoordinators.add(id);
    try {
      await link.subscribe(toCoordinator, (message) => this.#onMessage(message));
      await this.#compare(link);
      await clearDead(link, prefix);
    } catch (error) {
      this.#link = undefined;
      ownCoordinators.delete(id);
      await within(FAREWELL_MS, clearKeys(link, this.#keys));
      link.close();
      throw link.error(`The queue ${this.#address.shown} can't be used`, error);
    }
    this.#queue = new link.bullmq.Queue(id, {
      connection: link.client,
      prefix,
      streams: { events: { maxLen: KEPT_EVENTS } },
    });
    // Each call tells by itself what goes wrong.
    this.#queue.on('error', () => undefined);
    link.onUp = () => this.#beat();
    link.onDown = () => this.#warnDown();
    link.publish(coordinators, { id });
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
  }

  workerArguments(folder: string): readonly string[] {
    const { queue, queueCa } = this.#options;
    const file = join(folder, 'queue');
    writeFileSync(file, queue, { mode: 0o600 });
    const ca = queueCa === undefined ? [] : ['--queue-ca', resolve(queueCa)];
    const { prefix, id } = this.#keys;
    return ['--queue-file', file, '--queue-name', prefix, '--owner', id, ...ca];
  }

  async run(task: EncodedTask, options: RunOptions): Promise<string> {
    if (this.#failure !== undefined) throw this.#failure;
    if (options.signal?.aborted) throw cancelled(task);
    const job = new Outstanding(`t${this.#nextId++}`, task, options);
    this.#jobs.set(job.id, job);
    options.signal?.addEventListener('abort', () => this.#takeBack(job), { once: true });
    this.#add(job);
    return job.promise;
  }

  #add(job: Outstanding): void {
    const { name, priority = 0 } = job.task;
    if (priority !== 0 && !this.#ranked) {
      this.#ranked = true;
      rankAll(this.#queue!, this.#jobs.values());
    }
    const module = this.#options.registry.fingerprintsOf(name);
    for (const one of modulesOf(name)) this.#modules.add(one);
    const data: JobData = { ...job.task, owner: this.#keys.id, module };
    // Does nothing if the job is there.
    this.#queue!.add(name, data, {
      jobId: job.id,
      removeOnComplete: true,
      removeOnFail: true,
      ...(this.#ranked && { priority: bullPriority(priority) }),
    }).then(
      () => {
        job.added = true;
      },
      (error) => {
        if (this.#forget(job)) {
          job.reject(this.#link!.error(`The queue does not take ${name}`, error, true));
        }
      },
    );
  }

  #takeBack(job: Outstanding): void {
    if (!this.#forget(job)) return;
    job.cancel();
    this.#drop([job.id]);
  }

  /** Returns whether it was waited for until now. */
  #forget(job: Outstanding): boolean {
    this.#presence?.ended(job.manager, job.id);
    const known = this.#jobs.delete(job.id);
    if (this.#jobs.size === 0 && this.#ending !== undefined) this.#idle.resolve();
    return known;
  }

  /** Nobody waits for these jobs: takes them out of the queue, and from who runs them. */
  #drop(jobs: string[]): void {
    for (const id of jobs) void this.#queue?.remove(id).catch(() => undefined);
    this.#send({ type: 'cancel', jobs });
  }

  #send(message: ToManagers): void {
    this.#link?.publish(this.#keys.toManagers, message);
  }

  #onMessage(text: string): void {
    const message = readToCoordinator(text);
    if (message === null) return;
    switch (message.type) {
      case 'hello':
        this.#presence!.note(message.manager);
        return;
      case 'bye':
        this.#presence!.remove(message.manager);
        return;
      default:
    }
    const job = this.#jobs.get(message.job);
    if (message.type === 'done') {
      void this.#take(message.job, message.record);
      if (message.again === true) this.#drop([message.job]);
    } else if (job === undefined) {
      this.#drop([message.job]);
    } else if (message.type === 'output') {
      const { stream, text, worker } = message;
      job.print({ stream, text, worker });
    } else if (message.type === 'started') {
      this.#presence!.began(message.manager, job.id);
      job.start(message.run, message.manager, message.worker);
    } else {
      job.progress(message.run, message.total);
    }
  }

  /** Takes the result of a job; it counts once. */
  async #take(id: string, known?: string): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) {
      this.#remove(id);
      return;
    }
    if (job.taking) return;
    job.taking = true;
    try {
      const record = known ?? (await this.#link!.client.hget(this.#keys.results, id));
      // If it is gone, so is the job: then it will be added again.
      if (record === null || !this.#forget(job)) return;
      job.end(readRecord(record));
      this.#remove(id);
    } catch {
      // The server is away; the next look finds the result.
    } finally {
      job.taking = false;
    }
  }

  #remove(id: string): void {
    this.#taken.push(id);
    if (this.#taken.length > 1) return;
    setImmediate(() => {
      const ids = this.#taken;
      this.#taken = [];
      const { results, begun } = this.#keys;
      // What can't be removed now is found by the next look, or at the end.
      this.#link?.client.hdel(results, ...ids).catch(() => undefined);
      this.#link?.client.hdel(begun, ...ids).catch(() => undefined);
    });
  }

  #beat(): void {
    const link = this.#link!;
    link.ping();
    if (!link.ready || this.#beating || this.#closing !== undefined) return;
    this.#beating = true;
    this.#compare(link)
      .then(() => {
        if (++this.#beats % BEATS_PER_SWEEP > 0) return undefined;
        return clearDead(link, this.#keys.prefix);
      })
      // The next one will tell.
      .catch(() => undefined)
      .finally(() => {
        this.#beating = false;
      });
  }

  /** Compares what is in Redis with what is waited for. */
  async #compare(link: RedisLink): Promise<void> {
    const expected = [...this.#jobs.values()].filter((job) => job.added);
    const { managers, missing, results } = await beatCoordinator(link.client, this.#keys, {
      owner: JSON.stringify(this.#owner()),
      ownerTtlMs: OWNER_TTL_MS,
      managerTtlMs: MANAGER_TTL_MS,
      jobs: expected.map(({ id }) => id),
    });
    const presences = managers.flatMap((text) => readPresence(text) ?? []);
    this.#presence!.noteAll(presences);
    await Promise.all(results.map((id) => this.#take(id)));
    for (const id of missing) {
      const job = this.#jobs.get(id);
      if (job === undefined || job.taking || results.includes(id)) continue;
      if (this.#failure === undefined) this.#add(job);
      else if (this.#forget(job)) job.reject(this.#failure);
    }
    const stray = presences.flatMap(({ jobs }) => jobs.filter((id) => !this.#jobs.has(id)));
    if (stray.length > 0) this.#drop(stray);
    const late = presences.flatMap(({ blockId }) => blockId ?? []);
    const blocks = late.filter((blockId) => this.#released.has(blockId));
    if (blocks.length > 0) this.#send({ type: 'release', blocks });
  }

  /** Modules of programs are told at once, those of this package when they are needed. */
  #owner(): OwnerInfo {
    const { registry } = this.#options;
    for (const [name, url] of registry.modules()) if (!isOwnModule(url)) this.#modules.add(name);
    const modules = [...this.#modules].map((name): [string, string] => [
      name,
      registry.fingerprint(name) ?? '',
    ]);
    return { host: hostname(), pid: process.pid, modules };
  }

  #warnDown(): void {
    if (this.#jobs.size === 0) return;
    process.emitWarning(`The queue ${this.#address.shown} is gone; the run waits for it`);
  }

  fail(error: Error): void {
    this.#failure ??= error;
    for (const job of [...this.#jobs.values()]) {
      if (!job.started && this.#forget(job)) job.reject(error);
    }
    // A worker that took one meanwhile will be told so when it begins.
    this.#queue?.drain().catch(() => undefined);
  }

  release(blockId: string): void {
    this.#released.add(blockId);
    this.#send({ type: 'release', blocks: [blockId] });
  }

  shutdown({ drain = false }: ShutdownOptions): Promise<void> {
    if (!drain) this.#idle.resolve();
    this.#ending ??= this.#shutdown(drain);
    return this.#ending;
  }

  async #shutdown(drain: boolean): Promise<void> {
    this.#failure ??= interrupted();
    if (drain && this.#link !== undefined) {
      await within(FAREWELL_MS, this.#rejectWaiting(this.#link));
      if (this.#jobs.size > 0) await this.#idle.promise;
    }
    for (const job of [...this.#jobs.values()]) {
      if (this.#forget(job)) job.reject(interrupted());
    }
    if (this.#link?.ready === true) {
      await within(FAREWELL_MS, dismissManagers(this.#link, this.#keys));
    }
  }

  /** Those that a worker has taken are left to run, even if nobody knows of it yet. */
  async #rejectWaiting(link: RedisLink): Promise<void> {
    await this.#queue!.drain();
    await this.#compare(link);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    ownCoordinators.delete(this.#keys.id);
    const link = this.#link;
    if (link === undefined) return;
    const cleared = await within(
      FAREWELL_MS,
      clearKeys(link, this.#keys).then(() => clearDead(link, this.#keys.prefix)),
    );
    if (!cleared) {
      const { prefix, id } = this.#keys;
      process.emitWarning(
        `The queue ${this.#address.shown} does not answer: keys that begin with ${prefix}:${id} ` +
          'stay there until the next run with this queue',
      );
    }
    await within(FAREWELL_MS, this.#queue?.close() ?? Promise.resolve());
    link.close();
  }
}
