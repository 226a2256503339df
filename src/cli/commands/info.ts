/** `tilewright info`: what is in files and staged folders. */

import { statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { type ErrorJson, type TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { printable } from '../../core/printable.ts';
import { inputFormatOf } from '../../formats/input-formats.ts';
import { openSource } from '../../formats/open.ts';
import { isInputUrl } from '../../formats/remote/input-url.ts';
import type { LayerInfo, VectorSource } from '../../formats/source.ts';
import type { StagedFormat } from '../../formats/staged-format.ts';
import { stagedFormatOfFile } from '../../formats/staged-formats.ts';
import { describeFolder, isStagedFolder } from '../../staging/folder/folder-description.ts';
import { findInputs } from '../../staging/inputs/inputs.ts';
import type { Command } from '../arguments/arguments.ts';
import { folderText } from '../lines/folder-lines.ts';
import { hanging } from '../output.ts';
import { unreadLines } from '../progress/unread-lines.ts';
import { stackOf, unstacked } from '../told-error.ts';

type InfoCommand = Extract<Command, { command: 'info' }>;

interface BrokenLayer {
  name: string;
  error: ErrorJson;
}

/** Describes each file and staged folder; a file or a layer that can't be read does not stop the others. */
export async function infoCommand({ inputs, json }: InfoCommand, stacks = false): Promise<number> {
  const tiles = inputs.filter((path) => tileFormatOf(path) !== undefined);
  const folders = inputs.filter(isStagedFolder);
  const found = findInputs(
    inputs.filter((path) => !tiles.includes(path)),
    { extensions: [] },
  );
  // A staged folder need not hold inputs too.
  const missing = found.missing.filter(({ argument }) => !folders.includes(argument));
  const described: object[] = [];
  const failures: { path: string; error: TilewrightError }[] = missing.map(
    ({ argument, error }) => ({ path: argument, error }),
  );
  let failed = false;
  for (const path of folders) {
    try {
      const staged = describeFolder(path);
      described.push({ path, staged });
      if (!json) process.stdout.write(folderText(path, staged));
    } catch (caught) {
      failures.push({ path, error: toTilewrightError(caught, { input: path }, 'staged-folder') });
    }
  }
  for (const path of tiles) {
    try {
      const tile = describeTile(path, tileFormatOf(path)!);
      described.push(tile);
      if (!json) process.stdout.write(tileText(tile));
    } catch (caught) {
      const error = toTilewrightError(caught, { input: path }, 'input-unreadable');
      failures.push({ path, error });
    }
  }
  for (const { path: whole } of found.inputs) {
    const path = asGiven(whole, inputs);
    try {
      const source = await openSource(path);
      try {
        const layers: (LayerInfo | BrokenLayer)[] = [];
        for (const name of source.layerNames()) layers.push(await describe(source, name));
        if (layers.some((layer) => 'error' in layer)) failed = true;
        described.push({ path, format: source.format, layers });
        if (!json) process.stdout.write(textOf(path, source.format, layers));
      } finally {
        await source.close();
      }
    } catch (caught) {
      const error = toTilewrightError(caught, { input: path }, 'input-unreadable');
      failures.push({ path, error });
    }
  }
  for (const { path, error } of failures) {
    described.push({ path, error: error.toJSON() });
    if (!json) process.stderr.write(`${hanging(failureOf(path, error, stacks))}\n`);
  }
  if (!json)
    for (const line of unreadLines(found.unread, missing)) process.stderr.write(`${line}\n`);
  if (json)
    process.stdout.write(`${JSON.stringify(described, stacks ? undefined : unstacked, 2)}\n`);
  return failed || failures.length > 0 ? 1 : 0;
}

/** The format of a staged tile, where it is none that can be read as an input too. */
function tileFormatOf(path: string): StagedFormat | undefined {
  if (isInputUrl(path) || inputFormatOf(path) !== undefined) return undefined;
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
    ? stagedFormatOfFile(path)
    : undefined;
}

type TileDescription = { path: string; format: string } & {
  tile: Pick<LayerInfo, 'featureCount' | 'columns'> & { extent: readonly number[] | null };
};

function describeTile(path: string, format: StagedFormat): TileDescription {
  const file = format.open(path);
  try {
    const { rowCount, columns, extent } = file;
    return {
      path,
      format: format.name,
      tile: { featureCount: rowCount, columns: [...columns], extent },
    };
  } finally {
    file.close();
  }
}

function tileText({ path, format, tile }: TileDescription): string {
  const lines = [
    `${path}  (${format}, a staged tile)`,
    `    geometry  ${tile.featureCount.toLocaleString('en')} features`,
    ...placeLines(tile),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function failureOf(path: string, error: TilewrightError, stacks: boolean): string {
  const text = error.message.includes(path) ? error.message : `${path}: ${error.message}`;
  return stacks ? `${text}\n${stackOf(error)}` : text;
}

/** The path as somebody would write it after this command: below what was given. */
function asGiven(path: string, inputs: readonly string[]): string {
  if (isInputUrl(path)) return path;
  const start = inputs.find((given) => {
    const below = relative(resolve(given), path);
    return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
  });
  if (start !== undefined) return join(start, relative(resolve(start), path));
  const below = relative(process.cwd(), path);
  return below.startsWith('..') || inputs.some(isAbsolute) ? path : below;
}

/** To ten digits, which is millimetres in metres and degrees; `--json` has all. */
function shortly(coordinate: number): string {
  return String(Number(coordinate.toPrecision(10)));
}

/** Only what is part of the interface: readers keep more about a layer. */
async function describe(source: VectorSource, layer: string): Promise<LayerInfo | BrokenLayer> {
  try {
    const {
      name,
      geometryType,
      featureCount,
      columns,
      key,
      crs,
      unknownCrs,
      extent,
      bytes,
      notes,
    } = await source.layer(layer);
    return {
      ...{ name, geometryType, featureCount, columns, key, crs, extent, bytes },
      ...(unknownCrs !== undefined && { unknownCrs }),
      ...(notes !== undefined && notes.length > 0 && { notes }),
    };
  } catch (caught) {
    const error = toTilewrightError(caught, { input: source.path }, 'input-unreadable');
    return { name: layer, error: error.toJSON() };
  }
}

function textOf(path: string, format: string, layers: (LayerInfo | BrokenLayer)[]): string {
  const lines = [`${path}  (${format}, ${layers.length} layer${layers.length === 1 ? '' : 's'})`];
  for (const layer of layers) {
    lines.push(`  ${layer.name}`);
    if ('error' in layer) lines.push(`    failed    ${layer.error.message}`);
    else lines.push(...linesOf(layer));
  }
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function linesOf(layer: LayerInfo): string[] {
  const { geometryType, featureCount, crs, extent, key, columns, notes = [] } = layer;
  const none = `none${layer.unknownCrs === undefined ? '' : ` (srs_id ${layer.unknownCrs} is not described)`}`;
  const id = crs?.code === undefined ? '' : `${crs.authority}:${crs.code}`;
  const lines = [
    `    geometry  ${geometryType}, ${featureCount.toLocaleString('en')} features`,
    `    CRS       ${crs === null ? `${none}; stage it with --input-crs` : [id, crs.name].filter(Boolean).join('  ')}`,
    ...placeLines({ extent, columns }),
  ];
  lines.push(...notes.map((note) => `    note      ${note}`));
  if (key !== null) lines.push(`    key       ${key}; --keep-primary-key makes it a column`);
  return lines;
}

function placeLines({ extent, columns }: Omit<TileDescription['tile'], 'featureCount'>): string[] {
  return [
    `    extent    ${extent === null ? 'not known' : extent.map(shortly).join(', ')}`,
    `    columns   ${columns.map((column) => `${column.name} (${column.type})`).join(', ') || 'none'}`,
  ];
}
