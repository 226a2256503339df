/**
 * Runs tasks on workers in blocks that a provider obtains: processes on this machine, jobs of
 * Slurm, or whoever joins a queue. As in Parsl.
 */

import { randomBytes } from 'node:crypto';

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toTilewrightError } from '../../core/errors.ts';
import { inheritedFlags, programCommand } from '../../core/program.ts';
import { type Executor, interrupted, type RunOptions, type ShutdownOptions } from '../executor.ts';
import { assertMayStart } from '../inside/worker-state.ts';
import { invalidOptions } from '../options.ts';
import { keepOutput, type OutputListener, printOutput } from '../output.ts';
import { LocalProvider } from '../providers/local-provider.ts';
import { modulesOf, type Registry, registry } from '../registry.ts';
import {
  makeRunFolder,
  makeTemporaryFolder,
  removeDeadRunFolders,
  removeRunFolder,
  removeTemporaryFolder,
} from '../run-folder.ts';
import { SocketChannel } from '../socket/socket-channel.ts';
import { encodeTask, type Task, takeResult } from '../task.ts';
import { placesOf } from '../worker/placement.ts';
import { BlockPool } from './block-pool.ts';
import {
  checkHighThroughputOptions,
  type HighThroughputOptions,
} from './high-throughput-options.ts';
import { MODULES_FILE, writeModules } from './modules-file.ts';
import type { BlockLaunch, Provider } from './provider.ts';
import type { ScalingOptions } from './strategy.ts';
import type { ManagerInfo, TaskChannel } from './task-channel.ts';

// The source runs as it is; the published package is compiled.
const workerProgram = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../worker/worker-main.ts' : '../worker/worker-main.js',
    import.meta.url,
  ),
);

/**
 * Runs tasks in workers, which run in blocks that a provider obtains. They call this process, or
 * take tasks from a queue.
 */
export class HighThroughputExecutor implements Executor {
  readonly label: string;
  onBlock: Executor['onBlock'];
  readonly #options: HighThroughputOptions;
  readonly #provider: Provider;
  readonly #registry: Registry;
  readonly onOutput: OutputListener;
  /** Modules that workers can know of. */
  readonly #announced = new Set<string>();
  #scaling: ScalingOptions = {};
  #channel: TaskChannel | undefined;
  #pool: BlockPool | undefined;
  #folder = '';
  #removeFolder = (): void => undefined;
  #ready: Promise<void> | undefined;
  #outstanding = 0;
  #closed = false;

  /** @throws TilewrightError config-invalid */
  constructor(options: HighThroughputOptions = {}) {
    checkHighThroughputOptions(options);
    this.label = options.label ?? 'htex';
    this.#options = options;
    this.#provider = options.provider ?? new LocalProvider();
    this.#registry = options.registry ?? registry;
    const { onOutput = printOutput, runDir } = options;
    this.onOutput = runDir === undefined ? onOutput : keepOutput(runDir, onOutput);
    this.configure({});
  }

