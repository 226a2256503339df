/** Rows of a Parquet file as comparable texts: what DuckDB says, and what the project reads. */

import { DuckDBInstance } from '@duckdb/node-api';
import type { Column, Value } from '../../src/core/columns.ts';
import { FileWindow } from '../../src/formats/file-window.ts';
import { AttributeRows, attributesOf } from '../../src/formats/geoparquet/attributes.ts';
import type { GeometryColumn } from '../../src/formats/geoparquet/geo-metadata.ts';
import { ParquetFile } from '../../src/formats/parquet/file.ts';
import { PageBudget } from '../../src/formats/parquet/page-budget.ts';
import { RowWriter, readRow } from '../../src/formats/sqlite/record.ts';

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
    for (const [group, { rows: count }] of file.metadata.rowGroups.entries()) {
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
