/**
 * An input format of the tests' own: a first line {"columns", "crs", "count"}, then one line
 * {"values", "wkb"} for each feature. It waits wherever a source may.
 */

import { closeSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Column, Value } from '../../src/core/columns.ts';
import { type ErrorCode, TilewrightError, toTilewrightError } from '../../src/core/errors.ts';
import { openRegular } from '../../src/core/files/regular-file.ts';
import { dropReason } from '../../src/formats/geopackage/geometry-blob.ts';
import { findSidecar, type InputFormat } from '../../src/formats/input-format.ts';
import { registerInputFormat } from '../../src/formats/input-formats.ts';
import type { LayerInfo, ReadOptions, Slice, VectorSource } from '../../src/formats/source.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { type FeatureBatch, ODD_VALUES } from '../../src/geometry/batch.ts';
import { decodeWkb, FIRST_DROP } from '../../src/geometry/wkb.ts';

/** {"hex"} stands for a blob, {"int"} for an integer past 2^53. */
type JsonValue = null | number | string | { hex: string } | { int: string };

/** What describes the CRS, for a file that does not do it itself. */
const SIDECAR = { end: '.crs' };

export const JSON_LINES: InputFormat = {
  name: 'JSON lines',
  extensions: ['.lines'],
  sidecars: [SIDECAR],
  companions: [],
  recognises: (head) => Buffer.from(head).toString('latin1').startsWith('{"columns":'),
  open: async (path) => {
    try {
      const [head = '', ...lines] = textOf(path).split('\n');
      if (head === '') throw refusal(path, 'input-empty', 'is empty');
      if (!head.startsWith('{"columns":')) throw refusal(path, 'input-format', 'is no JSON lines');
      const { columns, crs, count } = parsed<LayerInfo & { count: number }>(head, path);
      if (!Array.isArray(columns)) throw refusal(path, 'input-corrupt', 'has no columns');
      // The last line is ended, too.
      if (lines.length !== count + 1) throw refusal(path, 'input-truncated', 'lacks lines');
      const beside = findSidecar(path, SIDECAR);
      const definition = beside === null ? undefined : await readFile(beside, 'utf8');
      return new LinesSource(path, columns, definition ? { definition } : crs, lines.slice(0, -1));
    } catch (error) {
      throw toTilewrightError(error, { input: path }, 'input-unreadable');
    }
  },
};

/** See src/staging/tasks/format-modules.ts. */
export function registerFormats(): void {
  registerInputFormat(JSON_LINES);
}

class LinesSource implements VectorSource {
  readonly format = JSON_LINES.name;
  readonly path: string;
  readonly #info: LayerInfo;
  readonly #lines: string[];
  readonly #row = new RowWriter();

  constructor(path: string, columns: Column[], crs: LayerInfo['crs'], lines: string[]) {
    this.path = path;
    this.#lines = lines;
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    const name = basename(path, extname(path));
    const about = { geometryType: 'GEOMETRY', key: null, extent: null, featureCount: lines.length };
    this.#info = { ...about, name, columns, crs, bytes };
  }

  layerNames = (): string[] => [this.#info.name];
  layers = async (): Promise<LayerInfo[]> => [this.#info];
  close = (): Promise<void> => setImmediate();

  async layer(name: string): Promise<LayerInfo> {
    if (name === this.#info.name) return this.#info;
    throw refusal(this.path, 'input-layer', `has no layer ${name}`);
  }

  async slices(name: string, targetBytes: number): Promise<Slice[]> {
    const { featureCount, bytes } = await this.layer(name);
    const step = Math.max(1, Math.floor((targetBytes * featureCount) / Math.max(1, bytes)));
    const starts = Array.from({ length: Math.ceil(featureCount / step) }, (_, k) => 1 + k * step);
    return starts.map((start) => ({ start, end: Math.min(start + step, featureCount + 1) }));
  }

  async *read(name: string, slice: Slice, batch: FeatureBatch, options: ReadOptions) {
    const { featureCount } = await this.layer(name);
    batch.clear();
    for (let p = Math.max(1, slice.start); p < Math.min(slice.end, featureCount + 1); p++) {
      this.#add(p, batch, options);
      if (batch.featureCount < options.maxFeatures && batch.vertexCount < options.maxVertices)
        continue;
      await setImmediate();
      yield batch;
      batch.clear();
    }
    await setImmediate();
    if (batch.featureCount > 0) yield batch;
  }

  #add(position: number, batch: FeatureBatch, { drops, notes, selection }: ReadOptions): void {
    const { values, wkb } = parsed<{ values: JsonValue[]; wkb: string | null }>(
      this.#lines[position - 1]!,
      this.path,
      position,
    );
    const isRow = Array.isArray(values) && values.length === this.#info.columns.length;
    if (!isRow) throw refusal(this.path, 'input-corrupt', `has no values in line ${position}`);
    this.#row.clear();
    const odd = values.map((value, c) => this.#isOdd(fromJson(value), c)).includes(true);
    const { types, typesLength, body, bodyLength } = this.#row;
    if (selection?.where?.isTrue(types, 0, typesLength, body, 0) === false) return;
    notes.rowsRead++;
    if (typeof wkb !== 'string') {
      drops.add('null geometry', position);
      return;
    }
    const bytes = Buffer.from(wkb, 'hex');
    batch.beginFeature(position);
    const code = decodeWkb(batch, bytes, 0, bytes.length);
    if (code >= FIRST_DROP) {
      batch.dropFeature();
      drops.add(dropReason(code), position);
      return;
    }
    if (odd) batch.flags[batch.featureCount]! |= ODD_VALUES;
    batch.appendRow(types, 0, typesLength, body, 0, bodyLength);
    batch.endFeature();
  }

  /** Writes the value; whether it is an integer that no real holds. */
  #isOdd(value: Value, column: number): boolean {
    const isReal = typeof value === 'number' && this.#info.columns[column]!.type === 'real';
    if (isReal) this.#row.real(value);
    else this.#row.value(value);
    return typeof value === 'bigint';
  }
}

function textOf(path: string): string {
  const fd = openRegular(path);
  try {
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function fromJson(value: JsonValue): Value {
  if (typeof value !== 'object' || value === null) return value;
  return 'hex' in value ? Buffer.from(value.hex, 'hex') : BigInt(value.int);
}

function parsed<T>(line: string, input: string, feature?: number): T {
  try {
    return JSON.parse(line) as T;
  } catch (cause) {
    const message = `${input}: a line is no JSON: ${(cause as Error).message}`;
    throw new TilewrightError('input-corrupt', message, { input, feature });
  }
}

function refusal(input: string, code: ErrorCode, why: string): TilewrightError {
  return new TilewrightError(code, `${input} ${why}`, { input });
}
