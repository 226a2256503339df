/** Rows of a Parquet file as comparable texts: what DuckDB says, and what the project reads. */

import { DuckDBInstance } from '@duckdb/node-api';
import type { Column, Value } from '../../../src/core/columns.ts';
import { FileWindow } from '../../../src/formats/file-window.ts';
import { AttributeRows, attributesOf } from '../../../src/formats/geoparquet/attributes.ts';
import type { GeometryColumn } from '../../../src/formats/geoparquet/geo-metadata.ts';
import { ParquetFile } from '../../../src/formats/parquet/file.ts';
import { PageBudget } from '../../../src/formats/parquet/page-budget.ts';
import { RowWriter, readRow } from '../../../src/formats/sqlite/record.ts';

type Row = (string | null)[];

export interface Table {
  names: string[];
  rows: Row[];
}

const instance = await DuckDBInstance.create(':memory:');
export const duckdb = await instance.connect();
await duckdb.run(
  "SET threads = 1; SET TimeZone = 'UTC'; SET enable_geoparquet_conversion = false; SET enable_external_file_cache = false",
);

/** As DuckDB names them. */
export const CODECS = ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'];
/** Columns of all types, by the number of a row; NULL for some. */
export const COLUMNS: Record<string, string> = {
  bool: 'h % 3 = 0',
  tiny: 'CAST(h % 256 - 128 AS TINYINT)',
  small: 'CAST(h % 65536 - 32768 AS SMALLINT)',
  int: 'CAST(h % 4294967296 - 2147483648 AS INTEGER)',
  big: 'CAST(h - 9223372036854775808 AS BIGINT)',
  slow: 'CAST(1000000000000000 + 17 * i + h % 5 AS BIGINT)',
  utiny: 'CAST(h % 256 AS UTINYINT)',
  uint: 'CAST(h % 4294967296 AS UINTEGER)',
  ubig: 'CAST(h AS UBIGINT)',
  float: 'CAST(sin(i) * 10 ** (h % 70 - 35) AS FLOAT)',
  double: 'CAST(cos(i) * 10 ** (h % 600 - 300) AS DOUBLE)',
  few: 'CAST(h % 5 AS DOUBLE)',
  text: "repeat(chr(97 + CAST(h % 26 AS INTEGER)), CAST(h % 40 AS INTEGER)) || 'ü🧊'",
  word: "['low', 'high', '', 'flat centred'][CAST(1 + h % 4 AS INTEGER)]",
  sorted: "'prefix of all ' || lpad(CAST(i AS VARCHAR), 9, '0')",
  blob: 'unhex(md5(CAST(h AS VARCHAR)))',
  date: "CAST('1970-01-01' AS DATE) + CAST(h % 2000000 - 700000 AS INTEGER)",
  time: "CAST('00:00:00' AS TIME) + to_microseconds(CAST(h % 86400000000 AS BIGINT))",
  stamp: 'make_timestamp(CAST(h % 200000000000000000 AS BIGINT) - 60000000000000000)',
  stamp_s: 'CAST(make_timestamp(CAST(h % 200000000000 AS BIGINT) * 1000000) AS TIMESTAMP_S)',
  stamp_ms: 'CAST(make_timestamp(CAST(h % 9000000000000 AS BIGINT) * 1000) AS TIMESTAMP_MS)',
  stamp_ns: 'make_timestamp_ns(CAST(h % 9000000000000000000 AS BIGINT) - 4500000000000000000)',
  zoned: 'CAST(make_timestamp(CAST(h % 2000000000000000 AS BIGINT)) AS TIMESTAMPTZ)',
  money: 'CAST(CAST(h % 1000000000 AS BIGINT) / 100.0 - 5000000 AS DECIMAL(12, 2))',
  whole: 'CAST(h % 1000000000 AS DECIMAL(15, 0))',
  huge: "CAST(CAST(h AS VARCHAR) || '.' || CAST(h % 1000 AS VARCHAR) AS DECIMAL(38, 5))",
  uuid: 'CAST(md5(CAST(h AS VARCHAR)) AS UUID)',
  enumerated: "CAST(['a', 'b', 'c'][CAST(1 + h % 3 AS INTEGER)] AS ENUM ('a', 'b', 'c'))",
  list: 'list_transform(range(CAST(h % 6 AS BIGINT)), v -> CASE WHEN (v + i) % 4 = 0 THEN NULL ELSE v * h % 1000 END)',
  lists:
    'list_transform(range(CAST(h % 4 AS BIGINT)), v -> CASE WHEN (v + i) % 5 = 0 THEN NULL ELSE range(v) END)',
  struct: "{'a': CASE WHEN h % 4 = 0 THEN NULL ELSE h % 100 END, 'b': {'c': CAST(i AS VARCHAR)}}",
  structs:
    "list_transform(range(CAST(h % 4 AS BIGINT)), v -> {'v': v, 'w': CASE WHEN v % 2 = 0 THEN NULL ELSE [v] END})",
  map: "map_from_entries(list_transform(range(CAST(h % 4 AS BIGINT)), v -> ('k' || v, v + h % 10)))",
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (path: string): string => `'${path.replaceAll("'", "''")}'`;

/** Lists, maps and structures, which become JSON. */
const isNested = (type: string): boolean => /\]$|^(STRUCT|MAP)\(/.test(type);

/**
 * Without what is no attribute, or not to be compared: Parquet's type GEOMETRY, bytes in structures.
 * @throws DuckDB's errors
 */
export async function rowsOfDuckDb(path: string): Promise<Table> {
  const from = `read_parquet(${literal(path)}, hive_partitioning = false, binary_as_string = false)`;
  const described = await duckdb.runAndReadAll(`DESCRIBE FROM ${from}`);
  const all = described.getRows().map(([name, type]) => [String(name), String(type)] as const);
  const columns = all.filter(([, type]) => {
    return !/^GEOMETRY/.test(type) && (!isNested(type) || type === 'BLOB[]' || !/BLOB/.test(type));
  });
  if (columns.length === 0) return { names: [], rows: [] };
  const values = columns.map(([name, type]) => expression(quoted(name), type));
  const result = await duckdb.runAndReadAll(`SELECT ${values.join()} FROM ${from}`);
  const rows = result
    .getRows()
    .map((row) =>
      row.map((value, c) => (value === null ? null : textOf(String(value), columns[c]![1]))),
    );
  return { names: columns.map(([name]) => name), rows };
}

/** As text, or as a number. */
function expression(name: string, type: string): string {
  if (type === 'BLOB[]') return `CAST(to_json(list_transform(${name}, b -> base64(b))) AS VARCHAR)`;
  if (isNested(type)) return `CAST(to_json(${name}) AS VARCHAR)`;
  if (type === 'BOOLEAN') return `CAST(${name} AS INTEGER)`;
  if (type === 'FLOAT') return `CAST(${name} AS DOUBLE)`;
  if (type === 'DOUBLE') return name;
  if (type === 'TIMESTAMP_NS') return `epoch_ns(${name})`;
  if (type.startsWith('TIMESTAMP')) return `epoch_us(${name})`;
  if (type === 'BLOB') return `lower(hex(${name}))`;
  return `CAST(${name} AS VARCHAR)`;
}

function textOf(text: string, type: string): string | null {
  if (isNested(type)) return canonicalJson(text);
  if (type === 'DOUBLE' || type === 'FLOAT') return text === 'NaN' ? null : String(Number(text));
  if (type.startsWith('DECIMAL(')) return String(Number(text));
  if (type === 'TIMESTAMP_NS') return instant(BigInt(text));
  if (type.startsWith('TIMESTAMP')) return instant(1000n * BigInt(text));
  if (type.startsWith('TIME')) return timeOfDay(text);
  // There is a year 0 in ISO 8601, which is 1 before Christ.
  const [, before, day] = (type === 'DATE' && /^(\d+)(-\d\d-\d\d) \(BC\)$/.exec(text)) || [];
  if (before !== undefined) {
    const year = Number(before) - 1;
    return `${year > 0 ? '-' : ''}${String(year).padStart(4, '0')}${day}`;
  }
  return text;
}

/** Nanoseconds since 1970 as the project writes them, but for the Z. */
function instant(nanoseconds: bigint): string {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((nanoseconds - rest) / 1_000_000_000n);
  const whole = new Date(1000 * seconds).toISOString().replace(/\.000Z$/, '');
  return shortTime(`${whole}.${String(rest).padStart(9, '0')}`);
}

/** Without an offset that is none, and without noughts at the end of the fraction. */
function shortTime(text: string): string {
  return text
    .replace(/(\+00(:00)?|Z)$/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** To microseconds: of some files that is all that DuckDB takes. */
function timeOfDay(text: string): string {
  return shortTime(text.replace(/(\.\d{6})\d+/, '$1'));
}

/** Times in JSON are written in many ways; numbers too. */
function canonicalJson(text: string): string {
  return JSON.stringify(JSON.parse(text), (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    return /^(\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d/.test(value)
      ? shortTime(value.replace('T', ' '))
      : value;
  });
}

/**
 * @param names - columns that are read; left out: all
 * @throws TilewrightError
 */
export function rowsOfProject(path: string, names: readonly string[] | null = null): Table {
  const window = new FileWindow(path, path);
  try {
    const file = ParquetFile.open(window);
    const attributes = attributesOf(file, { covering: null } as GeometryColumn);
    const { columns } = attributes;
    const wanted = columns.flatMap(({ name }, i) => (names?.includes(name) === false ? [] : i));
    if (wanted.length === 0) return { names: [], rows: [] };
    const row = new RowWriter();
    const rows: Row[] = [];
    for (const [group, { rows: count }] of [...file.metadata.rowGroups].entries()) {
      const reader = new AttributeRows(file, group, attributes, 0, wanted, new PageBudget());
      for (let at = 0; at < count; at++) {
        row.clear();
        reader.write(row, at);
        const values = readRow(row.types, 0, row.typesLength, row.body, 0);
        rows.push(wanted.map((i) => ownText(values[i]!, columns[i]!)));
      }
    }
    return { names: wanted.map((i) => columns[i]!.name), rows };
  } finally {
    window.close();
  }
}

function ownText(value: Value, { type }: Column): string | null {
  if (value === null) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (type === 'datetime') return shortTime(String(value));
  const text = String(value);
  if (type !== 'text') return text;
  if (/^\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(text)) return timeOfDay(text);
  if (!/^[[{]/.test(text)) return text;
  try {
    return canonicalJson(text);
  } catch {
    return text;
  }
}
