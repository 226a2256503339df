/** Progress on screens of all sizes, on pipes, and as JSON. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { suite, type TestContext, test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { blockLines } from '../../src/cli/progress/block.ts';
import { JsonLines } from '../../src/cli/progress/json-lines.ts';
import { caughtOutput } from '../../src/cli/progress/output-guard.ts';
import { PlainProgress } from '../../src/cli/progress/plain-progress.ts';
import { styleOf } from '../../src/cli/progress/style.ts';
import { TerminalProgress } from '../../src/cli/progress/terminal-progress.ts';
import { cellWidth, wrap } from '../../src/core/columns-of-text.ts';
import { printable } from '../../src/core/printable.ts';
import { RunProgressState } from '../../src/insight/progress/progress-state.ts';
import { StatusEvents } from '../../src/insight/progress/status-events.ts';
import { leftText, WorkerNames } from '../../src/insight/progress/words.ts';
import type { RunStatus } from '../../src/staging/recording/run-status.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { runStream, type StreamOptions } from '../insight/run-stream.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

const PLAIN = { NO_COLOR: '1', LANG: 'C.UTF-8' };
const ODD_NAMES = [
  '氷楔多角形の地図データ北極圏.gpkg',
  'e\u0301te\u0301-\u0928\u093f.gpkg',
  '\u{1f9ca}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}.gpkg',
  'evil\x1b[2J\x07\r\n\u202egnp.gpkg',
];
const WORKERS = Array.from({ length: 12 }, (_, i) => `node${1 + (i % 3)}.cluster/77/${i}`);
const MANY: StreamOptions = {
  inputs: [...ODD_NAMES, ...Array.from({ length: 20 }, (_, i) => `scene-${i}.gpkg`)],
  features: 30_000,
  workers: WORKERS,
  retried: [5, 6],
  failed: [0, 3],
};

interface Clock {
  now(): number;
  /** Lets milliseconds pass. */
  pass(ms: number): void;
}

function mockedClock(t: TestContext): Clock {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  return {
    now: () => now,
    pass: (ms) => {
      for (let left = ms; left > 0; left -= 50) {
        const step = Math.min(50, left);
        now += step;
        t.mock.timers.tick(step);
      }
    },
  };
}

function progressOn(terminal: VirtualTerminal): TerminalProgress {
  const options = { environment: PLAIN, hidden: () => false };
  return new TerminalProgress(terminal as unknown as WriteStream, options);
}

/** Plays a run at its own pace, and looks at it after each event. */
function play(
  events: readonly RunEvent[],
  clock: Clock,
  view: { update(event: RunEvent): void },
  look?: (event: RunEvent, i: number) => void,
): void {
  const start = clock.now();
  for (const [i, event] of events.entries()) {
    clock.pass(start + event.at * 1000 - clock.now());
    view.update(event);
    look?.(event, i);
  }
}

/** What the block should be now, but for fractions of a second. */
function expectedBlock(events: readonly RunEvent[], at: number, columns: number, rows: number) {
  const state = new RunProgressState();
  const names = new WorkerNames();
  for (const event of events) {
    state.apply(event);
    if (event.type === 'task-started') names.nameOf(event.worker);
  }
  const lines = blockLines(state, names, at, { columns, rows }, styleOf(PLAIN));
  return lines.map((line) => line.trimEnd());
}

const squeezed = (lines: readonly string[]): string => lines.join('').replaceAll(/\s/g, '');

