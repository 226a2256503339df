import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { analyse } from '../../src/insight/analyse.ts';
import type { RunAnalysis, TimeKind } from '../../src/insight/analysis.ts';
import type { SampleLine } from '../../src/staging/recording/record-lines.ts';
import { type FakeTask, MACHINE, NETWORK_DISK, record, runLine } from './record-builder.ts';

/** Seconds of each kind, to a tenth. */
function seconds({ time }: RunAnalysis): Partial<Record<TimeKind, number>> {
  const all = time.map(({ kind, seconds: s }) => [kind, Math.round(s * 10) / 10] as const);
  return Object.fromEntries(all.filter(([, s]) => s > 0));
}

/** Two workers that are busy from 0 to 10, in tasks of a second. */
function twoBusy(task: Partial<FakeTask>): FakeTask[] {
  return [1, 2].flatMap((thread) =>
    Array.from({ length: 10 }, (_, i) => ({
      ...{ worker: `here/7/${thread}`, start: i, end: i + 1 },
      ...task,
    })),
  );
}

/** One worker that is busy from 0 on, in tasks of a second. */
function oneBusy(count: number): FakeTask[] {
  return twoBusy({}).slice(0, count);
}

suite('the verdict', () => {
  test('is CPU when workers compute, and tells of cores that are not used', () => {
    const analysis = analyse(record(runLine(), [0, 10, 10], twoBusy({})));
    assert.equal(analysis.verdict.bound, 'cpu');
    assert.deepEqual(seconds(analysis), { computing: 20 });
    assert.match(analysis.verdict.sentence, /^CPU bound this run: its 2 workers computed 100 %/);
    const [best] = analysis.advice;
    assert.match(best!.what, /8 workers/);
    // 20 s of work by 8 workers.
    assert.ok(best!.seconds.low < 2.5 && best!.seconds.high > 2.5 && best!.seconds.high < 3);
  });

  test('is CPU when tasks wait for cores, and tells whether a limit is why', () => {
    const machine = { ...MACHINE, cpuQuota: 0.5 };
    const run = runLine({ machine });
    const analysis = analyse(record(run, [0, 10, 10], twoBusy({ cpu: 0.25, queued: 0.7 })));
    assert.equal(analysis.verdict.bound, 'cpu');
    assert.deepEqual(seconds(analysis), {
      computing: 5,
      'waiting for a core': 14,
      'waiting for the disk': 1,
    });
    assert.match(analysis.advice[0]!.why, /control group allows 0.5/);
    const [first] = analysis.verdict.evidence;
    assert.equal(first!.share, 1);
  });

  test('is the disk when tasks stand still, and memory when that is what stalls them', () => {
    const disk = analyse(record(runLine(), [0, 10, 10], twoBusy({ cpu: 0.2, stalls: { io: 1 } })));
    assert.equal(disk.verdict.bound, 'disk');
    assert.equal(disk.verdict.next, 'cpu');
    const stalls = { io: 1, memory: 0.7 };
    const memory = analyse(record(runLine(), [0, 10, 10], twoBusy({ cpu: 0.2, stalls })));
    assert.equal(memory.verdict.bound, 'memory');
  });

  test('is the network when files are on another machine, or tasks are slow to come', () => {
    const run = runLine({ input: NETWORK_DISK });
    const files = analyse(record(run, [0, 10, 10], twoBusy({ cpu: 0.2, stalls: { io: 1 } })));
    assert.equal(files.verdict.bound, 'network');
    const spaced = twoBusy({}).map((task) => ({ ...task, end: task.start + 0.3 }));
    const queue = analyse(record(runLine({ executor: 'redis' }), [0, 10, 10], spaced));
    assert.equal(queue.verdict.bound, 'network');
    // Threads of this process need no network for that.
    const threads = analyse(record(runLine(), [0, 10, 10], spaced));
    assert.equal(threads.verdict.bound, 'coordinator');
  });

  test('is the scheduler when workers come late', () => {
    const late = twoBusy({}).map((task) => ({
      ...task,
      worker: task.worker.replace('here', 'node'),
      start: task.start + 20,
      end: task.end + 20,
    }));
    const analysis = analyse(record(runLine({ executor: 'slurm' }), [0, 30, 30], late));
    assert.equal(analysis.verdict.bound, 'scheduler');
    assert.deepEqual(seconds(analysis), { computing: 20, 'waiting for the scheduler': 40 });
    const [advice] = analysis.advice;
    assert.ok(advice!.seconds.low <= 10 && advice!.seconds.high < 20);
  });

  test('is too few tasks when one worker has all the work', () => {
    const tasks = [
      { worker: 'here/7/1', start: 0, end: 10, bytes: 1e9, subject: 'big.gpkg' },
      { worker: 'here/7/2', start: 0, end: 0.5 },
    ];
    const analysis = analyse(record(runLine({ executor: 'local' }), [0, 10, 10], tasks));
    assert.deepEqual(seconds(analysis), { computing: 10.5, 'nothing to do': 9.5 });
    // What the one computes does not count: more cores would not have helped it.
    assert.equal(analysis.verdict.bound, 'too-few-tasks');
    assert.equal(analysis.stragglers[0]?.subject, 'big.gpkg');
    assert.match(analysis.advice[0]!.what, /slices/);
    const lines = record(runLine({ slots: 4 }), [0, 10, 10], tasks.slice(0, 1));
    const four = analyse([lines[0]!, { ...SAMPLE, workers: 4 }, ...lines.slice(1)]);
    assert.equal(four.verdict.bound, 'too-few-tasks');
    assert.equal(seconds(four)['nothing to do'], 30);
  });

  test('is too few tasks when a thread has to wait for what another one stages', () => {
    const [one, two] = ['here/7/1', 'here/7/2'];
    // One slice of 6 s, then 2 s of tiles for each; the second has a slice of 1 s before.
    const tasks: FakeTask[] = [
      { worker: one, start: 0, end: 6 },
      { worker: two, start: 0, end: 1 },
      { worker: two, start: 6.2, end: 8, submitted: 6.1, counts: 0, subject: '9 tiles' },
      { worker: one, start: 6.2, end: 8, submitted: 6.1, counts: 0, subject: '9 tiles' },
    ];
    const analysis = analyse(record(runLine(), [0, 8, 8], tasks));
    assert.deepEqual(seconds(analysis), {
      ...{ computing: 10.6, 'nothing to do': 5, 'the coordinator': 0.4 },
    });
    assert.match(analysis.advice.map(({ what }) => what).join(), /smaller slices/);
    // Inputs are read by slices alone.
    assert.deepEqual(
      analysis.slowest.map(({ input, slices }) => [input, slices]),
      [
        ['input 0', 1],
        ['input 1', 1],
      ],
    );
  });

  test('comes with advice for memory where much of the rows went to files for want of it', () => {
    const spill: FakeTask = {
      ...{ worker: 'here/7/1', start: 9, end: 10, counts: 0, submitted: 9, subject: 'spill' },
      notes: { spillMs: 800 },
    };
    const lines = record(runLine({ slots: 1 }), [0, 10, 10], [...oneBusy(9), spill]);
    const advice = (full: number) => {
      const spilled = { full, kept: 1e8, shared: 0, late: 0, wide: 0 };
      const told = lines.map((line) =>
        line.type === 'end' ? { ...line, rowBytes: 1e9, spilled } : line,
      );
      return analyse(told).advice.find(({ what }) => what.includes('more memory'));
    };
    // Three quarters of what was spilled, of 0.8 s of one worker, and reading as long.
    const { why, seconds: then } = advice(3e8)!;
    assert.match(why, /^30 % of them/);
    assert.ok(Math.abs(then.high - 9.4) < 1e-9 && Math.abs(then.low - 8.8) < 1e-9);
    assert.equal(advice(0.9e8), undefined);
  });

  test('is nothing for a run without tasks', () => {
    const { verdict, advice, time } = analyse(record(runLine(), [0, 0.1, 0.2], []));
    assert.equal(verdict.bound, 'nothing');
    assert.deepEqual(advice, []);
    assert.ok(time.every(({ share }) => Number.isFinite(share)));
  });
});

