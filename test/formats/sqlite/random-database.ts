/** Random GeoPackages of one table `l`, by SQL histories of every kind that SQLite lets one write. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Random } from '../../../src/core/random.ts';
import { boxBlob, GEOPACKAGE_TABLES, registerLayer } from '../geopackage/geopackage-fixture.ts';
import { withDatabase } from './sqlite-fixture.ts';

export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[random.integer(from.length)]!;

const NAMES =
  'a,b,fid,id,rowid,oid,_rowid_,ROWID,select,a b,ä,x"y,it\'s,[z],ogc_fid,Geom2,%s,☃'.split(',');
const TYPES = (
  'INTEGER,INT,integer,TEXT,VARCHAR(10),REAL,DOUBLE,FLOAT,NUMERIC,DECIMAL(5,2),BLOB,,BOOLEAN,DATE,' +
  'DATETIME,FLOATING POINT,JSON,MEDIUMINT,STRING,CHARINT,any thing'
).replace('5,2', '5;2');
const TYPE_LIST = TYPES.split(',').map((type) => type.replace(';', ','));
const STRICT_TYPES = ['INT', 'INTEGER', 'REAL', 'TEXT', 'BLOB', 'ANY'];
const KEYS = [
  'INTEGER PRIMARY KEY',
  'integer primary key autoincrement',
  'InTeGeR PRIMARY KEY NOT NULL',
  '"INTEGER" PRIMARY KEY',
  '[integer] primary key asc',
  'INTEGER PRIMARY KEY DESC',
  'INT PRIMARY KEY',
  'INTEGER UNIQUE',
  'TEXT PRIMARY KEY',
  'INTEGER CONSTRAINT x PRIMARY KEY ON CONFLICT REPLACE',
];
const DEFAULTS = [
  "'x'",
  '5',
  '5.0',
  '-0.0',
  "x'00ff'",
  'null',
  "'ü'",
  '1e3',
  '9007199254740993',
  '-1',
  "''",
];
const INTEGERS = [0, 1, -1, 2, 127, 128, -128, -129, 32767, -32769, 8388607, 2147483648, -(2 ** 47)]
  .map(BigInt)
  .concat(2n ** 47n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n);
const REALS = [
  0.5,
  -0,
  0,
  5,
  1e15,
  2 ** 47,
  -(2 ** 47),
  2 ** 53,
  1e300,
  -1e-300,
  Infinity,
  -Infinity,
  NaN,
];
const TEXTS = ['', 'abc', 'ä\0b', '12', '1e3', ' 7 ', '\ufeffx', '😀', 'x'.repeat(130)];

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value, and the SQL expression that it is bound in. */
function randomValue(random: Random, longest: number): [sql: string, value: SQLInputValue] {
  switch (random.integer(9)) {
    case 0:
      return ['?', null];
    case 1:
    case 2:
      return ['?', pick(random, INTEGERS)];
    case 3:
      return ['?', pick(random, REALS)];
    case 4:
      // Any bytes, as text.
      return ['cast(? as text)', randomBytes(random, random.integer(6))];
    case 5:
      return ['?', randomBytes(random, Math.floor(random.next() ** 8 * longest))];
    default:
      return ['?', pick(random, TEXTS)];
  }
}

function randomBytes(random: Random, length: number): Uint8Array {
  return new Uint8Array(length).fill(random.integer(256), random.integer(length + 1));
}

function randomGeometry(random: Random): SQLInputValue {
  if (random.integer(12) === 0)
    return pick<SQLInputValue>(random, [null, 'text', 5n, Buffer.of(71, 80, 1)]);
  return boxBlob(0, 0, 1 + random.integer(9), 1);
}

const ROWIDS: ((random: Random, n: number) => bigint)[] = [
  (_, n) => BigInt(n),
  (_, n) => BigInt(n),
  (random, n) => BigInt(50 * n + random.integer(50)),
  (random) => BigInt(random.integer(2000) - 1000),
  (random) => BigInt(Math.floor((2 * random.next() - 1) * 2 ** random.integer(53))),
  (random, n) => BigInt.asIntN(64, pick(random, INTEGERS) - BigInt(n)),
];