suite('progress on a terminal', () => {
  test('no line is as wide as the screen, no block as high, whatever the names', () => {
    const events = runStream(MANY);
    const state = new RunProgressState();
    const names = new WorkerNames();
    for (const [i, event] of events.entries()) {
      state.apply(event);
      if (i % 7 !== 0) continue;
      for (const [columns, rows] of [
        [100, 30],
        [80, 24],
        [50, 12],
        [40, 10],
        [23, 5],
        [10, 2],
        [2, 1],
        [1, 1],
      ] as const) {
        const style = styleOf({ LANG: 'C.UTF-8' });
        const lines = blockLines(state, names, event.at, { columns, rows }, style);
        assert.ok(lines.length >= 1 && lines.length <= Math.max(1, rows - 1));
        for (const line of lines) {
          assert.ok(cellWidth(line) <= Math.max(1, columns - 1), `${columns}: ${line}`);
        }
      }
    }
  });

  test('it shows phases, workers of several hosts, and what they are on', () => {
    const events = runStream(MANY);
    const until = events.findIndex(({ at }) => at > 20);
    const lines = expectedBlock(events.slice(0, until), 20, 100, 30);
    const text = lines.join('\n');
    assert.match(text, /^ +\d+ % █+░+ {2}[\d,]+ features\/s {2}20 s {2}.* left$/m);
    assert.match(text, /^✓ planning +0\.3 s {2}24 inputs$/m);
    assert.match(text, /^▸ staging +\d+ % █+░* +[\d,]+ of 720,000 features/m);
    assert.match(text, /^· placing tiles$/m);
    assert.match(text, /^ {2}node2:1 +19 s {2}e\u0301te\u0301-/m);
    assert.match(text, /^ {2}and 5 more workers busy$/m);
    assert.equal(lines.filter((line) => /^ {2}node\d:\d /.test(line)).length, 7);
    const one = runStream({ features: 50_000 });
    const small = expectedBlock(one.slice(0, 40), one[39]!.at, 40, 10).join('\n');
    assert.match(small, /^ {2}worker 2 +\d+ s {2}b\.gpkg$/m);
  });

  for (const reflows of [true, false]) {
    const kind = reflows ? 'that breaks lines anew' : 'that cuts lines';
    test(`a terminal ${kind}: nothing is left of other sizes`, (t) => {
      const clock = mockedClock(t);
      const terminal = new VirtualTerminal(100, 30, reflows);
      terminal.write('$ tilewright stage\r\n');
      const view = progressOn(terminal);
      const events = runStream(MANY);
      const sizes = [
        ...[[70, 30] as const, [50, 28] as const, [50, 16] as const, [60, 12] as const],
        ...[[120, 40] as const, [100, 24] as const, [80, 30] as const, [50, 30] as const],
        ...[[40, 14] as const, [40, 10] as const, [100, 30] as const],
      ];
      const start = clock.now();
      let checked = 0;
      play(events, clock, view, (_, i) => {
        if (i % 31 !== 30 || sizes.length === 0) return;
        const [columns, rows] = sizes.shift()!;
        terminal.resize(columns, rows);
        clock.pass(150);
        const at = (clock.now() - start) / 1000;
        const block = expectedBlock(events.slice(0, i + 1), at, columns, rows - 1);
        const screen = terminal.screen();
        // The frame may be some tens of milliseconds old: what it counts is the same.
        const strip = (line: string): string =>
          line
            .replaceAll(/[\d.,]+ ?[a-z/]*/g, '#')
            .replaceAll(/[█░]+/g, ({ length }) => `<${length}>`);
        assert.deepEqual(screen.slice(-block.length).map(strip), block.map(strip));
        assert.ok(screen.length <= rows);
        const above = terminal.everything().slice(0, -block.length);
        const rubbish = above.filter((line) => /[░█▸✓]|workers? /.test(line));
        assert.deepEqual(rubbish, [], `${columns} × ${rows}`);
        assert.equal(terminal.cursorVisible, false);
        checked++;
      });
      assert.equal(checked, 11);
      view.end();
      assert.equal(terminal.cursorVisible, true);
      const all = terminal.everything();
      assert.equal(all[0], '$ tilewright stage');
      assert.equal(all.filter((line) => /[░█▸✓]/.test(line)).length, 0);
      if (!reflows) return;
      for (const [i, name] of MANY.inputs!.entries()) {
        // A message may have several lines.
        const shown = name.split('\r\n').map(printable).join('');
        const cause = squeezed([`failed: ${shown} can't be read at row 7`]);
        const told = squeezed(all).includes(cause);
        assert.equal(told, MANY.failed!.includes(i), cause);
      }
      assert.equal(squeezed(all).match(/triedagain:/g)?.length, 2);
    });
  }

  test('at most ten frames a second, and of each only what has changed', (t) => {
    const clock = mockedClock(t);
    const terminal = new VirtualTerminal(100, 30, true);
    const frames: string[] = [];
    const write = terminal.write.bind(terminal);
    terminal.write = (text) => {
      frames.push(text);
      return write(text);
    };
    const view = progressOn(terminal);
    const events = runStream({ features: 1_000_000 });
    play(events.slice(0, 60), clock, view);
    frames.length = 0;
    const last = events[59]!;
    const total = 4_000_000;
    for (let i = 1; i <= 2_000; i++) {
      clock.pass(1);
      view.update({ at: last.at + i / 1000, type: 'progress', phase: 'stage', done: i, total });
    }
    assert.ok(frames.length > 10 && frames.length <= 21, `${frames.length}`);
    const lengths = frames.map((frame) => frame.length).sort((a, b) => a - b);
    assert.ok(lengths[10]! * 2 < lengths.at(-1)!, `${lengths}`);
    view.end();
  });

  test('what others write comes above, and takes nothing away', (t) => {
    const clock = mockedClock(t);
    const terminal = new VirtualTerminal(60, 20, true);
    const view = progressOn(terminal);
    const events = runStream({ features: 30_000 });
    play(events.slice(0, 30), clock, view);
    // As `process.stderr.write` does it, while it is the stream.
    terminal.write('a warning\nand its\tsecond line\n');
    terminal.write('begun');
    view.print('Stopping when the running tasks have ended');
    clock.pass(200);
    const expected = ['a warning', 'and its  second line'];
    assert.deepEqual(terminal.screen().slice(0, 2), expected);
    assert.equal(terminal.screen()[2], 'Stopping when the running tasks have ended');
    assert.equal(terminal.screen().filter((line) => line.includes('▸ staging')).length, 1);
    view.end();
    const stays = [...expected, 'Stopping when the running tasks have ended', 'begun'];
    assert.deepEqual(terminal.screen(), stays);
  });

  test('what passes by it, or is typed, is written over within a second', (t) => {
    const clock = mockedClock(t);
    const terminal = new VirtualTerminal(60, 20, true);
    const raw = terminal.write.bind(terminal);
    const view = progressOn(terminal);
    play(runStream({ features: 30_000 }).slice(0, 30), clock, view);
    clock.pass(1_000);
    raw('somebody else\r\n');
    for (let i = 0; i < 12; i++) clock.pass(1_000);
    const screen = terminal.screen();
    assert.equal(screen[0], 'somebody else');
    assert.equal(screen.filter((line) => line.includes('▸ staging')).length, 1);
    view.end();
    assert.deepEqual(terminal.screen(), ['somebody else']);
  });

  test('text is measured and broken by what a screen shows', () => {
    assert.equal(cellWidth('氷楔.gpkg'), 9);
    assert.equal(cellWidth('e\u0301'), 1);
    for (const columns of [1, 2, 3, 7, 20, 60]) {
      const text = `failed: ${ODD_NAMES[0]} can't be read at row 7, and thatisaverylongword`;
      const lines = wrap(text, columns, '  ');
      assert.equal(squeezed(lines), squeezed([text]));
      // A wide character needs two columns where there is only one.
      for (const line of lines) assert.ok(cellWidth(line) <= Math.max(2, columns), line);
    }
    assert.equal(leftText({ low: 100, high: 130 }), 'about 2 min left');
    assert.equal(leftText({ low: 100, high: 320 }), '2–5 min left');
    assert.equal(leftText({ low: 40, high: 170 }), '40 s – 3 min left');
    assert.equal(leftText({ low: 1, high: 3 }), 'a few seconds left');
  });

  test('workers are named by host only where there are several', () => {
    const names = new WorkerNames();
    assert.equal(names.nameOf('a.example.org/1/1'), 'worker 1');
    assert.equal(names.nameOf('a.example.org/1/2'), 'worker 2');
    names.died('a.example.org/1/1');
    assert.equal(names.nameOf('a.example.org/9/1'), 'worker 1');
    assert.equal(names.nameOf('b.example.org/1/1'), 'b:1');
    assert.equal(names.nameOf('a.example.org/1/2'), 'a:2');
    assert.equal(names.nameOf('10.0.0.7/1/2'), '10.0.0.7:1');
  });
});

