/**
 * The process that runs SQL of a file's own: its views, virtual tables and generated columns. Its
 * main thread ends it as soon as nobody listens any more, whatever SQLite is busy with in the other.
 */

import { rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import type { ApartRequest } from './apart.ts';

/** What SQLite may take in this process, and the longest value that it may make. */
const HEAP_BYTES = 2 ** 30;
const VALUE_BYTES = 2 ** 28;

if (isMainThread) {
  process.stdin.on('end', end).resume();
  new Worker(new URL(import.meta.url), {
    workerData: process.argv[2],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
    .on('error', () => process.exit(1))
    .on('exit', () => process.exit());
} else {
  const answer = `${JSON.stringify(run(JSON.parse(workerData as string) as ApartRequest))}\n`;
  // Not through the main thread, whose end this may be.
  writeSync(1, answer);
}

function end(): void {
  const { target } = JSON.parse(process.argv[2]!) as ApartRequest;
  if (target !== null) rmSync(dirname(target), { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}

function run(request: ApartRequest): unknown {
  try {
    const db = new DatabaseSync(request.target ?? ':memory:');
    db.limits.length = VALUE_BYTES;
    db.exec(`pragma hard_heap_limit = ${HEAP_BYTES}; pragma encoding = '${request.encoding}';
      pragma journal_mode = off; pragma synchronous = off; pragma temp_store = file`);
    const size = db.prepare('pragma page_size').get()!['page_size'] as number;
    db.exec(`pragma max_page_count = ${Math.ceil(request.maxBytes / size)}`);
    db.prepare('attach ? as source').run(request.source);
    for (const sql of request.statements) db.exec(sql);
    return { rows: request.query === null ? [] : db.prepare(request.query).all() };
  } catch (error) {
    const { message, errcode } = error as { message: string; errcode?: number };
    return { error: { message, errcode } };
  }
}
