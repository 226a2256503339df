/**
 * Seeded sample scenes: GeoPackages of synthetic ice-wedge polygons in EPSG:3413, as satellite
 * images yield them. A scene has about 31 vertices and 740 bytes a feature, and scenes that are
 * made together overlap and show the same ground, each with small errors of its own.
 */

import { mkdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TilewrightError } from '../src/core/errors.ts';
import { Random } from '../src/core/random.ts';
import { Ground, OutlineTracer } from './ground.ts';
import { SceneFile } from './scene-file.ts';

/** Raise it when the same options make other scenes: it is part of the key of cached data. */
export const GENERATOR_VERSION = 1;
/** What a feature takes in a scene's file, pages and all. */
export const BYTES_PER_FEATURE = 740;
/** Square metres of ground per polygon, so that 8.1 million are in about 2,200 tiles at z 13. */
export const CELL_AREA = 590;
/** Where the first scene begins: on the coast of Alaska, in metres of EPSG:3413. */
export const ORIGIN_X = -2_049_035;
export const ORIGIN_Y = 665_768;

const MIN_VERTICES = 20;
const MAX_VERTICES = 42;
/** The part of the ground's polygons that a scene shows; the rest went undetected. */
const DETECTED = 0.98;
const FIRST_DAY = Date.UTC(2019, 6, 3);

export interface SceneOptions {
  /** Of the scene's own errors: which cells it misses, where it puts the vertices. */
  seed: number;
  /** Features in the scene, exactly. */
  polygons: number;
  /** Lower left corner and size, in metres of EPSG:3413. */
  originX: number;
  originY: number;
  width: number;
  height: number;
  /** Square metres per polygon of the ground; by default, what makes room for `polygons`. */
  cellArea?: number;
  /** Of the ground: scenes with the same one and the same `cellArea` show the same polygons. */
  groundSeed?: number;
}

export interface Scene {
  path: string;
  polygons: number;
  vertices: number;
  bytes: number;
}

/** Writes one scene; the same options and file name make the same bytes. */
export function writeScene(path: string, options: SceneOptions): Scene {
  const { polygons, originX, originY, width, height } = options;
  const maxX = originX + width;
  const maxY = originY + height;
  const groundSeed = options.groundSeed ?? options.seed;
  let ground = new Ground(groundSeed, options.cellArea ?? (DETECTED * width * height) / polygons);
  let cells = ground.countCells(originX, originY, maxX, maxY);
  for (let factor = 0.95; cells < polygons; factor *= 0.95) {
    if (options.cellArea !== undefined) {
      throw new TilewrightError(
        'usage',
        `${basename(path)}: ${width} m × ${height} m hold ${cells} cells of ${options.cellArea} m², not ${polygons}; enlarge the scene or make its cells smaller`,
      );
    }
    ground = new Ground(groundSeed, (factor * width * height) / polygons);
    cells = ground.countCells(originX, originY, maxX, maxY);
  }

  const random = new Random(options.seed);
  const tracer = new OutlineTracer(ground, random);
  const ring = new Float64Array(2 * MAX_VERTICES);
  // An image as a whole is off by a little: below half a metre, mostly.
  const shiftX = 0.25 * random.normal();
  const shiftY = 0.25 * random.normal();
  const file = new SceneFile(path, MAX_VERTICES);
  try {
    // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S).
    let left = cells;
    let wanted = polygons;
    ground.forEachCell(originX, originY, maxX, maxY, (cell) => {
      if (random.next() * left-- >= wanted) return;
      wanted--;
      const vertices = MIN_VERTICES + random.integer(MAX_VERTICES - MIN_VERTICES + 1);
      tracer.trace(cell, vertices, ring);
      for (let i = 0; i < 2 * vertices; i += 2) {
        ring[i] = ring[i]! + shiftX;
        ring[i + 1] = ring[i + 1]! + shiftY;
      }
      file.write(ring, vertices, random.next() < 0.97 ? 1 : 2);
    });
    const { vertices } = file.finish();
    return { path, polygons, vertices, bytes: statSync(path).size };
  } catch (error) {
    file.abandon();
    throw error;
  }
}

