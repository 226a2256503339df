/** What the monitoring file says of tasks. */

import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { autoLogname, bashApp, Config, load, MonitoringHub, sh } from '../../../src/parallel.ts';
import { type Case, fn, type Kit } from './kit.ts';

const BASIC = 'test_monitoring/test_basic.py';
const OUTPUT = 'test_monitoring/test_stdouterr.py';

type Row = Record<string, string | number | null>;
type Query = (sql: string) => Row[];

/** Runs the work under a hub, and then looks into its file. */
async function watched(
  { config, path }: Kit,
  work: () => PromiseLike<unknown>,
  look: (query: Query) => void,
  own = false,
  executors = own ? undefined : config().executors,
): Promise<void> {
  const hub = new MonitoringHub({ logDir: path('monitoring') });
  {
    const given = { monitoring: hub, ...(executors !== undefined && { executors }) };
    await using _kernel = await load(new Config(config(given)));
    await work();
  }
  const db = new DatabaseSync(hub.file!, { readOnly: true });
  try {
    look((sql) => db.prepare(sql).all() as Row[]);
  } finally {
    db.close();
  }
}

const count = (query: Query, from: string): number =>
  Number(query(`SELECT COUNT(*) AS n FROM ${from}`)[0]!['n']);

export const monitored: Case[] = [
  {
    name: 'one task is one row of task, of try and of workflow, and its states',
    after: BASIC,
    config: null,
    run: (kit) =>
      watched(
        kit,
        () => fn.increment(4),
        (query) => {
          assert.deepEqual(
            ['workflow', 'task', 'try'].map((table) => count(query, table)),
            [1, 1, 1],
          );
          assert.equal(count(query, "status WHERE task_status_name = 'exec_done'"), 1);
          assert.equal(count(query, 'try WHERE task_try_time_running IS NULL'), 0);
          const over = 'time_began IS NOT NULL AND time_completed >= time_began';
          assert.equal(count(query, `workflow WHERE ${over}`), 1);
          const [workflow] = query('SELECT * FROM workflow');
          assert.deepEqual(
            [workflow!['tasks_completed_count'], workflow!['tasks_failed_count']],
            [1, 0],
          );
        },
      ),
  },
  {
    name: 'what a task has cost is there',
    after: BASIC,
    config: null,
    run: (kit) =>
      watched(
        kit,
        () => fn.slow(20, 1),
        (query) => {
          const [row] = query('SELECT * FROM resource');
          assert.ok(Number(row?.['psutil_process_time_user']) >= 0);
          assert.ok(Number(row?.['wall_time']) >= 0.015, `${row?.['wall_time']}`);
          assert.ok(Number(row?.['psutil_process_memory_resident']) > 1e6);
        },
      ),
  },
  {
    name: 'blocks are told from their order to their end',
    after: 'test_monitoring/test_htex_init_blocks_vs_monitoring.py',
    on: ['local', 'slurm'],
    config: null,
    async run(kit) {
      const executors = [kit.make(1)];
      await watched(
        kit,
        () => fn.double(1),
        (query) => {
          assert.equal(count(query, '(SELECT DISTINCT block_id FROM block)'), 1);
          const states = query('SELECT status FROM block ORDER BY timestamp').map(
            ({ status }) => status,
          );
          assert.ok(states.length >= 2, String(states));
          assert.equal(states[0], 'PENDING');
        },
        true,
        executors,
      );
    },
  },
  {
    name: 'a task is named by its function',
    after: 'test_monitoring/test_app_names.py',
    config: null,
    run: (kit) =>
      watched(
        kit,
        () => fn.three(),
        (query) => {
          const [row] = query('SELECT task_func_name FROM task');
          assert.equal(row!['task_func_name'], 'parsl-functions.three');
        },
      ),
  },
  {
    name: 'equal calls with cache have one key, and are told as done by it',
    after: 'test_monitoring/test_memoization_representation.py',
    config: null,
    run: (kit) =>
      watched(
        kit,
        async () => {
          const cached = fn.increment.with({ cache: true });
          for (const n of [4, 17, 4, 4]) assert.equal(await cached(n), n + 1);
        },
        (query) => {
          assert.equal(count(query, 'task'), 4);
          const keys = query('SELECT task_hashsum AS k, COUNT(*) AS n FROM task GROUP BY k');
          assert.deepEqual(keys.map(({ n }) => n).sort(), [1, 3]);
          assert.equal(count(query, "status WHERE task_status_name = 'exec_done'"), 2);
          assert.equal(count(query, "status WHERE task_status_name = 'memo_done'"), 2);
        },
      ),
  },
  {
    name: 'each attempt of a task is a row of its own',
    after: BASIC,
    config: null,
    run: (kit) =>
      watched(
        kit,
        () => fn.failTimes.with({ retries: 2 })(kit.path('x'), 2),
        (query) => {
          assert.equal(count(query, 'try'), 3);
          assert.equal(query('SELECT task_fail_count AS n FROM task')[0]!['n'], 2);
        },
      ),
  },
  {
    name: 'a failure is told with its words, and that of who needed it',
    after: BASIC,
    config: null,
    run: (kit) =>
      watched(
        kit,
        () => fn.list(fn.fail('no lake')).exception(),
        (query) => {
          const rows = query('SELECT task_error, task_depends FROM task ORDER BY task_id');
          assert.match(String(rows[0]!['task_error']), /task-failed: no lake/);
          assert.match(String(rows[1]!['task_error']), /dependency-failed/);
          assert.match(String(rows[1]!['task_depends']), /1/);
          const states = query(
            'SELECT task_status_name AS s FROM status WHERE task_id = 2 ORDER BY timestamp',
          ).map(({ s }) => s);
          assert.equal(states.at(-1), 'dep_fail');
        },
      ),
  },
  {
    name: 'a task that waits for a plain promise is told as well',
    after: 'test_monitoring/test_incomplete_futures.py',
    config: null,
    run: (kit) =>
      watched(
        kit,
        async () => {
          const { promise, resolve } = Promise.withResolvers<number>();
          const future = fn.same([promise]);
          resolve(12345);
          assert.deepEqual(await future, [12345]);
        },
        (query) => {
          assert.equal(count(query, 'task'), 1);
          assert.equal(count(query, "status WHERE task_status_name = 'pending'"), 1);
        },
      ),
  },
  {
    name: 'the files of outputs are told, given or named by the task',
    after: OUTPUT,
    config: null,
    async run(kit) {
      const { path } = kit;
      const echo = bashApp((text: string) => sh`echo ${text}`);
      let automatic: string | null = null;
      await watched(
        kit,
        async () => {
          await echo('to nowhere');
          await echo.with({ stdout: path('a'), stderr: [path('b'), 'w'] })('to files');
          const future = echo.with({ stdout: kit.file('c'), stderr: autoLogname })('to others');
          automatic = future.stderr;
          await future;
        },
        (query) => {
          const rows = query('SELECT task_stdout, task_stderr FROM task ORDER BY task_id');
          assert.deepEqual(
            rows.map((row) => [row['task_stdout'] || null, row['task_stderr'] || null]),
            [
              [null, null],
              [path('a'), path('b')],
              [path('c'), automatic],
            ],
          );
        },
      );
    },
  },
  {
    name: 'an observer that fails does not disturb the tasks',
    after: 'test_shutdown/test_kill_monitoring.py',
    config: null,
    async run({ config }) {
      const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
      const monitoring = {
        onTask(): never {
          throw new Error('the monitoring is broken');
        },
      };
      await using _kernel = await load(new Config(config({ monitoring })));
      assert.deepEqual(await Promise.all([fn.double(1), fn.double(2)]), [2, 4]);
      assert.match((await warned).message, /Monitoring has stopped.*is broken/);
    },
  },
];
