/** GDAL as a witness: what it makes of a tile. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const NO_GDAL =
  "GDAL's Python module and its validator of GeoPackages are not on this machine";

const python = ['python3', '/usr/bin/python3'].find(
  (name) =>
    spawnSync(name, ['-c', 'from osgeo import ogr; import osgeo_utils.samples.validate_gpkg'], {
      stdio: 'ignore',
    }).status === 0,
);

export const hasGdal = python !== undefined;

export type BoxTuple = [minX: number, minY: number, maxX: number, maxY: number];

export interface GdalReport {
  /** What GDAL's validator found: errors and warnings. */
  errors: string[];
  layers: number;
  name: string;
  type: string;
  count: number;
  /** The CRS as a PROJ string. */
  srs: string;
  key: string;
  geometry: string;
  /** Features whose geometry GEOS does not call valid. */
  invalid: number;
  /** Names of the geometries' types. */
  types: string[];
  /** For each box: the ids that the filter gave, those by brute force, and whether it asked the R-tree. */
  filters: { ids: number[]; brute: number[]; rtree: boolean }[];
}

/** Opens each file in GDAL, validates it, and filters its features by each box. */
export function gdalReports(items: { path: string; boxes?: BoxTuple[] }[]): GdalReport[] {
  const script = join(import.meta.dirname, 'gdal-check.py');
  const { status, stdout, stderr } = spawnSync(python!, [script], {
    input: JSON.stringify(items),
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`GDAL failed: ${stderr}`);
  return JSON.parse(stdout) as GdalReport[];
}

/** For each file and feature: whether it is valid, and which of the boxes it meets. */
export type GdalMeetings = { valid: boolean; boxes: number[] }[][];

/** Which boxes the features of files meet, a touch included. */
export function gdalMeetings(paths: readonly string[], boxes: readonly BoxTuple[]): GdalMeetings {
  const { status, stdout, stderr } = spawnSync(
    python!,
    [join(import.meta.dirname, 'gdal-tiles.py')],
    { input: JSON.stringify({ paths, boxes }), maxBuffer: 1 << 28, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`GDAL failed: ${stderr}`);
  return JSON.parse(stdout) as GdalMeetings;
}
