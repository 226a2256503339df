/** The types of what apps take and give, where futures stand for values. */

import type { File } from '../apps/file.ts';

/** What has no fields in which futures are looked for. */
type Leaf =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | RegExp
  | URL
  | URLSearchParams
  | Error
  | File
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  // biome-ignore lint/suspicious/noExplicitAny: any function
  | ((...args: any[]) => unknown);

type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * An argument: a value, a future or promise of it, or a structure with such inside: arrays, plain
 * objects, Maps, Sets.
 */
export type Argument<T> = T | PromiseLike<T> | Structure<T>;

type Structure<T> =
  IsAny<T> extends true
    ? never
    : T extends Leaf
      ? never
      : T extends ReadonlyMap<infer K, infer V>
        ? ReadonlyMap<Argument<K>, Argument<V>>
        : T extends ReadonlySet<infer E>
          ? ReadonlySet<Argument<E>>
          : T extends object
            ? { [K in keyof T]: Argument<T[K]> }
            : never;

/** What a call may be given: each argument as {@link Argument}. */
export type Arguments<A extends readonly unknown[]> = { [K in keyof A]: Argument<A[K]> };

/** What a join app gives: what its function returns, with results in place of futures. */
export type Joined<T> =
  IsAny<T> extends true
    ? T
    : T extends Leaf
      ? T
      : T extends PromiseLike<infer R>
        ? Joined<R>
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<Joined<K>, Joined<V>>
          : T extends ReadonlySet<infer E>
            ? Set<Joined<E>>
            : T extends object
              ? { -readonly [K in keyof T]: Joined<T[K]> }
              : T;
