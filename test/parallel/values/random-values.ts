/** Values of all kinds that can be sent, nested at random; and of kinds that can not. */

import type { Random } from '../../../src/core/random.ts';

const TEXTS = [
  '',
  'a',
  'häöü',
  '\ud800',
  '\u2028\u0000',
  '__proto__',
  'constructor',
  '</script>',
  '😀',
];
const NUMBERS = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const MORE_NUMBERS = [Number.MAX_SAFE_INTEGER, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2];
const VIEWS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array];
const MORE_VIEWS = [Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array];

export class Point {
  x = 1;
  norm(): number {
    return Math.abs(this.x);
  }
}

export class RandomValues {
  readonly #random: Random;
  /** Containers made so far in this value, to be referred to again. */
  #made: object[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  next(): unknown {
    this.#made = [];
    return this.#value(0);
  }

  /**
   * A value with something in it that can't be sent.
   * @returns the value and the place of that
   */
  refused(): { value: unknown; place: string; what: RegExp } {
    const [bad, what] = this.#pick<[unknown, RegExp]>([
      [() => 1, /a function$/],
      [class A {}, /a function$/],
      [Symbol('s'), /a symbol$/],
      [new Point(), /an instance of Point/],
      [new WeakMap(), /an instance of WeakMap/],
      [Promise.resolve(1), /a Promise$/],
      [new (class Numbers extends Array<number> {})(), /an instance of Numbers/],
      [new (class Bytes extends Uint8Array {})(2), /an instance of Bytes/],
      [new Map().values(), /an instance of/],
      [{ [Symbol('k')]: 1 }, /an object with symbols/],
      ['abc'.match(/b/), /a property "groups" of its own/],
    ]);
    let value: unknown = bad;
    let place = '';
    for (let depth = this.#random.integer(5); depth > 0; depth--) {
      const wrapped = this.#wrap(value);
      value = wrapped.value;
      place = wrapped.place + place;
    }
    return { value, place, what };
  }

  #wrap(value: unknown): { value: unknown; place: string } {
    const before = Array.from({ length: this.#random.integer(3) }, () => this.#leaf());
    switch (this.#random.integer(5)) {
      case 0:
        return { value: { first: this.#leaf(), when: value }, place: '.when' };
      case 1:
        return { value: { 'a key': value }, place: '["a key"]' };
      case 2:
        return {
          value: new Map<unknown, unknown>([
            [1, 2],
            ['k', value],
          ]),
          place: '.get("k")',
        };
      case 3: {
        const set = new Set(before);
        const place = `.values()[${set.size}]`;
        return { value: set.add(value), place };
      }
      default:
        return { value: [...before, value], place: `[${before.length}]` };
    }
  }

  #pick<T>(of: readonly T[]): T {
    return of[this.#random.integer(of.length)]!;
  }

  #leaf(): unknown {
    switch (this.#random.integer(12)) {
      case 0:
        return this.#pick(TEXTS);
      case 1:
        return this.#pick([...NUMBERS, ...MORE_NUMBERS]);
      case 2:
        return this.#random.next();
      case 3:
        return undefined;
      case 4:
        return null;
      case 5:
        return this.#pick([true, false]);
      case 6:
        return this.#pick([0n, -5n, 2n ** 100n]);
      case 7:
        return new Date(this.#pick([0, 1e12, Number.NaN]));
      case 8:
        return this.#pick([/a+/gi, /[/\]"]/u, new URL('http://a.b/?c=d#e'), Object('boxed')]);
      case 9:
        return Buffer.from(this.#pick(TEXTS));
      case 10:
        return this.#error();
      default:
        return this.#bytes();
    }
  }

  #bytes(): unknown {
    const buffer = new ArrayBuffer(8 * (1 + this.#random.integer(4)));
    new Uint8Array(buffer).forEach((_, i, bytes) => {
      bytes[i] = this.#random.integer(256);
    });
    if (this.#random.integer(6) === 0) return buffer;
    if (this.#random.integer(6) === 0) return new DataView(buffer, 1, 3);
    const View = this.#pick<new (buffer: ArrayBuffer, offset?: number) => object>([
      ...VIEWS,
      ...MORE_VIEWS,
    ]);
    return new View(buffer, this.#random.integer(2) * 8 < buffer.byteLength ? 0 : undefined);
  }

  #error(): Error {
    const cause = this.#pick<unknown>([undefined, 'text', { code: 7 }, new RangeError('inner')]);
    const error = this.#pick<Error>([
      new Error('plain'),
      new TypeError('typed', { cause }),
      new AggregateError([new Error('one'), 2], 'many'),
    ]);
    return Object.assign(error, { field: this.#pick([1, 'x', [1n]]) });
  }

  #value(depth: number): unknown {
    if (depth > 4 || this.#random.integer(3) === 0) return this.#leaf();
    // Again, as a circle or as the same one twice.
    if (this.#made.length > 0 && this.#random.integer(12) === 0) return this.#pick(this.#made);
    const length = this.#random.integer(5);
    const inner = (): unknown => this.#value(depth + 1);
    switch (this.#random.integer(5)) {
      case 0: {
        const array: unknown[] = [];
        this.#made.push(array);
        for (let i = 0; i < length; i++) array[i] = inner();
        // A hole.
        if (this.#random.integer(8) === 0) array[length + 2] = 'last';
        return array;
      }
      case 1: {
        const map = new Map<unknown, unknown>();
        this.#made.push(map);
        for (let i = 0; i < length; i++) map.set(inner(), inner());
        return map;
      }
      case 2: {
        const set = new Set<unknown>();
        this.#made.push(set);
        for (let i = 0; i < length; i++) set.add(inner());
        return set;
      }
      default: {
        const object = this.#random.integer(6) === 0 ? Object.create(null) : {};
        this.#made.push(object);
        const keys = TEXTS.filter((key) => key !== '__proto__');
        for (let i = 0; i < length; i++) object[this.#pick(keys) + i] = inner();
        return object;
      }
    }
  }
}
