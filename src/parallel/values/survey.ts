/**
 * Looks through a value that is to be sent, before it is: what would not arrive as it is, is refused
 * with its place. What may be sent is what structured clone takes, and Buffers, URLs, Files and
 * objects without prototype as well; not functions, symbols and instances of classes, of which only the
 * fields would arrive.
 */

import { types } from 'node:util';
import { File } from '../apps/file.ts';

/**
 * What keeps a value as it is, from the cheapest: JSON, structured clone and text alike, or only the
 * text of codec.ts.
 */
export type Form = 'json' | 'clone' | 'text';

export interface Survey {
  form: Form;
  /** Buffers that `move` was called with: they go along instead of being copied. */
  moved: ArrayBuffer[];
  /** Whether memory is in it that can be shared with threads, and with nobody else. */
  shared: boolean;
}

/** Why a value can't be sent. */
export interface Refusal {
  /** Where in the value, as one would write it: `.items[3].when`; empty for the value itself. */
  place: string;
  /** `a function`, `an instance of Point, …` */
  what: string;
}

/** Deeper than this and some way of sending would run out of stack, in the worker or here. */
const MAX_DEPTH = 1000;

const TOO_DEEP = new RangeError('nested too deeply');

const toMove = new WeakSet<ArrayBuffer>();

/**
 * Has the memory of a value moved to a worker thread with the next task, or from it with the
 * result, instead of being copied. It is empty here afterwards, so that the task can't be tried
 * again. To other processes it is copied all the same.
 * @returns the value
 */
export function move<T extends ArrayBuffer | ArrayBufferView<ArrayBuffer>>(value: T): T {
  toMove.add(ArrayBuffer.isView(value) ? value.buffer : value);
  return value;
}

export function survey(value: unknown): Survey | Refusal {
  const walk = new Walk();
  try {
    return walk.visit(value) ?? { form: walk.form, moved: walk.moved, shared: walk.shared };
  } catch (error) {
    if (!isTooDeep(error)) throw error;
    return { place: '', what: 'nested too deeply' };
  }
}

function isTooDeep(error: unknown): boolean {
  return error === TOO_DEEP || isStackOverflow(error);
}

/** A getter may throw any other RangeError. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded';
}

export function isRefusal(found: Survey | Refusal): found is Refusal {
  return 'what' in found;
}

const VIEWS: ReadonlySet<unknown> = new Set(
  [
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[BigInt64Array, BigUint64Array, Float32Array, Float64Array, DataView],
    (globalThis as { Float16Array?: { prototype: object } }).Float16Array,
  ].flatMap((view) => view?.prototype ?? []),
);

/** Structured clone has no word for these. */
const TEXT_ONLY: ReadonlySet<unknown> = new Set(
  [URL, URLSearchParams, File].map((one) => one.prototype),
);

/** A File has them of itself. */
const FILE_KEYS: ReadonlySet<string> = new Set(Object.keys(new File('/')));

class Walk {
  form: Form = 'json';
  readonly moved: ArrayBuffer[] = [];
  shared = false;
  #depth = 0;
  /** JSON knows no second reference to the same object. */
  readonly #seen = new Set<object>();