/** A table, and what of it is changed in the course of its history. */
class History {
  readonly #db: DatabaseSync;
  readonly #random: Random;
  readonly #longest: number;
  readonly #rowid: (random: Random, n: number) => bigint;
  readonly #strict: boolean;
  readonly #virtual: boolean;
  #row = 0;

  constructor(db: DatabaseSync, random: Random, pageSize: number, virtual: boolean) {
    this.#db = db;
    this.#random = random;
    this.#longest = random.integer(4) === 0 ? 8 * pageSize : 300;
    // Ids past ±2^53 have an error of their own, so that few seeds are spent on them.
    this.#rowid = random.integer(40) === 0 ? ROWIDS[5]! : ROWIDS[random.integer(5)]!;
    this.#strict = random.integer(10) === 0;
    this.#virtual = virtual;
  }

  /** Runs a statement, which may well be refused. */
  #try(sql: string, ...values: SQLInputValue[]): boolean {
    try {
      if (values.length === 0) this.#db.exec(sql);
      else {
        const statement = this.#db.prepare(sql);
        // Later versions of Node.js refuse to tell of a row whose id is past ±2^53 otherwise.
        statement.setReadBigInts(true);
        statement.run(...values);
      }
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SQLITE_ERROR') throw error;
      return false;
    }
  }

  create(): void {
    const random = this.#random;
    for (;;) {
      const names = new Set(['geom']);
      for (let n = 1 + random.integer(6); n > 0; n--) names.add(pick(random, NAMES));
      const columns = [...names].sort(() => random.next() - 0.5);
      const key = random.integer(4);
      const types = this.#strict ? STRICT_TYPES : TYPE_LIST;
      const parts = columns.map((name) => {
        if (name === 'geom')
          return `geom ${pick(random, ['blob', this.#strict ? 'any' : 'POLYGON'])}`;
        let sql = `${quoted(name)} ${pick(random, types)}`;
        if (random.integer(9) === 0) sql += ` default ${pick(random, DEFAULTS)}`;
        if (random.integer(25) === 0) {
          sql += ` generated always as (length(geom)) ${this.#virtual ? 'virtual' : 'stored'}`;
        }
        return sql;
      });
      const place = random.integer(columns.length);
      const name = quoted(columns[place]!);
      if (key === 0 && columns[place] !== 'geom') parts[place] = `${name} ${pick(random, KEYS)}`;
      if (key === 1) {
        const how = pick(random, ['', ' desc', ' collate nocase', `, ${quoted(columns[0]!)}`]);
        if (random.integer(2) === 0) parts[place] = `${name} INTEGER`;
        parts.push(`primary key (${name}${how})`);
      }
      const options = [
        this.#strict ? 'strict' : '',
        random.integer(12) === 0 ? 'without rowid' : '',
      ];
      const tail = options.filter((option) => option !== '').join(', ');
      if (this.#try(`create table l (${parts.join(', ')}) ${tail}`)) return;
    }
  }

  #columns(): string[] {
    return this.#db
      .prepare('pragma table_xinfo(l)')
      .all()
      .map((c) => String(c['name']));
  }

  insert(count: number): void {
    const random = this.#random;
    const columns = this.#columns();
    const free = ['rowid', '_rowid_', 'oid'].find(
      (name) => !columns.some((column) => column.toLowerCase() === name),
    );
    this.#db.exec('begin');
    for (let n = 0; n < count; n++) {
      const names: string[] = [];
      const sql: string[] = [];
      const values: SQLInputValue[] = [];
      const add = (name: string, [expression, value]: [string, SQLInputValue]): void => {
        names.push(name);
        sql.push(expression);
        values.push(value);
      };
      this.#row++;
      if (free !== undefined && random.integer(8) > 0) {
        add(free, ['?', this.#rowid(random, this.#row)]);
      }
      for (const name of columns) {
        if (name === 'geom') add(name, ['?', randomGeometry(random)]);
        else if (random.integer(8) > 0) add(quoted(name), randomValue(random, this.#longest));
      }
      if (names.length > 0) {
        const or = pick(random, ['', 'or replace', 'or ignore']);
        this.#try(`insert ${or} into l (${names.join()}) values (${sql.join()})`, ...values);
      }
      if (random.integer(30) === 0)
        this.#try('insert into other values (zeroblob(?))', random.integer(900));
    }
    // Some errors have ended the transaction.
    this.#try('commit');
  }

  /** One more thing that happens to the table. */
  step(): void {
    const random = this.#random;
    const columns = this.#columns();
    const column = quoted(pick(random, columns));
    switch (random.integer(12)) {
      case 0:
        this.#try(
          `delete from l where abs(random() % 1) = 0 and length(geom) % 2 = ${random.integer(2)}`,
        );
        break;
      case 1:
        this.#try(`delete from l where rowid % ${2 + random.integer(3)} = 0`);
        break;
      case 2: {
        const [sql, value] = randomValue(random, this.#longest);
        this.#try(`update l set ${column} = ${sql} where rowid % 3 = ${random.integer(3)}`, value);
        break;
      }
      case 3:
      case 4: {
        const type = pick(random, this.#strict ? STRICT_TYPES : TYPE_LIST);
        const value = random.integer(3) > 0 ? `default ${pick(random, DEFAULTS)}` : '';
        this.#try(`alter table l add column ${quoted(pick(random, NAMES))} ${type} ${value}`);
        break;
      }
      case 5:
        if (column !== '"geom"') this.#try(`alter table l drop column ${column}`);
        break;
      case 6:
        if (column !== '"geom"') {
          this.#try(`alter table l rename column ${column} to ${quoted(pick(random, NAMES))}`);
        }
        break;
      case 7:
        this.#try('vacuum');
        break;
      case 8:
        this.#try(`pragma incremental_vacuum(${1 + random.integer(5)})`);
        break;
      case 9:
        this.#try(`create index if not exists i on l (${column})`);
        break;
      case 10:
        this.#try('delete from other; drop index if exists i');
        break;
      default:
        this.insert(random.integer(20));
    }
  }
}

/**
 * Makes the file, which must not be there; returns its page size.
 * @param virtual - whether generated columns are computed at reading, which takes a process each time
 */
export function writeRandomDatabase(path: string, random: Random, virtual = false): number {
  const pageSize = 512 << (random.integer(4) > 0 ? random.integer(3) : random.integer(8));
  const encoding = random.integer(8) === 0 ? pick(random, ['utf-16le', 'utf-16be']) : 'utf-8';
  const vacuum = pick(random, ['none', 'none', 'full', 'incremental']);
  const prepare = `pragma page_size = ${pageSize}; pragma encoding = '${encoding}';
    pragma auto_vacuum = ${vacuum}; pragma journal_mode = memory; pragma synchronous = off`;
  if (random.integer(10) === 0)
    reserveBytes(path, `${prepare}; pragma user_version = 1`, pageSize, random);
  withDatabase(path, (db) => {
    db.exec(`${prepare}; begin; ${GEOPACKAGE_TABLES} create table other (a)`);
    registerLayer(db, 'l');
    db.exec('commit');
    const history = new History(db, random, pageSize, virtual);
    history.create();
    history.insert(random.integer(4) === 0 ? random.integer(150) : random.integer(30));
    for (let steps = random.integer(8); steps > 0; steps--) history.step();
  });
  return pageSize;
}

/** SQLite keeps what an empty database says of its reserved bytes. */
function reserveBytes(path: string, prepare: string, pageSize: number, random: Random): void {
  withDatabase(path, (db) => db.exec(prepare));
  const bytes = readFileSync(path);
  const header = bytes.length >= 108 ? 100 : -1;
  if (header < 0) return;
  const reserved = 1 + random.integer(Math.min(32, pageSize - 480));
  bytes[20] = reserved;
  bytes.writeUInt16BE((pageSize - reserved) & 0xffff, header + 5);
  writeFileSync(path, bytes);
}
