/**
 * What tests of the whole pipeline share: folders that vanish, the command line as a child process,
 * an independent reader of tiles and random polygons.
 */

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import type { StageAllResult } from '../../src/staging/tile-stager.ts';
import { runWarm } from '../warm-cli.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const SHARED = join(import.meta.dirname, '../../../shared/data');

/**
 * A folder of its own, removed when the test ends.
 * @param t - the test's context; for a whole suite, `{ after }` of node:test
 */
export function temporaryFolder(t: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** Why a test that needs data from `../shared/data` does not run. */
export const NO_SHARED_DATA = 'the folder ../shared/data is not there';

/** Path of a file or folder below `../shared/data`; null where it is absent. */
export function sharedData(...parts: string[]): string | null {
  const path = join(SHARED, ...parts);
  return existsSync(path) ? path : null;
}

/** Whether a program is on this machine: it starts with `--version`. */
export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Ends the child after so long; default: a minute. */
  timeoutMs?: number;
}

/**
 * Runs `tilewright` with these arguments, in a process that goes on to the next command where nothing
 * of Node.js itself is asked for.
 */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { cwd = process.cwd(), timeoutMs = 60_000 } = options;
  const env = { ...process.env, ...options.env };
  if (options.env?.['NODE_OPTIONS'] === undefined) return runWarm(args, { cwd, env, timeoutMs });
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { cwd, env, timeout: timeoutMs },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: Number(error?.code ?? 0), stdout, stderr });
      },
    );
  });
}

/** The result in what `stage --json` prints: its last line. */
export function resultOf(stdout: string): StageAllResult & { folder: string } {
  const { type, ...result } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  if (type !== 'result') throw new Error(`the last line is no result: ${type}`);
  return result;
}

/** What `stage` prints on stderr besides its progress. */
export function withoutProgress(stderr: string): string {
  return stderr.replace(/^(staging|placing tiles|packing tiles)(: .*)?\n/gm, '');
}

/** Paths of all tiles below the staged folder, with '/', in ascending order. */
export function listTiles(folder: string): string[] {
  return globSync('**/*.gpkg', { cwd: folder })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !path.startsWith('.tilewright/'))
    .sort();
}

export interface TileRow {
  /** Path of the tile below the staged folder. */
  tile: string;
  fid: number;
  /** The geometry blob. */
  geometry: Uint8Array;
  /** All other columns by name; integers past ±2^53 are bigint. */
  values: Record<string, Value>;
}

/** The rows of one GeoPackage's first layer, in the order of their keys, read through SQLite. */
export function readRows(path: string, tile = path): TileRow[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const layer = db.prepare('select table_name, column_name from gpkg_geometry_columns').get()!;
    const table = quoted(String(layer['table_name']));
    const info = db.prepare(`pragma table_info(${table})`).all();
    const key = String(info.find((column) => column['pk'] === 1)!['name']);
    const statement = db.prepare(`select * from ${table} order by ${quoted(key)}`);
    statement.setReadBigInts(true);
    return statement.all().map((row) => {
      const { [key]: fid, [String(layer['column_name'])]: geometry, ...rest } = row;
      const values: Record<string, Value> = {};
      for (const [name, value] of Object.entries(rest)) {
        const safe = typeof value === 'bigint' && Number.isSafeInteger(Number(value));
        values[name] = safe ? Number(value) : (value as Value);
      }
      return { tile, fid: Number(fid), geometry: geometry as Uint8Array, values };
    });
  } finally {
    db.close();
  }
}

/** All rows of all tiles, by tile, then key. */
export function readTiles(folder: string): TileRow[] {
  return listTiles(folder).flatMap((tile) => readRows(join(folder, tile), tile));
}

/** Names and declared types of a GeoPackage's first layer, key and geometry included. */
export function declaredColumns(path: string): { name: string; type: string }[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const table = db.prepare('select table_name from gpkg_geometry_columns').get()!['table_name'];
    return db
      .prepare(`pragma table_info(${quoted(String(table))})`)
      .all()
      .map((column) => ({ name: String(column['name']), type: String(column['type']) }));
  } finally {
    db.close();
  }
}

/**
 * SHA-256 of every tile, by its path below the staged folder.
 * @param summary - name of a summary to include, without its column `datetime`
 */
export function hashFolder(
  folder: string,
  options: { summary?: string } = {},
): Map<string, string> {
  const hashes = new Map<string, string>();
  const add = (name: string, data: string | Uint8Array): void => {
    hashes.set(name, createHash('sha256').update(data).digest('hex'));
  };
  for (const tile of listTiles(folder)) add(tile, readFileSync(join(folder, tile)));
  if (options.summary !== undefined) {
    const rows = readCsv(join(folder, options.summary));
    add(options.summary, JSON.stringify(rows.map(({ datetime: _, ...rest }) => rest)));
  }
  return hashes;
}

