/** The properties that staging adds to every feature: their order, types and names. */

import type { Column } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';

/** Names of the added columns, all configurable. */
export interface PropertyNames {
  readonly area: string;
  readonly centroidX: string;
  readonly centroidY: string;
  readonly filename: string;
  readonly identifier: string;
  readonly centroidTile: string;
  readonly tile: string;
  readonly centroidWithinTile: string;
}

/** The columns that follow a feature's own attributes, in the order of the record. */
export function propertyColumns(names: PropertyNames): Column[] {
  return [
    { name: names.area, type: 'real' },
    { name: names.centroidX, type: 'real' },
    { name: names.centroidY, type: 'real' },
    { name: names.filename, type: 'text' },
    { name: names.identifier, type: 'text' },
    { name: names.centroidTile, type: 'text' },
    { name: names.tile, type: 'text' },
    { name: names.centroidWithinTile, type: 'boolean' },
  ];
}

/** Number of added columns, and the places of area and file name among them. */
export const PROPERTY_COUNT = 8;
export const AREA_PROPERTY = 0;
export const FILENAME_PROPERTY = 3;

/** @throws TilewrightError property-exists if the input has one of the properties already */
export function checkProperties(columns: Column[], names: PropertyNames, input: string): void {
  const added = new Set(propertyColumns(names).map((column) => column.name.toLowerCase()));
  const taken = columns.filter((column) => added.has(column.name.toLowerCase()));
  if (taken.length === 0) return;
  const list = taken.map((column) => column.name).join(', ');
  throw new TilewrightError(
    'property-exists',
    `${input} already has what staging would add: ${list}. Is it a staged tile? ` +
      'Otherwise give the added properties other names (`properties` in the configuration)',
    { input },
  );
}
