/**
 * Tables of a monitoring file. Tables and columns are named as in Parsl's monitoring database
 * (parsl/monitoring/db_manager.py), wherever it has such; `own` are those that it has not. Times are
 * text, `YYYY-MM-DD hh:mm:ss.ffffff`, as SQLAlchemy writes them, in UTC.
 */

/** `PRAGMA application_id` of such a file: `TWmn`. */
export const APPLICATION_ID = 0x54_57_6d_6e;
/** `PRAGMA user_version`: of the shape of the tables. */
export const SCHEMA_VERSION = 1;

type SqlType = 'INTEGER' | 'REAL' | 'TEXT';

export interface MonitoringTable {
  columns: Readonly<Record<string, SqlType>>;
  own: Readonly<Record<string, SqlType>>;
  /** Columns whose values name a row, which is replaced; null: rows are only added. */
  key: readonly string[] | null;
}

export const TABLES = {
  workflow: {
    columns: {
      run_id: 'TEXT',
      workflow_name: 'TEXT',
      workflow_version: 'TEXT',
      time_began: 'TEXT',
      time_completed: 'TEXT',
      host: 'TEXT',
      user: 'TEXT',
      rundir: 'TEXT',
      tasks_failed_count: 'INTEGER',
      tasks_completed_count: 'INTEGER',
    },
    own: { pid: 'INTEGER', last_seen: 'TEXT', tilewright_version: 'TEXT' },
    key: ['run_id'],
  },
  task: {
    columns: {
      task_id: 'INTEGER',
      run_id: 'TEXT',
      task_depends: 'TEXT',
      task_func_name: 'TEXT',
      task_memoize: 'TEXT',
      task_hashsum: 'TEXT',
      task_inputs: 'TEXT',
      task_outputs: 'TEXT',
      task_stdin: 'TEXT',
      task_stdout: 'TEXT',
      task_stderr: 'TEXT',
      task_time_invoked: 'TEXT',
      task_time_returned: 'TEXT',
      task_fail_count: 'INTEGER',
      task_fail_cost: 'REAL',
    },
    // `task_join`: 1 for a join app. `task_error`: how it has ended, `CODE: MESSAGE`.
    own: { task_status_name: 'TEXT', task_join: 'INTEGER', task_error: 'TEXT' },
    key: ['task_id', 'run_id'],
  },
  try: {
    columns: {
      try_id: 'INTEGER',
      task_id: 'INTEGER',
      run_id: 'TEXT',
      block_id: 'TEXT',
      hostname: 'TEXT',
      task_executor: 'TEXT',
      task_try_time_launched: 'TEXT',
      task_try_time_running: 'TEXT',
      task_try_time_returned: 'TEXT',
      task_fail_history: 'TEXT',
      task_joins: 'TEXT',
    },
    // The thread that ran it: `host/process/thread`.
    own: { worker: 'TEXT' },
    key: ['task_id', 'try_id', 'run_id'],
  },
  status: {
    columns: {
      task_id: 'INTEGER',
      task_status_name: 'TEXT',
      timestamp: 'TEXT',
      run_id: 'TEXT',
      try_id: 'INTEGER',
    },
    own: {},
    key: null,
  },
  resource: {
    columns: {
      try_id: 'INTEGER',
      task_id: 'INTEGER',
      run_id: 'TEXT',
      timestamp: 'TEXT',
      resource_monitoring_interval: 'REAL',
      psutil_process_pid: 'INTEGER',
      psutil_process_memory_percent: 'REAL',
      psutil_process_children_count: 'REAL',
      // Seconds of CPU time of the task.
      psutil_process_time_user: 'REAL',
      psutil_process_time_system: 'REAL',
      psutil_process_memory_virtual: 'REAL',
      // Bytes: the most that the worker's process has had so far.
      psutil_process_memory_resident: 'REAL',
      // Bytes through system calls.
      psutil_process_disk_read: 'REAL',
      psutil_process_disk_write: 'REAL',
      psutil_process_status: 'TEXT',
      psutil_cpu_num: 'TEXT',
      psutil_process_num_ctx_switches_voluntary: 'REAL',
      psutil_process_num_ctx_switches_involuntary: 'REAL',
    },
    // Seconds, and bytes that a disk had to do with; notes are JSON.
    own: {
      wall_time: 'REAL',
      queued_for_cpu_time: 'REAL',
      gc_time: 'REAL',
      disk_read_bytes: 'REAL',
      disk_write_bytes: 'REAL',
      notes: 'TEXT',
    },
    key: null,
  },
  node: {
    columns: {
      run_id: 'TEXT',
      hostname: 'TEXT',
      uid: 'TEXT',
      block_id: 'TEXT',
      cpu_count: 'INTEGER',
      total_memory: 'INTEGER',
      active: 'INTEGER',
      worker_count: 'INTEGER',
      python_v: 'TEXT',
      timestamp: 'TEXT',
      last_heartbeat: 'TEXT',
    },
    own: { node_v: 'TEXT', processor: 'TEXT' },
    key: ['run_id', 'uid'],
  },
  block: {
    columns: {
      run_id: 'TEXT',
      executor_label: 'TEXT',
      block_id: 'TEXT',
      job_id: 'TEXT',
      timestamp: 'TEXT',
      status: 'TEXT',
    },
    own: { reason: 'TEXT' },
    key: null,
  },
  /** Not Parsl's: the process of the kernel over time, with columns as those of `resource`. */
  coordinator: {
    columns: {},
    own: {
      run_id: 'TEXT',
      timestamp: 'TEXT',
      psutil_process_pid: 'INTEGER',
      psutil_process_time_user: 'REAL',
      psutil_process_time_system: 'REAL',
      psutil_process_memory_resident: 'REAL',
    },
    key: null,
  },
} as const satisfies Record<string, MonitoringTable>;

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

type ColumnsOf<N extends TableName> =
  | keyof (typeof TABLES)[N]['columns']
  | keyof (typeof TABLES)[N]['own'];

/** What a column may be given; left out is null. */
export type Row<N extends TableName> = { [K in ColumnsOf<N> & string]?: string | number | null };

/** In the order of the tables above. */
export function columnNames(table: TableName): string[] {
  const { columns, own } = TABLES[table] as MonitoringTable;
  return [...Object.keys(columns), ...Object.keys(own)];
}

export function createStatements(): string[] {
  return TABLE_NAMES.map((table) => {
    const { columns, own, key } = TABLES[table] as MonitoringTable;
    const parts = Object.entries({ ...columns, ...own }).map(([name, type]) => `"${name}" ${type}`);
    if (key !== null) parts.push(`PRIMARY KEY (${key.join(', ')})`);
    return `CREATE TABLE IF NOT EXISTS "${table}" (${parts.join(', ')})${key === null ? '' : ' WITHOUT ROWID'}`;
  });
}

/** `exec_done` and so on, as in parsl/dataflow/states.py; `cancelled` is not Parsl's. */
export type StatusName =
  | 'pending'
  | 'launched'
  | 'running'
  | 'joining'
  | 'fail_retryable'
  | 'exec_done'
  | 'memo_done'
  | 'failed'
  | 'dep_fail'
  | 'cancelled';

/** Milliseconds since the epoch as text. */
export function timestamp(ms: number): string {
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)}000`;
}

/** The opposite; NaN for what is no such text. */
export function timeOf(text: unknown): number {
  return typeof text === 'string'
    ? Date.parse(`${text.replace(' ', 'T').slice(0, 23)}Z`)
    : Number.NaN;
}