/**
 * What tells of each tile, by path below the staged folder, whether it was written again: its time
 * of change and its inode, for a file that is renamed into place is another one.
 */
export function changeMarks(folder: string): Map<string, string> {
  return new Map(
    listTiles(folder).map((tile) => {
      const { mtimeNs, ino } = statSync(join(folder, tile), { bigint: true });
      return [tile, `${mtimeNs}:${ino}`];
    }),
  );
}

/** The rows of a CSV with a header, RFC 4180. */
export function readCsv(path: string): Record<string, string>[] {
  const [header, ...rows] = parseCsv(readFileSync(path, 'utf8'));
  return rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i] ?? ''])));
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, inQuotes, plain, end] = match;
    if (whole === '') break;
    row.push(inQuotes === undefined ? plain! : inQuotes.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** A ring of x, y (and z) positions; WKB repeats the first at the end, so rings here do too. */
export type Ring = readonly (readonly number[])[];

/** Little-endian ISO WKB of a polygon, with Z where its positions have three numbers. */
export function polygonWkb(rings: readonly Ring[]): Buffer {
  const dimension = rings[0]?.[0]?.length ?? 2;
  const parts: Buffer[] = [wkbHead(dimension === 3 ? 1003 : 3), uint32(rings.length)];
  for (const ring of rings) parts.push(uint32(ring.length), float64s(ring.flat()));
  return Buffer.concat(parts);
}

export function multiPolygonWkb(polygons: readonly (readonly Ring[])[]): Buffer {
  const dimension = polygons[0]?.[0]?.[0]?.length ?? 2;
  return Buffer.concat([
    wkbHead(dimension === 3 ? 1006 : 6),
    uint32(polygons.length),
    ...polygons.map(polygonWkb),
  ]);
}

/** A GeoPackage geometry without envelope around WKB. */
export function geometryBlob(wkb: Uint8Array, srsId: number): Buffer {
  const head = Buffer.from([0x47, 0x50, 0, 0x01, 0, 0, 0, 0]);
  head.writeInt32LE(srsId, 4);
  return Buffer.concat([head, wkb]);
}

/** The rings of all polygons in a GeoPackage blob: what a reader of its own makes of it. */
export function blobRings(blob: Uint8Array): number[][][] {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const envelope = [0, 32, 48, 48, 64][(blob[3]! >> 1) & 7]!;
  let at = 8 + envelope;
  const rings: number[][][] = [];
  const geometry = (): void => {
    const little = blob[at] === 1;
    const type = view.getUint32(at + 1, little);
    const count = view.getUint32(at + 5, little);
    const dimension = type > 1000 ? 3 : 2;
    at += 9;
    for (let k = 0; k < count; k++) {
      if (type % 1000 === 6) {
        geometry();
        continue;
      }
      const length = view.getUint32(at, little);
      at += 4;
      const ring: number[][] = [];
      for (let i = 0; i < length; i++) {
        const position: number[] = [];
        for (let d = 0; d < dimension; d++, at += 8) position.push(view.getFloat64(at, little));
        ring.push(position);
      }
      rings.push(ring);
    }
  };
  geometry();
  return rings;
}

function wkbHead(type: number): Buffer {
  return Buffer.concat([Buffer.from([1]), uint32(type)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function float64s(values: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(values).buffer);
}

/** A name as SQL has it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export interface Box {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

/**
 * Seeded star-shaped polygons whose middles are spread over a box.
 * @param radius - mean distance of the vertices from the middle, in units of the box
 */
export function randomPolygons(
  seed: number,
  count: number,
  { minX, minY, maxX, maxY }: Box,
  radius: number,
  vertices = 12,
): Ring[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const middleX = minX + random.next() * (maxX - minX);
    const middleY = minY + random.next() * (maxY - minY);
    const ring: number[][] = [];
    for (let k = 0; k < vertices; k++) {
      const angle = (2 * Math.PI * k) / vertices;
      const distance = radius * (0.7 + 0.6 * random.next());
      ring.push([middleX + distance * Math.cos(angle), middleY + distance * Math.sin(angle)]);
    }
    ring.push([...ring[0]!]);
    return ring;
  });
}

/** Lies well within tile 13/1216/894 of WGS1984Quad, in EPSG:4326 with the longitude first. */
export const IN_ONE_TILE: Box = { minX: -153.279, minY: 70.336, maxX: -153.261, maxY: 70.354 };
export const THAT_TILE = 'WGS1984Quad/13/1216/894.gpkg';