export interface ScenesOptions {
  seed: number;
  /** Number of files. */
  count: number;
  /** Part of its width and height that a scene shares with its neighbour; 0.1 by default. */
  overlap?: number;
  /** Square metres of ground per polygon; CELL_AREA by default. */
  cellArea?: number;
  /** Features of each file; or else `totalBytes` and the sizes between which files vary. */
  polygonsEach?: number;
  totalBytes?: number;
  minBytes?: number;
  maxBytes?: number;
}

export type PlannedScene = SceneOptions & { name: string };

/** The scenes that `writeScenes` makes of these options, without making them. */
export function planScenes(options: ScenesOptions): PlannedScene[] {
  const { seed, count } = options;
  const overlap = options.overlap ?? 0.1;
  const cellArea = options.cellArea ?? CELL_AREA;
  const random = new Random(seed);
  const polygons = polygonCounts(options, random);

  // Cells without overlap tile a square: columns of scenes, each as wide as its scenes' areas want.
  const areas = polygons.map((n) => ((n * cellArea) / DETECTED) * (1 - overlap) ** 2);
  const side = Math.sqrt(areas.reduce((sum, area) => sum + area, 0));
  const columns = Math.max(1, Math.round(Math.sqrt(count)));
  const scenes: PlannedScene[] = [];
  let originX = ORIGIN_X;
  for (let column = 0; column < columns; column++) {
    const first = Math.floor((column * count) / columns);
    const end = Math.floor(((column + 1) * count) / columns);
    const width = areas.slice(first, end).reduce((sum, area) => sum + area, 0) / side;
    let originY = ORIGIN_Y;
    for (let i = first; i < end; i++) {
      const height = areas[i]! / width;
      const day = new Date(FIRST_DAY + i * 86_400_000).toISOString().slice(0, 10);
      // A margin of two cells, so that a small scene has room for its features along its edges.
      const margin = 2 * Math.sqrt(cellArea);
      scenes.push({
        name: `WV02_${day.replaceAll('-', '')}_17FB${568840 + i}_u16rf3413_pansh.gpkg`,
        seed: random.integer(2 ** 32),
        groundSeed: seed,
        cellArea,
        polygons: polygons[i]!,
        originX,
        originY,
        width: width / (1 - overlap) + margin,
        height: height / (1 - overlap) + margin,
      });
      originY += height;
    }
    originX += width;
  }
  return scenes;
}

/** Writes a grid of overlapping scenes into a folder, which is made if need be. */
export function writeScenes(
  folder: string,
  options: ScenesOptions,
  onScene?: (scene: Scene) => void,
): Scene[] {
  mkdirSync(folder, { recursive: true });
  return planScenes(options).map(({ name, ...scene }) => {
    const written = writeScene(join(folder, name), scene);
    onScene?.(written);
    return written;
  });
}

function polygonCounts(options: ScenesOptions, random: Random): number[] {
  const { count, polygonsEach, totalBytes } = options;
  if (polygonsEach !== undefined) return new Array<number>(count).fill(polygonsEach);
  if (totalBytes === undefined) {
    throw new TilewrightError('usage', 'Scenes need polygonsEach or totalBytes');
  }
  const mean = totalBytes / count;
  const { minBytes = mean, maxBytes = mean } = options;
  if (!(minBytes <= mean && mean <= maxBytes)) {
    throw new TilewrightError(
      'usage',
      `${count} files of ${minBytes} to ${maxBytes} bytes can't make ${totalBytes} bytes`,
    );
  }
  // Sizes are min + (max − min) uᵖ, with the exponent p > 0 for which they add up.
  const draws = Array.from({ length: count }, () => random.next());
  const sizes = (power: number): number[] =>
    draws.map((u) => minBytes + (maxBytes - minBytes) * u ** power);
  let low = 1e-3;
  let high = 1e3;
  for (let i = 0; i < 100; i++) {
    const middle = Math.sqrt(low * high);
    if (sizes(middle).reduce((sum, size) => sum + size, 0) > totalBytes) low = middle;
    else high = middle;
  }
  return sizes(high).map((size) => Math.max(1, Math.round(size / BYTES_PER_FEATURE)));
}
