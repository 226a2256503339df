/** Errors as values that can be sent: nothing of what they tell is lost on the way. */

import { inspect, types } from 'node:util';
import { TilewrightError } from '../../core/errors.ts';
import { isRefusal, survey } from './survey.ts';

/** What an error consists of; the values in it may be errors again. */
export interface ErrorParts {
  /** Name of its class. */
  class: string;
  name: string;
  message: string;
  stack: string;
  /** Its own properties. */
  fields: Record<string, unknown>;
  /** Missing if it has none. */
  cause?: unknown;
  /** Of an AggregateError. */
  errors?: unknown[];
}

type ErrorClass = { readonly name: string; readonly prototype: Error };

const classes = new Map<string, ErrorClass>(
  [
    ...[Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError],
    ...[AggregateError, TilewrightError as unknown as ErrorClass],
  ].map((one) => [one.name, one]),
);

/** Of errors whose class is not known here, but may be where they are sent on to. */
const foreign = new WeakMap<Error, string>();

/**
 * Makes classes of errors known, by their names: an error of theirs that a task throws is one of
 * theirs here as well. Their constructors are not called.
 */
export function registerErrorClass(...more: ErrorClass[]): void {
  for (const one of more) classes.set(one.name, one);
}

export function isError(value: unknown): value is Error {
  if (types.isNativeError(value)) return true;
  try {
    // What ends a thread comes from there as an object that merely inherits from Error.
    return value instanceof Error;
  } catch {
    return false;
  }
}

/** A value in words, of which there are some for every value. */
export function described(value: unknown): string {
  try {
    return limited(typeof value === 'string' ? value : inspect(value, { breakLength: Infinity }));
  } catch {
    return `a value of type ${typeof value} that can't be shown`;
  }
}

/** Characters of a message or a stack; more is of no use to anybody. */
const MAX_TEXT = 1 << 20;

export function limited(text: string, most = MAX_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}

/** What can't be sent of an error is described. */
export function takeApart(error: Error): ErrorParts {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (key === '__proto__' || Object.hasOwn(PARTS, key)) continue;
    fields[key] = sendable(read(error, key), error);
  }
  const errors = read(error, 'errors');
  return {
    class: classOf(error),
    name: text(read(error, 'name')),
    message: text(read(error, 'message')),
    stack: text(read(error, 'stack')),
    fields,
    ...(Object.hasOwn(error, 'cause') && { cause: sendable(read(error, 'cause'), error) }),
    ...(Array.isArray(errors) && { errors: errors.map((one) => sendable(one, error)) }),
  };
}

/** An error of the same words, without what it has with it. */
export function outlined(error: Error, most = MAX_TEXT): Error {
  const [name, message, stack] = ['name', 'message', 'stack'].map((key) =>
    limited(text(read(error, key)), most),
  ) as [string, string, string];
  return putTogether({ class: classOf(error), name, message, stack, fields: {} });
}

function classOf(error: Error): string {
  return foreign.get(error) ?? text((read(error, 'constructor') as { name?: unknown })?.name);
}

const PARTS = { message: 0, stack: 0, cause: 0, errors: 0 };

export function putTogether(parts: ErrorParts): Error {
  const { name, message, stack, fields = {} } = parts;
  if (parts.class === 'DOMException') return new DOMException(text(message), text(name));
  const error = bareError(text(message));
  const known = classes.get(parts.class);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  else foreign.set(error, text(parts.class));
  for (const [key, value] of Object.entries(fields)) define(error, key, value, true);
  if (error.name !== name) define(error, 'name', text(name), false);
  define(error, 'stack', text(stack), false);
  if ('cause' in parts) define(error, 'cause', parts.cause, false);
  if (Array.isArray(parts.errors)) define(error, 'errors', parts.errors, false);
  return error;
}

/** Without a place of its own: a program that ends by it would show that, in this file. */
function bareError(message: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(message);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function define(error: Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

/** A property may be a getter that throws. */
function read(error: Error, key: string): unknown {
  try {
    return (error as unknown as Record<string, unknown>)[key];
  } catch (thrown) {
    return `(${key} can't be read: ${String(thrown)})`;
  }
}

function text(value: unknown): string {
  return described(value);
}

function sendable(value: unknown, within: Error): unknown {
  const found = survey(value);
  return isRefusal(found) || found.shared || leadsTo(value, within)
    ? isError(value)
      ? outlined(value)
      : described(value)
    : value;
}

/** Errors within errors, of which text has no word for more. */
const MAX_CHAIN = 200;

/** Whether an error is found again in what it consists of, or it goes on for too long: text has no word for that. */
function leadsTo(value: unknown, error: Error, seen = new Set<unknown>(), depth = 0): boolean {
  if (value === error || depth > MAX_CHAIN) return true;
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  const inner: unknown[] =
    value instanceof Map
      ? [...value].flat()
      : value instanceof Set
        ? [...value]
        : ArrayBuffer.isView(value)
          ? []
          : Object.values(value);
  if (isError(value)) inner.push(value.cause, (value as { errors?: unknown }).errors);
  return inner.some((one) => leadsTo(one, error, seen, depth + 1));
}
