/** Questions to the server. */

import { type Cell, decodeCell } from '../shared/cell-format.ts';
import { type Grid, viewGrid } from '../shared/grid-format.ts';
import type {
  Box,
  ColumnInfo,
  FeatureDetails,
  FeatureList,
  FeatureSummary,
  FolderInfo,
  TableColumn,
  TablePage,
  TileInfo,
} from '../shared/messages.ts';
import type { FolderVersion, RunNow, WaitingFolder } from '../shared/run-messages.ts';

export interface TableQuery {
  sort: TableColumn;
  order: 'asc' | 'desc';
  offset: number;
  limit: number;
  around?: string;
}

type Parameters = Record<string, string | number | undefined>;

async function ask(path: string, parameters: Parameters, signal?: AbortSignal): Promise<Response> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  const response = await fetch(text === '' ? path : `${path}?${text}`, {
    ...(signal !== undefined && { signal }),
  });
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({}))) as { error?: string };
  throw new Error(error ?? `The server answered ${response.status}`);
}

async function askJson<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal) {
  return (await (await ask(path, parameters, signal)).json()) as T;
}

async function askBytes(path: string, parameters: Parameters = {}, signal?: AbortSignal) {
  return (await ask(path, parameters, signal)).arrayBuffer();
}

export const folder = (): Promise<FolderInfo | WaitingFolder> => askJson('/data/folder');

export const version = (): Promise<FolderVersion> => askJson('/data/version');

export async function run(): Promise<RunNow | null> {
  return (await askJson<{ run: RunNow | null }>('/data/run')).run;
}

/** As shared/run-tiles-format.ts reads them. */
export const runTiles = (): Promise<ArrayBuffer> => askBytes('/data/run/tiles');

/** @param box - null: all that there is */
export async function grid(box: Box | null, inputs: string, signal: AbortSignal): Promise<Grid> {
  return viewGrid(await askBytes('/data/grid', { box: box?.join(), inputs }, signal));
}

export const table = (query: TableQuery, inputs: string, signal: AbortSignal): Promise<TablePage> =>
  askJson('/data/table', { ...query, inputs }, signal);

/** @param tile - as z/x/y */
export const tile = (tile: string, inputs: string, signal: AbortSignal): Promise<TileInfo> =>
  askJson(`/data/tile/${tile}`, { inputs }, signal);

export const columns = (): Promise<ColumnInfo[]> => askJson('/data/columns');

/**
 * @param path - z/x/y/level/i/j
 * @param by - column that colours; empty: none
 */
export async function cell(
  path: string,
  inputs: string,
  by: string,
  signal: AbortSignal,
): Promise<Cell> {
  return decodeCell(await askBytes(`/data/cell/${path}`, { inputs, by }, signal));
}

export const at = (
  tile: string,
  point: readonly [number, number],
  tolerance: readonly [number, number],
  inputs: string,
  signal: AbortSignal,
): Promise<FeatureSummary[]> =>
  askJson(`/data/at/${tile}`, { point: [...point, ...tolerance].join(), inputs }, signal);

export const list = (
  box: Box,
  limit: number,
  inputs: string,
  signal: AbortSignal,
): Promise<FeatureList> => askJson('/data/list', { box: box.join(), limit, inputs }, signal);

/** @param id - found elsewhere in the tile if it is not at this key */
export const feature = (
  tile: string,
  fid: number,
  id: string | undefined,
  signal: AbortSignal,
): Promise<FeatureDetails> => askJson(`/data/feature/${tile}/${fid}`, { id }, signal);

/** Whether an error says that an answer is not wanted any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
