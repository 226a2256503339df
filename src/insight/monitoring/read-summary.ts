/** The summary of a run, from its monitoring file. */

import { hostname } from 'node:os';
import { timeOf, timestamp } from '../../parallel/monitoring/schema.ts';
import { type MonitoringSource, numberOf, type SqlRow, textOf } from './monitoring-source.ts';
import type { MeanAndMost, RunSummary, StateCounts } from './run-summary.ts';

/** Milliseconds without a word after which a run is taken for lost; it says one every 5 s. */
const SILENT_MS = 30_000;
const APPS = 500;
const WORKERS = 5_000;
const SLOWEST = 20;
const FAILURES = 200;
const BLOCKS = 1_000;

/** States of Parsl's by ours; together they are all. */
const STATES: Record<keyof StateCounts, string> = {
  waiting: "'pending'",
  queued: "'launched', 'fail_retryable'",
  running: "'running', 'joining'",
  done: "'exec_done'",
  memoized: "'memo_done'",
  failed: "'failed'",
  dependencyFailed: "'dep_fail'",
  cancelled: "'cancelled'",
};
const COUNTS = Object.entries(STATES)
  .map(([state, names]) => `coalesce(sum(task_status_name IN (${names})), 0) AS ${state}`)
  .join(', ');

/** Seconds from one time to another, as SQL. */
const seconds = (from: string, to: string): string =>
  `max(0, round((julianday(${to}) - julianday(${from})) * 86400, 3))`;

/** @param now - milliseconds since the epoch */
export function readSummary(source: MonitoringSource, now = Date.now()): RunSummary {
  return source.snapshot(() => {
    const [run] = source.all('SELECT * FROM workflow WHERE run_id = :run') as [SqlRow];
    const state = stateOf(run, now);
    const startedAt = timeOf(run['time_began']);
    const ends = {
      running: now,
      ended: timeOf(run['time_completed']),
      lost: timeOf(run['last_seen']),
    };
    const end = Math.max(startedAt, ends[state]);
    const duration = (end - startedAt) / 1000;
    const until = { until: timestamp(end) };
    const [all] = source.all(
      `SELECT count(*) AS tasks, ${COUNTS} FROM task WHERE run_id = :run`,
    ) as [SqlRow];
    const [retried] = source.all(
      `SELECT count(*) AS n FROM status WHERE run_id = :run AND task_status_name = 'fail_retryable'`,
    ) as [SqlRow];
    const workers = readWorkers(source, until);
    const busy = workers.reduce((sum, each) => sum + each.busy, 0);
    const whole = workers.length * duration;
    return {
      file: source.path,
      runId: source.runId,
      name: textOf(run['workflow_name']),
      host: textOf(run['host']),
      user: textOf(run['user']),
      pid: numberOf(run['pid']),
      state,
      startedAt,
      seconds: duration,
      tasks: numberOf(all['tasks']),
      counts: countsOf(all),
      retried: numberOf(retried['n']),
      apps: readApps(source),
      workers,
      efficiency: {
        busy,
        workers: workers.length,
        share: whole > 0 ? Math.min(1, busy / whole) : 0,
      },
      waits: readWaits(source),
      slowest: readSlowest(source, until),
      failures: readFailures(source),
      blocks: readBlocks(source),
    };
  });
}

function stateOf(run: SqlRow, now: number): RunSummary['state'] {
  if (run['time_completed'] !== null) return 'ended';
  if (now - timeOf(run['last_seen']) > SILENT_MS) return 'lost';
  return run['host'] === hostname() && !isThere(numberOf(run['pid'])) ? 'lost' : 'running';
}

