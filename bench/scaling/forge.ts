/**
 * Inputs that only look big: files with the true headers, indexes and sizes of a big job's inputs,
 * and holes where the polygons would be. The planner can't tell them from real ones, since it
 * reads no polygon. Inputs of about the same size are links to one file, so that a billion polygons take
 * some hundred megabytes of disk.
 */

import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { POLAR } from '../crs-texts.ts';
import { SceneFile } from '../scene-file.ts';
import { BYTES_PER_FEATURE, CELL_AREA, planScenes } from '../scenes.ts';

export type ForgedFormat = 'shp' | 'gpkg';

/** An input: where it is on the ground, in metres of EPSG:3413, and how many polygons it has. */
export interface ForgedInput {
  /** Without extension. */
  stem: string;
  polygons: number;
  originX: number;
  originY: number;
  width: number;
  height: number;
}

export interface ForgeOptions {
  seed: number;
  inputs: number;
  polygons: number;
  /**
   * Ground that an input covers, as a multiple of what its polygons take in a dense scene; above 1
   * inputs overlap more and are in more tiles each. Default: 1.
   */
  spread?: number;
  /** Sizes between which inputs vary, in bytes. */
  minBytes?: number;
  maxBytes?: number;
}

/** Neighbouring sizes are this ratio apart: fewer files differ. */
const SIZE_STEP = 1.02;
const MIN_BYTES = 20e6;
const MAX_BYTES = 500e6;

/** The job's inputs, without any file: sizes spread as those of the benchmark's 35 scenes. */
export function planForgery(options: ForgeOptions): ForgedInput[] {
  const {
    seed,
    inputs,
    polygons,
    spread = 1,
    minBytes = MIN_BYTES,
    maxBytes = MAX_BYTES,
  } = options;
  const totalBytes = polygons * BYTES_PER_FEATURE;
  const mean = totalBytes / inputs;
  const scenes = planScenes({
    seed,
    count: inputs,
    totalBytes,
    minBytes: Math.min(minBytes, mean / 2),
    maxBytes: Math.max(maxBytes, 2 * mean),
    cellArea: CELL_AREA,
  });
  const factor = Math.sqrt(spread);
  return scenes.map((scene) => ({
    stem: basename(scene.name, '.gpkg'),
    polygons: sizeClass(scene.polygons),
    originX: scene.originX - ((factor - 1) * scene.width) / 2,
    originY: scene.originY - ((factor - 1) * scene.height) / 2,
    width: factor * scene.width,
    height: factor * scene.height,
  }));
}

function sizeClass(polygons: number): number {
  return Math.round(SIZE_STEP ** Math.round(Math.log(polygons) / Math.log(SIZE_STEP)));
}

/** Writes the inputs into a folder that does not exist yet. */
export function forgeInputs(folder: string, inputs: ForgedInput[], format: ForgedFormat): void {
  const models = join(folder, '.models');
  mkdirSync(models, { recursive: true });
  const known = new Set<number>();
  for (const { stem, polygons } of inputs) {
    const model = join(models, String(polygons));
    if (!known.has(polygons)) {
      if (format === 'shp') forgeShapefile(model, polygons);
      else forgeGeoPackage(`${model}.gpkg`, polygons);
      known.add(polygons);
    }
    const ends = format === 'shp' ? ['shp', 'shx', 'dbf', 'prj'] : ['gpkg'];
    for (const end of ends) linkSync(`${model}.${end}`, join(folder, `${stem}.${end}`));
  }
  rmSync(models, { recursive: true });
}

/** Content of a polygon's record: 31 vertices. */
const CONTENT_BYTES = 44 + 4 + 16 * 31;
const RECORD_BYTES = 8 + CONTENT_BYTES;
/** As in the scenes, widths so that a feature takes 740 bytes in all. */
const FIELDS: readonly [name: string, type: string, width: number][] = [
  ['Class', 'N', 9],
  ['Sensor', 'C', 8],
  ['Date', 'C', 10],
  ['Image', 'C', 139],
  ['Length', 'F', 21],
];
const ROW_BYTES = 1 + FIELDS.reduce((sum, [, , width]) => sum + width, 0);

function forgeShapefile(stem: string, polygons: number): void {
  const header = Buffer.alloc(100);
  header.writeInt32BE(9994, 0);
  header.writeInt32LE(1000, 28);
  header.writeInt32LE(5, 32);
  header.writeDoubleLE(1e5, 52);
  header.writeDoubleLE(1e5, 60);
  const shpBytes = 100 + RECORD_BYTES * polygons;
  header.writeInt32BE(shpBytes / 2, 24);
  writeSparse(`${stem}.shp`, header, shpBytes);

  const shx = Buffer.alloc(100 + 8 * polygons);
  header.copy(shx);
  shx.writeInt32BE(shx.length / 2, 24);
  for (let i = 0; i < polygons; i++) {
    shx.writeInt32BE((100 + RECORD_BYTES * i) / 2, 100 + 8 * i);
    shx.writeInt32BE(CONTENT_BYTES / 2, 104 + 8 * i);
  }
  writeSparse(`${stem}.shx`, shx, shx.length);

  const dbf = Buffer.alloc(33 + 32 * FIELDS.length);
  dbf[0] = 3;
  dbf.writeUInt32LE(polygons, 4);
  dbf.writeUInt16LE(dbf.length, 8);
  dbf.writeUInt16LE(ROW_BYTES, 10);
  FIELDS.forEach(([name, type, width], i) => {
    dbf.write(name, 32 + 32 * i, 'latin1');
    dbf.write(type, 43 + 32 * i, 'latin1');
    dbf[48 + 32 * i] = width;
    dbf[49 + 32 * i] = type === 'F' ? 11 : 0;
  });
  dbf[dbf.length - 1] = 0x0d;
  writeSparse(`${stem}.dbf`, dbf, dbf.length + ROW_BYTES * polygons + 1);

  writeSparse(`${stem}.prj`, Buffer.from(POLAR.wkt), POLAR.wkt.length);
}

/** Two features, the first and the last; the count that GDAL keeps says how many there would be. */
function forgeGeoPackage(path: string, polygons: number): void {
  const ring = Float64Array.of(0, 0, 10, 0, 10, 10, 0, 0);
  const file = new SceneFile(path, 4);
  file.write(ring, 4, 1);
  file.write(ring, 4, 1);
  file.finish();
  const database = new DatabaseSync(path);
  database.exec(`pragma journal_mode = off;
    update "${polygons}" set fid = ${polygons} where fid = 2;
    update gpkg_ogr_contents set feature_count = ${polygons}`);
  database.close();
  const fd = openSync(path, 'r+');
  ftruncateSync(fd, BYTES_PER_FEATURE * polygons);
  closeSync(fd);
}

function writeSparse(path: string, head: Buffer, bytes: number): void {
  const fd = openSync(path, 'w');
  writeSync(fd, head);
  ftruncateSync(fd, bytes);
  closeSync(fd);
}
