/** Advice and evidence, in numbers that were reckoned by hand from what the runs are made of. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { analyse } from '../../src/insight/analyse.ts';
import type { TaskUsage } from '../../src/parallel/usage/usage.ts';
import type { RecordLine, RunLine, SampleLine } from '../../src/staging/recording/record-lines.ts';
import { type FakeTask, MACHINE, NETWORK_DISK, record, runLine } from './record-builder.ts';

/** Two workers that begin a task at each of ten seconds. */
function everySecond(task: Partial<FakeTask>, length = 1, from = 0): FakeTask[] {
  return [1, 2].flatMap((thread) =>
    Array.from({ length: 10 }, (_, i) => ({
      ...{ worker: `node/7/${thread}`, start: from + i, end: from + i + length },
      ...task,
    })),
  );
}

/** The advice that comes first of that kind. */
function adviceOn(lines: RecordLine[], what: RegExp): { low: number; high: number } | undefined {
  const found = analyse(lines).advice.find((advice) => what.test(advice.what));
  if (found === undefined) return undefined;
  const { low, high } = found.seconds;
  return { low: Math.round(low * 1e6) / 1e6, high: Math.round(high * 1e6) / 1e6 };
}

/** Of 10 s each task computes 2: 8 s of each worker are waited for something. */
const standing = (stalls: FakeTask['stalls'] = {}) => everySecond({ cpu: 0.2, stalls });
const short = [0, 10, 10] as const;
const remote = runLine({ executor: 'redis', input: NETWORK_DISK });

suite('without what a run waited for', () => {
  // At the least nothing of it is left, but what is computed stays; at the most two fifths are.
  const cases: [string, RecordLine[], RegExp, { low: number; high: number }][] = [
    ['the disk', record(runLine(), short, standing()), /faster disk/, { low: 2, high: 5.2 }],
    [
      'memory',
      record(runLine(), short, standing({ memory: 0.7 })),
      /more memory/,
      { low: 2, high: 5.2 },
    ],
    [
      'files elsewhere',
      record(remote, short, standing()),
      /Copy the inputs/,
      { low: 2, high: 5.2 },
    ],
    // 0.7 s before each but the first of ten tasks of 0.3 s.
    [
      'a queue',
      record(runLine({ executor: 'redis' }), short, everySecond({}, 0.3)),
      /nearer to the queue/,
      { low: 3.7, high: 6.22 },
    ],
    [
      'a scheduler, for 20 s',
      record(runLine({ executor: 'slurm' }), [0, 30, 30], everySecond({}, 1, 20)),
      /given sooner/,
      { low: 10, high: 18 },
    ],
    [
      'the longest task, while the other worker had nothing for 9.5 s',
      record(runLine({ executor: 'local' }), short, [
        { worker: 'node/7/1', start: 0, end: 10 },
        { worker: 'node/7/2', start: 0, end: 0.5 },
      ]),
      /smaller slices/,
      { low: 5.25, high: 10 - 0.6 * 4.75 },
    ],
  ];
  for (const [what, lines, advice, expected] of cases) {
    test(what, () => {
      assert.deepEqual(adviceOn(lines, advice), expected);
    });
  }

  test('another run, for 10 of 20 s', () => {
    const lines = record(runLine(), [10, 20, 20], everySecond({}, 1, 10));
    const wait: RecordLine[] = [
      { at: 0, type: 'phase-started', phase: 'wait', total: 0, tasks: 0, bytes: 0 },
      { at: 10, type: 'phase-ended', phase: 'wait' },
    ];
    const all = [lines[0]!, ...wait, ...lines.slice(1)];
    assert.deepEqual(adviceOn(all, /one run after the other/i), { low: 10, high: 14 });
    assert.equal(
      analyse(all).time.find(({ kind }) => kind === 'waiting for another run')?.seconds,
      20,
    );
  });

  test('what was a twentieth of the time is not worth a word', () => {
    const lines = record(runLine(), short, everySecond({ cpu: 0.95 }));
    assert.equal(adviceOn(lines, /disk/), undefined);
    assert.deepEqual(adviceOn(record(runLine(), short, everySecond({ cpu: 0.8 })), /disk/), {
      ...{ low: 8, high: 10 - 0.6 * 2 },
    });
  });
});

