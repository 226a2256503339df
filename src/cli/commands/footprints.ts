/** `tilewright footprints`: which inputs lack their footprint; makes those that are missing. */

import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { counted } from '../../insight/units.ts';
import { footprintExtensionsOf } from '../../staging/configuration/deduplication.ts';
import { crsResolver } from '../../staging/inputs/input-crs.ts';
import { findInputs } from '../../staging/inputs/inputs.ts';
import {
  type CheckedInput,
  checkFootprints,
} from '../../staging/judging/footprints/check-footprints.ts';
import { drawFootprint } from '../../staging/judging/footprints/draw-footprint.ts';
import { stemOf } from '../../staging/judging/footprints/find-footprints.ts';
import type { FootprintsCommand } from '../arguments/footprints-arguments.ts';
import { hanging } from '../output.ts';
import { unreadLines } from '../progress/unread-lines.ts';
import { stackOf, unstacked } from '../told-error.ts';

interface Line {
  input: string;
  state: 'there' | 'missing' | 'unusable' | 'made' | 'failed';
  footprint: string | null;
  features?: number;
  error?: TilewrightError;
}

const EXTENSION = '.gpkg';

/** @returns 1 if an input is left without a footprint that can be used, or can't be read */
export async function footprintsCommand(
  command: FootprintsCommand,
  stacks = false,
): Promise<number> {
  const { config, json, make } = command;
  const { values } = config;
  const folder = resolve(values.dirFootprints!);
  const extensions = footprintExtensionsOf(config);
  if (make !== null) {
    requireExtension(extensions);
    mkdirSync(folder, { recursive: true });
  }
  const found = findInputs(command.inputs, {
    extensions: config.extensions,
    baseFolder: values.dirInput,
  });
  const places = { footprints: folder, footprintExtensions: extensions };
  const checked = await checkFootprints(found.inputs, places, columnsOf(command));
  const lines: Line[] = [];
  for (const one of checked) {
    const line = await lineOf(one, folder, command);
    lines.push(line);
    if (!json) process.stdout.write(`${textOf(line, stacks)}\n`);
  }
  for (const { argument, error } of found.missing) {
    lines.push({ input: argument, state: 'failed', footprint: null, error });
    if (!json) process.stderr.write(`${hanging(error.message)}\n`);
  }
  if (json) {
    const told = lines.map((line) => ({
      ...line,
      ...(line.error && { error: line.error.toJSON() }),
    }));
    process.stdout.write(`${JSON.stringify(told, stacks ? undefined : unstacked, 2)}\n`);
  } else {
    for (const line of unreadLines(found.unread, found.missing)) process.stderr.write(`${line}\n`);
    process.stdout.write(`${summaryOf(lines, folder).join('\n')}\n`);
  }
  return lines.every(({ state }) => state === 'there' || state === 'made') ? 0 : 1;
}

function requireExtension(extensions: readonly string[]): void {
  if (extensions.includes(EXTENSION)) return;
  throw new TilewrightError(
    'usage',
    `Footprints are made as GeoPackages, and those that are looked for end in ${extensions.join(', ')} ` +
      `(extFootprints). Add ${EXTENSION}`,
  );
}

/** Columns that footprints are ranked by: those of `neighbor` are columns of the inputs. */
function columnsOf({ config }: FootprintsCommand): string[] {
  const { deduplicateMethod, deduplicateKeepRules } = config.values;
  return deduplicateMethod === 'neighbor' ? [] : deduplicateKeepRules.map(([column]) => column);
}

async function lineOf(
  { input, footprint, error }: CheckedInput,
  folder: string,
  { config, make, cellSize, overwrite }: FootprintsCommand,
): Promise<Line> {
  const own = join(folder, `${stemOf(input.name)}${EXTENSION}`);
  const isToBeMade = footprint === null ? error === null : overwrite && footprint === own;
  if (make === null || !isToBeMade) {
    const state = error !== null ? 'unusable' : footprint === null ? 'missing' : 'there';
    return { input: input.name, state, footprint, ...(error && { error }) };
  }
  try {
    const { inputCrs, overrideCrs } = config.values;
    const anywhere = { authority: 'EPSG', code: '4326' };
    // It stays in the CRS of the input: no datum is led to another.
    const crsOf = crsResolver({
      ...{ inputCrs, overrideCrs, grids: null, allowBallpark: true, tilesCrs: anywhere },
    });
    const options = { shape: make, cellSize, folder, overwrite };
    const { path, features } = await drawFootprint(input, crsOf, options);
    return { input: input.name, state: 'made', footprint: path, features };
  } catch (caught) {
    const error = toTilewrightError(caught, { input: input.name }, 'input-unreadable');
    return { input: input.name, state: 'failed', footprint: null, error };
  }
}

function textOf({ input, state, footprint, features, error }: Line, stacks: boolean): string {
  const words = [state.padEnd(9), input];
  if (footprint !== null && error === undefined) {
    words.push(` ${relative(process.cwd(), footprint)}`);
  }
  if (features !== undefined) words.push(` of ${counted(features, 'feature')}`);
  if (error !== undefined) words.push(` ${error.message}`);
  const text = words.join(' ');
  return hanging(stacks && error !== undefined ? `${text}\n${stackOf(error)}` : text);
}

function summaryOf(lines: readonly Line[], folder: string): string[] {
  const count = (...states: Line['state'][]): number =>
    lines.filter(({ state }) => states.includes(state)).length;
  const place = relative(process.cwd(), folder) || '.';
  const all = `${count('there', 'made')} of ${counted(lines.length, 'input')} have a footprint in ${place}`;
  if (count('made') > 0) {
    return [
      all,
      'Those that were made have the columns input, features and shape. No date is known of them: to rank ' +
        'by one, add a column',
    ];
  }
  return count('missing') > 0
    ? [all, '--make hull or --make cells makes those that are missing']
    : [all];
}
