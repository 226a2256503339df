/**
 * What the types of apps allow and refuse, for `npm run types`: each `@ts-expect-error` stands for
 * something that must not compile. Nothing of it is run.
 */

import type { AppFuture, Argument } from '../../../src/parallel.ts';
import { app, apps, joinApp } from '../../../src/parallel.ts';
import type * as Functions from './kernel-functions.ts';

/** Both are the same type. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assertSame = <A, B>(same: Same<A, B>): boolean => same;

const url = new URL('./kernel-functions.ts', import.meta.url);
const add = app<typeof Functions.add>(url, 'add');
const table = app<typeof Functions.table>(url, 'table');
const when = app<typeof Functions.when>(url, 'when');
const area = app<typeof Functions.area>(url, 'area');
const total = app<typeof Functions.total>(url, 'total');
const unknown = app<(...args: unknown[]) => unknown>(url, 'add');

export function argumentsMayBe(promise: Promise<number>): void {
  add(1, 2);
  add(add(1, 2), promise);
  add(
    promise.then((value) => value + 1),
    promise as PromiseLike<number>,
  );
  total([1, add(1, 2), promise]);
  total(Promise.resolve([1, 2]));
  area({ at: { x: add(1, 2), y: promise }, names: new Map([['a', promise]]), on: when() });
  area(Promise.resolve({ at: { x: 1, y: 2 }, names: new Map([['a', 1]]), on: new Date() }));
  unknown(1, add(1, 2), { a: promise });
  // @ts-expect-error a text is no number
  add('1', 2);
  // @ts-expect-error neither is a future of one
  add(when(), 2);
  // @ts-expect-error nor a promise of one
  add(Promise.resolve('1'), 2);
  // @ts-expect-error an argument is missing
  add(1);
  // @ts-expect-error a list with a text
  total([1, 'two']);
  // @ts-expect-error a field of another type, deep inside
  area({ at: { x: when(), y: 2 }, names: new Map(), on: new Date() });
  // @ts-expect-error a Date is no structure
  area({ at: { x: 1, y: 2 }, names: new Map(), on: { getTime: add(1, 2) } });
}

export async function resultsAre(): Promise<void> {
  assertSame<Awaited<ReturnType<typeof add>>, number>(true);
  assertSame<Awaited<ReturnType<typeof table>>, Map<string, number[]>>(true);
  assertSame<ReturnType<typeof when>, AppFuture<Date>>(true);
  const list = table().get('a');
  assertSame<typeof list, AppFuture<number[]>>(true);
  const last = list.at(-1);
  assertSame<typeof last, AppFuture<number>>(true);
  add(last, table().get('b').at(0));
  const x = area({ at: { x: 1, y: 2 }, names: new Map(), on: new Date() })
    .get('centre')
    .get('x');
  assertSame<typeof x, AppFuture<number>>(true);
  // @ts-expect-error there is no such field
  area({ at: { x: 1, y: 2 }, names: new Map(), on: new Date() }).get('center');
  // @ts-expect-error a future has no fields of its result itself
  await table().a;
}

export async function joinsGive(promise: Promise<string>): Promise<void> {
  const joined = await joinApp(() => ({
    a: add(1, 2),
    b: [[add(2, 3)]],
    c: ['c', add(1, 1), promise] as const,
    d: new Map([[promise, new Set([when()])]]),
    e: when(),
    f: 1,
  }))();
  assertSame<typeof joined.a, number>(true);
  assertSame<typeof joined.b, number[][]>(true);
  assertSame<typeof joined.c, ['c', number, string]>(true);
  assertSame<typeof joined.d, Map<string, Set<Date>>>(true);
  assertSame<typeof joined.e, Date>(true);
  assertSame<typeof joined.f, number>(true);
  // @ts-expect-error it is the number itself
  await joined.a.result();
  const later = joinApp(async () => [add(1, 2)]);
  assertSame<Awaited<ReturnType<typeof later>>, number[]>(true);
  const nested = joinApp(() => later());
  assertSame<ReturnType<typeof nested>, AppFuture<number[]>>(true);
  const nothing = joinApp(() => undefined);
  assertSame<ReturnType<typeof nothing>, AppFuture<undefined>>(true);
}

export async function appsOfModulesAre(): Promise<void> {
  const functions = apps<typeof Functions>(url);
  assertSame<ReturnType<typeof functions.add>, AppFuture<number>>(true);
  // @ts-expect-error it exports no such function
  functions.ad(1, 2);
  const quick = functions.double.with({ timeLimitMs: 5 });
  assertSame<ReturnType<typeof quick>, AppFuture<number>>(true);
  const doubled = await quick.map([1, quick(2)]);
  assertSame<typeof doubled, number[]>(true);
  const settled = await quick.map(new Set([1]), { settle: true });
  assertSame<typeof settled, PromiseSettledResult<number>[]>(true);
  for await (const one of quick.map([1])) assertSame<typeof one, number>(true);
  functions.total(quick.map([1]));
  // @ts-expect-error items of another type
  quick.map(['1']);
  // @ts-expect-error there is no such option
  quick.with({ timeLimit: 5 });
}

/** Recursion names its type. */
export const fibonacci: (n: Argument<number>) => AppFuture<number> = joinApp(
  (n: number): AppFuture<number> => (n < 2 ? add(n, 0) : add(fibonacci(n - 1), fibonacci(n - 2))),
);

export function futuresAreAssignable(): void {
  const numbers: AppFuture<number | string> = add(1, 2);
  const promises: Promise<unknown>[] = [add(1, 2), table(), numbers];
  const futures: AppFuture<unknown>[] = [add(1, 2), table()];
  void Promise.all([...promises, ...futures]);
}