suite('with more cores', () => {
  const on = (machine: Partial<RunLine['machine']>): RecordLine[] =>
    record(runLine({ machine: { ...MACHINE, ...machine } }), short, everySecond({}));
  // 20 s of work; 15 % either way.
  test('that are there: as many workers', () => {
    assert.deepEqual(adviceOn(on({}), /^Give it 8 workers$/), { low: 2.125, high: 2.875 });
    assert.deepEqual(adviceOn(on({ usableCores: 5 }), /^Give it 5 workers$/), {
      low: 3.4,
      high: 4.6,
    });
    assert.deepEqual(adviceOn(on({ cpuQuota: 4.9 }), /^Give it 4 workers$/), {
      ...{ low: 4.25, high: 5.75 },
    });
  });

  test('that it may not use: those of the machine, and twice as many', () => {
    for (const limit of [{ usableCores: 2 }, { cpuQuota: 2 }]) {
      assert.deepEqual(adviceOn(on(limit), /all 8 cores/), { low: 2.125, high: 2.875 });
      // A task takes 1 s, so that it is not a sixteenth of 20 s.
      assert.deepEqual(adviceOn(on(limit), /with 16 cores/), { low: 1.0625, high: 1.4375 });
    }
    const why = analyse(on({ usableCores: 2, cpuQuota: 2 })).advice.find(({ what }) =>
      /all 8/.test(what),
    )?.why;
    assert.equal(why, 'it may use 2 of them');
  });

  test('that other programs had', () => {
    const run = runLine({ machine: { ...MACHINE, cores: 2, usableCores: 2 } });
    const lines = record(run, short, everySecond({ cpu: 0.5, queued: 0.5 }));
    // All of both cores busy for 10 s, half of that by this process.
    const busy = { busyMs: 20_000, coresMs: 20_000, processCpuMs: 10_000 };
    const all = [lines[0]!, sample({}), ...lines.slice(1), sample({ at: 10, ...busy })];
    assert.deepEqual(adviceOn(all, /less else to do/), { low: 4.25, high: 5.75 });
    const alone = { ...busy, processCpuMs: 20_000 };
    const other = [lines[0]!, sample({}), ...lines.slice(1), sample({ at: 10, ...alone })];
    assert.equal(adviceOn(other, /less else to do/), undefined);
  });
});

function sample(changes: Partial<SampleLine>): SampleLine {
  return {
    type: 'sample',
    ...{ at: 0, busyMs: 0, coresMs: 0, processCpuMs: 0, processMemory: 1 },
    ...{ pressureMs: null, throttledMs: 0, memoryAvailable: 1, diskReadBytes: null },
    ...{ diskWrittenBytes: null, diskBusyMs: null, receivedBytes: 0, sentBytes: 0 },
    ...{ refaults: 0, workers: 2, running: 0, waiting: 0 },
    ...changes,
  };
}

