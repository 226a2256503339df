/** The CRS of a layer, and the operation that leads from its datum to that of the tiles. */

import { TilewrightError, toTilewrightError } from '../../core/errors.ts';
import { geographicExtent } from '../../crs/extent.ts';
import { GridFolder } from '../../crs/grids/grid-folder.ts';
import { type DatumOperation, datumOperation } from '../../crs/operations/datum-operation.ts';
import { operationNote, requireOperation } from '../../crs/operations/report.ts';
import type { CrsReference } from '../../crs/reference.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import { crsByCode } from '../../crs/table/lookup.ts';
import { placeOf } from '../../crs/transform.ts';
import type { LayerInfo } from '../../formats/source.ts';
import { crsOption } from '../configuration/crs-option.ts';

export interface CrsOptions {
  inputCrs: string | null;
  overrideCrs: string | null;
  /** Folder with grids of datum shifts; null for none. */
  grids: string | null;
  /** Stage although no operation between the datums is known. */
  allowBallpark: boolean;
  /** Of the TileMatrixSet. */
  tilesCrs: CrsReference;
}

export interface InputCrs {
  crs: Crs;
  /** Where the CRS comes from and which grids there were: what makes an input be staged again. */
  crsOrigin: string;
  operation: DatumOperation;
  /** What the user should know of the operation. */
  note: string | null;
  /** The operation for another extent, in the CRS's coordinates. */
  operationAt: (extent: Extent) => DatumOperation;
}

type Extent = readonly [number, number, number, number];

/** The CRS of a layer: given to overrule it, its own, or given for those that have none. */
export type CrsResolver = (layer: LayerInfo, name: string) => InputCrs;

/** CRSs that were given: to overrule those of the inputs, and for inputs that have none. */
interface GivenCrs {
  override: Crs | null;
  missing: Crs | null;
  grids: GridFolder | null;
}

/** @throws TilewrightError config-invalid */
export function givenCrs(
  options: Pick<CrsOptions, 'overrideCrs' | 'inputCrs' | 'grids'>,
): GivenCrs {
  const resolve = (text: string | null, option: string): Crs | null =>
    text === null ? null : crsOption(text, option);
  return {
    override: resolve(options.overrideCrs, '--override-crs (overrideCrs)'),
    missing: resolve(options.inputCrs, '--input-crs (inputCrs)'),
    grids: options.grids === null ? null : new GridFolder(options.grids),
  };
}

/** Resolves each CRS once: thousands of inputs mostly have the same. */
export function crsResolver(options: CrsOptions): CrsResolver {
  const given = givenCrs(options);
  const target = resolveCrs(options.tilesCrs);
  const known = new Map<string, Crs>();
  const resolve = (reference: CrsReference): Crs => {
    const key = JSON.stringify(reference);
    const crs = known.get(key) ?? resolveCrs(reference);
    known.set(key, crs);
    return crs;
  };
  /** Where the datum is that of the tiles nothing depends on the extent; null elsewhere. */
  const always = new Map<Crs, DatumOperation | null>();
  const operationOf = (crs: Crs, extent: Extent | null): DatumOperation => {
    let operation = always.get(crs);
    if (operation === undefined) {
      const anywhere = datumOperation(placeOf(crs), placeOf(target), null, given.grids);
      operation = anywhere.kind === 'same' ? anywhere : null;
      always.set(crs, operation);
    }
    if (operation !== null) return operation;
    const there = geographicExtent(crs, extent);
    return datumOperation(placeOf(crs), placeOf(target), there, given.grids);
  };
  return (layer, name) => {
    const { crs, origin } = crsOf(layer, name, given, options, resolve);
    const operationAt = (extent: Extent | null): DatumOperation => operationOf(crs, extent);
    const operation = operationAt(layer.extent);
    try {
      requireOperation(operation, crs.definition, target.definition, options.allowBallpark);
    } catch (error) {
      const { code, message } = toTilewrightError(error);
      throw new TilewrightError(code, `${name}: ${message}`, { input: name, cause: error });
    }
    return {
      crs,
      crsOrigin: operation.needsGrids ? `${origin}${gridsKey(given.grids)}` : origin,
      operation,
      note: operationNote(operation, crs.definition, target.definition),
      operationAt,
    };
  };
}

/**
 * What the user should know where features lie outside of the extent that the file says: the
 * operation was chosen for that, as nobody knows better before all is read.
 * @param extent - of what was read
 */
export function extentNote(
  { operation, operationAt }: InputCrs,
  said: Extent | null,
  extent: Extent,
): string | null {
  if (said !== null && holds(said, extent)) return null;
  const better = operationAt(extent);
  if (better.id === operation.id) return null;
  const title = ({ name, id }: DatumOperation): string => (id === null ? name : `${name} (${id})`);
  return (
    `it ${said === null ? 'says no extent, and so' : 'has features outside of the extent that it says, for which'} ` +
    `${title(operation)} was chosen; for where they are it would be ${title(better)}. Mend its extent, by copying the file with ` +
    'ogr2ogr for example, and stage it again.'
  );
}

/** But for rounding. */
function holds(said: Extent, [minX, minY, maxX, maxY]: Extent): boolean {
  const slack = 1e-6 * Math.max(maxX - minX, maxY - minY);
  return (
    minX >= said[0] - slack &&
    minY >= said[1] - slack &&
    maxX <= said[2] + slack &&
    maxY <= said[3] + slack
  );
}

/**
 * Whether what is staged would come out the same with these options.
 * @param crsOrigin - of the staged input
 */
export function sameOrigin(crsOrigin: string, options: CrsOptions, grids: string): boolean {
  const at = crsOrigin.lastIndexOf(GRIDS);
  const origin = at < 0 ? crsOrigin : crsOrigin.slice(0, at);
  if (at >= 0 && crsOrigin.slice(at) !== grids) return false;
  if (options.overrideCrs !== null) return origin === `override:${options.overrideCrs}`;
  if (origin.startsWith('override:')) return false;
  return origin === 'file' || origin === `input:${options.inputCrs}`;
}

const GRIDS = ' grids:';

/** What the folder of grids holds, as origins have it. */
export function gridsKey(grids: GridFolder | null): string {
  return `${GRIDS}${grids?.key ?? ''}`;
}

function crsOf(
  layer: LayerInfo,
  name: string,
  given: GivenCrs,
  options: CrsOptions,
  resolve: (reference: CrsReference) => Crs,
): { crs: Crs; origin: string } {
  if (given.override !== null) {
    return { crs: given.override, origin: `override:${options.overrideCrs}` };
  }
  if (layer.crs !== null) {
    try {
      return { crs: resolve(layer.crs), origin: 'file' };
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
  if (given.missing !== null) return { crs: given.missing, origin: `input:${options.inputCrs}` };
  const { unknownCrs } = layer;
  const known = unknownCrs !== undefined && crsByCode(`EPSG:${unknownCrs}`) !== null;
  throw new TilewrightError(
    'crs-missing',
    `${name} does not say which CRS its coordinates are in` +
      (unknownCrs === undefined
        ? ''
        : `: it names srs_id ${unknownCrs}, which gpkg_spatial_ref_sys has not`) +
      `. Say it with --input-crs, for example --input-crs EPSG:${known ? unknownCrs : 3413}`,
    { input: name },
  );
}
