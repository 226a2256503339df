/** Futures and promises in arguments and in what joins return, wherever they are. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import {
  AppFuture,
  app,
  Config,
  type Executor,
  InlineExecutor,
  joinApp,
  load,
  type TilewrightError,
} from '../../../src/parallel.ts';
import type * as Functions from './kernel-functions.ts';

const URL_OF_FUNCTIONS = new URL('./kernel-functions.ts', import.meta.url);
const add = app<typeof Functions.add>(URL_OF_FUNCTIONS, 'add');
const echo = app<typeof Functions.echo>(URL_OF_FUNCTIONS, 'echo');
const total = app<typeof Functions.total>(URL_OF_FUNCTIONS, 'total');
const fail = app<typeof Functions.fail>(URL_OF_FUNCTIONS, 'fail');
/** Gives its arguments, in this process: nothing is made text on the way. */
const same = joinApp((...args: unknown[]) => args);

const inline = (): Config => new Config({ executors: [new InlineExecutor()], retries: 0 });

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(values.length)]!;
}

/** The value twice: plain, and with parts of it as promises or futures. */
function randomValue(random: Random, depth: number): [plain: unknown, pending: unknown] {
  const kind = depth === 0 ? 'leaf' : pick(random, ['leaf', 'array', 'object', 'map', 'set']);
  const items = Array.from({ length: kind === 'leaf' ? 0 : random.integer(4) }, () =>
    randomValue(random, depth - 1),
  );
  let plain: unknown;
  let pending: unknown;
  if (kind === 'leaf') {
    plain = pick(random, [1, 'text', null, undefined, -0, true, 12n]);
    pending = plain;
  } else if (kind === 'array') {
    [plain, pending] = [0, 1].map((side) => items.map((item) => item[side as 0 | 1]));
  } else if (kind === 'object') {
    [plain, pending] = [0, 1].map((side) =>
      Object.fromEntries(items.map((item, i) => [`k${i}`, item[side as 0 | 1]])),
    );
  } else if (kind === 'map') {
    [plain, pending] = [0, 1].map((side) => {
      const keys = items.map((_, i) => (side === 1 && i % 2 === 0 ? Promise.resolve(i) : i));
      return new Map(items.map((item, i) => [keys[i], item[side as 0 | 1]]));
    });
  } else {
    [plain, pending] = [0, 1].map((side) => new Set(items.map((item) => item[side as 0 | 1])));
  }
  return [plain, random.next() < 0.4 ? promised(random, pending) : pending];
}

function promised(random: Random, value: unknown): PromiseLike<unknown> {
  if (random.next() < 0.3) return same(value).at(0);
  const late = new Promise((resolve) => setTimeout(() => resolve(value), random.integer(3)));
  // biome-ignore lint/suspicious/noThenProperty: whatever has it can be awaited
  return random.next() < 0.5 ? late : { then: late.then.bind(late) };
}

suite('what waits is awaited', () => {
  test('wherever it is: against the same values without promises', async () => {
    await using _kernel = await load(inline());
    const random = new Random(3);
    for (let i = 0; i < 150; i++) {
      const values = [1, 2].map(() => randomValue(random, 4));
      const got = await same(...values.map(([, pending]) => pending));
      assert.deepEqual(
        got,
        values.map(([plain]) => plain),
        `value ${i}`,
      );
    }
  });

  test('in circles, twice, beside holes, odd keys and values of classes', async () => {
    await using _kernel = await load(inline());
    const three = add(1, 2);
    class Point {
      later = three;
    }
    const point = new Point();
    const circle: Record<string, unknown> = { three, point, list: [three, three] };
    circle.self = circle;
    circle.map = new Map<unknown, unknown>([[circle, circle]]);
    // biome-ignore lint/suspicious/noSparseArray: holes are what is tested
    const holes = [, three, ,];
    const odd = Object.assign(Object.create(null), { b: three, a: 1 });
    const named = JSON.parse('{"__proto__":1}');
    named.three = three;
    const [got, gotHoles, gotOdd, gotNamed] = (await same(circle, holes, odd, named)) as [
      typeof circle,
      unknown[],
      typeof odd,
      typeof named,
    ];
    assert.equal(got.three, 3);
    assert.deepEqual(got.list, [3, 3]);
    assert.equal(got.self, got);
    assert.equal((got.map as Map<unknown, unknown>).get(got), got);
    // Of a class only its own code knows what its fields mean.
    assert.equal(got.point, point);
    assert.equal(point.later, three);
    assert.deepEqual(Object.keys(gotHoles), ['1']);
    assert.equal(gotHoles.length, 3);
    assert.equal(Object.getPrototypeOf(gotOdd), null);
    assert.deepEqual(Object.keys(gotOdd), ['b', 'a']);
    assert.deepEqual(Object.keys(gotNamed), ['__proto__', 'three']);
    assert.equal(circle.three, three, 'the caller keeps what it has');
  });

  test('results of promises may have promises inside; one that waits for itself is refused', async () => {
    await using _kernel = await load(inline());
    assert.equal(await total(Promise.resolve([add(1, 2), Promise.resolve(4)]) as never), 7);
    const self: Promise<unknown> = Promise.resolve().then(() => [self]);
    await assert.rejects(same(self), { code: 'dependency-failed', message: /waits for itself/ });
  });

  test('nothing else than that delays a call: the executor has it in the same turn', async () => {
    const seen: unknown[] = [];
    const executor: Executor = {
      label: 'seeing',
      slots: 4,
      closed: false,
      run: async ({ args }) => {
        seen.push(structuredClone(args));
      },
      shutdown: async () => undefined,
    };
    await using kernel = await load(new Config({ executors: [executor] }));
    const list = [1, { b: new Map([[1, new Date(5)]]) }];
    kernel.submit({ name: 'any.thing', args: [list] });
    assert.equal(seen.length, 1);
    list.push(3);
    const { promise, resolve } = Promise.withResolvers<number>();
    const later = [4, promise];
    const waiting = kernel.submit({ name: 'any.thing', args: [later] });
    assert.equal(waiting.state, 'waiting');
    later.push(6);
    resolve(5);
    await waiting;
    assert.deepEqual(seen, [[[1, { b: new Map([[1, new Date(5)]]) }]], [[4, 5]]]);
  });
});

