/**
 * Random databases, sound and damaged, read by the project and by SQLite: the same rows, byte for
 * byte, or an error by name.
 */

import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TilewrightError } from '../../../src/core/errors.ts';
import { Random } from '../../../src/core/random.ts';
import { damage } from '../random-damage.ts';
import { difference, rowsOfProject, rowsOfSqlite } from '../row-texts.ts';
import { writeRandomDatabase } from './random-database.ts';

/** Seeds that share a database: one reads it as it is, one with a log or journal, the others damaged. */
const SEEDS_PER_DATABASE = 16;

export type Outcome = 'same rows' | 'both refuse' | 'ours refuses';

export class SqliteFuzzer {
  readonly #folder: string;
  #base = -1;
  #bytes = Buffer.alloc(0);
  #pageSize = 0;

  constructor() {
    const memory = '/dev/shm';
    this.#folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'tilewright-fuzz-'));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Tries one seed. @throws Error that tells what differs */
  try(seed: number): Outcome {
    const base = Math.floor(seed / SEEDS_PER_DATABASE);
    const path = join(this.#folder, 'a.gpkg');
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(path + end, { force: true });
    if (base !== this.#base) {
      this.#pageSize = writeRandomDatabase(path, new Random(base), base % 500 === 499);
      this.#bytes = readFileSync(path);
      this.#base = base;
    }
    const random = new Random(seed + 2 ** 40);
    const kind = seed % SEEDS_PER_DATABASE;
    const bytes = Buffer.from(this.#bytes);
    if (kind < 2) {
      writeFileSync(path, bytes);
      if (kind === 1) leaveOpen(path, random);
    } else {
      writeFileSync(path, damage(bytes, this.#pageSize, random));
    }
    return compare(path, kind < 2, random);
  }
}

/** Leaves the file as a program does that writes to it: with a write-ahead log or a journal. */
function leaveOpen(path: string, random: Random): void {
  const original = `${path}.open`;
  copyFileSync(path, original);
  const db = new DatabaseSync(original);
  const wal = random.integer(2) === 0;
  try {
    db.exec(wal ? 'pragma journal_mode = wal' : 'pragma cache_size = 1; begin');
    db.exec(
      "update gpkg_contents set description = 'x'; update l set geom = null where rowid % 5 = 0",
    );
  } catch {
    // The table may have no rowid, or the page size no log.
  }
  copyFileSync(original, path);
  for (const end of ['-wal', '-journal']) {
    if (existsSync(original + end)) copyFileSync(original + end, path + end);
  }
  db.close();
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(original + end, { force: true });
}

function compare(path: string, sound: boolean, random: Random): Outcome {
  const wanted = attempt(() => rowsOfSqlite(path));
  const found = attempt(() => rowsOfProject(path, random));
  if (found instanceof Error) {
    if (!(found instanceof TilewrightError) || found.code === 'internal') throw found;
    if (wanted instanceof Error) return 'both refuse';
    if (sound && !wanted.refusable.some((text) => found.message.includes(text))) throw found;
    return 'ours refuses';
  }
  if (wanted instanceof Error) {
    throw new Error(`SQLite refuses (${wanted.message}), and ${found.rows.length} rows were read`);
  }
  const what = difference(wanted, found);
  if (what !== null) throw new Error(what);
  return 'same rows';
}

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
