/**
 * Arguments as a text that is the same for the same values, and for no others: what a call is
 * remembered by. The order of an object's keys does not count; that of Maps and Sets does.
 */

import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { File } from '../../apps/file.ts';
import { isError } from '../../values/error-values.ts';

export interface KeyOptions {
  /** Whether the arguments are those of several calls. */
  each?: boolean | undefined;
  /** Positions of arguments, from 0, and names of keys of arguments that are plain objects. */
  ignoreForCache?: readonly (number | string)[] | undefined;
}

/** Null if there is no text for them. */
export function textOfArguments(
  args: readonly unknown[],
  { each = false, ignoreForCache = [] }: KeyOptions = {},
): string | null {
  try {
    if (!each) return list(counting(args, ignoreForCache), []);
    const lists = args as readonly (readonly unknown[])[];
    return `each${list(
      lists.map((one) => counting(one, ignoreForCache)),
      [],
    )}`;
  } catch (error) {
    if (error instanceof NoText || error instanceof RangeError) return null;
    throw error;
  }
}

function counting(
  args: readonly unknown[],
  ignored: readonly (number | string)[],
): readonly unknown[] {
  if (ignored.length === 0) return args;
  return args.map((arg, i) => {
    if (ignored.includes(i)) return null;
    if (typeof arg !== 'object' || arg === null || !isPlain(arg)) return arg;
    return Object.fromEntries(Object.entries(arg).filter(([key]) => !ignored.includes(key)));
  });
}

class NoText extends Error {}

/** @param within - the objects that it is in, from the outermost */
function write(value: unknown, within: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      break;
    default:
      throw new NoText();
  }
  if (value === null) return 'null';
  const circle = within.indexOf(value);
  if (circle >= 0) return `^${circle}`;
  return writeObject(value, [...within, value]);
}

function writeObject(value: object, within: readonly object[]): string {
  if (Array.isArray(value)) return list(value, within);
  if (isPlain(value)) return fields(value, within);
  if (types.isMap(value)) {
    return `Map${list(
      Array.from(value, ([key, item]) => [key, item]),
      within,
    )}`;
  }
  if (types.isSet(value)) return `Set${list([...value], within)}`;
  if (types.isDate(value)) return `Date(${value.getTime()})`;
  if (types.isRegExp(value)) return `RegExp(${value}, ${value.lastIndex})`;
  if (value instanceof URL || value instanceof URLSearchParams || value instanceof File) {
    return `${value.constructor.name}(${JSON.stringify(String(value))})`;
  }
  if (types.isArrayBuffer(value)) return bytes('ArrayBuffer', new Uint8Array(value));
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return bytes(value.constructor.name, new Uint8Array(buffer, byteOffset, byteLength));
  }
  if (isError(value)) {
    const { name, message, cause, errors } = value as AggregateError;
    const parts = [value.constructor.name, name, message, cause, errors, { ...value }];
    return `Error${list(parts, within)}`;
  }
  if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
    return `Object(${write(value.valueOf(), within)})`;
  }
  throw new NoText();
}

function list(items: readonly unknown[], within: readonly object[]): string {
  const parts: string[] = [];
  for (let i = 0; i < items.length; i++) parts.push(i in items ? write(items[i], within) : '');
  // With a comma after each, so that a hole at the end counts.
  return `[${parts.map((part) => `${part},`).join('')}]`;
}

function fields(value: object, within: readonly object[]): string {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new NoText();
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item, within)}`).join()}}`;
}

function bytes(kind: string, content: Uint8Array): string {
  const hash = createHash('sha256').update(content).digest('hex');
  return `${kind}(${content.length}, ${hash})`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
