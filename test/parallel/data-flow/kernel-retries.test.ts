/** Which failures are tried again, how often, and what is left of them. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { TilewrightError } from '../../../src/core/errors.ts';
import {
  app,
  Config,
  type ConfigOptions,
  type Executor,
  load,
  type RetryPolicy,
  registry,
} from '../../../src/parallel.ts';
import type * as Functions from './kernel-functions.ts';

const URL_OF_FUNCTIONS = new URL('./kernel-functions.ts', import.meta.url);
registry.register(URL_OF_FUNCTIONS);

/** Fails with each of the errors, then answers. */
function failing(...errors: TilewrightError[]): Executor {
  let next = 0;
  return {
    label: 'failing',
    slots: 1,
    closed: false,
    run: async () => {
      if (next < errors.length) throw errors[next++];
      return 'at last';
    },
    shutdown: async () => undefined,
  };
}

const thrown = (text: string): TilewrightError =>
  new TilewrightError('task-failed', text, { cause: new RangeError(text) });
const helpful = (text: string): TilewrightError =>
  new TilewrightError('worker-died', text, { retryable: true });

async function outcome(
  errors: TilewrightError[],
  options: ConfigOptions,
  ofApp: { retries?: number; retryPolicy?: RetryPolicy } = {},
): Promise<[result: unknown, attempts: number]> {
  await using _kernel = await load(
    new Config({ backoffMs: 0, ...options, executors: [failing(...errors)] }),
  );
  const future = app<typeof Functions.double>(URL_OF_FUNCTIONS, 'double', ofApp)(1);
  const result = await future.then(String, (error) => (error as TilewrightError).message);
  return [result, future.attempts];
}

suite('retries', () => {
  test('by default: twice, if the error says that it may help', async () => {
    assert.deepEqual(await outcome([thrown('a')], {}), ['a', 1]);
    assert.deepEqual(await outcome([helpful('a'), helpful('b')], {}), ['at last', 3]);
    const three = [helpful('a'), helpful('b'), helpful('c')];
    assert.deepEqual(await outcome(three, {}), ['c (tried 3 times)', 3]);
  });

  test('a number that is given holds for whatever the function throws', async () => {
    const three = [thrown('a'), helpful('b'), thrown('c')];
    assert.deepEqual(await outcome(three, { retries: 3 }), ['at last', 4]);
    assert.deepEqual(await outcome(three, { retries: 2 }), ['c (tried 3 times)', 3]);
    assert.deepEqual(await outcome(three, { retries: 0 }), ['a', 1]);
    assert.deepEqual(await outcome(three, {}, { retries: 3 }), ['at last', 4]);
    assert.deepEqual(await outcome(three, {}, { retryPolicy: { retries: 3 } }), ['at last', 4]);
    assert.deepEqual(await outcome(three, { retries: 3 }, { retries: 0 }), ['a', 1]);
  });

  test('what no attempt changes is not tried again', async () => {
    for (const code of ['task-arguments', 'task-unknown', 'task-cancelled', 'queue'] as const) {
      const error = new TilewrightError(code, 'no');
      assert.deepEqual(await outcome([error], { retries: 5 }), ['no', 1], code);
    }
  });

  test('what an attempt failed by is told, also when it took its arguments along', async () => {
    const moved = new TilewrightError('task-arguments', 'memory that was moved elsewhere');
    assert.deepEqual(await outcome([helpful('died'), moved], { retries: 5 }), [
      'died (not tried again: memory that was moved elsewhere)',
      2,
    ]);
  });

  test('shouldRetry overrules all of that', async () => {
    const shouldRetry = ({ message }: TilewrightError): boolean => message === 'a';
    const two = [thrown('a'), thrown('b')];
    assert.deepEqual(await outcome(two, { shouldRetry }), ['b', 2]);
    assert.deepEqual(await outcome(two, { shouldRetry, retries: 9 }), ['b', 2]);
    assert.deepEqual(await outcome([helpful('b')], { shouldRetry }), ['b', 1]);
  });
});

suite('retryHandler', () => {
  test('says what a failure costs, of what the budget is the retries', async () => {
    const seen: unknown[] = [];
    const retryHandler: RetryPolicy['retryHandler'] = (error, task) => {
      seen.push([error.message, task]);
      return error.message === 'cheap' ? 0.1 : 1;
    };
    const cheap = Array.from({ length: 10 }, () => thrown('cheap'));
    const [result, attempts] = await outcome(cheap, { retries: 1, retryHandler });
    assert.deepEqual([result, attempts], ['at last', 11]);
    const task = { name: 'kernel-functions.double', args: [1], attempt: 1 };
    assert.deepEqual(seen[0], ['cheap', task]);
    assert.deepEqual((seen[9] as unknown[])[1], { ...task, attempt: 10 });
    const dear = [thrown('cheap'), thrown('dear'), thrown('dear')];
    const given = { retries: 1, retryHandler };
    assert.deepEqual(await outcome(dear, given), ['dear (tried 2 times)', 2]);
    const never = { retryHandler: () => Number.POSITIVE_INFINITY };
    assert.deepEqual(await outcome([thrown('a')], never), ['a', 1]);
    assert.deepEqual(await outcome([thrown('a')], {}, { retryPolicy: never }), ['a', 1]);
  });

  test('its own errors, and costs that are none, are the error of the task', async () => {
    const broken = (): never => {
      throw new Error('handler is broken');
    };
    assert.deepEqual(await outcome([thrown('a')], { retryHandler: broken }), [
      'handler is broken',
      1,
    ]);
    for (const cost of [Number.NaN, -1, undefined, '1']) {
      const [message] = await outcome([thrown('a')], { retryHandler: () => cost as number });
      assert.match(String(message), /retryHandler must return a number ≥ 0/);
    }
  });
});

test('the cause of an error is what the function threw, however often it was tried', async () => {
  for (const retries of [0, 2]) {
    const errors = ['a', 'b', 'c'].map(thrown);
    await using _kernel = await load(
      new Config({ executors: [failing(...errors)], retries, backoffMs: 0 }),
    );
    const error = await app(URL_OF_FUNCTIONS, 'double')(1).exception();
    assert.ok(error?.cause instanceof RangeError, `${retries}`);
  }
});
