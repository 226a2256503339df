/** How the report of a run is made of what it did. */

import type { Column } from '../../core/columns.ts';
import {
  commonestDrop,
  countDropped,
  DropCounter,
  type DropReason,
  dropWords,
} from '../../core/drops.ts';
import { type ErrorJson, TilewrightError } from '../../core/errors.ts';
import { addGuessed } from '../../core/guessed-text.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { tileKey } from '../../tms/tile-path.ts';
import type { InputStatistics, Journal } from '../folder/journal/journal.ts';
import { extentHint, type TilesPlace } from '../inputs/extent-hint.ts';
import { extentNote } from '../inputs/input-crs.ts';
import type { Finished } from '../phases/finish.ts';
import type { Resumed } from '../phases/finish-dead-run.ts';
import type { InputResult, ResumedRun, RunResult } from '../phases/run-result.ts';
import type { Plan, PlannedInput } from '../planning/plan.ts';
import type { EndLine } from '../recording/record-lines.ts';
import { sameColumns, uniteColumns } from '../rows/schema-union.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import { sumOfValidity } from '../rows/validity-counts.ts';
import type { FoundSlice } from '../slices/find-slices.ts';
import type { Outcomes } from '../slices/stage-inputs.ts';
import type { TileStatus } from '../tasks/merge-tile.ts';

/** The most columns that a note names. */
const COLUMNS_SHOWN = 10;

/** What a run has put into the tiles and taken out of them. */
export interface Committed {
  finished: Finished;
  removed: string[];
  /** Interrupted runs that were finished before. */
  resumed: Resumed[];
}

/** The counts of slices together. @param input - that they are of */
export function totals(
  slices: readonly { statistics: Omit<SliceStatistics, 'oddClasses' | 'extent'> }[],
  input: PlannedInput | null = null,
): InputStatistics {
  const drops = new DropCounter();
  const sum: InputStatistics = { rowsRead: 0, featuresStaged: 0, rows: 0, droppedM: 0, drops: {} };
  for (const { statistics } of slices) {
    sum.rowsRead += statistics.rowsRead;
    sum.featuresStaged += statistics.featuresStaged;
    sum.rows += statistics.rows;
    sum.droppedM += statistics.droppedM;
    const guessed = addGuessed(sum.guessedText, statistics.guessedText);
    if (guessed !== undefined) sum.guessedText = guessed;
    drops.merge(statistics.drops);
  }
  const validity = sumOfValidity(slices.map(({ statistics }) => statistics.validity));
  if (validity !== undefined) sum.validity = validity;
  if (input !== null && input.hint !== null) sum.hint = input.hint;
  const placing = input?.placing ?? null;
  if (placing !== null) {
    const { kind, name, id, accuracy, inside } = placing.operation;
    sum.operation = { kind, name, id, accuracy, inside };
  }
  return { ...sum, drops: drops.toJSON() };
}

/** What was found out about slices. */
type Found = readonly Pick<FoundSlice, 'statistics'>[];

/** Notes of each input what its coordinates suggest. */
export function noteHints(
  outcomes: { inputs: ReadonlyMap<PlannedInput, Found> },
  tiles: TilesPlace,
): void {
  for (const [input, slices] of outcomes.inputs) {
    if (input.placing === null) continue;
    const extent = extentOf(slices) ?? input.layer.extent;
    if (extent === null) continue;
    const { crs } = input.placing;
    input.hint = extentHint({ crs, extent, ...totals(slices) }, tiles);
  }
}

/** Of the coordinates that were read: minX, minY, maxX, maxY; null if there are none. */
function extentOf(slices: Found): Bounds | null {
  const seen = slices.flatMap(({ statistics }) => (statistics.extent ? [statistics.extent] : []));
  const of = (k: number): number[] => seen.flatMap((extent) => extent[k] ?? []);
  const least = (k: number): number => of(k).reduce((a, b) => Math.min(a, b), Infinity);
  const most = (k: number): number => of(k).reduce((a, b) => Math.max(a, b), -Infinity);
  const extent: Bounds = [least(0), least(1), most(2), most(3)];
  return extent.every(Number.isFinite) ? extent : null;
}

/**
 * What the user should know of an input whose features were read.
 * @param columns - with the types that its values need
 */
export function inputNotes(
  input: PlannedInput,
  slices: Found,
  { hint, featuresStaged }: InputStatistics,
  columns: readonly Column[],
): string[] {
  const notes = [...(input.layer.notes ?? [])];
  // Where nothing is left, the error says it.
  if (hint !== undefined && featuresStaged > 0) notes.push(`${hint}.`);
  const seen = input.placing && extentOf(slices);
  const note = seen && extentNote(input.placing!, input.layer.extent, seen);
  if (note !== null) notes.push(note);
  for (const [i, { name, type }] of columns.entries()) {
    const declared = input.columns[i]!.type;
    if (type === declared) continue;
    notes.push(
      `column ${name} is declared ${declared} but has other values too: it is staged as ${type}`,
    );
  }
  return notes.map((each) => `${input.name}: ${each}`);
}