function isThere(pid: number): boolean {
  if (!(Number.isSafeInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function countsOf(row: SqlRow): StateCounts {
  const counts = Object.keys(STATES).map((state) => [state, numberOf(row[state])]);
  return Object.fromEntries(counts) as StateCounts;
}

function readApps(source: MonitoringSource): RunSummary['apps'] {
  const rows = source.all(
    `SELECT task_func_name AS name, count(*) AS tasks, sum(task_fail_count) AS failures, ${COUNTS},
       sum(total) AS total, sum(total) / sum(attempts) AS mean, max(most) AS most,
       sum(queued_for) / sum(starts) AS queuedMean
     FROM task LEFT JOIN (
       SELECT task_id, count(took) AS attempts, sum(took) AS total, max(took) AS most,
         count(waited) AS starts, sum(waited) AS queued_for
       FROM (SELECT task_id,
         ${seconds('task_try_time_running', 'task_try_time_returned')} AS took,
         ${seconds('task_try_time_launched', 'task_try_time_running')} AS waited
         FROM try WHERE run_id = :run)
       GROUP BY task_id) USING (task_id)
     WHERE run_id = :run GROUP BY name ORDER BY tasks DESC, name LIMIT ${APPS}`,
  );
  return rows.map((row) => ({
    name: textOf(row['name']),
    tasks: numberOf(row['tasks']),
    failures: numberOf(row['failures']),
    ...countsOf(row),
    mean: numberOf(row['mean'] ?? 0),
    most: numberOf(row['most'] ?? 0),
    total: numberOf(row['total'] ?? 0),
    queuedMean: numberOf(row['queuedMean'] ?? 0),
  }));
}

function readWorkers(source: MonitoringSource, until: { until: string }): RunSummary['workers'] {
  const rows = source.all(
    `SELECT worker, hostname, count(*) AS tasks, max(psutil_process_memory_resident) AS memory,
       sum(${seconds('task_try_time_running', 'coalesce(task_try_time_returned, :until)')}) AS busy
     FROM try t LEFT JOIN (
       SELECT task_id, try_id, max(psutil_process_memory_resident) AS psutil_process_memory_resident
       FROM resource WHERE run_id = :run GROUP BY task_id, try_id) USING (task_id, try_id)
     WHERE t.run_id = :run AND worker IS NOT NULL GROUP BY worker ORDER BY worker LIMIT ${WORKERS}`,
    until,
  );
  return rows.map((row) => ({
    worker: textOf(row['worker']),
    host: textOf(row['hostname']),
    tasks: numberOf(row['tasks']),
    busy: numberOf(row['busy'] ?? 0),
    peakMemory: row['memory'] === null ? null : numberOf(row['memory']),
  }));
}

function readWaits(source: MonitoringSource): RunSummary['waits'] {
  const [row] = source.all(
    `SELECT avg(needs) AS needsMean, max(needs) AS needsMost, avg(queue) AS queueMean,
       max(queue) AS queueMost
     FROM (SELECT CASE try_id WHEN 0 THEN
         ${seconds('task_time_invoked', 'task_try_time_launched')} END AS needs,
         ${seconds('task_try_time_launched', 'task_try_time_running')} AS queue
       FROM try t JOIN task USING (task_id, run_id) WHERE t.run_id = :run)`,
  ) as [SqlRow];
  const pair = (name: string): MeanAndMost => ({
    mean: numberOf(row[`${name}Mean`] ?? 0),
    most: numberOf(row[`${name}Most`] ?? 0),
  });
  return { dependencies: pair('needs'), queue: pair('queue') };
}

function readSlowest(source: MonitoringSource, until: { until: string }): RunSummary['slowest'] {
  const rows = source.all(
    `SELECT t.task_id, t.try_id, task_func_name, worker,
       ${seconds('task_try_time_running', 'coalesce(task_try_time_returned, :until)')} AS took
     FROM try t JOIN task USING (task_id, run_id)
     WHERE t.run_id = :run AND worker IS NOT NULL ORDER BY took DESC LIMIT ${SLOWEST}`,
    until,
  );
  return rows.map((row) => {
    const [task, attempt] = [numberOf(row['task_id']), numberOf(row['try_id'])];
    const [used] = source.all(
      `SELECT sum(psutil_process_time_user + psutil_process_time_system) AS cpu FROM resource
       WHERE run_id = :run AND task_id = :task AND try_id = :attempt`,
      { task, attempt },
    ) as [SqlRow];
    return {
      task,
      name: textOf(row['task_func_name']),
      attempt: attempt + 1,
      seconds: numberOf(row['took']),
      cpu: used['cpu'] === null ? null : numberOf(used['cpu']),
      worker: textOf(row['worker']),
    };
  });
}

function readFailures(source: MonitoringSource): RunSummary['failures'] {
  const rows = source.all(
    `SELECT task_func_name AS name, task_error AS error, count(*) AS n, min(task_id) AS task, 0 AS again
     FROM task WHERE run_id = :run AND task_status_name IN ('failed', 'dep_fail') GROUP BY name, error
     UNION ALL
     SELECT task_func_name, task_fail_history, count(*), min(task_id), 1
     FROM status s JOIN try USING (task_id, try_id, run_id) JOIN task USING (task_id, run_id)
     WHERE s.run_id = :run AND s.task_status_name = 'fail_retryable'
     GROUP BY task_func_name, task_fail_history
     ORDER BY again, n DESC, task LIMIT ${FAILURES}`,
  );
  return rows.map((row) => ({
    name: textOf(row['name']),
    error: textOf(row['error']),
    count: numberOf(row['n']),
    task: numberOf(row['task']),
    retried: row['again'] === 1,
  }));
}

function readBlocks(source: MonitoringSource): RunSummary['blocks'] {
  const rows = source.all(
    `SELECT executor_label, block_id, job_id, status, reason, max(rowid) FROM block
     WHERE run_id = :run GROUP BY executor_label, block_id LIMIT ${BLOCKS}`,
  );
  return rows.map((row) => ({
    executor: textOf(row['executor_label']),
    block: textOf(row['block_id']),
    job: row['job_id'] === null ? null : textOf(row['job_id']),
    state: textOf(row['status']),
    reason: row['reason'] === null ? null : textOf(row['reason']),
  }));
}
