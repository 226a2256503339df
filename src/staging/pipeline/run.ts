/**
 * One run over a set of inputs, as the list of its phases. What is committed in the journal is the
 * truth; everything before that can be killed at any moment and done again.
 */

import { resolveCrs } from '../../crs/resolve.ts';
import type { Executor } from '../../parallel/executor.ts';
import { tileMatrixSet } from '../../tms/parse.ts';
import { foreignTiles, refuseForeign } from '../folder/foreign-tiles.ts';
import type { FoundInput } from '../folder/found-input.ts';
import type { FolderSettings, InputStatistics, Journal } from '../folder/journal/journal.ts';
import { makeStagedFolder } from '../folder/staged-folder.ts';
import type { TilesPlace } from '../inputs/extent-hint.ts';
import type { MissingInput } from '../inputs/inputs.ts';
import { requireFootprints } from '../judging/footprints/asked-footprints.ts';
import { deriveProducts } from '../phases/derive.ts';
import { judgeFolder } from '../phases/judge-folder.ts';
import { packFolder } from '../phases/pack-folder.ts';
import type { RunResult } from '../phases/run-result.ts';
import { requireKnownColumns } from '../planning/known-columns.ts';
import { type Plan, type PlanOptions, planRun, realPath } from '../planning/plan.ts';
import { tilesPerFeatureNote } from '../planning/tiles-per-feature.ts';
import { checkProducts, type Product } from '../products/product.ts';
import { type Outcomes, stageInputs } from '../slices/stage-inputs.ts';
import type { RunEvent } from '../telling/events.ts';
import { type Phase, phases } from '../telling/phases.ts';
import { RunTeller } from '../telling/run-teller.ts';
import { SpilledRows } from '../telling/spilled-rows.ts';
import { asRun } from './as-run.ts';
import { commitRun } from './commit.ts';
import { prepareFolder } from './prepare-folder.ts';
import { withoutRun } from './refusal.ts';
import { allDropped, made, noteHints, summarise, totals } from './result.ts';

export interface RunOptions extends PlanOptions {
  /** The staged folder. */
  folder: string;
  /** Path of the summary. */
  summary: string;
  settings: FolderSettings;
  inputs: readonly FoundInput[];
  /** What was asked for and led to no input: told of, no more. */
  missing?: readonly MissingInput[];
  /** Folders that were given and searched, for telling which inputs are gone from them. */
  roots: readonly string[];
  /** Whether other calls stage more inputs of the same job, which may have columns that these lack. */
  isPart?: boolean;
  prune: boolean;
  /** Whether tiles and a summary that are not ours may be in the staged folder. */
  adopt: boolean;
  /** Whether tasks are measured and a record is kept. */
  record: boolean;
  /** Stages something else of what was planned: a sample, say. */
  choose?: (plan: Plan) => Plan;
  /** What is derived from the tiles. */
  products?: readonly Product[];
  /** See MendOptions. */
  regionRows?: number;
  executor: Executor;
  onProgress?: (event: RunEvent) => void;
}

/** With who tells of the run. */
type ToldOptions = RunOptions & { teller: RunTeller; products: readonly Product[] };

/** @throws TilewrightError when nothing can be staged; what fails alone is told in the result */
export async function runStaging(given: RunOptions): Promise<RunResult> {
  const options = { ...given, products: given.products ?? [] };
  const { folder, settings, products, onProgress } = options;
  checkProducts(products, settings, tileMatrixSet(JSON.parse(settings.tmsDefinition)));
  requireFootprints(options.inputs, settings.deduplication);
  const teller = new RunTeller({ measured: options.record });
  if (onProgress !== undefined) teller.listen(onProgress);
  // A sample is chosen from what was planned elsewhere.
  const report = options.choose === undefined ? await withoutRun(options) : null;
  if (report !== null) {
    tellMissing(options, teller);
    for (const { name, ...input } of report.inputs) {
      if (input.status !== 'failed') continue;
      teller.tell({ type: 'input-failed', input: name, error: input.error });
    }
    return report;
  }
  makeStagedFolder(folder);
  const { result, record } = await asRun(
    { ...options, phases: goingThrough(options), input: options.inputs[0]?.path ?? null, teller },
    (journal, runId) => goThrough(journal, runId, { ...options, teller }),
    made,
  );
  return { ...result, record };
}

/** The phases of this run, as far as it has something to do in them. */
function goingThrough({ products = [], settings }: RunOptions): Phase[] {
  const judged = settings.deduplication !== undefined;
  const its = (name: Phase): boolean =>
    (name === 'derive' && products.length > 0) ||
    (name === 'pack' && settings.pack !== undefined) ||
    (['relate', 'judge', 'label'].includes(name) && judged);
  return phases.filter(({ name, isUsual }) => isUsual || its(name)).map(({ name }) => name);
}

