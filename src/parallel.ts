/** The public module `tilewright/parallel`: run any functions in parallel, here or on a cluster. */

export { type ErrorCode, type ErrorJson, TilewrightError } from './core/errors.ts';
export {
  type BashApp,
  type BashCallOptions,
  type BashOptions,
  bashApp,
} from './parallel/apps/bash-app.ts';
export { BashExitFailure } from './parallel/apps/bash-exit-failure.ts';
export type { Command } from './parallel/apps/command.ts';
export type { CapturedOutput } from './parallel/apps/command-task.ts';
export { File } from './parallel/apps/file.ts';
export { sh } from './parallel/apps/shell-words.ts';
export {
  autoLogname,
  type FileOptions,
  type Files,
  type OutputTarget,
} from './parallel/apps/task-files.ts';
export { HighThroughputExecutor } from './parallel/blocks/high-throughput-executor.ts';
export type { HighThroughputOptions } from './parallel/blocks/high-throughput-options.ts';
export type {
  BlockLaunch,
  BlockOptions,
  BlockState,
  BlockStatus,
  Provider,
} from './parallel/blocks/provider.ts';
export type { ScalingOptions, Strategy } from './parallel/blocks/strategy.ts';
export type { ManagerInfo } from './parallel/blocks/task-channel.ts';
export {
  type App,
  type AppOptions,
  type Apps,
  app,
  apps,
  type CallOptions,
  joinApp,
} from './parallel/data-flow/app.ts';
export {
  AppFuture,
  type DataFuture,
  type Field,
  type FieldName,
  type TaskState,
} from './parallel/data-flow/app-future.ts';
export type { Argument, Arguments, Joined } from './parallel/data-flow/arguments.ts';
export { Config, type ConfigOptions } from './parallel/data-flow/config.ts';
export {
  DataFlowKernel,
  type TaskCounts,
} from './parallel/data-flow/data-flow-kernel.ts';
export { clear, dataFlowKernel, load, waitForCurrentTasks } from './parallel/data-flow/loaded.ts';
export { MapFuture, type MapOptions } from './parallel/data-flow/map.ts';
export type {
  KernelObserver,
  ObservedBlock,
  TaskEvent,
  TaskEventState,
} from './parallel/data-flow/observer.ts';
export type { FailedTask, RetryPolicy } from './parallel/data-flow/retry.ts';
export type { Submission } from './parallel/data-flow/submission.ts';
export type { BlockEvent, Executor, RunOptions, ShutdownOptions } from './parallel/executor.ts';
export { InlineExecutor, type InlineOptions } from './parallel/inline-executor.ts';
export { currentTask, type TaskContext } from './parallel/inside/call.ts';
export { MonitoringHub, type MonitoringOptions } from './parallel/monitoring/monitoring-hub.ts';
export type { OutputListener, OutputOptions, TaskOutput } from './parallel/output.ts';
export type { ClusterOptions } from './parallel/providers/cluster-provider.ts';
export {
  CondorProvider,
  type CondorProviderOptions,
} from './parallel/providers/condor-provider.ts';
export {
  GridEngineProvider,
  type GridEngineProviderOptions,
} from './parallel/providers/grid-engine-provider.ts';
export {
  KubernetesProvider,
  type KubernetesProviderOptions,
} from './parallel/providers/kubernetes/kubernetes-provider.ts';
export {
  type Launcher,
  type LauncherOption,
  MpiExecLauncher,
  SimpleLauncher,
  SrunLauncher,
  WrappedLauncher,
} from './parallel/providers/launcher.ts';
export { LocalProvider, type LocalProviderOptions } from './parallel/providers/local-provider.ts';
export { LSFProvider, type LSFProviderOptions } from './parallel/providers/lsf-provider.ts';
export {
  PBSProProvider,
  type PBSProProviderOptions,
} from './parallel/providers/pbs-pro-provider.ts';
export { SlurmProvider, type SlurmProviderOptions } from './parallel/providers/slurm-provider.ts';
export { Registry, registry } from './parallel/registry.ts';
export { SlurmArrayExecutor } from './parallel/slurm/arrays/array-executor.ts';
export type { SlurmArrayOptions } from './parallel/slurm/arrays/array-options.ts';
export type { SlurmJobOptions } from './parallel/slurm/job-options.ts';
export type { Task, TaskResources } from './parallel/task.ts';
export {
  ThreadPoolExecutor,
  type ThreadPoolOptions,
} from './parallel/threads/thread-pool-executor.ts';
export type { TaskUsage } from './parallel/usage/usage.ts';
export { registerErrorClass } from './parallel/values/error-values.ts';
export { move } from './parallel/values/survey.ts';
export { runWorker, type WorkerOptions } from './parallel/worker/worker.ts';
