/**
 * Which inputs are new, changed, unchanged or gone, compared with the journal, and how each is to
 * be read. Returns data; nothing is written.
 */

import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '../core/columns.ts';
import { TilewrightError, toTilewrightError } from '../core/errors.ts';
import { parseCrs } from '../crs/parse.ts';
import type { CrsReference } from '../crs/reference.ts';
import { type Crs, resolveCrs } from '../crs/resolve.ts';
import { openSource } from '../formats/open.ts';
import type { LayerInfo, Slice, VectorSource } from '../formats/source.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { FoundInput } from './inputs.ts';
import type { StagedInput } from './journal.ts';
import { checkProperties, type PropertyNames } from './properties.ts';
import { requireFewColumns } from './schema-union.ts';

export interface PlanOptions {
  /** The layer to read; null for all. */
  layer: string | null;
  inputCrs: string | null;
  overrideCrs: string | null;
  properties: PropertyNames;
  sliceBytes: number;
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
  crsOrigin: string;
  layer: string;
  columns: Column[];
  crs: Crs;
  slices: Slice[];
  featureCount: number;
  bytes: number;
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

export function planRun(
  found: readonly FoundInput[],
  roots: readonly string[],
  staged: readonly StagedInput[],
  options: PlanOptions,
): Plan {
  const plan: Plan = { planned: [], unchanged: [], failed: [], outdated: [], gone: [] };
  /** Folders whose inputs are now found in another one. */
  const moved = new Map<string, string>();
  const byFile = Map.groupBy(staged, (input) => input.file);
  const byPath = Map.groupBy(staged, (input) => input.path);
  const given = givenCrs(options);
  const crsOf = crsResolver(given, options);
  for (const input of found) {
    const path = realPath(input.path);
    const known = byFile.get(input.name) ?? [];
    try {
      checkName(input.name, path, known, byPath.get(path) ?? []);
      for (const row of known) if (row.path !== path) moved.set(row.root, input.root);
      const fingerprint = fingerprintOf(path);
      const { layer } = options;
      const asked = layer === null ? known : known.filter((row) => isLayer(row, layer));
      const current = asked.every((row) => isCurrent(row, fingerprint, options));
      if (asked.length > 0 && current && !options.force) {
        plan.unchanged.push(...asked);
        continue;
      }
      const planned = planInput({ ...input, path }, fingerprint, crsOf, options);
      plan.planned.push(...planned);
      if (options.layer === null) {
        const names = new Set(planned.map((item) => item.name));
        plan.outdated.push(...known.filter((row) => !names.has(row.name)));
      }
    } catch (error) {
      const known = toTilewrightError(error, { input: input.name }, 'input-unreadable');
      plan.failed.push({ name: input.name, path, error: known });
    }
  }
  const folders = new Set([...roots, ...found.map((input) => input.root)].map(realPath));
  const seen = new Set(found.map((input) => input.name));
  const isGone = (row: StagedInput): boolean => {
    if (seen.has(row.file) || existsSync(row.path)) return false;
    if (folders.has(row.root)) return true;
    const root = moved.get(row.root);
    return root !== undefined && !existsSync(join(root, row.file));
  };
  plan.gone = staged.filter(isGone).map((row) => row.name);
  return plan;
}

/** CRSs that were given: to overrule those of the inputs, and for inputs that have none. */
interface GivenCrs {
  override: Crs | null;
  missing: Crs | null;
}

/** @throws TilewrightError config-invalid */
export function givenCrs(options: Pick<PlanOptions, 'overrideCrs' | 'inputCrs'>): GivenCrs {
  const resolve = (text: string | null, option: string): Crs | null => {
    if (text === null) return null;
    try {
      return resolveCrs(parseCrs(text));
    } catch (error) {
      const { message } = toTilewrightError(error);
      throw new TilewrightError('config-invalid', `${option}: ${message}`, { cause: error });
    }
  };
  return {
    override: resolve(options.overrideCrs, '--override-crs (overrideCrs)'),
    missing: resolve(options.inputCrs, '--input-crs (inputCrs)'),
  };
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
  const other = known.find((row) => row.path !== path && existsSync(row.path));
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

function isCurrent(row: StagedInput, fingerprint: string, options: PlanOptions): boolean {
  if (row.fingerprint !== fingerprint) return false;
  if (options.layer === null && row.selection !== '*') return false;
  if (options.overrideCrs !== null) return row.crsOrigin === `override:${options.overrideCrs}`;
  if (row.crsOrigin.startsWith('override:')) return false;
  return row.crsOrigin === 'file' || row.crsOrigin === `input:${options.inputCrs}`;
}

function isLayer(row: StagedInput, layer: string): boolean {
  return row.selection === layer || row.name === `${row.file}#${layer}`;
}

function planInput(
  input: FoundInput,
  fingerprint: string,
  crsOf: CrsResolver,
  options: PlanOptions,
): PlannedInput[] {
  const source = openSource(input.path);
  try {
    const layers = source.layers();
    if (layers.length === 0) {
      throw new TilewrightError('input-layer', `${input.name} has no feature layer`, {
        input: input.name,
      });
    }
    const chosen = options.layer === null ? layers : layers.filter((l) => l.name === options.layer);
    if (chosen.length === 0) {
      const names = layers.map((layer) => layer.name).join(', ');
      throw new TilewrightError(
        'input-layer',
        `${input.name} has no layer ${options.layer}; it has: ${names}`,
        { input: input.name },
      );
    }
    const root = realPath(input.root);
    return chosen.map((layer) => {
      const name = layers.length === 1 ? input.name : `${input.name}#${layer.name}`;
      checkProperties(layer.columns, options.properties, name);
      requireFewColumns(layer.columns, name);
      return {
        name,
        file: input.name,
        path: input.path,
        root,
        selection: options.layer ?? '*',
        fingerprint,
        layer: layer.name,
        columns: layer.columns,
        ...crsOf(layer, name),
        slices: slicesOf(source, layer, options.sliceBytes),
        featureCount: layer.featureCount,
        bytes: layer.bytes,
      };
    });
  } finally {
    source.close();
  }
}

function slicesOf(source: VectorSource, layer: LayerInfo, sliceBytes: number): Slice[] {
  return source.slices(layer.name, sliceBytes);
}

/** The CRS of a layer: given to overrule it, its own, or given for those that have none. */
type CrsResolver = (layer: LayerInfo, name: string) => { crs: Crs; crsOrigin: string };

/** Resolves each CRS once: thousands of inputs mostly have the same. */
function crsResolver(given: GivenCrs, options: PlanOptions): CrsResolver {
  const known = new Map<string, Crs>();
  const resolve = (reference: CrsReference): Crs => {
    const key = JSON.stringify(reference);
    const crs = known.get(key) ?? resolveCrs(reference);
    known.set(key, crs);
    return crs;
  };
  return (layer, name) => {
    if (given.override !== null) {
      return { crs: given.override, crsOrigin: `override:${options.overrideCrs}` };
    }
    if (layer.crs !== null) {
      try {
        return { crs: resolve(layer.crs), crsOrigin: 'file' };
      } catch (error) {
        const known = toTilewrightError(error, {}, 'crs-unknown');
        throw new TilewrightError(
          known.code,
          `The CRS of ${name} is not understood: ${known.message} Or say what it is with ` +
            '--override-crs',
          { input: name, cause: error },
        );
      }
    }
    if (given.missing !== null) {
      return { crs: given.missing, crsOrigin: `input:${options.inputCrs}` };
    }
    throw new TilewrightError(
      'crs-missing',
      `${name} does not say which CRS its coordinates are in. Say it with --input-crs, for ` +
        'example --input-crs EPSG:3413',
      { input: name },
    );
  };
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
