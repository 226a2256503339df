/** What a run would do, from the journal and the inputs' own headers: nothing is written, no feature read. */

import { existsSync } from 'node:fs';
import { tileMatrixSet } from '../../tms/parse.ts';
import { tileKey } from '../../tms/tile-path.ts';
import { refuseForeign } from '../folder/foreign-tiles.ts';
import type { FoundInput } from '../folder/found-input.ts';
import {
  type FolderSettings,
  Journal,
  type PendingRun,
  type StagedInput,
} from '../folder/journal/journal.ts';
import { holdsOthers, settingsDiffer } from '../folder/settings.ts';
import { journalPath } from '../folder/staged-folder.ts';
import { givenCrs } from '../inputs/input-crs.ts';
import { isInputThere } from '../inputs/remote-inputs.ts';
import { requireFootprints } from '../judging/footprints/asked-footprints.ts';
import { requireKnownColumns } from '../planning/known-columns.ts';
import { type PlanOptions, planRun } from '../planning/plan.ts';
import type { Product } from '../products/product.ts';
import { countOutdated, planProduct } from '../products/product-plan.ts';
import { tileStates } from '../products/states.ts';
import type { DryInput, DryResumed, DryRunPlan } from './dry-run-plan.ts';
import { tilesOfPending } from './empty-folder.ts';
import { withoutDoubles } from './run.ts';

export interface DryRunOptions extends PlanOptions {
  folder: string;
  summary: string;
  settings: FolderSettings;
  inputs: readonly FoundInput[];
  roots: readonly string[];
  prune: boolean;
  adopt: boolean;
  products?: readonly Product[];
}

/** What the journal says, with the run that will be finished first. */
interface Held {
  staged: StagedInput[];
  again: FoundInput[];
  resumes: DryResumed | null;
  emptied: boolean;
}

/** @throws TilewrightError config-differs, footprint-missing, tiles-foreign, staged-folder, as a run would */
export async function planDryRun(options: DryRunOptions): Promise<DryRunPlan> {
  const { folder, settings, force, prune } = options;
  givenCrs(options);
  requireFootprints(options.inputs, settings.deduplication);
  if (!existsSync(journalPath(folder))) {
    refuseForeign(options, null);
    const held = { staged: [], again: [], resumes: null, emptied: false };
    return { ...(await planned(held, options)), tiles: { total: 0, touched: 0 } };
  }
  const journal = new Journal(journalPath(folder), { readOnly: true });
  try {
    refuseForeign(options, journal);
    const held = whatIsHeld(journal, folder);
    if (!held.emptied && holdsOthers(journal, settings)) {
      if (!force && held.staged.length > 0) throw settingsDiffer(journal, folder, settings);
      held.again.push(...held.staged.map(({ path, file, root }) => ({ path, name: file, root })));
      held.emptied = held.staged.length > 0;
      held.staged = [];
    }
    const plan = await planned(held, options);
    const leaving = new Set([...(prune ? plan.gone : []), ...plan.removed]);
    for (const { name, status } of plan.inputs) {
      if (status === 'changed' || status === 'again') leaving.add(name);
    }
    const tiles = countTiles(journal, held.emptied ? null : leaving);
    return { ...plan, tiles, ...plannedProducts(journal, options) };
  } finally {
    journal.close();
  }
}

function whatIsHeld(journal: Journal, folder: string): Held {
  const reset = journal.plannedReset();
  const again = reset?.again ?? journal.again();
  if (reset !== null) {
    return {
      staged: [],
      again: [...again],
      resumes: null,
      emptied: true,
    };
  }
  const run = journal.pending();
  const written = new Set(run?.inputs.map(({ name }) => name).concat(run.removed));
  const staged = journal.inputs().filter(({ name }) => !written.has(name));
  return {
    staged: [...staged, ...(run?.inputs ?? [])],
    again: again.filter(({ path }) => isInputThere(path)),
    resumes: run === null ? null : resumed(run, journal, folder),
    emptied: false,
  };
}

function resumed(run: PendingRun, journal: Journal, folder: string): DryResumed {
  const tiles = new Set<string>();
  for (const { x, y } of tilesOfPending(journal, folder)) tiles.add(tileKey(x, y));
  return {
    inputs: run.inputs.map(({ name }) => name),
    rows: run.inputs.reduce((sum, { statistics }) => sum + statistics.rows, 0),
    tiles: tiles.size,
    removed: run.removed,
  };
}

async function planned(held: Held, options: DryRunOptions): Promise<Omit<DryRunPlan, 'tiles'>> {
  const { staged, again, resumes, emptied } = held;
  const inputs = withoutDoubles(
    options.inputs,
    again.filter(({ path }) => isInputThere(path)),
  );
  const plan = await planRun(inputs, options.roots, staged, options);
  requireKnownColumns(options.selection, plan);
  const known = new Map(staged.map((input) => [input.name, input]));
  const files = new Set(staged.map((input) => input.file));
  const found: DryInput[] = plan.planned.map(
    ({ name, path, file, fingerprint, featureCount: features, bytes }) => {
      const before = known.get(name);
      const isNew = before === undefined && !files.has(file);
      const status = isNew ? 'new' : before?.fingerprint === fingerprint ? 'again' : 'changed';
      return { name, path, status, features, bytes };
    },
  );
  for (const { name, path, statistics } of plan.unchanged) {
    found.push({ name, path, status: 'unchanged', features: statistics.rowsRead, bytes: null });
  }
  for (const { name, path, error } of plan.failed) {
    found.push({
      name,
      path,
      status: 'failed',
      features: null,
      bytes: null,
      error: error.toJSON(),
    });
  }
  const outdated = plan.outdated.map(({ name }) => name);
  return {
    inputs: found.sort((a, b) => (a.name < b.name ? -1 : 1)),
    removed: [...outdated, ...(options.prune ? plan.gone : [])],
    gone: plan.gone,
    emptied,
    resumes,
  };
}

function plannedProducts(
  journal: Journal,
  { folder, settings, products = [] }: DryRunOptions,
): Pick<DryRunPlan, 'products'> {
  if (products.length === 0) return {};
  const tms = tileMatrixSet(JSON.parse(settings.tmsDefinition));
  const tiles = tileStates(journal);
  const place = { folder, settings, products };
  return {
    products: products.map((product) => {
      const plan = planProduct(product, tiles, tms, journal, place);
      const { kept, gone } = plan;
      const counts = { outdated: countOutdated(plan), kept: kept.size, gone: gone.length };
      return { name: product.name, ...counts };
    }),
  };
}

/** @param leaving - inputs whose rows leave; null for all */
function countTiles(journal: Journal, leaving: ReadonlySet<string> | null): DryRunPlan['tiles'] {
  const total = journal.countTiles();
  if (leaving === null) return { total, touched: total };
  if (leaving.size === 0) return { total, touched: 0 };
  const touched = new Set<string>();
  for (const { x, y, input } of journal.allTileInputs()) {
    if (leaving.has(input)) touched.add(tileKey(x, y));
  }
  return { total, touched: touched.size };
}
