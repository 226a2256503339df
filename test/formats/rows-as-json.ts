/**
 * Inputs and tiles as lines of JSON; what that lacks is {"integer":"…"}, {"real":"…"}, {"blob":"…"}.
 *   {"lines":1,"layer":"a","crs":{…},"columns":[{"name":"n","type":"integer"}]}
 *   {"box":[minX,minY,maxX,maxY],"wkb":"0103…","values":[1]}   a row; those of inputs need no box
 *   {"extent":[minX,minY,maxX,maxY],"crc":305419896}           the end of a tile
 */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { TilewrightError, toTilewrightError } from '../../src/core/errors.ts';
import { EncodedRow, type EncodedValues } from '../../src/formats/encoded-row.ts';
import { dropReason, FIRST_DROP } from '../../src/formats/geopackage/geometry-blob.ts';
import { registerInputFormat } from '../../src/formats/input-formats.ts';
import type { LayerInfo, VectorSource } from '../../src/formats/source.ts';
import { RowWriter, readRow } from '../../src/formats/sqlite/record.ts';
import type { StagedFile, StagedFormat, StagedRows } from '../../src/formats/staged-format.ts';
import { registerStagedFormat } from '../../src/formats/staged-formats.ts';
import { ODD_VALUES } from '../../src/geometry/batch.ts';
import { decodeWkb } from '../../src/geometry/wkb.ts';

const [format, extension, head] = ['rows as JSON', '.jsonrows', '{"lines":1,'];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const refuse = (input: string) => (error: unknown) => {
  throw toTilewrightError(error, { input }, 'input-corrupt');
};

