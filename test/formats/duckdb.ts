/** DuckDB, to compare with. */

import { spawnSync } from 'node:child_process';
import { DuckDBInstance } from '@duckdb/node-api';

export type DuckRow = Record<string, unknown>;

/** Rows of a query, with values as DuckDB gives them; one database for each call. */
export async function duckRows(sql: string): Promise<DuckRow[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Runs a statement while the caller waits, in a process of its own. */
export function duckRun(sql: string): void {
  const script = `
    const { DuckDBInstance } = await import('@duckdb/node-api');
    await (await (await DuckDBInstance.create(':memory:')).connect()).run(process.env.SQL);`;
  const args = ['--input-type=module', '-e', script];
  const options = { env: { ...process.env, SQL: sql }, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, args, {
    ...options,
    cwd: import.meta.dirname,
  });
  if (status !== 0) throw new Error(stderr);
}
