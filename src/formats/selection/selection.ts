/** What of the inputs is staged, as it is asked for: by attributes, by place, and by column. */

/** As configurations and folders have it. What is left out is not asked for. */
export interface Selection {
  /** A condition: see parse.ts. */
  readonly where?: string;
  /** West, south, east, north; west > east across the antimeridian. */
  readonly bbox?: readonly [west: number, south: number, east: number, north: number];
  /** CRS of the bbox, with easting or longitude first whatever it says; left out for longitudes and latitudes. */
  readonly bboxCrs?: string;
  /** Names of the columns that are kept; of the others the names of those that are not. */
  readonly columns?: readonly string[];
  readonly dropColumns?: readonly string[];
}

/** Whether some features are passed over, and not only columns. */
export function selectsFeatures(selection: Selection | null): boolean {
  return selection?.where !== undefined || selection?.bbox !== undefined;
}

/** Longitudes and latitudes of WGS 84, in this order. */
export const BBOX_CRS = 'OGC:CRS84';
