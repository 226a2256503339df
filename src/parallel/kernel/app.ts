/** Apps: functions whose calls run on the loaded executors. */

import { TilewrightError } from '../../core/errors.ts';
import {
  aFunction,
  checkOptions,
  flag,
  listOf,
  milliseconds,
  type OptionRules,
  word,
} from '../options.ts';
import { registry } from '../registry.ts';
import type { AppFuture } from './app-future.ts';
import type { Arguments, Joined } from './arguments.ts';
import { dataFlowKernel } from './loaded.ts';
import { type RetryPolicy, retryPolicyRule } from './retry.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function can be an app
type AnyFunction = (...args: any[]) => unknown;

/** An app: takes the function's arguments, or futures of them, and returns a future. */
export type App<F extends AnyFunction> = (
  ...args: Arguments<Parameters<F>>
) => AppFuture<Awaited<ReturnType<F>>>;

/** How the calls of an app are run. */
export interface AppOptions {
  /** Labels of the executors that may run it; default: any that is loaded. */
  executors?: readonly string[];
  /** Whether a call may take the result of an earlier one with the same arguments. */
  cache?: boolean;
  /** Milliseconds that one attempt may take. */
  timeLimitMs?: number;
  /** Overrules the configuration's. */
  retryPolicy?: RetryPolicy;
  /** Name of the module where it is registered; default: its file's name without extension. */
  module?: string;
}

const rules: OptionRules<AppOptions> = {
  executors: listOf('labels of executors', word.holds),
  cache: flag,
  timeLimitMs: milliseconds('above 0'),
  retryPolicy: retryPolicyRule,
  module: word,
};

/**
 * Makes an app of a function that a module exports. The module is imported by the workers.
 * @example
 *   const area = app<typeof import('./apps.ts').area>(new URL('./apps.ts', import.meta.url), 'area');
 *   console.log(await area('lakes.gpkg'));
 */
export function app<F extends AnyFunction>(
  moduleUrl: string | URL,
  exportName: string,
  options: AppOptions = {},
): App<F> {
  checkOptions(`the app ${exportName}`, options, rules);
  const { module, ...rest } = options;
  const name = `${registry.register(moduleUrl, module)}.${exportName}`;
  return (...args) => dataFlowKernel().submit({ name, args, ...rest });
}

/**
 * Makes an app of a function that calls other apps and returns their futures. The function runs in
 * this process; its future has the results of theirs.
 */
export function joinApp<F extends AnyFunction>(
  call: F,
): (...args: Arguments<Parameters<F>>) => AppFuture<Joined<ReturnType<F>>> {
  if (!aFunction.holds(call)) {
    throw new TilewrightError('usage', 'joinApp takes the function that calls other apps');
  }
  return (...args) => dataFlowKernel().join(call.name || 'joinApp', call, args);
}
