/** Timers that wait for any time, by a clock that the test moves. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pauseFor, startTimer } from '../../src/parallel/time-limit.ts';

const DAY = 86_400_000;

/** In steps that the mock of the clock follows: timers that start in a step start at its end. */
function tick({ mock }: TestContext, ms: number): void {
  for (let rest = ms; rest > 0; rest -= 2 ** 31 - 1) mock.timers.tick(Math.min(rest, 2 ** 31 - 1));
}

test('a timer fires once, after its time, also where that is more than 2^31 ms', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const ms of [0, 1, 2 ** 31 - 1, 2 ** 31, 30 * DAY, 100 * DAY]) {
    let calls = 0;
    startTimer(() => calls++, ms);
    if (ms > 0) {
      tick(t, ms - 1);
      assert.equal(calls, 0, `${ms}`);
    }
    tick(t, 1);
    assert.equal(calls, 1, `${ms}`);
    tick(t, 2 ** 32);
    assert.equal(calls, 1, `${ms}`);
  }
});

test('one without end never fires, and one that was cleared neither', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let calls = 0;
  startTimer(() => calls++, Number.POSITIVE_INFINITY).clear();
  startTimer(() => calls++, Number.POSITIVE_INFINITY);
  const long = startTimer(() => calls++, 60 * DAY);
  tick(t, 30 * DAY);
  long.clear();
  tick(t, 2000 * DAY);
  assert.equal(calls, 0);
});

test('a pause ends with its time or its signal', async () => {
  await pauseFor(1);
  await pauseFor(30 * DAY, AbortSignal.abort());
  const controller = new AbortController();
  const paused = pauseFor(Number.POSITIVE_INFINITY, controller.signal);
  controller.abort();
  await paused;
});