suite('progress elsewhere', () => {
  test('plain lines: phases, one every ten seconds, failures at once', (t) => {
    const clock = mockedClock(t);
    let text = '';
    const view = new PlainProgress({ write: (more: string) => (text += more) });
    play(runStream({ ...MANY, features: 300_000, workers: WORKERS.slice(0, 4) }), clock, view);
    view.end();
    assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
    const lines = text.trimEnd().split('\n');
    assert.equal(lines[0], 'staging: 7,200,000 features, 24 tasks');
    assert.equal(lines.filter((line) => line.startsWith('failed: ')).length, 2);
    assert.equal(lines.filter((line) => line.startsWith('tried again: ')).length, 2);
    assert.ok(lines.some((line) => /^staging: done in .*, [\d,]+ features, /.test(line)));
    assert.equal(lines.filter((line) => line.startsWith('placing tiles: ')).length, 2);
    assert.match(lines.at(-1)!, /^placing tiles: done in /);
    const now = /^staging: \d+ %, [\d,]+ of 7,200,000 features, [\d,]+ a second(, .* left)?$/;
    const regular = lines.filter((line) => now.test(line));
    // Half an hour: every ten seconds for five minutes, then less and less often.
    assert.ok(regular.length > 60 && regular.length < 100, `${regular.length}`);
  });

  test('JSON lines: every event, of progress four a second and the last', (t) => {
    const clock = mockedClock(t);
    const written: Record<string, unknown>[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        written.push(JSON.parse(String(chunk)));
        done();
      },
    });
    const lines = new JsonLines(stream);
    const inputs = Array.from({ length: 16 }, (_, i) => `${i}.gpkg`);
    const workers = WORKERS.slice(0, 8);
    const events = runStream({ inputs, workers, retried: [1], failed: [2] });
    play(events, clock, lines);
    lines.result({ folder: '/staged' });
    lines.end();
    const others = <T extends { type?: unknown }>(all: readonly T[]): T[] =>
      all.filter(({ type }) => type !== 'progress');
    assert.deepEqual(others(written).slice(0, -1), others(JSON.parse(JSON.stringify(events))));
    assert.deepEqual(written.at(-1), { type: 'result', folder: '/staged' });
    const progress = written.filter(({ type }) => type === 'progress');
    const seconds = events.at(-1)!.at;
    assert.ok(progress.length > seconds && progress.length <= 4 * seconds + 2);
    for (const phase of ['stage', 'merge']) {
      const ofPhase = (all: readonly object[]) =>
        all.findLast((line) => 'done' in line && 'phase' in line && line.phase === phase);
      assert.equal(
        (ofPhase(progress) as { done: number }).done,
        (ofPhase(events) as { done: number }).done,
      );
    }
    const times = written.flatMap(({ at }) => (typeof at === 'number' ? at : []));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });

  test('a slow reader gets less progress and all the rest; one that is gone gets nothing', (t) => {
    const clock = mockedClock(t);
    let release = (): void => undefined;
    let text = '';
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk, _encoding, done) => {
        text += chunk;
        release = done;
      },
    });
    const lines = new JsonLines(slow);
    const events = runStream({});
    play(events, clock, lines);
    lines.end();
    for (let left = events.length; left > 0; left--) release();
    const types = [...text.matchAll(/"type":"([a-z-]+)"/g)].map(([, type]) => type);
    const expected = events.filter(({ type }) => type !== 'progress').length;
    assert.equal(types.filter((type) => type !== 'progress').length, expected);
    assert.equal(types.filter((type) => type === 'progress').length, 2);

    const gone = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const ignored = new JsonLines(gone);
    for (const event of events) ignored.update(event);
    ignored.result({});
    ignored.end();
  });

  test('a run that is watched from elsewhere', () => {
    const watched = new StatusEvents();
    const state = new RunProgressState();
    const look = (
      phase: RunStatus['phase'],
      done: number,
      total: number,
      seconds: number,
    ): void => {
      const status = { phase, done, total, seconds } as RunStatus;
      for (const event of watched.of(status)) state.apply(event);
    };
    look('stage', 1_000, 10_000, 30);
    for (let at = 33; at < 60; at += 3) look('stage', 1_000 + 100 * (at - 30), 10_000, at);
    assert.equal(Math.round(state.rate()!.perSecond), 100);
    assert.ok(state.timeLeft()!.high > 53);
    // 37 % of the staging, which is 89 % of all.
    assert.ok(Math.abs(state.share() - 0.33) < 0.05, String(state.share()));
    look('merge', 0, 5_000, 90);
    assert.ok(state.share() > 0.8 && state.share() < 0.95, String(state.share()));
  });

  test('streams that are no terminals are let be', () => {
    const pipe = Object.assign(new EventEmitter(), { isTTY: false, write: () => true });
    const { write } = pipe;
    const guard = caughtOutput([pipe as unknown as WriteStream], assert.fail);
    assert.equal(pipe.write, write);
    guard.release();
  });
});
