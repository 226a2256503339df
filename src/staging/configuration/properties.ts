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
  /** Only there where duplicates are labelled. */
  readonly duplicated: string;
}

/**
 * The columns that follow a feature's own attributes, in the order of the record.
 * @param labelled - whether the last says which rows are duplicates
 */
export function propertyColumns(names: PropertyNames, labelled = false): Column[] {
  const columns: Column[] = [
    { name: names.area, type: 'real' },
    { name: names.centroidX, type: 'real' },
    { name: names.centroidY, type: 'real' },
    { name: names.filename, type: 'text' },
    { name: names.identifier, type: 'text' },
    { name: names.centroidTile, type: 'text' },
    { name: names.tile, type: 'text' },
    { name: names.centroidWithinTile, type: 'boolean' },
  ];
  if (labelled) columns.push({ name: names.duplicated, type: 'boolean' });
  return columns;
}

/** Number of added columns without a label, the most that there are, and the places of some among them. */
export const PROPERTY_COUNT = 8;
export const MOST_PROPERTIES = 9;
export const AREA_PROPERTY = 0;
export const CENTROID_PROPERTY = 1;
export const FILENAME_PROPERTY = 3;
export const IDENTIFIER_PROPERTY = 4;

/** Whether the rows of a tile with these columns are labelled. */
export function isLabelled(columns: readonly Column[], names: PropertyNames): boolean {
  return columns.length > PROPERTY_COUNT && columns.at(-1)!.name === names.duplicated;
}

/** The attributes among a tile's columns: those before what staging adds. */
export function attributesOf(columns: readonly Column[], names: PropertyNames): Column[] {
  return columns.slice(0, isLabelled(columns, names) ? -MOST_PROPERTIES : -PROPERTY_COUNT);
}

/** @throws TilewrightError property-exists if the input has one of the properties already */
export function checkProperties(columns: Column[], names: PropertyNames, input: string): void {
  const added = new Set(propertyColumns(names, true).map((column) => column.name.toLowerCase()));
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