  /**
   * Takes what a `Config` says for all its executors, where this one was told nothing itself.
   * @throws TilewrightError config-invalid if nobody would do the tasks
   */
  configure(all: ScalingOptions): void {
    const { strategy, strategyPeriodMs, maxIdletime, queue } = this.#options;
    const own = Object.entries({ strategy, strategyPeriodMs, maxIdletime });
    this.#scaling = {
      ...all,
      ...Object.fromEntries(own.filter(([, value]) => value !== undefined)),
    };
    if (this.#scaling.strategy !== 'none' || queue !== undefined) return;
    if (this.#provider.initBlocks > 0) return;
    throw invalidOptions(
      'HighThroughputExecutor',
      `with the strategy 'none' there are the blocks of the start alone, and initBlocks of the ` +
        `provider ${this.#provider.label} is 0: nobody would do the tasks`,
    );
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Workers that there are, or could be with all blocks. */
  get slots(): number {
    const possible = this.#mostNodes * (this.#knownPerNode ?? this.#workersPerNode);
    return Math.max(1, this.workers, possible) + (this.#channel?.prefetch ?? 0);
  }

  get mostWorkers(): number | undefined {
    const isTold = this.#provider.onThisMachine || this.#options.maxWorkers !== undefined;
    const perNode = this.#knownPerNode ?? (isTold ? this.#workersPerNode : undefined);
    if (perNode === undefined) return undefined;
    return Math.max(this.workers, this.#mostNodes * perNode) || undefined;
  }

  /** Nodes of all blocks that there may be. */
  get #mostNodes(): number {
    const { initBlocks, maxBlocks, nodesPerBlock } = this.#provider;
    return nodesPerBlock * (this.#scaling.strategy === 'none' ? initBlocks : maxBlocks);
  }

  /** Workers of a node, once a block has come. */
  get #knownPerNode(): number | undefined {
    return this.managers.find((manager) => manager.blockId !== null)?.slots;
  }

  get workers(): number {
    return this.managers.reduce((sum, manager) => sum + manager.slots, 0);
  }

  /** Processes that have workers, now. */
  get managers(): readonly ManagerInfo[] {
    return this.#channel?.managers ?? [];
  }

  /** Blocks that were obtained or asked for, and have not ended. */
  get blocks(): number {
    return this.#pool?.size ?? 0;
  }

  /** Null where blocks need no folder that other machines reach. */
  get #runDir(): string | null {
    return this.#options.runDir ?? (this.#provider.onThisMachine ? null : 'runinfo');
  }

  get #accelerators(): readonly string[] | undefined {
    const { availableAccelerators: given = 0 } = this.#options;
    const names =
      typeof given === 'number' ? Array.from({ length: given }, (_, i) => `${i}`) : given;
    return names.length === 0 ? undefined : names;
  }

  get #workersPerNode(): number {
    const { maxWorkers, coresPerWorker = 1, cpuAffinity } = this.#options;
    const cores = Math.max(1, Math.floor(availableParallelism() / coresPerWorker));
    const workers = this.#provider.onThisMachine
      ? Math.min(maxWorkers ?? cores, cores)
      : (maxWorkers ?? 1);
    return Math.min(workers, placesOf({ cpuAffinity, accelerators: this.#accelerators }));
  }

  /** @throws TilewrightError queue, block-failed */
  start(): Promise<void> {
    this.#ready ??= this.#start();
    return this.#ready;
  }

  async #start(): Promise<void> {
    if (this.#closed) throw interrupted();
    assertMayStart(this.label);
    await this.#makeFolder();
    this.#announce();
    const channel = await this.#makeChannel();
    this.#channel = channel;
    const pool = new BlockPool({
      provider: this.#provider,
      launch: () => this.#launch(channel),
      outstanding: () => this.#outstanding,
      managers: () => channel.managers,
      release: (blockId) => channel.release(blockId),
      onFailure: (error) => channel.fail(error),
      workersPerNode: this.#workersPerNode,
      scaling: () => this.#scaling,
      parallelism: this.#options.parallelism ?? this.#provider.parallelism ?? 1,
      othersMayJoin: this.#options.queue !== undefined,
      onBlock: (event) => this.onBlock?.(event),
    });
    await channel.start(
      {
        onManager: (manager) => pool.noteManager(manager),
        onManagerGone: () => pool.look(),
        onOutput: this.onOutput,
      },
      this.#folder,
    );
    this.#pool = pool;
    await pool.start();
  }

  async run(task: Task, options: RunOptions = {}): Promise<unknown> {
    if (this.#closed) throw interrupted();
    // Before a block is waited for.
    const encoded = encodeTask(task, options.onUsage !== undefined);
    this.#registry.locate(task.name);
    this.#outstanding++;
    try {
      await this.start();
      if (!modulesOf(task.name).every((name) => this.#announced.has(name))) this.#announce();
      this.#pool!.attend();
      this.#pool!.look();
      const { onOutput = this.onOutput } = options;
      const text = await this.#channel!.run(encoded, { ...options, onOutput });
      return takeResult(text, options.onUsage);
    } catch (error) {
      throw toTilewrightError(error, {}, 'task-failed');
    } finally {
      this.#outstanding--;
      this.#pool?.attend();
    }
  }

  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    this.#closed = true;
    // A start that fails has told so already.
    await this.#ready?.catch(() => undefined);
    await this.#channel?.shutdown(options);
    await this.#pool?.close();
    await this.#channel?.close?.();
    this.#removeFolder();
    this.#removeFolder = () => undefined;
  }

  /**
   * Writes down which modules are registered, for workers to look up what they do not know. In a
   * file of a folder of ours, so that it is not the queue that says which code is run.
   */
  #announce(): void {
    const modules = this.#registry.modules();
    writeModules(join(this.#folder, MODULES_FILE), { modules, argv: process.argv.slice(2) });
    for (const [name] of modules) this.#announced.add(name);
  }

  async #makeFolder(): Promise<void> {
    const runDir = this.#runDir;
    try {
      if (runDir === null) {
        const folder = await makeTemporaryFolder('tilewright-blocks');
        this.#folder = folder.path;
        this.#removeFolder = () => removeTemporaryFolder(folder);
        return;
      }
      // What is left of an executor that was killed: its blocks end by themselves.
      await removeDeadRunFolders(runDir, this.#fileLabel);
      const folder = makeRunFolder(runDir, this.#fileLabel);
      this.#folder = folder.path;
      this.#removeFolder = () => removeRunFolder(folder);
    } catch (error) {
      throw toTilewrightError(error, {}, 'output-unwritable');
    }
  }

  /** The label as a part of names. */
  get #fileLabel(): string {
    return this.label.replaceAll(/[^\w-]/g, '-');
  }

  async #makeChannel(): Promise<TaskChannel> {
    const { queue, queueName, queueCa, address, port } = this.#options;
    if (queue === undefined) {
      return new SocketChannel({ network: !this.#provider.onThisMachine, address, port });
    }
    const { RedisChannel } = await import('../redis/redis-channel.ts');
    return new RedisChannel({ queue, queueName, queueCa, registry: this.#registry });
  }

  #launch(channel: TaskChannel): BlockLaunch {
    const { maxWorkers, coresPerWorker } = this.#options;
    const blockId = randomBytes(6).toString('hex');
    const flags = [...inheritedFlags(), ...(this.#options.nodeOptions ?? [])];
    const program = this.#options.workerProgram ?? programCommand(workerProgram, flags);
    const command = [...program, '--block', blockId];
    command.push('--modules', join(this.#folder, MODULES_FILE));
    if (this.#runDir === null) command.push('--temporary', this.#folder);
    command.push(...channel.workerArguments(this.#folder));
    if (maxWorkers !== undefined) command.push('--workers', String(maxWorkers));
    if (coresPerWorker !== undefined) command.push('--cores-per-worker', String(coresPerWorker));
    if (this.#options.cpuAffinity !== undefined) {
      command.push('--cpu-affinity', this.#options.cpuAffinity);
    }
    // In one word each, for a name may begin with a dash.
    for (const name of this.#accelerators ?? []) command.push(`--accelerator=${name}`);
    const name = `tilewright-${this.#fileLabel}`;
    return { blockId, name, command, folder: this.#folder };
  }
}
