/** Apps of a whole module, apps with other options, and apps that are called with many items. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  apps,
  Config,
  clear,
  type Executor,
  InlineExecutor,
  load,
  type Task,
  type TilewrightError,
} from '../../../src/parallel.ts';
import type * as Functions from './kernel-functions.ts';

const URL_OF_FUNCTIONS = new URL('./kernel-functions.ts', import.meta.url);
const functions = apps<typeof Functions>(URL_OF_FUNCTIONS);

const inline = (): Config => new Config({ executors: [new InlineExecutor()], retries: 0 });

/** Runs tasks in this process, some milliseconds each, and notes how many there are at a time. */
class Watched implements Executor {
  readonly label = 'watched';
  readonly slots: number;
  closed = false;
  running = 0;
  most = 0;
  readonly tasks: (Task & { each?: boolean })[] = [];
  readonly #run: (args: readonly unknown[]) => unknown;
  readonly #ms: (task: number) => number;

  constructor(run: (args: readonly unknown[]) => unknown, slots = 2, ms = (_: number) => 1) {
    this.#run = run;
    this.slots = slots;
    this.#ms = ms;
  }

  async run(task: Task & { each?: boolean }): Promise<unknown> {
    this.most = Math.max(this.most, ++this.running);
    const ms = this.#ms(this.tasks.push(task));
    try {
      await setTimeout(ms);
      const lists = task.each ? (task.args as unknown[][]) : [task.args];
      const results = lists.map((args) => this.#run(args));
      return task.each ? results : results[0];
    } finally {
      this.running--;
    }
  }

  async shutdown(): Promise<void> {
    this.closed = true;
  }
}

suite('apps of a module', () => {
  test('are there by the names of its functions; others fail when they are called', async () => {
    await using _kernel = await load(inline());
    assert.equal(await functions.total([functions.add(1, 2), 4]), 7);
    assert.equal(functions.add, functions.add);
    assert.equal(functions.add(1, 2).name, 'kernel-functions.add');
    const untyped = apps(URL_OF_FUNCTIONS) as Record<string, (...args: unknown[]) => unknown>;
    await assert.rejects(untyped.totl!([1]) as Promise<unknown>, { code: 'task-unknown' });
    // It can be awaited, printed and copied like any object.
    assert.equal(await untyped, untyped);
    assert.equal(String(Object.keys(untyped)), '');
    assert.throws(() => apps(URL_OF_FUNCTIONS, { cahce: true } as object), {
      code: 'config-invalid',
      message: /Did you mean cache/,
    });
  });

  test('with other options for some calls', async () => {
    const a = new Watched(([x]) => `a${x}`);
    const b = Object.assign(new Watched(([x]) => `b${x}`), { label: 'b' });
    await using _kernel = await load(new Config({ executors: [a, b] }));
    const onA = functions.double.with({ executors: ['watched'], priority: 1 });
    const onB = onA.with({ executors: ['b'], resources: { cores: 2 }, timeLimitMs: 50 });
    assert.deepEqual(await Promise.all([onA(1), onB(2), onA(3)]), ['a1', 'b2', 'a3']);
    const { args: _args, ...sent } = b.tasks[0]!;
    assert.deepEqual(JSON.parse(JSON.stringify(sent)), {
      name: 'kernel-functions.double',
      timeLimitMs: 50,
      sampled: true,
      priority: 1,
      resources: { cores: 2 },
    });
    for (const [wrong, message] of [
      [{ timeLimit: 5 }, /Did you mean timeLimitMs/],
      [{ resources: { cpus: 1 } }, /there is no option cpus/],
      [{ resources: { cores: 0 } }, /cores must be a whole number ≥ 1/],
      [{ priority: Number.NaN }, /priority must be a finite number/],
      [{ module: 'x' }, /there is no option module/],
    ] as const) {
      assert.throws(() => onA.with(wrong as object), { code: 'config-invalid', message });
    }
  });
});

suite('map', () => {
  test('gives what a plain map gives, in order, however it is run', async () => {
    const expected = Array.from({ length: 41 }, (_, i) => 2 * i);
    async function* later(): AsyncGenerator<number> {
      for (let i = 0; i < 41; i++) {
        if (i % 7 === 0) await setTimeout(1);
        yield i;
      }
    }
    for (const concurrency of [undefined, 1, 3, 100]) {
      for (const chunk of [1, 4, 41, 1000]) {
        const executor = new Watched(
          ([n]) => 2 * (n as number),
          3,
          (task) => (task * 5) % 4,
        );
        await using _kernel = await load(new Config({ executors: [executor] }));
        const options = concurrency === undefined ? { chunk } : { chunk, concurrency };
        const numbers = Array.from({ length: 41 }, (_, i) => i);
        const where = `${concurrency} ${chunk}`;
        assert.deepEqual(await functions.double.map(numbers, options), expected, where);
        assert.ok(executor.most <= (concurrency ?? 6), `${where}: ${executor.most} at a time`);
        assert.equal(executor.tasks.length, Math.ceil(41 / chunk));
        const iterated: number[] = [];
        for await (const n of functions.double.map(later(), options)) iterated.push(n);
        assert.deepEqual(iterated, expected, where);
      }
    }
    await using _kernel = await load(inline());
    assert.deepEqual(await functions.double.map([]), []);
    assert.deepEqual(await functions.total.map([[functions.add(1, 2), 4], [5]]), [7, 5]);
    assert.equal(await functions.total(functions.double.map(new Set([1, 2]))), 6);
  });

  test('asks for no more items than there is room for', async () => {
    const executor = new Watched(([n]) => n);
    await using _kernel = await load(new Config({ executors: [executor] }));
    let given = 0;
    let closed = false;
    function* endless(): Generator<number> {
      try {
        for (;;) yield given++;
      } finally {
        closed = true;
      }
    }
    const taken: number[] = [];
    for await (const n of functions.double.map(endless(), { concurrency: 3 })) {
      taken.push(n);
      await setTimeout(5);
      assert.ok(given <= taken.length + 3, `${given} were asked for, ${taken.length} taken`);
      if (n === 20) break;
    }
    assert.deepEqual(taken, [...Array(21).keys()]);
    await setTimeout(10);
    assert.equal(closed, true);
    const asked = given;
    await setTimeout(20);
    assert.equal(given, asked);
    assert.equal(executor.running, 0);
  });

  test('the first failure names its item and takes back the rest, unless it is to settle', async () => {
    for (const chunk of [1, 5]) {
      const executor = new Watched(([n]) => {
        if (n === 13) throw new RangeError('no luck');
        return n;
      });
      await using kernel = await load(new Config({ executors: [executor], retries: 0 }));
      const many = Array.from({ length: 10_000 }, (_, i) => i);
      const error = (await functions.double.map(many, { chunk, concurrency: 4 }).then(
        () => assert.fail(),
        (thrown) => thrown,
      )) as TilewrightError;
      assert.equal(error.code, 'task-failed');
      assert.match(error.message, /^Item 13: .*no luck$/);
      assert.ok(error.cause instanceof RangeError);
      assert.ok(executor.tasks.length < 50, `${executor.tasks.length} tasks`);
      assert.equal(kernel.counts.queued + kernel.counts.running, 0);

      const settled = await functions.double.map(many.slice(10, 17), { chunk, settle: true });
      assert.deepEqual(
        settled.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message)),
        [10, 11, 12, 'Item 3: no luck', 14, 15, 16],
      );
      const before: number[] = [];
      await assert.rejects(async () => {
        for await (const n of functions.double.map(many, { chunk })) before.push(n);
      }, /Item 13/);
      assert.deepEqual(before, [...Array(before.length).keys()]);
      assert.ok(before.length <= 13);
    }
  });

  test('a failing iterable, cancel() and the end of the kernel end it', async () => {
    const executor = new Watched(
      ([n]) => n,
      2,
      () => 50,
    );
    await load(new Config({ executors: [executor], retries: 0 }));
    function* broken(): Generator<number> {
      yield 1;
      throw new Error('the list is torn');
    }
    await assert.rejects(functions.double.map(broken()), /the list is torn/);
    async function* stuck(): AsyncGenerator<number> {
      yield 13;
      await new Promise(() => undefined);
    }
    const cancelled = functions.double.map(stuck());
    cancelled.cancel();
    await assert.rejects(cancelled, { code: 'task-cancelled' });
    const left = functions.double.map([1, 2, 3, 4, 5], { concurrency: 1 });
    await clear();
    await assert.rejects(left);
    assert.throws(() => functions.double.map(5 as never), { code: 'usage', message: /iterable/ });
    assert.throws(() => functions.double.map([], { chunk: 0 }), { code: 'config-invalid' });
    assert.throws(() => functions.double.map([], { chunks: 1 } as object), /Did you mean chunk/);
  });
});