/** The phases in their order, each handed what those before it have made. */
async function goThrough(
  journal: Journal,
  runId: string,
  options: ToldOptions,
): Promise<Omit<RunResult, 'record'>> {
  const { teller } = options;
  refuseForeign(options, journal);
  // What a dead run has left is finished first, by phases of its own.
  const { again, lost, resumed } = await prepareFolder(journal, options);
  const warnings: string[] = [];
  teller.listen((event) => {
    if (event.type === 'warning') warnings.push(event.message);
  });
  const plan = await planInputs(withoutDoubles(options.inputs, again), journal, options);
  const rows = new SpilledRows();
  teller.listen((event) => rows.note(event));
  const outcomes = await stageInputs(plan, runId, journal, options);
  if (rows.advice !== null) teller.tell({ type: 'warning', message: rows.advice });
  tellStaged(outcomes, options);
  const committed = await commitRun(journal, runId, plan, outcomes, options);
  committed.removed.unshift(...lost);
  if (resumed !== null) committed.resumed.unshift(resumed);
  const { judged, resumed: found } = await judgeFolder(journal, runId, options);
  const packed = await packFolder(journal, runId, options);
  const derived = await deriveProducts(journal, runId, options);
  committed.resumed.push(...found, ...packed, ...derived.resumed);
  const result = summarise(plan, outcomes, committed, journal, teller.now);
  const others = options.adopt ? foreignTiles(options, journal) : null;
  if (others !== null) result.warnings.push(others);
  const deduplication = journal.settings()?.deduplication;
  if (judged !== null && judged.duplicates !== null && deduplication !== undefined) {
    const { duplicates, pairs } = judged;
    Object.assign(result, { deduplication, duplicates, pairs });
  }
  if (derived.products.length > 0) result.products = derived.products;
  const left = leftProducts(journal, result, options.products);
  if (left !== null) result.warnings.push(left);
  result.warnings.unshift(...warnings);
  return result;
}

/** What is to be said of products that tiles had before, and that nobody asks for now. */
function leftProducts(
  journal: Journal,
  { tiles }: Pick<RunResult, 'tiles'>,
  products: readonly Product[],
): string | null {
  if (tiles.new + tiles.changed + tiles.removed === 0) return null;
  const asked = new Set(products.map(({ name }) => name));
  const left = journal.products.known().filter(({ name }) => !asked.has(name));
  if (left.length === 0) return null;
  const names = left.map(({ name }) => name).join(', ');
  return `Tiles have changed, and what was derived from them before was not made again: ${names}`;
}

/** The phase `plan`. */
async function planInputs(
  inputs: readonly FoundInput[],
  journal: Journal,
  options: ToldOptions,
): Promise<Plan> {
  const { teller, roots } = options;
  const planning = teller.begin('plan', { total: inputs.length, tasks: 0, bytes: 0 });
  tellMissing(options, teller);
  const all = await planRun(inputs, roots, journal.inputs(), options);
  if (options.isPart !== true) requireKnownColumns(options.selection, all);
  const plan = options.choose?.(all) ?? all;
  for (const { name, error } of plan.failed) {
    teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
  }
  for (const { name, statistics } of plan.unchanged) tellDropped(name, statistics, teller);
  planning.end();
  return plan;
}

/** What is to be said of inputs when their features were read. */
function tellStaged(outcomes: Outcomes, options: ToldOptions): void {
  const { teller, settings } = options;
  noteHints(outcomes, placeOfTiles(options));
  for (const [input, slices] of outcomes.inputs)
    tellDropped(input.name, totals(slices, input), teller);
  const { rows, featuresStaged } = totals([...outcomes.inputs.values()].flat());
  const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
  const many = tilesPerFeatureNote(rows, featuresStaged, tms, settings.z);
  if (many !== null) teller.tell({ type: 'warning', message: many });
}

function tellMissing({ missing = [] }: RunOptions, teller: RunTeller): void {
  for (const { argument, error } of missing) {
    teller.tell({ type: 'input-failed', input: argument, error: error.toJSON() });
  }
}

function placeOfTiles({ settings, tilesCrs }: RunOptions): TilesPlace {
  const { tms, z, tmsDefinition } = settings;
  const extent = tileMatrixSet(JSON.parse(tmsDefinition)).matrix(z).extent();
  return { tms, crs: resolveCrs(tilesCrs), extent };
}

/** An input of which nothing can be staged has failed, also when it has not changed since. */
function tellDropped(name: string, statistics: InputStatistics, teller: RunTeller): void {
  const error = allDropped(name, statistics);
  if (error !== null) teller.tell({ type: 'input-failed', input: name, error: error.toJSON() });
}

/** Given inputs and those to be staged again, each file once: under the name that it had. */
export function withoutDoubles(
  given: readonly FoundInput[],
  again: readonly FoundInput[],
): FoundInput[] {
  const names = new Set(given.map((input) => input.name));
  const others = again.filter((input) => !names.has(input.name));
  const paths = new Set(others.map((input) => input.path));
  return [...given.filter((input) => !paths.has(realPath(input.path))), ...others];
}