/** What the record keeps of a result, with what was finished of interrupted runs. */
export function made(result: Omit<RunResult, 'record'>): Pick<EndLine, 'made' | 'judged'> {
  const counts = { staged: 0, unchanged: 0, failed: 0 };
  const resumed = new Set(result.resumed.flatMap(({ inputs }) => inputs));
  for (const { name, status } of result.inputs) {
    counts[status === 'unchanged' && resumed.has(name) ? 'staged' : status]++;
  }
  const sum = (key: 'featuresRead' | 'featuresStaged' | 'rowsWritten'): number =>
    result.resumed.reduce((all, run) => all + run[key], result[key]);
  const { duplicates, pairs = 0 } = result;
  return {
    made: {
      inputs: counts,
      featuresRead: sum('featuresRead'),
      featuresStaged: sum('featuresStaged'),
      rowsWritten: sum('rowsWritten'),
      tiles: result.tiles,
      ...(result.featuresRead > 0 && { validity: result.validity }),
      ...(result.products && {
        products: result.products.map(({ name, made: files, kept, removed }) => {
          return { name, made: files, kept, removed };
        }),
      }),
    },
    ...(duplicates && { judged: { pairs, duplicates } }),
  };
}

/** The report of a run that has come to its end. */
export function summarise(
  plan: Plan,
  outcomes: Outcomes,
  { finished, removed, resumed }: Committed,
  journal: Journal,
  seconds: number,
): Omit<RunResult, 'record'> {
  const staged = journal.inputs();
  const byName = new Map(staged.map((input) => [input.name, input]));
  const inputs: RunResult['inputs'] = [];
  const warnings: string[] = [];
  for (const input of plan.planned) {
    const slices = outcomes.inputs.get(input);
    if (slices === undefined) continue;
    const own = totals(slices, input);
    inputs.push(inputResult(input, 'staged', own));
    warnings.push(...inputNotes(input, slices, own, byName.get(input.name)?.columns ?? []));
  }
  warnings.push(...placingNotes(plan.planned.filter((input) => outcomes.inputs.has(input))));
  const guessedText = guessedIn(inputs);
  if (staged.some((input) => !sameColumns(input.columns, staged[0]!.columns))) {
    const united = uniteColumns(staged.map((input) => input.columns));
    const shown = united.slice(0, COLUMNS_SHOWN).map(({ name, type }) => `${name} (${type})`);
    const more = united.length - shown.length;
    warnings.push(
      'The inputs do not have the same columns. Where they share a tile it has all of them: ' +
        shown.join(', ') +
        (more > 0 ? ` and ${more} more` : ''),
    );
  }
  for (const input of plan.unchanged) {
    inputs.push(inputResult(input, 'unchanged', input.statistics));
  }
  for (const { name, path, error } of plan.failed) {
    inputs.push({ name, path, status: 'failed', error: error.toJSON() });
  }
  for (const { inputs: names, error } of finished.damaged) {
    for (const name of names) {
      const known = inputs.findIndex((input) => input.name === name);
      const path = byName.get(name)!.path;
      const result: InputResult = { ...inputs[known], name, path, status: 'failed', error };
      if (known < 0) inputs.push(result);
      else inputs[known] = result;
    }
  }
  inputs.sort((a, b) => (a.name < b.name ? -1 : 1));
  const tiles = { new: 0, changed: 0, unchanged: 0, removed: 0, total: journal.countTiles() };
  const became = statuses([...resumed.map((dead) => dead.finished), finished]);
  for (const status of became) tiles[status]++;
  const sums = totals([...outcomes.inputs.values()].flat());
  return {
    inputs,
    featuresRead: sums.rowsRead,
    featuresStaged: sums.featuresStaged,
    rowsWritten: sums.rows,
    boundaryCopies: sums.rows - sums.featuresStaged,
    droppedM: sums.droppedM,
    guessedText,
    featuresDropped: countDropped(sums.drops),
    drops: sums.drops,
    commonestDrop: commonestDrop(sums.drops),
    validity: sums.validity ?? null,
    resumed: resumed.map(resumedRun),
    tiles,
    gone: plan.gone.filter((name) => !removed.includes(name)),
    removed,
    warnings,
    seconds,
  };
}

