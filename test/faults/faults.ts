/** What the tests of faults share: runs that can be killed, and looks at what they leave. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { readRecords } from '../../src/staging/recording/record-file.ts';
import { hashFolder, listTiles } from '../staging/support.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
export const SUMMARY = 'staging_summary.csv';

/** A folder for all tests of a suite, in whose body this is called. */
export function suiteFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-test-'));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Overlapping scenes for runs that are interrupted; returns their paths. */
export function makeScenes(folder: string, count: number, polygonsEach: number): string[] {
  return writeScenes(folder, { seed: 11, count, polygonsEach }).map((scene) => scene.path);
}

/** A configuration file whose slices are small, so that a file is read in several tasks. */
export function smallSlices(folder: string): string {
  const path = join(folder, 'slices.json');
  writeFileSync(path, JSON.stringify({ sliceBytes: 600_000 }));
  return path;
}

/** A process of the command line, and its end. */
export interface Running {
  child: ChildProcess;
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  stdout: () => string;
  stderr: () => string;
}

export function startCli(args: readonly string[], env: Record<string, string> = {}): Running {
  return start([CLI, ...args], env);
}

/** Starts a script of the tests, or the command line, with this program. */
export function start(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal!));
  });
  return { child, ended, stdout: () => stdout, stderr: () => stderr };
}

/** How far a run has come, by what it has left in the staged folder. */
export type Stage = 'nothing' | 'staging' | 'merging' | 'committed';

export function stageOf(folder: string): Stage {
  const path = join(folder, '.tilewright/journal.sqlite');
  if (!existsSync(path)) return 'nothing';
  // Not read-only: a journal whose writer was killed is rolled back by its next reader.
  const db = new DatabaseSync(path, { timeout: 10_000 });
  try {
    const tables = db.prepare("select name from sqlite_schema where name = 'pending'").all();
    if (tables.length === 0) return 'nothing';
    if (db.prepare('select 1 from pending').get() !== undefined) return 'merging';
    return db.prepare('select 1 from input').get() === undefined ? 'staging' : 'committed';
  } finally {
    db.close();
  }
}

/** Every tile that a reader finds now is whole; returns how many there are. */
export function checkTiles(folder: string): number {
  const tiles = existsSync(folder) ? listTiles(folder) : [];
  for (const tile of tiles) {
    const db = new DatabaseSync(join(folder, tile), { readOnly: true });
    try {
      assert.deepEqual(
        db
          .prepare('pragma quick_check')
          .all()
          .map((row) => ({ ...row })),
        [{ quick_check: 'ok' }],
        tile,
      );
      const { table_name: layer } = db.prepare('select table_name from gpkg_contents').get()!;
      const { n } = db.prepare(`select count(*) as n from "${layer}"`).get()!;
      assert.ok(Number(n) > 0, `${tile} has rows`);
    } finally {
      db.close();
    }
  }
  return tiles.length;
}

/** Nothing lies in the staged folder but tiles, the summary and what belongs to every one. */
export function checkNothingElse(folder: string): void {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  // Runs of the command line tell of themselves in a file, and all are recorded.
  const records = readRecords(folder).map(({ path }) => path.slice(folder.length + 1));
  const known = new Set([...listTiles(folder), '.tilewright/run.json', ...records]);
  assert.deepEqual(all.filter((path) => !known.has(path)).sort(), [
    '.tilewright/journal.sqlite',
    '.tilewright/lock.sqlite',
    SUMMARY,
  ]);
  assert.deepEqual(readdirSync(join(folder, '.tilewright/runs')), []);
  for (const path of globSync('**/', { cwd: folder })) {
    assert.notEqual(path.startsWith('.tilewright') || readdirSync(join(folder, path)).length, 0);
  }
}

/** Tiles and summary, but for its times, are those of the other folder, to the byte. */
export function checkSame(folder: string, reference: ReadonlyMap<string, string>): void {
  assert.deepEqual(hashFolder(folder, { summary: SUMMARY }), reference);
}

/** A closed ring around a square, from its lower left corner. */
export function square(x: number, y: number, size = 0.001): number[][] {
  return [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ];
}
