/** Codes → CRSs, from the table. */

import { TilewrightError } from '../../core/errors.ts';
import type { CrsDefinition, Parameters } from '../definition.ts';
import { conversionOf } from '../notations/conversion.ts';
import { methodByEpsg, methodByName } from '../notations/methods.ts';
import { kindOf, parameterByEpsg, parameterByName } from '../notations/parameter-names.ts';
import { parseDefinition } from '../notations/parse.ts';
import { axesInFiles, geodeticById, geodeticText, type KnownGeodetic } from './geodetic.ts';
import { areasOf, type Bounds, linesOf, recordOf } from './records.ts';
import { angleOf, unitOf } from './units.ts';

export interface KnownCrs {
  definition: CrsDefinition;
  areas: Bounds[];
  deprecated: boolean;
}

/**
 * The CRS of a code, or the horizontal part of a compound one.
 * @param id - `EPSG:3413`; authorities are EPSG, ESRI, IAU and OGC
 * @returns null for a code that is not in the table
 * @throws TilewrightError `crs-unknown` for CRSs that can't place polygons, and for methods
 *   without formulas
 */
export function crsByCode(id: string): KnownCrs | null {
  const projected = recordOf('projected', id);
  if (projected !== null) return projectedCrs(projected);
  const geodetic = geodeticById(id);
  if (geodetic !== null) return geographicCrs(geodetic);
  const text = geodeticText(id);
  if (text !== null) return withId(parseDefinition(text), id, [], false);
  const other = recordOf('others', id);
  if (other === null) return null;
  if (other[1] === 'C') return crsByCode(other[3]!);
  throw unusable(id, other[2]!, 'a vertical');
}

function geographicCrs(known: KnownGeodetic): KnownCrs {
  const { id, name, datum } = known;
  if (known.kind === 'geocentric') throw unusable(id, name, 'a geocentric');
  const axes = axesInFiles(known.axes);
  if (axes === null || known.kind === 'other') {
    // IAU's CRSs of planetocentric latitudes: on an ellipsoid these are another coordinate.
    if (datum.ellipsoid.es !== 0) throw unusable(id, name, 'a planetocentric');
  }
  const { name: unitName, id: unitId } = unitOf(known.unitId);
  const definition: CrsDefinition = {
    name,
    id,
    baseName: name,
    baseId: id,
    datum,
    method: null,
    parameters: {},
    unit: known.unit,
    unitName,
    unitId,
    axes: axes ?? ['east', 'north'],
  };
  return { definition, areas: known.areas, deprecated: known.deprecated };
}

function projectedCrs(record: string[]): KnownCrs {
  const [id, name, baseId, conversion, system, areas, deprecated, text] = record;
  if (text !== undefined && text !== '') {
    return withId(parseDefinition(text), id!, areasOf(areas), deprecated === '1');
  }
  const base = geodeticById(baseId!);
  if (base === null) throw unusable(id!, name!, 'an undefined');
  const [unitId = '', letters = ''] = (system ?? '').split(' ');
  const axes = axesInFiles(letters);
  if (axes === null) throw unusable(id!, name!, 'a bin grid or another local');
  const [methodText, parameterText = ''] = linesOf('conversions')[Number(conversion)]!.split('\t');
  const method = /^\d+$/.test(methodText!)
    ? methodByEpsg(Number(methodText))
    : methodByName(methodText!);
  if (method === null) {
    throw new TilewrightError(
      'crs-unknown',
      `${id} (${name}) uses the method ${methodText}, for which there are no formulas here. ` +
        'Reproject the data to another CRS first.',
    );
  }
  const { datum } = base;
  const read = conversionOf(
    method,
    parametersOf(parameterText),
    datum.ellipsoid,
    datum.primeMeridian,
  );
  const [unit, baseUnit] = [unitOf(unitId), unitOf(base.unitId)];
  const definition: CrsDefinition = {
    name: name!,
    id: id!,
    baseName: base.name,
    baseId: base.id,
    datum,
    method: read.method,
    parameters: read.parameters,
    unit: unit.factor,
    unitName: unit.name,
    unitId: unit.id,
    baseUnit: { size: base.unit, name: baseUnit.name, id: baseUnit.id },
    axes,
  };
  return { definition, areas: areasOf(areas), deprecated: deprecated === '1' };
}

function parametersOf(text: string): Parameters {
  const parameters: Parameters = {};
  for (const part of text.split(';')) {
    const [name, value] = part.split('=') as [string, string];
    const [number, unit] = value.split(' ') as [string, string];
    const parameter = /^\d+$/.test(name) ? parameterByEpsg(Number(name)) : parameterByName(name);
    if (parameter === null) throw new Error(`the table's parameter ${name} is not known`);
    const kind = kindOf(parameter);
    parameters[parameter] =
      kind === 'angle' ? angleOf(Number(number), unit) : Number(number) * unitOf(unit).factor;
  }
  return parameters;
}

function withId(
  definition: CrsDefinition,
  id: string,
  areas: Bounds[],
  deprecated: boolean,
): KnownCrs {
  return { definition: { ...definition, id }, areas, deprecated };
}

function unusable(id: string, name: string, kind: string): TilewrightError {
  return new TilewrightError(
    'crs-unknown',
    `${id} (${name}) is ${kind} CRS: it can't place polygons on the Earth. Name a geographic or ` +
      'projected CRS.',
  );
}
