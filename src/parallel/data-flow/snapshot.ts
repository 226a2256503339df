/**
 * Futures and promises in a value, however deep. They are looked for in arrays, plain objects, Maps
 * (keys and values) and Sets, also where these lead in circles.
 */

import { TilewrightError } from '../../core/errors.ts';
import { isStackOverflow } from '../values/survey.ts';
import { AppFuture } from './app-future.ts';

/** Something that is waited for, and where its result belongs. */
export interface Pending {
  source: PromiseLike<unknown>;
  /** `argument 2, .items[3]`, or with a comma at its end. */
  place: string;
  put(result: unknown): void;
}

/** Whether there is anything to wait for. */
export function hasPending(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return leadsToPending(value, new Set());
  } catch {
    // Nested too deeply, or not to be read: whoever sends it says so.
    return false;
  }
}

function leadsToPending(value: unknown, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (isThenable(value)) return true;
  const kind = containerKind(value);
  if (kind === null || seen.has(value)) return false;
  seen.add(value);
  if (kind === 'map') {
    for (const [key, item] of value as Map<unknown, unknown>) {
      if (leadsToPending(key, seen) || leadsToPending(item, seen)) return true;
    }
    return false;
  }
  // Not over an array itself, which may have billions of holes.
  const items = kind === 'set' ? (value as Set<unknown>) : Object.values(value);
  for (const item of items) if (leadsToPending(item, seen)) return true;
  return false;
}

/** A copy of what contains futures, as it is at this moment, with what it still waits for. */
export class Snapshot {
  readonly pending: Pending[] = [];
  readonly #root: { value: unknown } = { value: undefined };
  readonly #copies = new Map<object, object>();
  /** Maps and Sets are filled when all of their keys are there, so that their order is kept. */
  readonly #fillings: (() => void)[] = [];

  /** What the value has come from: a promise of something in which it is again never ends. */
  readonly #within: readonly unknown[];

  /** @param place - what it is called in messages: `its result, ` */
  constructor(value: unknown, place: string, within: readonly unknown[] = []) {
    this.#within = within;
    try {
      this.#root.value = this.#take(value, place, (result) => {
        this.#root.value = result;
      });
    } catch (error) {
      if (!isStackOverflow(error)) throw error;
      throw new TilewrightError('task-arguments', 'Futures are nested too deeply to be waited for');
    }
  }

  static ofArguments(args: readonly unknown[]): Snapshot {
    return new Snapshot(args, '');
  }

  /** All futures of apps in it. */
  get futures(): AppFuture<unknown>[] {
    return this.pending.flatMap(({ source }) => (source instanceof AppFuture ? source : []));
  }

  /** The value with results in place of futures, or what has failed, when all have ended. */
  async settle(): Promise<Settled> {
    const outcomes = await Promise.all(this.pending.map((one) => this.#outcome(one)));
    const failures = outcomes.flatMap((outcome) => ('failures' in outcome ? outcome.failures : []));
    if (failures.length > 0) {
      return { failures: [...new Map(failures.map((one) => [one.source, one])).values()] };
    }
    for (const fill of this.#fillings) fill();
    return this.#root;
  }

  /** What a plain promise gives may have futures in it again. */
  async #outcome({ source, place, put }: Pending): Promise<Settled> {
    try {
      if (this.#within.includes(source)) throw new Error('it waits for itself');
      const value = await source;
      const within = [...this.#within, source];
      const settled =
        source instanceof AppFuture || !hasPending(value)
          ? { value }
          : await new Snapshot(value, place, within).settle();
      if ('value' in settled) put(settled.value);
      return settled;
    } catch (reason) {
      return { failures: [{ source, place: place.replace(/, $/, ''), reason }] };
    }
  }

  /** The copy; `put` is called with what belongs in its place where that is not there yet. */
  #take(value: unknown, place: string, put: (result: unknown) => void): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if (isThenable(value)) {
      this.pending.push({ source: value, place, put });
      return undefined;
    }
    const kind = containerKind(value);
    if (kind === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    if (kind === 'map') return this.#takeMap(value as Map<unknown, unknown>, place);
    if (kind === 'set') return this.#takeSet(value as Set<unknown>, place);
    return this.#takeFields(value as Fields, kind, place);
  }

  #takeFields(value: Fields, kind: 'array' | 'object', place: string): object {
    const copy = (kind === 'array' ? [] : Object.create(Object.getPrototypeOf(value))) as Fields;
    // Holes stay holes.
    if (kind === 'array') copy.length = value.length;
    this.#copies.set(value, copy);
    for (const key of Reflect.ownKeys(value)) {
      if (!Object.prototype.propertyIsEnumerable.call(value, key)) continue;
      const at = place === '' ? `argument ${Number(key) + 1}, ` : place + segment(kind, key);
      define(
        copy,
        key,
        this.#take(value[key], at, (result) => define(copy, key, result)),
      );
    }
    return copy;
  }

  #takeMap(map: Map<unknown, unknown>, place: string): object {
    const copy = new Map();
    this.#copies.set(map, copy);
    const keys: unknown[] = [];
    const items: unknown[] = [];
    for (const [key, item] of map) {
      const i = keys.length;
      keys[i] = this.#take(key, `${place}.keys()[${i}]`, (result) => {
        keys[i] = result;
      });
      const at = typeof key === 'string' ? `.get(${JSON.stringify(key)})` : `.values()[${i}]`;
      items[i] = this.#take(item, place + at, (result) => {
        items[i] = result;
      });
    }
    this.#fillings.push(() => {
      for (const [i, key] of keys.entries()) copy.set(key, items[i]);
    });
    return copy;
  }

  #takeSet(set: Set<unknown>, place: string): object {
    const copy = new Set();
    this.#copies.set(set, copy);
    const items: unknown[] = [];
    for (const item of set) {
      const i = items.length;
      items[i] = this.#take(item, `${place}.values()[${i}]`, (result) => {
        items[i] = result;
      });
    }
    this.#fillings.push(() => {
      for (const item of items) copy.add(item);
    });
    return copy;
  }
}

type Fields = Record<PropertyKey, unknown>;

/** Something that was waited for, and rejected. */
export interface Failure {
  source: PromiseLike<unknown>;
  place: string;
  reason: unknown;
}

type Settled = { value: unknown } | { failures: Failure[] };

function isThenable(value: object): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown }).then === 'function';
}

/** Null for what has no futures in it, or is no plain data: that stays what it is. */
function containerKind(value: object): 'array' | 'object' | 'map' | 'set' | null {
  if (Array.isArray(value)) return 'array';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return 'object';
  if (prototype === Map.prototype) return 'map';
  return prototype === Set.prototype ? 'set' : null;
}

/** Also where the key is `__proto__`, which would set the prototype. */
function define(target: Fields, key: PropertyKey, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else {
    const plain = { enumerable: true, writable: true, configurable: true };
    Object.defineProperty(target, key, { value, ...plain });
  }
}

function segment(kind: 'array' | 'object', key: PropertyKey): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  if (kind === 'array' && /^\d+$/.test(String(key))) return `[${String(key)}]`;
  const plain = /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(String(key));
  return plain ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
}