const SAMPLE: SampleLine = {
  type: 'sample',
  ...{ at: 0, busyMs: 0, coresMs: 0, processCpuMs: 0, processMemory: 1 },
  ...{ pressureMs: null, throttledMs: null, memoryAvailable: 1, diskReadBytes: null },
  ...{ diskWrittenBytes: null, diskBusyMs: null, receivedBytes: null, sentBytes: null },
  ...{ refaults: null, workers: 2, running: 0, waiting: 0 },
};

suite('accounting', () => {
  test('what stands still while it writes to the disk does not want memory for a page that was read again', () => {
    const still = (diskWritten: number): Partial<Record<TimeKind, number>> => {
      const tasks = twoBusy({ cpu: 0.5, bytes: 1000, diskWritten });
      const [run, ...lines] = record(runLine(), [0, 10, 10], tasks);
      const samples = [0, 10].map((at) => ({ ...SAMPLE, at, refaults: at }));
      return seconds(analyse([run!, ...samples, ...lines]));
    };
    // All that was read, 20 kB, had been in memory.
    assert.deepEqual(still(0), { computing: 10, 'waiting for memory': 10 });
    assert.deepEqual(still(9000), {
      ...{ computing: 10, 'waiting for memory': 1, 'waiting for the disk': 9 },
    });
  });

  test('a clock that is ahead does not matter, nor do slow messages', () => {
    const tasks = twoBusy({ ahead: 3600, delay: 0.5 }).map((task) => ({
      ...task,
      worker: task.worker.replace('here', 'there'),
    }));
    const { timeline } = analyse(record(runLine({ executor: 'redis' }), [0, 10.5, 11], tasks));
    for (const [i, { start, end }] of timeline.entries()) {
      const task = tasks.toSorted((a, b) => a.end - b.end)[i]!;
      // Later by no more than a message takes.
      assert.ok(start - task.start > 0.49 && start - task.start < 0.51, `${start}`);
      assert.ok(Math.abs(end - start - 1) < 1e-6);
    }
  });

  test('all of the time is accounted for, whatever happened', () => {
    const random = new Random(5);
    for (let round = 0; round < 200; round++) {
      const executor = ['threads', 'local', 'redis', 'slurm', 'slurm-array'][round % 5]!;
      const workers = 1 + Math.floor(random.next() * 4);
      const tasks: FakeTask[] = [];
      let to = 1;
      for (let thread = 1; thread <= workers; thread++) {
        for (let at = 1 + random.next(); random.next() < 0.9; ) {
          const end = at + 0.01 + random.next() * 5;
          const wall = end - at;
          const cpu = random.next() * wall;
          const queued = random.next() * (wall - cpu);
          const stalls = { memory: random.next() * wall, io: random.next() * wall };
          tasks.push({ worker: `here/1/${thread}`, start: at, end, cpu, queued, stalls });
          to = Math.max(to, end);
          at = end + (random.next() < 0.5 ? random.next() : 0);
        }
      }
      if (tasks.length === 0) continue;
      const analysis = analyse(record(runLine({ executor }), [1, to, to + 1], tasks));
      const sum = analysis.time.reduce((total, { share }) => total + share, 0);
      assert.ok(Math.abs(sum - 1) < 1e-6, `${executor}, ${workers} workers: ${sum}`);
      for (const { seconds: s } of analysis.time) assert.ok(s >= 0);
      for (const {
        seconds: { low, high },
      } of analysis.advice) {
        assert.ok(low >= 0 && low <= high && high < analysis.seconds);
      }
    }
  });

  test('a worker that replaces another has its place', () => {
    const tasks = [
      { worker: 'here/1/1', start: 0, end: 10 },
      { worker: 'here/2/1', start: 0, end: 3 },
      { worker: 'here/3/1', start: 5, end: 10 },
    ];
    const lines = record(runLine({ executor: 'redis' }), [0, 10, 10], tasks);
    const analysis = analyse([lines[0]!, SAMPLE, ...lines.slice(1)]);
    assert.deepEqual(seconds(analysis), { computing: 18, 'waiting for the network': 2 });
  });

  test('a straggler is one that took far longer than its bytes', () => {
    const tasks = twoBusy({}).map((task, i) =>
      i === 9 ? { ...task, end: 14, subject: 'slow.shp' } : task,
    );
    const { stragglers, slowest } = analyse(record(runLine(), [0, 14, 14], tasks));
    assert.deepEqual(
      stragglers.map(({ subject }) => subject),
      ['slow.shp'],
    );
    assert.equal(slowest[0]!.input, 'slow.shp');
  });
});
