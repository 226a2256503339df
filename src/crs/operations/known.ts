/** The known operations between geodetic CRSs, parsed from the table when they are asked for. */

import type { GridFile } from '../grids/grid-folder.ts';
import { areasOf, type Bounds, isOffshore, linesOf, recordOf } from '../table/records.ts';
import { angleOf, unitOf } from '../table/units.ts';
import type { Helmert } from './helmert.ts';

type Method =
  | { kind: 'helmert'; shift: Helmert }
  /** Degrees that are added, in the frames of the two CRSs' own prime meridians. */
  | { kind: 'offsets'; longitude: number; latitude: number }
  /** Names that each file goes by; two for NADCON, latitudes before longitudes. */
  | { kind: 'grid'; format: GridMethod; files: GridFile[] }
  /** Of other operations of the table. */
  | { kind: 'steps'; ids: string[] };

type GridMethod = 'ntv1' | 'ntv2' | 'nadcon' | 'nadcon5' | 'geocentric-translation' | 'other';

export interface KnownOperation {
  id: string;
  name: string;
  source: string;
  target: string;
  /** Metres; null when it is not known. */
  accuracy: number | null;
  areas: Bounds[];
  /** Made for what is offshore there: second choice, as PROJ has it. */
  offshore: boolean;
  /** Id of the operation that EPSG gives in its place. */
  supersededBy: string | null;
  method: Method;
}

/** EPSG's codes of methods whose rotations are those of Coordinate Frame. */
const COORDINATE_FRAME = new Set([9607, 1032, 1038, 1056, 1057, 1058, 1066, 9636, 1034, 1039]);
const GRIDS: ReadonlyMap<string, GridMethod> = new Map([
  ['EPSG:9615', 'ntv2'],
  ['EPSG:9614', 'ntv1'],
  ['EPSG:9613', 'nadcon'],
  ['EPSG:1074', 'nadcon5'],
  ['EPSG:1075', 'nadcon5'],
  ['EPSG:1087', 'geocentric-translation'],
  ['EPSG:9655', 'geocentric-translation'],
]);
const OFFSETS = new Set(['EPSG:9601', 'EPSG:9618', 'EPSG:9619']);

let byCrs: Map<string, string[]> | undefined;

/** Operations that lead from or to one of the CRSs. */
export function operationsOf(ids: readonly string[]): KnownOperation[] {
  if (byCrs === undefined) {
    byCrs = new Map();
    for (const line of linesOf('operations')) {
      const [, , source, target] = line.split('\t', 4);
      for (const id of new Set([source!, target!])) {
        const list = byCrs.get(id);
        if (list === undefined) byCrs.set(id, [line]);
        else list.push(line);
      }
    }
  }
  const lines = new Set(ids.flatMap((id) => byCrs!.get(id) ?? []));
  return [...lines].map((line) => operationById(line.slice(0, line.indexOf('\t'))));
}

/** @throws Error for an id that is not in the table */
export function operationById(id: string): KnownOperation {
  const before = parsed.get(id);
  if (before !== undefined) return before;
  const record = recordOf('operations', id);
  if (record === null) throw new Error(`the table has no operation ${id}`);
  return parse(record);
}

const parsed = new Map<string, KnownOperation>();

function parse(cells: string[]): KnownOperation {
  const [id, name, source, target, accuracy, areas, superseded, method, parameters] = cells;
  const before = parsed.get(id!);
  if (before !== undefined) return before;
  const operation: KnownOperation = {
    id: id!,
    name: name!,
    source: source!,
    target: target!,
    accuracy: accuracy === '' ? null : Number(accuracy),
    areas: areasOf(areas),
    offshore: isOffshore(areas),
    supersededBy: superseded === '' ? null : superseded!,
    method: parseMethod(method!, parameters ?? ''),
  };
  parsed.set(id!, operation);
  return operation;
}

function parseMethod(method: string, text: string): Method {
  if (method === 'steps') return { kind: 'steps', ids: text.split(' ') };
  if (OFFSETS.has(method)) {
    const offset = (code: string): number => {
      const cell = text.split(';').find((part) => part.startsWith(`${code}=`));
      if (cell === undefined) return 0;
      const [value, unit] = cell.slice(code.length + 1).split(' ');
      return angleOf(Number(value), unit!);
    };
    return { kind: 'offsets', latitude: offset('8601'), longitude: offset('8602') };
  }
  if (!/^\d+:/.test(text)) {
    const files = text.split(';').map((names) => ({
      inverse: names.startsWith('!'),
      names: names.replace('!', '').split('|'),
    }));
    return gridMethod(GRIDS.get(method) ?? 'other', files);
  }
  return { kind: 'helmert', shift: parseHelmert(Number(method.replace('EPSG:', '')), text) };
}

/** NTv1 is not read, but PROJ has it as GeoTIFF too, which is read as if it came from NTv2. */
function gridMethod(format: GridMethod, files: GridFile[]): Method {
  if (format !== 'ntv1') return { kind: 'grid', format, files };
  const readable = files
    .map((file) => ({ ...file, names: file.names.filter((name) => /\.tif$/i.test(name)) }))
    .filter(({ names }) => names.length > 0);
  return readable.length > 0
    ? { kind: 'grid', format: 'ntv2', files: readable }
    : { kind: 'grid', format, files };
}

const ARC_SECOND = Math.PI / 648000;

/** `unit:x,y,z` of translation, rotation, scale difference and pivot. */
function parseHelmert(method: number, text: string): Helmert {
  type Three = [number, number, number];
  const shift = { translation: [0, 0, 0] as Three, rotation: [0, 0, 0] as Three, scale: 0 };
  let pivot: Three = [0, 0, 0];
  text.split(';').forEach((group, g) => {
    const [unit, values] = group.split(':') as [string, string];
    const factor = unitOf(unit).factor;
    const numbers = values.split(',').map((value) => Number(value));
    if (g === 0) shift.translation = numbers.map((n) => n * factor) as Three;
    else if (g === 1) {
      // The sign of what makes it Position Vector.
      const sign = COORDINATE_FRAME.has(method) ? -1 : 1;
      const scale = factor / ARC_SECOND;
      // Exactly the numbers that were given, where they are in arc-seconds.
      const exact = Math.abs(scale - 1) < 1e-9 ? 1 : scale;
      shift.rotation = numbers.map((n) => sign * n * exact) as Three;
    } else if (g === 2) shift.scale = numbers[0]! * factor * 1e6;
    else pivot = numbers.map((n) => n * factor) as Three;
  });
  return { ...shift, pivot };
}