suite('evidence', () => {
  const machine = { ...MACHINE, cpuQuota: 4, memoryLimit: 8e9, diskReadLimit: 1e8 };
  const usage: Partial<TaskUsage> = {
    ...{ gcMs: 100, majorFaults: 3, readBytes: 4e7, diskReadBytes: 1e7, diskWrittenBytes: 1e7 },
    ...{ peakMemory: 3e9, pressureMs: { cpu: 0, memory: 50, io: 0 } },
  };
  const last: Partial<SampleLine> = {
    ...{ at: 10, busyMs: 40_000, coresMs: 80_000, processCpuMs: 5_000, throttledMs: 2_000 },
    ...{ receivedBytes: 1e6, sentBytes: 2e6, refaults: 5_000 },
  };
  const tasks = everySecond({ cpu: 0.5, queued: 0.25 });
  const rows = (run: RunLine, changes: Partial<TaskUsage> | null, end: Partial<SampleLine>) => {
    const lines = record(run, short, tasks).map((line): RecordLine => {
      if (line.type !== 'task-ended') return line;
      return { ...line, usage: changes === null ? null : { ...line.usage!, ...changes } };
    });
    const all = [lines[0]!, sample({}), ...lines.slice(1), sample(end)];
    const { evidence } = analyse(all).verdict;
    return evidence.map(({ what, value, limit, share }) => [
      what,
      ...[value, limit, share === null ? null : Math.round(share * 1e4) / 1e4],
    ]);
  };
  const local = runLine({ executor: 'local', machine });

  test('has each measure with its limit, and the part of it that was used', () => {
    assert.deepEqual(rows(local, usage, last), [
      // 20 tasks of half a second in 10 s, of 4 cores.
      ['CPU time of the tasks', '1.00 cores', '4.0 cores: the quota of the control group', 0.25],
      ['Tasks that waited for a core', '25 %', null, 0.25],
      // 4 of 8 were busy: half a one by the coordinator, one by the tasks' processes.
      ['Other programs on the machine', '2.50 cores', '8 cores', 0.3125],
      ['Stopped by the quota of the control group', '2.0 s', null, null],
      ['Garbage collection', '20 %', null, 0.2],
      // A quarter stood still; a twentieth of that for the 20.48 MB that were read again of 200 MB, beside
      // as many that were written.
      ['Tasks that waited for the disk', '24 %', null, 0.2372],
      [
        'Read from the disk',
        '20.0 MB/s, 200 MB in all',
        '500 MB/s measured, 100 MB/s allowed by the control group',
        0.2,
      ],
      ['Written to the disk', '20.0 MB/s, 200 MB in all', '200 MB/s measured', 0.1],
      ['Memory of a process, at most', '3.00 GB', '8.00 GB allowed by the control group', 0.375],
      ['Tasks stalled by want of memory', '5 %', null, 0.05],
      ['Read again, having been thrown out of memory', '20.5 MB', '800 MB read in all', 0.0256],
      ['Pages of the program read from a disk', '60', null, null],
      ['Workers that waited for the network', '0 %', null, 0],
      ['Through the network interfaces', '100 kB/s in, 200 kB/s out', null, null],
      ['File systems of inputs and tiles', 'ext4', null, null],
      ['Waited for workers to be there', '0 %; the first task began after 0 s', null, 0],
      ['Workers that had nothing to do', '0 %', '20 tasks for 2 workers', 0],
      ['The longest task', '1.0 s', 'of 10.0 s', 0.1],
    ]);
  });

  test('leaves out what a machine does not tell', () => {
    const untold = ['busyMs', 'coresMs', 'throttledMs', 'receivedBytes', 'sentBytes', 'refaults'];
    const told = {
      busyMs: 'Other programs on the machine',
      coresMs: 'Other programs on the machine',
      throttledMs: 'Stopped by the quota of the control group',
      receivedBytes: 'Through the network interfaces',
      sentBytes: 'Through the network interfaces',
      refaults: 'Read again, having been thrown out of memory',
    } as Record<string, string>;
    const all = rows(local, usage, last).map(([what]) => what);
    for (const name of untold) {
      const left = rows(local, usage, { ...last, [name]: null }).map(([what]) => what);
      assert.deepEqual(
        left,
        all.filter((what) => what !== told[name]),
        name,
      );
    }
    const { diskReadBytes, majorFaults, pressureMs, ...rest } = usage;
    const nulls = { diskReadBytes: null, majorFaults: null, pressureMs: null };
    const left = rows(local, { ...rest, ...nulls }, last).map(([what]) => what);
    const gone = ['Read from the disk', 'Pages of the program read from a disk'];
    const expected = all.filter(
      (what) => ![...gone, 'Tasks stalled by want of memory'].includes(`${what}`),
    );
    assert.deepEqual(left, expected);
  });

  test('of tasks that were not measured says nothing, and takes their time for work', () => {
    const some = rows(local, null, last);
    const named = (what: string) => some.find(([name]) => name === what)?.slice(1);
    assert.deepEqual(named('Garbage collection'), ['0 %', null, 0]);
    assert.equal(named('Read from the disk'), undefined);
    assert.equal(named('Pages of the program read from a disk'), undefined);
    // Of the coordinator, and of nothing that was read.
    assert.deepEqual(named('Memory of a process, at most')?.[0], '200 MB');
    const again = named('Read again, having been thrown out of memory');
    assert.deepEqual(again, ['0 B', '0 B read in all', null]);
    const { time } = analyse(
      record(local, short, tasks).map((line) =>
        line.type === 'task-ended' ? { ...line, usage: null } : line,
      ),
    );
    assert.deepEqual(
      time.map(({ kind, seconds }) => [kind, seconds]),
      [['computing', 20]],
    );
  });

  test('counts the threads of its process once, and tells of no limit of other machines', () => {
    const threads = rows(runLine({ machine }), usage, last);
    assert.deepEqual(threads[2], [
      'Other programs on the machine',
      '3.50 cores',
      '8 cores',
      0.4375,
    ]);
    const unlimited = rows(runLine(), usage, last);
    assert.deepEqual(unlimited[0], ['CPU time of the tasks', '1.00 cores', '8 cores', 0.125]);
    const [, , , , , , read, , memory] = unlimited;
    assert.deepEqual(read?.slice(2), ['500 MB/s measured', 0.04]);
    assert.deepEqual(memory?.slice(2), ['16.0 GB', 0.1875]);
    const lines = record(local, short, [...tasks, { worker: 'other/1/1', start: 0, end: 1 }]);
    const [first] = analyse(lines).verdict.evidence;
    assert.deepEqual([first!.limit, first!.share], [null, null]);
  });
});