suite('what it waits for may fail', () => {
  test('which says where, and what of', async () => {
    await using _kernel = await load(inline());
    const broken = fail('no page 9');
    const error = (await add(broken, 1).exception()) as TilewrightError;
    assert.equal(error.code, 'dependency-failed');
    assert.match(error.message, /^kernel-functions\.add .*kernel-functions\.fail.*no page 9$/);
    assert.equal((error.cause as TilewrightError).message, 'no page 9');
    const reason = new TypeError('not today');
    const at = echo(1, { a: [{ 'b c': Promise.reject(reason) }] });
    await assert.rejects(at, (one: TilewrightError) => {
      assert.equal(one.code, 'dependency-failed');
      assert.match(
        one.message,
        /the promise at argument 2, \.a\[0\]\["b c"\] was rejected: not today/,
      );
      assert.equal(one.cause, reason);
      return true;
    });
    const inMap = echo(new Map([['k', new Set([1, Promise.reject(reason)])]]));
    await assert.rejects(inMap, { message: /argument 1, \.get\("k"\)\.values\(\)\[1\]/ });
    await assert.rejects(echo(Promise.reject(reason)), { message: /at argument 1 was rejected/ });
  });

  test('all errors are in the cause, three in the message, each future once', async () => {
    await using _kernel = await load(inline());
    const broken = ['a', 'b', 'c', 'd'].map((text) => fail(text));
    const error = (await echo(broken, broken[0]).exception()) as TilewrightError;
    assert.match(error.message, /4 apps or promises failed: .*: a; .*: b; .*: c; …$/);
    const { errors } = error.cause as AggregateError;
    assert.deepEqual(
      errors.map((one: TilewrightError) => one.message),
      ['a', 'b', 'c', 'd'],
    );
  });
});

suite('joins', () => {
  test('give what they return with results in it, however deep', async () => {
    await using _kernel = await load(inline());
    const joined = await joinApp(() => ({
      a: add(1, 2),
      b: [[add(2, 3)]],
      c: new Map([[Promise.resolve('k'), new Set([add(3, 4)])]]),
    }))();
    assert.deepEqual(joined, { a: 3, b: [[5]], c: new Map([['k', new Set([7])]]) });
    assert.equal(await joinApp(() => joinApp(async () => add(4, 5))())(), 9);
  });

  test('tell all errors of what they called', async () => {
    await using _kernel = await load(inline());
    const both = joinApp(() => ({ x: fail('first'), y: [add(1, 1), fail('second')] }));
    const error = (await both().exception()) as TilewrightError;
    assert.equal(error.code, 'dependency-failed');
    assert.match(error.message, /joinApp failed because 2 .*fail: first; .*fail: second$/);
    const { errors } = error.cause as AggregateError;
    assert.deepEqual(
      errors.map((one: TilewrightError) => one.message),
      ['first', 'second'],
    );
  });
});

suite('futures of parts of a result', () => {
  test('of objects, arrays and Maps, in a chain, and as arguments', async () => {
    await using _kernel = await load(inline());
    const value = joinApp(() => ({
      list: [1, { deep: [2, add(1, 2)] }] as const,
      map: new Map([[7, 'seven']]),
    }))();
    const deep = value.get('list').get(1).get('deep');
    assert.equal(await deep.at(-1), 3);
    assert.equal(await add(deep.at(0), deep.at(1)), 5);
    assert.equal(await value.get('map').get(7), 'seven');
    assert.ok(deep instanceof AppFuture);
    assert.equal(deep.name, 'joinApp.get(list).get(1).get(deep)');
  });

  test('fail as the whole does, and where there is no such part', async () => {
    await using _kernel = await load(inline());
    const broken = fail('no page 9') as AppFuture<never>;
    const part = (broken as AppFuture<unknown>).get('a');
    assert.equal(await part.get('b').exception(), await broken.exception());
    const value = same({ a: [1, 2] }, null).at(0) as AppFuture<unknown>;
    const missing: [AppFuture<unknown>, RegExp][] = [
      [value.get('b'), /has no b: it is an object of a$/],
      [value.get('toString'), /has no toString/],
      [value.get('a').at(2), /has no 2: it is an array of 2/],
      [value.get('a').at(-3), /has no -3/],
      [value.at(0), /has no 0: it is an object/],
      [
        same(null)
          .at(0)
          .get('a' as never),
        /has no a: it is null/,
      ],
      [add(1, 2).get('toFixed' as never), /has no toFixed: it is a number/],
    ];
    for (const [future, message] of missing) {
      await assert.rejects(future, { code: 'task-failed', message });
    }
  });
});
