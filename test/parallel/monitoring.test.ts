/** What a monitoring file says is what has become of the tasks, as their futures know it. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../../src/core/random.ts';
import { TABLES } from '../../src/parallel/monitoring/schema.ts';
import {
  type AppFuture,
  app,
  Config,
  type Executor,
  HighThroughputExecutor,
  joinApp,
  LocalProvider,
  load,
  MonitoringHub,
  type TaskCounts,
  ThreadPoolExecutor,
} from '../../src/parallel.ts';
import { temporaryFolder } from '../staging/support.ts';
import type * as Tasks from './tasks.ts';

const TASKS_URL = new URL('./tasks.ts', import.meta.url);
const add = app<typeof Tasks.add>(TASKS_URL, 'add');
const addOnce = app<typeof Tasks.add>(TASKS_URL, 'add', { cache: true });
const flaky = app<typeof Tasks.flaky>(TASKS_URL, 'flaky');
const refuse = app<typeof Tasks.refuse>(TASKS_URL, 'refuse');
const fault = app<typeof Tasks.fault>(TASKS_URL, 'fault');
const never = app<typeof Tasks.never>(TASKS_URL, 'never');

type SqlRow = Record<string, string | number | null>;

function rowsOf(path: string, sql: string): SqlRow[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all() as SqlRow[];
  } finally {
    db.close();
  }
}

type AnyFuture = PromiseLike<unknown> &
  Pick<AppFuture<unknown>, 'taskId' | 'name' | 'state' | 'attempts'>;

/** A task as who has called it knows it. */
interface Known {
  future: AnyFuture;
  depends: number[];
  join: boolean;
}

/** Calls apps at random: some fail, some are tried again, need others, call others, are taken back. */
function workload(seed: number, folder: string): Known[] {
  const random = new Random(seed);
  const known: Known[] = [];
  const note = (future: AnyFuture, depends: AnyFuture[], join = false): void => {
    known.push({ future, depends: depends.map(({ taskId }) => taskId), join });
  };
  for (let i = 0; i < 60; i++) {
    const earlier = known[random.integer(known.length + 1)]?.future;
    const kind = random.integer(8);
    if (kind === 0) note(flaky(join(folder, `mark-${i}`)), []);
    else if (kind === 1) note(refuse(), []);
    else if (kind === 2) note(fault(), []);
    else if (kind === 3) note(addOnce(random.integer(3), 1), []);
    else if (kind === 4 && earlier !== undefined)
      note(add(earlier as AppFuture<number>, i), [earlier]);
    else if (kind === 5) note(joinApp(async () => i)(), [], true);
    else if (kind === 6 && i % 3 === 0) {
      const future = never();
      note(future, []);
      setTimeout(random.integer(120)).then(() => future.cancel());
    } else note(add(i, 1), []);
  }
  return known;
}

const executors: Record<string, () => Executor> = {
  threads: () => new ThreadPoolExecutor({ maxThreads: 2 }),
  blocks: () =>
    new HighThroughputExecutor({
      address: '127.0.0.1',
      maxWorkers: 2,
      coresPerWorker: 0.5,
      provider: new LocalProvider({ maxBlocks: 1 }),
    }),
};

suite('a random workload', () => {
  for (const [name, make] of Object.entries(executors)) {
    for (const seed of name === 'threads' ? [1, 2, 3] : [4]) {
      test(`on ${name}, seed ${seed}`, async (t) => {
        const folder = temporaryFolder(t);
        const hub = new MonitoringHub({ logDir: join(folder, 'monitoring'), workflowName: 'mine' });
        let known: Known[];
        let counts: TaskCounts;
        {
          await using kernel = await load(
            new Config({ executors: [make()], retries: 2, backoffMs: 1, monitoring: hub }),
          );
          known = workload(seed, folder);
          await Promise.allSettled(known.map(({ future }) => future));
          counts = kernel.counts;
        }
        assertSame(hub.file!, known, counts);
        // One file, which needs nothing beside it.
        assert.equal(readdirSync(join(folder, 'monitoring')).length, 1);
      });
    }
  }
});