const rowsAsJson = {
  ...{ name: format, extensions: [extension] as [string], sidecars: [], companions: [] },
  recognises: (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').startsWith(head),
  open: (path: string) => readFile(path).then(linesOf.bind(null, path)).catch(refuse(path)),
};

export const tilesAsJson: StagedFormat = {
  ...{ name: format, extension, maxColumns: 5000 },
  create(output, { name: layer, columns, crs }) {
    let [extent, crc] = [[Infinity, Infinity, -Infinity, -Infinity], 0];
    const write = (json: object): void => {
      const bytes = Buffer.from(`${JSON.stringify(json, special)}\n`);
      crc = crc32(bytes, crc);
      output.write(bytes, bytes.length, output.size);
    };
    write({ lines: 1, layer, crs: { name: crs.name, definition: crs.wkt }, columns });
    const writer = {
      rows: 0,
      add({ geometry, geometryStart, geometryEnd, ...row }: EncodedRow, more: EncodedValues): void {
        const box = [row.minX, row.minY, row.maxX, row.maxY];
        extent = extent.map((a, i) => (i < 2 ? Math.min : Math.max)(a, box[i]!));
        const values = readRow(row.types, row.typesStart, row.typesEnd, row.body, row.bodyStart);
        values.push(...readRow(more.types, 0, more.typesLength, more.body, 0));
        write({ box, wkb: hex(geometry.subarray(geometryStart, geometryEnd)), values });
        writer.rows++;
      },
      copy: ({ row }: StagedRows): void => writer.add(row, new RowWriter()),
      finish: (): void => write({ extent: writer.rows === 0 ? null : extent, crc }),
    };
    return writer;
  },
  open(path) {
    try {
      const file = linesOf(path, readFileSync(path));
      if (file.isWhole) return file;
      throw new TilewrightError('staged-folder', `${path} is not as it was staged`);
    } catch (error) {
      return refuse(path)(error);
    }
  },
};

export function registerFormats(): void {
  registerInputFormat(rowsAsJson);
  registerStagedFormat(tilesAsJson);
}

/** An input or a tile, whose rows are numbered from 1: line 0 is the head. */
export function linesOf(
  path: string,
  bytes: Buffer,
): VectorSource & StagedFile & { isWhole: boolean } {
  const lines = bytes.toString().split('\n').filter(Boolean);
  const end = lines.at(-1)?.startsWith('{"extent":') ? lines.pop()! : '{}';
  const { extent = null, crc } = JSON.parse(end);
  if (!lines[0]?.startsWith(head)) throw new Error('it is no rows as JSON');
  const { layer: name, crs, columns } = JSON.parse(lines.shift()!);
  const all = lines.map(rowOf);
  const [rowCount, size] = [all.length, bytes.length];
  const about = { featureCount: rowCount, bytes: size, key: null, geometryType: 'POLYGON' };
  const info: LayerInfo = { name, columns, crs, extent, ...about };
  return {
    ...{ path, format, columns, extent, rowCount, close: () => undefined },
    isWhole: crc === crc32(bytes.subarray(0, bytes.lastIndexOf(end))),
    ...{ layerNames: () => [name], layer: async () => info, layers: async () => [info] },
    async slices(_, targetBytes) {
      const step = Math.max(1, Math.floor((rowCount * targetBytes) / size));
      const slice = (i: number) => ({ start: 1 + i * step, end: 1 + (i + 1) * step });
      return Array.from({ length: Math.ceil(rowCount / step) }, (_, i) => slice(i));
    },
    async *read(_, { start, end }, batch, { maxFeatures, maxVertices, drops, notes, selection }) {
      batch.clear();
      for (let at = Math.max(1, start); at < end && at <= rowCount; at++) {
        const { types, typesEnd, body, bodyEnd, geometry, geometryEnd } = all[at - 1]!;
        if (selection?.where?.isTrue(types, 0, typesEnd, body, 0) === false) continue;
        notes.rowsRead++;
        batch.beginFeature(at, ODD_VALUES);
        const code = decodeWkb(batch, geometry, 0, geometryEnd);
        if (code >= FIRST_DROP) {
          drops.add(geometryEnd === 0 ? 'null geometry' : dropReason(code), at);
          batch.dropFeature();
          continue;
        }
        notes.droppedM += code;
        batch.appendRow(types, 0, typesEnd, body, 0, bodyEnd);
        batch.endFeature();
        if (batch.featureCount < maxFeatures && batch.vertexCount < maxVertices) continue;
        yield batch;
        batch.clear();
      }
      if (batch.featureCount > 0) yield batch;
    },
    row: (number) => all[number - 1] ?? null,
    rows: (row = new EncodedRow(), at = 0) => ({
      row,
      next: () => Object.assign(row, all[at++]) && at <= rowCount,
    }),
    search: (west, south, east, north, visit, isCancelled) =>
      all.every(({ minX, minY, maxX, maxY }, i) => {
        const touches = minX <= east && maxX >= west && minY <= north && maxY >= south;
        return !isCancelled?.() && (!touches || visit(i + 1, minX, minY, maxX, maxY) !== false);
      }),
  };
}

function special(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof Uint8Array) return { blob: hex(value) };
  const isJson = typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0));
  return isJson ? value : { real: Object.is(value, -0) ? '-0' : String(value) };
}

function rowOf(line: string): EncodedRow {
  const { box = [], wkb, values } = JSON.parse(line);
  const writer = new RowWriter();
  for (const value of values) {
    if (value?.real !== undefined) writer.double(Number(value.real));
    else if (value?.integer !== undefined) writer.bigint(BigInt(value.integer));
    else writer.value(value?.blob === undefined ? value : Buffer.from(value.blob, 'hex'));
  }
  const geometry = Buffer.from(wkb ?? '', 'hex');
  const { types, typesLength: typesEnd, body, bodyLength: bodyEnd } = writer;
  const [minX, minY, maxX, maxY] = box;
  const own = { types, typesEnd, body, bodyEnd, geometry, geometryEnd: geometry.length };
  return Object.assign(new EncodedRow(), { ...own, minX, minY, maxX, maxY });
}
