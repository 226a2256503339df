/**
 * The paths below /data/. Tiles and cells are named by numbers that are looked up in the journal:
 * nothing of a URL ever becomes part of a path. `inputs` is the choice of inputs, a bit for each by
 * number in base64url; without it all count.
 */

import { TilewrightError } from '../../core/errors.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { MAX_LEVEL } from '../shared/cell-format.ts';
import { TABLE_COLUMNS } from '../shared/messages.ts';
import type { FolderData, TileKey } from './folder-data.ts';

/** Bytes, or what is sent as JSON; null where there is no such thing. */
export type DataAnswer = Uint8Array<ArrayBuffer> | object | null;

const MAX_PAGE = 500;
const MAX_LIST = 200;

/** @throws TilewrightError usage for parameters that are missing or wrong */
export function answerData(
  data: FolderData,
  path: string,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<DataAnswer> {
  const [kind = '', ...rest] = path.slice('/data/'.length).split('/');
  const inputs = query.get('inputs') ?? '';
  const numbers = rest.map(wholeNumber);
  if (numbers.includes(null)) return Promise.resolve(null);
  const [z = 0, x = 0, y = 0, a = 0, b = 0, c = 0] = numbers as number[];
  const tile: TileKey = { z, x, y, inputs };
  switch (`${kind} ${rest.length}`) {
    case 'folder 0':
      return data.describe();
    case 'columns 0':
      return data.columns(signal);
    case 'grid 0':
      return data.grid(query.has('box') ? box(query) : null, inputs);
    case 'table 0':
      return data.table(tableQuery(query), inputs);
    case 'list 0':
      return data.list(box(query), inputs, count(query, 'limit', MAX_LIST), signal);
    case 'tile 3':
      return data.tile(tile);
    case 'cell 6':
      if (a > MAX_LEVEL) return Promise.resolve(null);
      return data.cell(tile, { level: a, i: b, j: c, by: query.get('by') || null }, signal);
    case 'at 3': {
      const [atX, atY, toleranceX, toleranceY] = values(query, 'point', 4);
      return data.at(tile, [atX!, atY!], [toleranceX!, toleranceY!], signal);
    }
    case 'feature 4':
      return data.feature(tile, a, query.get('id'), signal);
    default:
      return Promise.resolve(null);
  }
}

/** null for what is no whole number ≥ 0, as it is written without leading zeros. */
function wholeNumber(text: string): number | null {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : null;
}

function tableQuery(query: URLSearchParams) {
  const sort = TABLE_COLUMNS.find((name) => name === (query.get('sort') ?? 'tile'));
  if (sort === undefined) throw wrong('sort', TABLE_COLUMNS.join(', '));
  const around = query.has('around') ? values(query, 'around', 2) : null;
  return {
    sort,
    descending: query.get('order') === 'desc',
    offset: query.has('offset') ? count(query, 'offset', 2 ** 31) : 0,
    limit: count(query, 'limit', MAX_PAGE),
    around: around === null ? null : { x: around[0]!, y: around[1]! },
  };
}

function box(query: URLSearchParams): Bounds {
  return values(query, 'box', 4) as Bounds;
}

function values(query: URLSearchParams, name: string, length: number): number[] {
  const texts = (query.get(name) ?? '').split(',');
  const numbers = texts.map((text) => (text === '' ? Number.NaN : Number(text)));
  if (numbers.length !== length || !numbers.every(Number.isFinite)) {
    throw wrong(name, `${length} numbers, with commas between them`);
  }
  return numbers;
}

function count(query: URLSearchParams, name: string, most: number): number {
  const number = wholeNumber(query.get(name) ?? '');
  if (number === null || number > most) throw wrong(name, `a whole number up to ${most}`);
  return number;
}

function wrong(name: string, wanted: string): TilewrightError {
  return new TilewrightError('usage', `The parameter ${name} must be: ${wanted}`);
}
