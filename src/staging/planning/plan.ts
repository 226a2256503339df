/**
 * Which inputs are new, changed, unchanged or gone, compared with the journal, and how each is to
 * be read. Returns data; nothing is written.
 */

import { realpathSync } from 'node:fs';
import type { Column } from '../../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { GridFolder } from '../../crs/grids/grid-folder.ts';
import { openSource } from '../../formats/open.ts';
import { RECENT_MS } from '../../formats/remote/known-inputs.ts';
import { keptColumns } from '../../formats/selection/kept-columns.ts';
import { LayerSelection } from '../../formats/selection/layer-selection.ts';
import type { Selection } from '../../formats/selection/selection.ts';
import type { LayerInfo, Slice, VectorSource } from '../../formats/source.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import { checkProperties, type PropertyNames } from '../configuration/properties.ts';
import type { FoundInput } from '../folder/found-input.ts';
import type { StagedInput } from '../folder/journal/journal.ts';
import { fingerprintOf } from '../inputs/fingerprint.ts';
import {
  type CrsOptions,
  type CrsResolver,
  crsResolver,
  gridsKey,
  type InputCrs,
  sameOrigin,
} from '../inputs/input-crs.ts';
import { inputName } from '../inputs/input-name.ts';
import { isInputThere, lookAtInputs } from '../inputs/remote-inputs.ts';
import { requireFewColumns } from '../rows/schema-union.ts';
import { sliceExtents } from './slice-extents.ts';

export interface PlanOptions extends CrsOptions {
  /** The layer to read; null for all. */
  layer: string | null;
  /** What of the layers is staged; null for all. */
  selection: Selection | null;
  properties: PropertyNames;
  /** Whether keys that only number the rows become columns too. */
  keepPrimaryKey: boolean;
  /** Name of the staged format. */
  format: string;
  sliceBytes: number;
  /** Bytes that rows may take in memory, for each worker; null for what suits the machine. */
  memory: number | null;
  /** Stage inputs again although they have not changed. */
  force: boolean;
}

/** An input that has to be staged. */
export interface PlannedInput {
  name: string;
  file: string;
  path: string;
  root: string;
  selection: string;
  fingerprint: string;
  layer: LayerInfo;
  /** How many layers the file has, sound or not. */
  layers: number;
  /** Those that are kept. */
  columns: Column[];
  crsOrigin: string;
  /** Null for a layer without features: there is nothing to place. */
  placing: InputCrs | null;
  slices: Slice[];
  /** Where each slice is, roughly, in the CRS of the input; null where nobody knows. */
  extents: (Bounds | null)[];
  featureCount: number;
  bytes: number;
  /** What the extent of its coordinates suggests, when it was read: see extent-hint.ts. */
  hint: string | null;
}

export interface Plan {
  planned: PlannedInput[];
  /** Committed inputs that have not changed. */
  unchanged: StagedInput[];
  failed: { name: string; path: string; error: TilewrightError }[];
  /** Committed inputs of files that changed, under names that these no longer have. */
  outdated: { name: string; file: string }[];
  /** Committed inputs whose file is gone from a folder that was given. */
  gone: string[];
}

export async function planRun(
  found: readonly FoundInput[],
  roots: readonly string[],
  staged: readonly StagedInput[],
  options: PlanOptions,
): Promise<Plan> {
  const plan: Plan = { planned: [], unchanged: [], failed: [], outdated: [], gone: [] };
  /** Folders whose inputs are now found in another one. */
  const moved = new Map<string, string>();
  const byFile = Map.groupBy(staged, (input) => input.file);
  const byPath = Map.groupBy(staged, (input) => input.path);
  const byName = new Map(staged.map((input) => [input.name, input]));
  const crsOf = crsResolver(options);
  const grids = gridsKey(options.grids === null ? null : new GridFolder(options.grids));
  await lookAtInputs(found);
  for (const input of found) {
    const path = realPath(input.path);
    const known = byFile.get(input.name) ?? [];
    try {
      checkName(input.name, path, known, byPath.get(path) ?? []);
      for (const row of known) if (row.path !== path) moved.set(row.root, input.root);
      const fingerprint = fingerprintOf(path, RECENT_MS);
      const { layer } = options;
      const asked = layer === null ? known : known.filter((row) => isLayer(row, layer));
      const current = (row: StagedInput): boolean =>
        !options.force &&
        row.fingerprint === fingerprint &&
        sameOrigin(row.crsOrigin, options, grids);
      const all = layer === null ? isWhole(known) : asked.length > 0;
      if (all && asked.every(current)) {
        plan.unchanged.push(...asked);
        continue;
      }
      const file = { ...input, path, fingerprint };
      const names = await planFile(
        file,
        byName,
        current,
        crsOf,
        { ...options, inputs: found.length },
        plan,
      );
      if (layer === null) plan.outdated.push(...known.filter((row) => !names.has(row.name)));
    } catch (error) {
      const known = toTilewrightError(error, { input: input.name }, 'input-unreadable');
      plan.failed.push({ name: input.name, path, error: known });
    }
  }
  const folders = new Set([...roots, ...found.map((input) => input.root)].map(realPath));
  const seen = new Set(found.map((input) => input.name));
  const isGone = (row: StagedInput): boolean => {
    if (seen.has(row.file)) return false;
    const root = moved.get(row.root);
    const isMissing = (path: string): boolean => !isInputThere(path);
    if (folders.has(row.root)) return isMissing(row.path);
    return root !== undefined && isMissing(row.path) && isMissing(`${root}/${row.file}`);
  };
  plan.gone = staged.filter(isGone).map((row) => row.name);
  return plan;
}