  visit(value: unknown): Refusal | null {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return null;
      case 'number':
        if (!Number.isFinite(value) || Object.is(value, -0)) this.#needs('clone');
        return null;
      case 'undefined':
      case 'bigint':
        this.#needs('clone');
        return null;
      case 'object':
        return value === null ? null : this.#visitObject(value);
      default:
        return refused(typeof value === 'symbol' ? 'a symbol' : 'a function');
    }
  }

  #needs(form: 'clone' | 'text'): void {
    if (this.form !== 'text') this.form = form;
  }

  #visitObject(value: object): Refusal | null {
    if (this.#seen.has(value)) {
      this.#needs('clone');
      return null;
    }
    this.#seen.add(value);
    if (++this.#depth > MAX_DEPTH) throw TOO_DEEP;
    const refusal = types.isProxy(value) ? this.#visitProxy(value) : this.#visitInside(value);
    this.#depth--;
    return refusal;
  }

  /** What it shows is read as it is sent; its traps may throw, and methods of built-ins refuse it. */
  #visitProxy(value: object): Refusal | null {
    this.#needs('text');
    try {
      return this.#visitInside(value);
    } catch (error) {
      if (isTooDeep(error)) throw error;
      return refused(`a Proxy that can't be read (${reasonOf(error)})`);
    }
  }

  #visitInside(value: object): Refusal | null {
    if (Array.isArray(value)) return this.#visitArray(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (isPlain(prototype)) return this.#visitPlain(value as Record<string, unknown>, prototype);
    return this.#visitBuiltIn(value, prototype);
  }

  #visitArray(value: readonly unknown[]): Refusal | null {
    if (!Array.isArray(Object.getPrototypeOf(value))) return refused(instance(value));
    const keys = Object.keys(value);
    const odd = withOwn('an array', value, keys);
    if (odd !== null) return odd;
    this.#mindToJson(value);
    if (keys.length !== value.length) {
      this.#needs('clone');
      return this.#visitFields(value, keys);
    }
    for (let i = 0; i < value.length; i++) {
      const refusal = this.visit(value[i]);
      if (refusal !== null) return under(`[${i}]`, refusal);
    }
    return null;
  }

  #visitPlain(value: Record<string, unknown>, prototype: unknown): Refusal | null {
    if (prototype === null) this.#needs('text');
    if (Object.getOwnPropertySymbols(value).length > 0) return refused('an object with symbols');
    const keys = Object.keys(value);
    // It would arrive as a prototype, or not at all.
    if (keys.includes('__proto__')) return refused('an object with a key "__proto__"');
    this.#mindToJson(value);
    return this.#visitFields(value, keys);
  }

  /** JSON would ask it what it is. */
  #mindToJson(value: object): void {
    let method: unknown;
    try {
      method = (value as { toJSON?: unknown }).toJSON;
    } catch {
      // A getter among its fields, which are looked at.
    }
    if (typeof method === 'function') this.#needs('clone');
  }

  #visitFields(value: object, keys: readonly string[]): Refusal | null {
    for (const key of keys) {
      let item: unknown;
      try {
        item = (value as Record<string, unknown>)[key];
      } catch (error) {
        return under(segment(key), refused(`a property that can't be read (${reasonOf(error)})`));
      }
      const refusal = this.visit(item);
      if (refusal !== null) return under(segment(key), refusal);
    }
    return null;
  }

  #visitBuiltIn(value: object, prototype: unknown): Refusal | null {
    if (types.isNativeError(value) || value instanceof Error) {
      this.#needs('text');
      return null;
    }
    this.#needs('clone');
    if (ArrayBuffer.isView(value)) {
      if (Buffer.isBuffer(value)) this.#needs('text');
      else if (!VIEWS.has(prototype)) return refused(instance(value));
      return this.#visitObject(value.buffer);
    }
    const refusal = this.#visitKnown(value, prototype);
    const keys = Object.keys(value);
    const more = prototype === File.prototype ? keys.filter((key) => !FILE_KEYS.has(key)) : keys;
    return refusal ?? withOwn(instance(value), value, more);
  }

  #visitKnown(value: object, prototype: unknown): Refusal | null {
    if (types.isArrayBuffer(value)) return this.#visitBuffer(value);
    if (types.isSharedArrayBuffer(value)) {
      this.shared = true;
      return null;
    }
    if (types.isMap(value) && prototype === Map.prototype) return this.#visitMap(value);
    if (types.isSet(value) && prototype === Set.prototype) return this.#visitSet(value);
    if (types.isDate(value) && prototype === Date.prototype) return null;
    if (types.isRegExp(value) && prototype === RegExp.prototype) return null;
    if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) return null;
    if (TEXT_ONLY.has(prototype)) {
      this.#needs('text');
      return null;
    }
    return refused(instance(value));
  }

  #visitBuffer(buffer: ArrayBuffer): Refusal | null {
    if (buffer.detached) return refused('memory that was moved elsewhere');
    if (toMove.has(buffer)) this.moved.push(buffer);
    return null;
  }

  #visitMap(map: ReadonlyMap<unknown, unknown>): Refusal | null {
    let i = 0;
    for (const [key, item] of map) {
      const ofKey = this.visit(key);
      if (ofKey !== null) return under(`.keys()[${i}]`, ofKey);
      const refusal = this.visit(item);
      const called = typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${i}]`;
      if (refusal !== null) return under(called, refusal);
      i++;
    }
    return null;
  }

  #visitSet(set: ReadonlySet<unknown>): Refusal | null {
    let i = 0;
    for (const item of set) {
      const refusal = this.visit(item);
      if (refusal !== null) return under(`.values()[${i}]`, refusal);
      i++;
    }
    return null;
  }
}

/** Also for objects of another realm, such as `node:vm` makes. */
function isPlain(prototype: unknown): boolean {
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}

function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && String(Number(key)) === key;
}

function segment(key: string): string {
  if (isIndex(key)) return `[${key}]`;
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function refused(what: string): Refusal {
  return { place: '', what };
}

function under(place: string, refusal: Refusal): Refusal {
  return { place: place + refusal.place, what: refusal.what };
}

/** Fields of what is no plain object, which would be lost; null if it has none. */
function withOwn(what: string, value: object, keys: readonly string[]): Refusal | null {
  const named = keys.findLast((key) => !isIndex(key));
  if (named !== undefined) return refused(`${what} with a property "${named}" of its own`);
  return Object.getOwnPropertySymbols(value).length > 0 ? refused(`${what} with symbols`) : null;
}

/** What a getter or a trap has thrown. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function instance(value: object): string {
  if (types.isPromise(value)) return 'a Promise';
  const made = (value as { constructor?: { name?: unknown } }).constructor;
  const name = typeof made?.name === 'string' ? made.name : '';
  return `an instance of ${name === '' ? 'a class' : name}`;
}