/** What became of each tile by all of this together. */
function statuses(done: readonly Finished[]): Iterable<TileStatus> {
  const became = new Map<string, TileStatus>();
  for (const { x, y, status } of done.flatMap(({ tiles }) => tiles)) {
    const before = became.get(tileKey(x, y));
    if (before === undefined || before === 'unchanged') became.set(tileKey(x, y), status);
    else if (before === 'removed') became.set(tileKey(x, y), 'changed');
    else if (status === 'removed') became.set(tileKey(x, y), status);
  }
  return became.values();
}

function resumedRun({ run, finished }: Resumed): ResumedRun {
  const sum = totals(run.inputs.map(({ statistics }) => ({ statistics })));
  return {
    runId: run.runId,
    inputs: run.inputs.map(({ name }) => name),
    featuresRead: sum.rowsRead,
    featuresStaged: sum.featuresStaged,
    rowsWritten: sum.rows,
    tiles: finished.tiles.filter(({ status }) => status !== 'removed').length,
    featuresDropped: countDropped(sum.drops),
    drops: sum.drops,
    removed: run.removed,
  };
}

export function guessedIn(
  inputs: readonly Pick<InputResult, 'name' | 'guessedText'>[],
): RunResult['guessedText'] {
  let sum: RunResult['guessedText'] = null;
  for (const { name, guessedText } of inputs) {
    if (guessedText === undefined) continue;
    sum ??= { ...guessedText, count: 0, input: name };
    sum.count += guessedText.count;
  }
  return sum;
}

function inputResult(
  { name, path }: { name: string; path: string },
  status: 'staged' | 'unchanged',
  statistics: InputStatistics,
): InputResult {
  const error = allDropped(name, statistics);
  if (error === null) return { name, path, status, ...statistics };
  return { name, path, status: 'failed', error: error.toJSON(), ...statistics };
}

/** What to do about an input that has no feature left, by the commonest reason. */
const ADVICE: { readonly [reason in DropReason]?: string } = {
  'not a polygon': 'Only polygons are staged: leave it out, or name another layer with --layer',
  'curved polygon':
    'Make its arcs straight lines: ogr2ogr -nlt CONVERT_TO_LINEAR OUTPUT.gpkg INPUT',
  'outside the CRS': 'Is its CRS the right one? See tilewright info, and --override-crs',
  'outside the grid': 'Stage it without --grids, or with the grid for this place',
  'outside the TileMatrixSet':
    'Is its CRS the right one (see tilewright info), and the TileMatrixSet one for this place?',
  'too many tiles': 'Choose a lower z',
};

/**
 * An input that has features, none of which can be staged, has failed; one without features has not.
 * It counts as staged in the journal, so it is not read again until it changes, and each run tells.
 * @returns an error `input-dropped`; null if it has none, or one that is staged
 */
export function allDropped(
  name: string,
  { featuresStaged, drops, hint }: InputStatistics,
): TilewrightError | null {
  const dropped = countDropped(drops);
  if (featuresStaged > 0 || dropped === 0) return null;
  const advice = hint ?? ADVICE[commonestDrop(drops)!] ?? 'Look at these features in a GIS';
  const features =
    dropped === 1 ? 'its one feature' : `none of its ${dropped.toLocaleString('en')} features`;
  const can = dropped === 1 ? "can't" : 'can';
  return new TilewrightError(
    'input-dropped',
    `${name}: ${features} ${can} be staged: ${dropWords(drops)}. ${advice}`,
    { input: name },
  );
}

/**
 * Inputs without features are fine beside others. When there is nothing else, somebody who goes by the
 * exit code would take an empty result for a good one.
 */
export function nothingStaged(
  { inputs }: Pick<RunResult, 'inputs'>,
  isSelected: boolean,
): ErrorJson | null {
  const isEmpty = (input: InputResult): boolean =>
    input.status !== 'failed' && input.featuresStaged === 0;
  if (inputs.length === 0 || !inputs.every(isEmpty)) return null;
  const all = inputs.length.toLocaleString('en');
  const what = isSelected ? 'feature that is selected' : 'feature';
  const which =
    inputs.length === 1
      ? `${inputs[0]!.name} has no ${what}`
      : `none of the ${all} inputs has a ${what}`;
  return new TilewrightError('input-empty', `Nothing was staged: ${which}`).toJSON();
}

/** What is to know of operations between datums, once for all inputs of which it holds. */
export function placingNotes(staged: readonly PlannedInput[]): string[] {
  const noted = staged.filter((input) => input.placing?.note);
  return [...Map.groupBy(noted, (input) => input.placing!.note!)].map(([note, inputs]) => {
    const others = inputs.length - 1;
    const rest = others === 0 ? '' : ` and ${others} other${others === 1 ? '' : 's'}`;
    return `${inputs[0]!.name}${rest}: ${note}`;
  });
}