function assertSame(path: string, known: readonly Known[], counts: TaskCounts): void {
  const tasks = new Map(rowsOf(path, 'SELECT * FROM task').map((row) => [row['task_id'], row]));
  const tries = rowsOf(path, 'SELECT * FROM try ORDER BY task_id, try_id');
  const statuses = rowsOf(path, 'SELECT * FROM status ORDER BY rowid');
  assert.equal(tasks.size, known.length);
  for (const { future, depends, join: isJoin } of known) {
    const task = tasks.get(future.taskId)!;
    const own = tries.filter((row) => row['task_id'] === future.taskId);
    const seen = statuses.filter((row) => row['task_id'] === future.taskId);
    assert.equal(task['task_func_name'], future.name);
    assert.equal(task['task_depends'], depends.join(','));
    assert.equal(task['task_join'], isJoin ? 1 : 0);
    assert.equal(own.length, future.attempts, `tries of ${future.name}`);
    assert.equal(seen[0]!['task_status_name'], 'pending');
    const last = String(seen.at(-1)!['task_status_name']);
    assert.equal(last, task['task_status_name']);
    const ends = {
      done: ['exec_done', 'memo_done'],
      failed: ['failed', 'dep_fail'],
      cancelled: ['cancelled'],
    }[future.state as 'done' | 'failed' | 'cancelled'];
    assert.ok(ends.includes(last), `${future.name}: ${future.state}, ${last}`);
    const retries = seen.filter((row) => row['task_status_name'] === 'fail_retryable');
    assert.equal(retries.length, Math.max(0, future.attempts - 1));
    const failed = retries.length + (last === 'failed' && future.attempts > 0 ? 1 : 0);
    assert.equal(task['task_fail_count'], failed);
    assert.equal(own.filter((row) => row['task_fail_history'] !== null).length >= failed, true);
    assert.equal(
      own.every((row) => row['task_try_time_returned'] !== null),
      true,
    );
  }
  const withStatus = (status: string): number =>
    statuses.filter((row) => row['task_status_name'] === status).length;
  assert.equal(withStatus('memo_done'), counts.memoized);
  assert.equal(withStatus('exec_done'), counts.done - counts.memoized);
  assert.equal(withStatus('failed') + withStatus('dep_fail'), counts.failed);
  assert.equal(withStatus('cancelled'), counts.cancelled);
  assert.equal(withStatus('fail_retryable'), counts.retried);
  const [workflow, ...more] = rowsOf(path, 'SELECT * FROM workflow');
  assert.deepEqual(more, []);
  assert.equal(workflow!['workflow_name'], 'mine');
  assert.equal(workflow!['tasks_completed_count'], counts.done);
  assert.equal(workflow!['tasks_failed_count'], counts.failed);
  assert.match(String(workflow!['time_completed']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
  // Each worker that has run something belongs to a node.
  const workers = new Set(tries.flatMap(({ worker }) => (worker === null ? [] : [worker])));
  const nodes = rowsOf(
    path,
    'SELECT sum(worker_count) AS workers, max(active) AS active FROM node',
  );
  assert.deepEqual({ ...nodes[0] }, { workers: workers.size, active: 0 });
  const [resources] = rowsOf(
    path,
    `SELECT count(*) AS rows, min(psutil_process_memory_resident) AS least,
      sum(t.try_id IS NULL) AS strays FROM resource r LEFT JOIN try t USING (task_id, try_id)`,
  );
  assert.ok(Number(resources!['rows']) > 0 && Number(resources!['least']) > 1e6);
  assert.equal(resources!['strays'], 0);
}

test('tables and columns have the names of Parsl', () => {
  // The classes of parsl/monitoring/db_manager.py at commit b8b474c.
  const parsl: Record<string, string> = {
    workflow:
      'run_id workflow_name workflow_version time_began time_completed host user rundir ' +
      'tasks_failed_count tasks_completed_count',
    status: 'task_id task_status_name timestamp run_id try_id',
    task:
      'task_id run_id task_depends task_func_name task_memoize task_hashsum task_inputs task_outputs ' +
      'task_stdin task_stdout task_stderr task_time_invoked task_time_returned task_fail_count ' +
      'task_fail_cost',
    try:
      'try_id task_id run_id block_id hostname task_executor task_try_time_launched ' +
      'task_try_time_running task_try_time_returned task_fail_history task_joins',
    node:
      'run_id hostname uid block_id cpu_count total_memory active worker_count python_v timestamp ' +
      'last_heartbeat',
    block: 'run_id executor_label block_id job_id timestamp status',
    resource:
      'try_id task_id run_id timestamp resource_monitoring_interval psutil_process_pid ' +
      'psutil_process_memory_percent psutil_process_children_count psutil_process_time_user ' +
      'psutil_process_time_system psutil_process_memory_virtual psutil_process_memory_resident ' +
      'psutil_process_disk_read psutil_process_disk_write psutil_process_status psutil_cpu_num ' +
      'psutil_process_num_ctx_switches_voluntary psutil_process_num_ctx_switches_involuntary',
  };
  for (const [table, names] of Object.entries(parsl)) {
    const { columns } = TABLES[table as keyof typeof TABLES];
    assert.deepEqual(Object.keys(columns).sort(), names.split(' ').sort(), table);
  }
});

suite('the file', () => {
  const program = (file: string, end: string): string => `
    import { app, Config, load, MonitoringHub } from ${JSON.stringify(new URL('../../src/parallel.ts', import.meta.url).href)};
    const monitoring = new MonitoringHub({ file: ${JSON.stringify(file)} });
    const kernel = await load(new Config({ monitoring }));
    const add = app(new URL(${JSON.stringify(TASKS_URL.href)}), 'add');
    const results = await Promise.all([1, 2, 3].map((n) => add(n, n)));
    console.log(JSON.stringify(results));
    ${end}`;
  const run = (folder: string, code: string): ReturnType<typeof spawnSync> => {
    const path = join(folder, 'program.ts');
    writeFileSync(path, code);
    return spawnSync(process.execPath, [path], { cwd: folder, encoding: 'utf8' });
  };

  test('has all that there was when the process ends without a word', (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'run.db');
    const { stdout, stderr } = run(folder, program(file, 'process.exit(0);'));
    assert.equal(stdout, '[2,4,6]\n', String(stderr));
    const done = "SELECT count(*) AS n FROM task WHERE task_status_name = 'exec_done'";
    assert.equal(rowsOf(file, done)[0]!['n'], 3);
    assert.equal(rowsOf(file, 'SELECT time_completed AS at FROM workflow')[0]!['at'], null);
  });

  test('can be read while it is written, and after its process was killed', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'run.db');
    writeFileSync(join(folder, 'program.ts'), program(file, 'setInterval(() => add(1, 1), 5);'));
    const child = spawn(process.execPath, [join(folder, 'program.ts')], { cwd: folder });
    t.after(() => child.kill('SIGKILL'));
    const count = (): number => {
      try {
        return Number(rowsOf(file, 'SELECT count(*) AS n FROM task')[0]!['n']);
      } catch {
        return 0;
      }
    };
    const deadline = Date.now() + 30_000;
    while (count() < 20) {
      assert.ok(Date.now() < deadline, 'nothing was written');
      await setTimeout(50);
    }
    const before = count();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    assert.ok(count() >= before);
    assert.equal(rowsOf(file, 'PRAGMA integrity_check')[0]!['integrity_check'], 'ok');
  });

  test('that can not be written is one warning, and no harm to the tasks', (t) => {
    const folder = temporaryFolder(t);
    const other = join(folder, 'other.gpkg');
    const db = new DatabaseSync(other);
    db.exec('CREATE TABLE lakes (area REAL)');
    db.close();
    mkdirSync(join(folder, 'a-folder.db'));
    const files = [other, join(folder, 'a-folder.db'), join(folder, 'program.ts', 'below.db')];
    // No file at all.
    if (process.platform === 'linux') files.push('/dev/full');
    for (const file of files) {
      const { stdout, stderr, status } = run(folder, program(file, 'await kernel.cleanup();'));
      assert.equal(stdout, '[2,4,6]\n', String(stderr));
      assert.equal(status, 0);
      const warnings = String(stderr).match(/Monitoring has stopped, the tasks go on/g) ?? [];
      assert.equal(warnings.length, 1, String(stderr));
    }
    assert.deepEqual({ ...rowsOf(other, 'SELECT count(*) AS n FROM sqlite_schema')[0] }, { n: 1 });
  });

  test('that fills its disk is one warning, too', (t) => {
    const folder = temporaryFolder(t);
    const small = join(folder, 'small');
    mkdirSync(small);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', small]);
    if (mounted.status !== 0) {
      t.skip('only root can make a small disk');
      return;
    }
    const many = 'await Promise.all(Array.from({ length: 9000 }, (_, i) => add(i, 1)));';
    const end = `${many} console.log(kernel.counts.done); await kernel.cleanup();`;
    const { stdout, stderr, status } = run(folder, program(join(small, 'run.db'), end));
    spawnSync('umount', ['-l', small]);
    assert.equal(stdout, '[2,4,6]\n9003\n', String(stderr));
    assert.equal(status, 0);
    const warnings = String(stderr).match(/the tasks go on: No space left on the disk/g) ?? [];
    assert.equal(warnings.length, 1, String(stderr));
  });

  test('names the files of a task', async (t) => {
    const folder = temporaryFolder(t);
    const hub = new MonitoringHub({ file: join(folder, 'run.db') });
    const stdout = join(folder, 'out.txt');
    {
      await using _kernel = await load(
        new Config({ executors: [executors['threads']!()], monitoring: hub }),
      );
      await app<typeof Tasks.add>(TASKS_URL, 'add', { stdout })(1, 2);
    }
    assert.equal(rowsOf(hub.file!, 'SELECT task_stdout AS path FROM task')[0]!['path'], stdout);
  });

  test('holds several runs, one after the other', (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'runs.db');
    for (const _ of [1, 2]) run(folder, program(file, 'await kernel.cleanup();'));
    const runs = rowsOf(file, 'SELECT run_id, tasks_completed_count AS n FROM workflow');
    assert.deepEqual(
      runs.map(({ n }) => n),
      [3, 3],
    );
    assert.equal(new Set(runs.map((row) => row['run_id'])).size, 2);
  });
});
