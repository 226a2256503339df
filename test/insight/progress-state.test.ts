/** What a run's events come to: whole, honest, and never backwards. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RunProgressState } from '../../src/insight/progress/progress-state.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { runStream, type StreamOptions } from './run-stream.ts';

/** Feeds a run to a state and looks at it after each event. */
function follow(
  options: StreamOptions,
  look: (state: RunProgressState, event: RunEvent, end: number) => void,
): RunProgressState {
  const state = new RunProgressState();
  const events = runStream(options);
  const end = events.at(-1)!.at;
  for (const event of events) {
    state.apply(event);
    look(state, event, end);
  }
  return state;
}

suite('progress of a run', () => {
  const runs: Record<string, StreamOptions> = {
    'as expected': { features: 60_000 },
    'slow to merge': { features: 60_000, mergeRate: 200 },
    'quick to merge': { features: 60_000, mergeRate: 50_000 },
    'with retries': { features: 30_000, retried: [0, 2, 3] },
    'with failures': { features: 30_000, failed: [1, 2] },
    'one worker': { features: 20_000, workers: ['host/1/1'] },
  };

  for (const [name, options] of Object.entries(runs)) {
    test(`never falls, and is whole only at the end: ${name}`, () => {
      let last = 0;
      follow(options, (state, event) => {
        const share = state.share();
        assert.ok(share >= last, `${share} after ${last}`);
        last = share;
        if (event.type === 'run-ended') assert.equal(share, 1);
        else assert.ok(share < 1);
        if (event.type === 'phase-ended' && event.phase === 'plan') assert.equal(share, 0);
      });
    });
  }

  test('as soon as merging is measured, the share is that of the time', () => {
    for (const [name, options] of Object.entries(runs)) {
      follow(options, (state, event, end) => {
        const merge = state.phase('merge');
        if (merge === null || merge.share < 0.2 || event.type !== 'progress') return;
        // What is shown may be ahead, and then waits until it is true.
        const actual = event.at / end;
        if (name !== 'slow to merge') assert.ok(state.share() - actual < 0.15, name);
        assert.ok(actual - state.share() < 0.15, `${name}: ${actual} ${state.share()}`);
      });
    }
  });

  test('staging is about 90 % of a run, unless it is measured otherwise', () => {
    const atEndOfStaging = (options: StreamOptions): number => {
      let share = 0;
      follow(options, (state, event) => {
        if (event.type === 'phase-ended' && event.phase === 'stage') share = state.share();
      });
      return share;
    };
    assert.ok(Math.abs(atEndOfStaging({ features: 60_000 }) - 0.89) < 0.02);
    // Retries and slow slices are time of staging too.
    assert.ok(Math.abs(atEndOfStaging({ features: 60_000, retried: [0] }) - 0.89) < 0.1);
  });

  test('time left is hidden until it means something, and has the true one in it then', () => {
    for (const options of [runs['as expected']!, runs['one worker']!]) {
      // A merge that takes a tenth of the staging's time.
      const { features = 0 } = options;
      const usual = { ...options, rows: features, mergeRate: 10_000 };
      let told = 0;
      follow(usual, (state, event, end) => {
        const left = state.timeLeft();
        if (event.at < 3) assert.equal(left, null);
        if (left === null) return;
        told++;
        const actual = end - event.at;
        assert.ok(
          left.low <= actual + 1 && actual <= left.high + 1,
          JSON.stringify([left, actual]),
        );
        assert.ok(left.low <= left.high);
      });
      assert.ok(told > 100, `${told} times`);
    }
  });

  test('what an attempt had done that failed is taken back, and counted as one of the retries', () => {
    let fell = 0;
    let last = 0;
    const state = follow({ retried: [0, 2] }, ({ current }) => {
      const done = current?.phase === 'stage' ? current.done : last;
      if (done < last) fell++;
      last = done;
    });
    assert.equal(fell, 2);
    assert.equal(state.retries, 2);
    assert.equal(state.failedInputs, 0);
    assert.equal(state.failures.length, 2);
    assert.ok(state.failures.every(({ retried, attempt }) => retried && attempt === 1));
    const stage = state.phase('stage')!;
    assert.deepEqual([stage.done, stage.total, stage.tasksEnded], [40_000, 40_000, 4]);
  });

  test('failed inputs are kept with their cause', () => {
    const state = follow({ failed: [1] }, () => undefined);
    assert.equal(state.failedInputs, 1);
    const ofInput = state.failures.filter(({ worker }) => worker === null);
    assert.deepEqual(
      ofInput.map(({ subject, error }) => [subject, error.message]),
      [['b.gpkg', "b.gpkg can't be read at row 7"]],
    );
    assert.equal(state.phase('stage')!.share, 1);
  });

  test('it knows what each worker is on, and since when', () => {
    let most = 0;
    const state = follow({}, (now, event) => {
      most = Math.max(most, now.running.length);
      if (event.type !== 'task-started') return;
      const mine = now.running.find(({ worker }) => worker === event.worker)!;
      const { task, subject, at } = event;
      assert.deepEqual([mine.task, mine.subject, mine.since], [task, subject, at]);
      assert.equal(now.current!.tasksRunning, now.running.length);
    });
    assert.equal(most, 2);
    assert.deepEqual(state.running, []);
  });

  test('speeds are those of the last seconds; what was there before is none', () => {
    const state = new RunProgressState();
    const begun = { tasks: 2, bytes: 1e6 };
    state.apply({ at: 0, type: 'phase-started', phase: 'stage', total: 1_000, ...begun });
    state.apply({ at: 0, type: 'progress', phase: 'stage', done: 500, total: 1_000 });
    assert.equal(state.rate(), null);
    const task = { ...{ task: 1, subject: 'a', part: 1, parts: 1 }, worker: 'h/1/1', attempt: 1 };
    state.apply({ at: 60, type: 'task-started', phase: 'stage', ...task });
    for (let at = 61; at <= 80; at++) {
      const done = 500 + 10 * (at - 60);
      state.apply({ at, type: 'progress', phase: 'stage', done, total: 1_000 });
    }
    assert.deepEqual(state.rate(), { phase: 'stage', perSecond: 10 });
    assert.equal(state.phase('stage')!.secondsLeft(80), 30);
    // Nothing comes any more.
    assert.ok(state.rate(85)!.perSecond < 10);
    assert.equal(state.rate(95)!.perSecond, 0);
    assert.equal(state.timeLeft(200), null);
  });

  test('while another process has the folder there is no time left to tell', () => {
    const state = new RunProgressState();
    const nothing = { total: 0, tasks: 0, bytes: 0 };
    for (const event of runStream({ features: 60_000 })) {
      if (event.at > 30) break;
      state.apply(event);
    }
    assert.notEqual(state.timeLeft(), null);
    state.apply({ at: 31, type: 'phase-ended', phase: 'stage' });
    state.apply({ at: 31, type: 'phase-started', phase: 'wait', ...nothing });
    assert.equal(state.timeLeft(), null);
    assert.equal(state.waitingSince, 31);
    state.apply({ at: 40, type: 'phase-ended', phase: 'wait' });
    assert.equal(state.waitingSince, null);
  });

  test('a merge of what another run has left is no part of the way', () => {
    const state = new RunProgressState();
    const begun = { total: 100, tasks: 1, bytes: 100 };
    state.apply({ at: 0, type: 'phase-started', phase: 'merge', ...begun });
    state.apply({ at: 5, type: 'progress', phase: 'merge', done: 100, total: 100 });
    state.apply({ at: 5, type: 'phase-ended', phase: 'merge' });
    assert.equal(state.share(), 0);
    for (const event of runStream({ features: 60_000 })) {
      state.apply({ ...event, at: event.at + 5 });
      if (event.type === 'phase-started' && event.phase === 'stage') {
        assert.ok(state.share() < 0.1, String(state.share()));
      }
    }
    assert.equal(state.share(), 1);
  });
});
