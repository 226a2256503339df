/** What happened when in a run, from its monitoring file: for charts. Times are seconds of the run. */

import { timeOf, timestamp } from '../../parallel/monitoring/schema.ts';
import type { TaskSpan } from '../analysis.ts';
import type { WorkerRun } from '../report/activity.ts';
import type { SampleChart, Series } from '../report/series.ts';
import { type MonitoringSource, numberOf, textOf } from './monitoring-source.ts';
import type { RunSummary } from './run-summary.ts';

/** Bars of the timeline at the most: those that began last. */
const SPANS = 100_000;
const POINTS = 240;
/** Which attempt a bar is. */
export const ATTEMPTS = ['first attempt', 'second attempt', 'third attempt', 'later attempt'];

export interface RunHistory extends WorkerRun {
  /** Attempts that the timeline leaves out. */
  left: number;
  charts: SampleChart[];
}

/** Of the same moment as the summary. */
export function readHistory(source: MonitoringSource, summary: RunSummary): RunHistory {
  const { seconds, workers, efficiency } = summary;
  const timeline = readSpans(source, summary);
  const attempts = workers.reduce((sum, { tasks }) => sum + tasks, 0);
  const idle = Math.max(0, efficiency.workers * seconds - efficiency.busy);
  return {
    seconds,
    workers: workers.map(({ peakMemory, ...worker }) => ({
      ...worker,
      cpu: Number.NaN,
      peakMemory: peakMemory ?? Number.NaN,
    })),
    timeline,
    left: Math.max(0, attempts - timeline.length),
    // What workers wait for can't be told from here.
    time: [
      { kind: 'computing', seconds: efficiency.busy, share: efficiency.share },
      { kind: 'nothing to do', seconds: idle, share: 1 - efficiency.share },
    ],
    phases: [],
    run: { slots: efficiency.workers },
    charts: [...stateCharts(source, summary), ...memoryChart(source, summary)],
  };
}

function readSpans(source: MonitoringSource, summary: RunSummary): TaskSpan[] {
  const { startedAt, seconds, workers } = summary;
  const places = new Map(workers.map(({ worker }, i) => [worker, i]));
  const until = timestamp(startedAt + seconds * 1000);
  const spans: TaskSpan[] = [];
  const rows = source.rows(
    `SELECT t.task_id, t.try_id, task_func_name, worker, task_try_time_launched AS launched,
       task_try_time_running AS began, coalesce(task_try_time_returned, :until) AS ended,
       task_fail_history AS error
     FROM try t JOIN task USING (task_id, run_id)
     WHERE t.run_id = :run AND worker IS NOT NULL ORDER BY began DESC LIMIT ${SPANS}`,
    { until },
  );
  const measured = readMeasured(source);
  const since = (text: unknown): number => (timeOf(text) - startedAt) / 1000;
  for (const row of rows) {
    const worker = places.get(textOf(row['worker']));
    if (worker === undefined) continue;
    const attempt = numberOf(row['try_id']) + 1;
    const [start, end] = [since(row['began']), since(row['ended'])];
    const used = measured.get(`${row['task_id']}/${row['try_id']}`);
    const cpu = used?.cpu ?? 0;
    const core = used?.core ?? 0;
    spans.push({
      worker,
      phase: ATTEMPTS[Math.min(attempt, ATTEMPTS.length) - 1] ?? '',
      subject: `${textOf(row['task_func_name'])}, task ${row['task_id']}`,
      part: 1,
      parts: 1,
      submitted: since(row['launched']),
      start,
      end: Math.max(start, end),
      cpu,
      queuedForCpu: core,
      blocked: used === undefined ? 0 : Math.max(0, used.wall - cpu - core),
      gc: 0,
      bytes: 0,
      attempt,
      error: row['error'] === null ? null : textOf(row['error']),
    });
  }
  return spans.reverse();
}

interface Measured {
  cpu: number;
  core: number;
  wall: number;
}

function readMeasured(source: MonitoringSource): Map<string, Measured> {
  const rows = source.rows(
    `SELECT task_id, try_id, psutil_process_time_user + psutil_process_time_system AS cpu,
       coalesce(queued_for_cpu_time, 0) AS core, wall_time AS wall
     FROM resource WHERE run_id = :run ORDER BY rowid DESC LIMIT ${SPANS}`,
  );
  const measured = new Map<string, Measured>();
  for (const row of rows) {
    const [cpu, core, wall] = [row['cpu'], row['core'], row['wall']].map(numberOf);
    measured.set(`${row['task_id']}/${row['try_id']}`, { cpu: cpu!, core: core!, wall: wall! });
  }
  return measured;
}

/** Lines of the charts: how many tasks are in these states at a time. */
const GROUPS: readonly (readonly [name: string, states: readonly string[]])[] = [
  ['running', ['running', 'joining']],
  ['queued', ['launched', 'fail_retryable']],
  ['waiting for others', ['pending']],
  ['done', ['exec_done', 'memo_done']],
  ['failed or cancelled', ['failed', 'dep_fail', 'cancelled']],
];

function stateCharts(source: MonitoringSource, summary: RunSummary): SampleChart[] {
  const { startedAt, seconds } = summary;
  if (!(seconds > 0)) return [];
  const groupOf = new Map(GROUPS.flatMap(([, states], i) => states.map((state) => [state, i])));
  const counts = new Array<number>(GROUPS.length).fill(0);
  const series: Series[] = GROUPS.map(([name]) => ({ name, points: [] }));
  const states = new Map<unknown, number>();
  let points = 0;
  const upTo = (at: number): void => {
    for (; points <= POINTS && (points * seconds) / POINTS <= at; points++) {
      for (const [i, { points: line }] of series.entries()) {
        line.push({ at: (points * seconds) / POINTS, value: counts[i]! });
      }
    }
  };
  const rows = source.rows(
    'SELECT task_id, task_status_name AS state, timestamp FROM status WHERE run_id = :run ORDER BY rowid',
  );
  for (const { task_id: task, state, timestamp: time } of rows) {
    const group = groupOf.get(textOf(state));
    if (group === undefined) continue;
    // What happens at a point counts for it.
    upTo((timeOf(time) - startedAt) / 1000 - 1e-9);
    const before = states.get(task);
    if (before !== undefined) counts[before]!--;
    counts[group]!++;
    states.set(task, group);
  }
  upTo(seconds);
  const chart = (id: string, title: string, lines: Series[]): SampleChart => ({
    id,
    title,
    unit: 'count',
    series: lines,
    limits: [],
  });
  return [
    chart('states', 'Tasks that have not ended', series.slice(0, 3)),
    chart('ends', 'Tasks that have ended', series.slice(3)),
  ];
}

function memoryChart(source: MonitoringSource, { startedAt }: RunSummary): SampleChart[] {
  const rows = source.all(
    `SELECT timestamp, psutil_process_memory_resident AS memory FROM coordinator
     WHERE run_id = :run ORDER BY rowid DESC LIMIT 2000`,
  );
  if (rows.length < 2) return [];
  const points = rows.reverse().map((row) => ({
    at: Math.max(0, (timeOf(row['timestamp']) - startedAt) / 1000),
    value: numberOf(row['memory']),
  }));
  const series = [{ name: 'the process of the kernel', points }];
  return [{ id: 'memory', title: 'Memory', unit: 'bytes', series, limits: [] }];
}