/**
 * A name stands for one file: two files of one name would replace each other's rows.
 * @param file - name of the input, without the layer
 * @param known - committed inputs of this name
 * @param samePath - committed inputs of this path
 * @throws TilewrightError input-name-taken
 */
export function checkName(
  file: string,
  path: string,
  known: readonly StagedInput[],
  samePath: readonly StagedInput[],
): void {
  const other = known.find((row) => row.path !== path && isInputThere(row.path));
  if (other !== undefined) {
    throw new TilewrightError(
      'input-name-taken',
      `${path} would be staged as ${file}, which is the name of ${other.path} in this ` +
        'staged folder. Give the folder that holds both, or stage into another folder',
      { input: file },
    );
  }
  const alias = samePath.find((row) => row.file !== file);
  if (alias !== undefined) {
    throw new TilewrightError(
      'input-name-taken',
      `${path} is staged already, as ${alias.file}: staging it as ${file} too would ` +
        `duplicate its features. Give the folder ${alias.root} as before`,
      { input: file },
    );
  }
}

function isLayer(row: StagedInput, layer: string): boolean {
  return row.selection === layer || row.name === inputName(row.file, layer, 2);
}

/** The layer of this name; where there is none, the only one that differs in case alone. */
function layersNamed(layers: readonly string[], name: string): string[] {
  if (layers.includes(name)) return [name];
  const alike = layers.filter((layer) => layer.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike : [];
}

/** Whether all layers of the file are staged. @param rows - those of the file */
function isWhole(rows: readonly StagedInput[]): boolean {
  return rows.length > 0 && rows.length === rows[0]!.layers;
}

/** A file with its real path, as it is now. */
interface FoundFile extends FoundInput {
  fingerprint: string;
}

/**
 * Plans the layers of a file that are asked for and not current; one that can't be staged fails
 * alone. Returns the names of all layers.
 * @throws TilewrightError about the file as a whole
 */
async function planFile(
  file: FoundFile,
  byName: ReadonlyMap<string, StagedInput>,
  current: (row: StagedInput) => boolean,
  crsOf: CrsResolver,
  options: PlanOptions & { inputs: number },
  plan: Plan,
): Promise<Set<string>> {
  const byBox = options.selection?.bbox !== undefined;
  const source = await openSource(file.path, { ...options, byBox });
  try {
    const layers = source.layerNames();
    const names = new Set(layers.map((layer) => inputName(file.name, layer, layers.length)));
    const asked = options.layer === null ? layers : layersNamed(layers, options.layer);
    if (asked.length === 0) {
      const message =
        options.layer === null
          ? `${file.name} has no feature layer`
          : `${file.name} has no layer ${options.layer}; it has: ${layers.join(', ') || 'none'}.` +
            didYouMean(options.layer, layers);
      throw new TilewrightError('input-layer', message, { input: file.name });
    }
    const root = realPath(file.root);
    for (const layer of asked) {
      const name = inputName(file.name, layer, layers.length);
      const staged = byName.get(name);
      if (staged !== undefined && staged.file === file.name && current(staged)) {
        plan.unchanged.push(staged);
        continue;
      }
      try {
        requireFree(name, file, staged);
        const planned = await planLayer(source, layer, name, crsOf, options);
        const { path, fingerprint } = file;
        const selection = options.layer ?? '*';
        const whole = { name, file: file.name, path, root, selection, fingerprint };
        plan.planned.push({ ...whole, layers: layers.length, hint: null, ...planned });
      } catch (error) {
        const known = toTilewrightError(error, { input: name }, 'input-unreadable');
        plan.failed.push({ name, path: file.path, error: known });
      }
    }
    return names;
  } finally {
    await source.close();
  }
}

/** Names of two files' layers differ, but not from those that earlier versions gave. */
function requireFree(name: string, file: FoundFile, staged: StagedInput | undefined): void {
  if (staged === undefined || staged.file === file.name) return;
  throw new TilewrightError(
    'input-name-taken',
    `${file.path} would be staged as ${name}, which is the name of a layer of ${staged.path} in ` +
      'this staged folder. Stage with --force, or into another folder',
    { input: name },
  );
}

type PlannedLayer = Pick<
  PlannedInput,
  'layer' | 'columns' | 'placing' | 'crsOrigin' | 'slices' | 'extents' | 'featureCount' | 'bytes'
>;

async function planLayer(
  source: VectorSource,
  layer: string,
  name: string,
  crsOf: CrsResolver,
  options: PlanOptions & { inputs: number },
): Promise<PlannedLayer> {
  const info = await source.layer(layer);
  const { featureCount } = info;
  const { selection, sliceBytes } = options;
  const kept = selection && keptColumns(info.columns, selection);
  const columns = kept === null ? info.columns : kept.map((i) => info.columns[i]!);
  checkProperties(columns, options.properties, name);
  requireFewColumns(columns, name, options.format);
  // A layer without features has nothing to misplace, so it stops nobody.
  if (featureCount === 0) {
    const nothing = { placing: null, crsOrigin: 'file', slices: [], extents: [] };
    return { layer: info, columns, ...nothing, featureCount, bytes: info.bytes };
  }
  const placing = crsOf(info, name);
  const selected = selection && new LayerSelection(selection, info, placing.crs, name);
  const slices = await source.slices(layer, sliceBytes, selected?.asked ?? null);
  // There are fewer of them where a reader knows that the rest of the layer is not asked for.
  const bytes = selected === null ? info.bytes : Math.min(info.bytes, slices.length * sliceBytes);
  const extents = await sliceExtents(source, info, slices, options.inputs);
  const { crsOrigin } = placing;
  return { layer: info, columns, placing, crsOrigin, slices, extents, featureCount, bytes };
}

/** The path without links; as it is when it leads nowhere. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is gone, or a part of the way can't be entered: opening it will say so.
    return path;
  }
}
