/**
 * A task is the name of a registered function and arguments for it: never code. Any task may run
 * twice, even twice at once, by an engine that lost track of it; functions are written so that this
 * changes nothing.
 */

import { TilewrightError } from '../core/errors.ts';
import { megabytes } from './inside/call.ts';
import { unreadableAnswer } from './messages.ts';
import { splitUsage } from './usage/read-usage.ts';
import type { Measured, TaskUsage } from './usage/usage.ts';
import { decodeText, refusal, SHARED, writeText } from './values/codec.ts';
import { isRefusal, type Survey, survey } from './values/survey.ts';

/** What a task occupies while it runs. */
export interface TaskResources {
  /** Cores: as many workers of one process stand still for it. Default: 1. */
  cores?: number | undefined;
  /** Memory in MB, of what the worker's process may have in all. Default: none is counted. */
  memory?: number | undefined;
}

/** A unit of work: a registered function, by its name, and its arguments. */
export interface Task {
  /** Name of a registered function: `module.export`. */
  name: string;
  /** The function's arguments: data of any kind, see `values/survey.ts`. */
  args: readonly unknown[];
  /** Milliseconds that one attempt may take; it is stopped then. */
  timeLimitMs?: number | undefined;
  /** How much work it is, in any unit that all tasks share (bytes, say): for batching. */
  weight?: number | undefined;
  /** Nothing else runs beside it in its worker's process: for a task suspected of killing it. */
  alone?: boolean | undefined;
  /** What it costs may stay unmeasured where that would take long beside the task itself. */
  sampled?: boolean | undefined;
  /** Of tasks that wait, those with a higher one begin first. Default: 0. */
  priority?: number | undefined;
  resources?: TaskResources | undefined;
  /** Whether nobody changes the arguments any more, so that they need no copy while it waits. */
  owned?: boolean | undefined;
  /** `args` is a list of lists: the function is called with each, and the result is a list too. */
  each?: boolean | undefined;
}

/** A task that was looked through: its arguments as they are, or as text where that is needed. */
export interface PreparedTask extends Omit<Task, 'args'> {
  args: readonly unknown[] | string;
  /** Memory that goes along instead of being copied. */
  moved: ArrayBuffer[];
  measured: Measured;
}

/** A task as it travels: with its arguments as text. */
export interface EncodedTask extends Omit<Task, 'args' | 'weight' | 'sampled'> {
  args: string;
  measured?: Measured | undefined;
}

/** The most that the arguments of a task may take as text, in UTF-16 code units. */
const MAX_ARGUMENTS_LENGTH = 8 * 2 ** 20;

/**
 * Takes the arguments as they are at this moment, for attempts that may come later.
 * @throws TilewrightError task-arguments
 */
export function ownTask(task: Task): Task {
  if (task.args.every(isPrimitive)) return task;
  const { form, moved, shared } = surveyArguments(task);
  // Memory that is moved is gone with the first attempt.
  if (moved.length > 0 || (shared && form === 'text')) return task;
  if (form !== 'text') return { ...task, args: structuredClone(task.args), owned: true };
  const text = writeText(task.args, form, argumentsOf(task));
  return { ...task, args: decodeText(text) as unknown[], owned: true };
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/**
 * For workers that structured clone reaches.
 * @throws TilewrightError task-arguments
 */
export function prepareTask(task: Task, wanted: boolean): PreparedTask {
  const measured = measuredAs(task, wanted);
  const { form, moved, shared } = surveyArguments(task);
  if (form !== 'text') {
    const owned = task.owned === true || task.args.every(isPrimitive);
    return { ...task, owned, moved, measured };
  }
  if (shared) throw refusal(argumentsOf(task), SHARED);
  return {
    ...task,
    args: writeText(task.args, form, argumentsOf(task)),
    moved: [],
    measured,
    owned: true,
  };
}

/**
 * For workers that text reaches.
 * @throws TilewrightError task-arguments
 */
export function encodeTask(task: Task, wanted = false): EncodedTask {
  const measured = measuredAs(task, wanted);
  const { name, timeLimitMs, alone, priority, resources, each } = task;
  // JSON has no word for a limit without end.
  const limit = timeLimitMs === Number.POSITIVE_INFINITY ? undefined : timeLimitMs;
  const args = encodeArguments(task);
  return { name, args, timeLimitMs: limit, alone, priority, resources, each, measured };
}

function measuredAs({ sampled }: Task, wanted: boolean): Measured {
  return wanted && sampled === true ? 'sampled' : wanted;
}

function encodeArguments(task: Task): string {
  const { form, shared } = surveyArguments(task);
  if (shared) throw refusal(argumentsOf(task), SHARED);
  const text = writeText(task.args, form, argumentsOf(task));
  if (text.length <= MAX_ARGUMENTS_LENGTH) return text;
  throw new TilewrightError(
    'task-arguments',
    `${argumentsOf(task)} take ${megabytes(text.length)} as text; at most ` +
      `${megabytes(MAX_ARGUMENTS_LENGTH)} are sent to a worker. Write them to a file that the ` +
      'worker can read, and pass its path',
  );
}

/** @throws TilewrightError task-arguments for what no worker understands */
function checkResources({ name, resources }: Task): void {
  const { cores = 1, memory = 0 } = resources ?? {};
  if (cores > 0 && memory >= 0) return;
  const said = `cores must be above 0 and memory at least 0, not ${cores} and ${memory}`;
  throw resourcesRefused(name, said);
}

export function resourcesRefused(name: string, reason: string): TilewrightError {
  return new TilewrightError('task-arguments', `The resources for ${name} can't be had: ${reason}`);
}

function surveyArguments(task: Task): Survey {
  if (task.resources !== undefined) checkResources(task);
  const found = survey(task.args);
  if (!isRefusal(found)) return found;
  const [, index, rest] = /^\[(\d+)\](.*)$/s.exec(found.place) ?? [];
  if (index === undefined) throw refusal(argumentsOf(task), found);
  const place = `argument ${Number(index) + 1}${rest === '' ? '' : `, ${rest},`}`;
  throw refusal(argumentsOf(task), { ...found, place });
}

function argumentsOf({ name }: Task): string {
  return `The arguments of ${name}`;
}

/**
 * The result from its text.
 * @param onUsage - gets what stands before it; to be given if the task was encoded as `measured`
 */
export function takeResult(
  text: string,
  onUsage: ((usage: TaskUsage) => void) | undefined,
): unknown {
  if (onUsage === undefined) return decodeResult(text);
  const { usage, result } = splitUsage(text);
  if (usage !== null) onUsage(usage);
  return decodeResult(result);
}

function decodeResult(text: string): unknown {
  try {
    return decodeText(text);
  } catch {
    throw unreadableAnswer();
  }
}
