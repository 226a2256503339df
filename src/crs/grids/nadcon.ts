/**
 * NADCON: a pair of files, latitudes in .las and longitudes in .los (positive west), in arc-seconds.
 * Dewhurst, NOAA Technical Memorandum NOS NGS-50, 1990; Fortran records of equal length, (columns + 1)
 * words: the first one is the header, each other a row from the south, its first word unused.
 * And CTable2, what PROJ made of them: a header of 160 bytes in radians, then float32 pairs.
 */

import { type Grid, type GridSet, requireGrid, soundShift } from './grid.ts';
import type { GridFile } from './grid-file.ts';

const DEGREES = 180 / Math.PI;
/** Words of the header: a text of 64 characters, then columns, rows, 1, west, step, south, step, 0. */
const HEAD = { columns: 64, rows: 68, layers: 72, west: 76, stepX: 80, south: 84, stepY: 88 };

interface Half {
  file: GridFile;
  isLittle: boolean;
  columns: number;
  rows: number;
  west: number;
  south: number;
  stepX: number;
  stepY: number;
}

/** @throws TilewrightError crs-grid */
export function openNadcon(latitudes: GridFile, longitudes: GridFile): GridSet {
  const [lat, lon] = [halfOf(latitudes), halfOf(longitudes)];
  for (const key of ['columns', 'rows', 'west', 'south', 'stepX', 'stepY'] as const) {
    if (lat[key] === lon[key]) continue;
    throw longitudes.refusal(`its ${key} is ${lon[key]}, that of ${latitudes.path} is ${lat[key]}`);
  }
  const grid: Grid = {
    name: null,
    parent: null,
    west: lat.west,
    south: lat.south,
    stepLongitude: lat.stepX,
    stepLatitude: lat.stepY,
    columns: lat.columns,
    rows: lat.rows,
    read: (column, row, width, height) => {
      const shifts = new Float64Array(2 * width * height);
      fill(shifts, 0, lon, -1, column, row, width, height);
      fill(shifts, 1, lat, 1, column, row, width, height);
      return shifts;
    },
  };
  requireGrid(grid, latitudes);
  const close = (): void => {
    latitudes.close();
    longitudes.close();
  };
  return { grids: [grid], next: [1], close };
}

function halfOf(file: GridFile): Half {
  const head = file.read(0, 96);
  const isLittle = head.readInt32LE(HEAD.layers) === 1;
  if (!isLittle && head.readInt32BE(HEAD.layers) !== 1) {
    throw file.refusal('it has not the header of a NADCON file');
  }
  const integer = (at: number): number => (isLittle ? head.readInt32LE(at) : head.readInt32BE(at));
  const number = (at: number): number => (isLittle ? head.readFloatLE(at) : head.readFloatBE(at));
  const [columns, rows] = [integer(HEAD.columns), integer(HEAD.rows)];
  const length = (columns + 1) * (rows + 1) * 4;
  if (!(columns > 0 && rows > 0) || length > file.size) {
    throw file.refusal(`it has ${file.size} bytes, ${columns} × ${rows} nodes need ${length}`);
  }
  return {
    file,
    isLittle,
    columns,
    rows,
    west: number(HEAD.west),
    south: number(HEAD.south),
    stepX: number(HEAD.stepX),
    stepY: number(HEAD.stepY),
  };
}

function fill(
  shifts: Float64Array,
  offset: number,
  { file, isLittle, columns }: Half,
  sign: number,
  column: number,
  row: number,
  width: number,
  height: number,
): void {
  for (let r = 0; r < height; r++) {
    const word = (row + r + 1) * (columns + 1) + 1 + column;
    const bytes = file.read(word * 4, width * 4);
    for (let c = 0; c < width; c++) {
      const value = isLittle ? bytes.readFloatLE(c * 4) : bytes.readFloatBE(c * 4);
      shifts[2 * (r * width + c) + offset] = soundShift((sign * value) / 3600);
    }
  }
}

/** @throws TilewrightError crs-grid */
export function openCTable2(file: GridFile): GridSet {
  const head = file.read(0, 160);
  const isLittle = head.readInt32LE(128) > 0 && head.readInt32LE(128) < 2 ** 24;
  const number = (at: number): number => (isLittle ? head.readDoubleLE(at) : head.readDoubleBE(at));
  const integer = (at: number): number => (isLittle ? head.readInt32LE(at) : head.readInt32BE(at));
  const [columns, rows] = [integer(128), integer(132)];
  const grid: Grid = {
    name: null,
    parent: null,
    west: number(96) * DEGREES,
    south: number(104) * DEGREES,
    stepLongitude: number(112) * DEGREES,
    stepLatitude: number(120) * DEGREES,
    columns,
    rows,
    read: (column, row, width, height) => {
      const shifts = new Float64Array(2 * width * height);
      for (let r = 0; r < height; r++) {
        const bytes = file.read(160 + ((row + r) * columns + column) * 8, width * 8);
        for (let i = 0; i < 2 * width; i++) {
          const radians = isLittle ? bytes.readFloatLE(i * 4) : bytes.readFloatBE(i * 4);
          shifts[2 * r * width + i] = soundShift((i % 2 === 0 ? -1 : 1) * radians * DEGREES);
        }
      }
      return shifts;
    },
  };
  requireGrid(grid, file);
  if (160 + columns * rows * 8 > file.size) throw file.refusal('it is cut off');
  return { grids: [grid], next: [1], close: () => file.close() };
}
