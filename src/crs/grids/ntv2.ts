/**
 * NTv2 (.gsb): Junkins and Farley, NTv2 Developer's Guide, Geodetic Survey of Canada, 1995. Records of
 * 16 bytes: a header of 11, then grids, each with a header of 11 and a record per node, row by row from
 * the south, each row from the east: float32 shift of latitude, of longitude (positive west), and the
 * accuracies of both, which are not used here.
 */

import { type Grid, type GridSet, nest, requireGrid, soundShift } from './grid.ts';
import type { GridFile } from './grid-file.ts';

const RECORD = 16;
const HEADER = 11 * RECORD;

/** Degrees in a unit of GS_TYPE. */
const UNITS: Readonly<Record<string, number>> = { SECONDS: 1 / 3600, MINUTES: 1 / 60, DEGREES: 1 };

/** @throws TilewrightError crs-grid */
export function openNtv2(file: GridFile): GridSet {
  const header = file.read(0, HEADER);
  const isLittle = header.readInt32LE(8) === 11;
  if (!isLittle && header.readInt32BE(8) !== 11) {
    throw file.refusal('the header of an NTv2 file has 11 records, this one does not say so');
  }
  const integer = (bytes: Buffer, record: number): number =>
    isLittle ? bytes.readInt32LE(record * RECORD + 8) : bytes.readInt32BE(record * RECORD + 8);
  if (integer(header, 1) !== 11) throw file.refusal('headers of its grids have not 11 records');
  const type = textAt(header, 3);
  const unit = UNITS[type];
  if (unit === undefined)
    throw file.refusal(`GS_TYPE is ${JSON.stringify(type)}, no unit of angle`);
  const count = integer(header, 2);
  if (!(count >= 1 && count <= file.size / HEADER)) {
    throw file.refusal(`it says to have ${count} grids`);
  }
  const grids: Grid[] = [];
  for (let at = HEADER, g = 0; g < count; g++) {
    const head = file.read(at, HEADER);
    const grid = gridOf(file, head, at + HEADER, isLittle, unit);
    const nodes = grid.columns * grid.rows;
    if (integer(head, 10) !== nodes) {
      throw file.refusal(`${grid.name} is of ${nodes} nodes, but GS_COUNT is ${integer(head, 10)}`);
    }
    at += HEADER + nodes * RECORD;
    if (at > file.size) throw file.refusal(`it is cut off in its grid ${grid.name}`);
    grids.push(grid);
  }
  return { ...nest(grids, file), close: () => file.close() };
}

function gridOf(file: GridFile, head: Buffer, data: number, isLittle: boolean, unit: number): Grid {
  const number = (record: number): number => {
    const at = record * RECORD + 8;
    return isLittle ? head.readDoubleLE(at) : head.readDoubleBE(at);
  };
  if (head.toString('latin1', 0, 8) !== 'SUB_NAME') {
    throw file.refusal('a grid in it does not begin with SUB_NAME');
  }
  const [south, north, east, west, stepLatitude, stepLongitude] = [4, 5, 6, 7, 8, 9].map(
    number,
  ) as [number, number, number, number, number, number];
  const name = textAt(head, 0);
  const columns = nodesBetween(east, west, stepLongitude);
  const rows = nodesBetween(south, north, stepLatitude);
  const parent = textAt(head, 1);
  const grid: Grid = {
    name,
    parent: parent === 'NONE' || parent === '' ? null : parent,
    west: -west * unit,
    south: south * unit,
    stepLongitude: stepLongitude * unit,
    stepLatitude: stepLatitude * unit,
    columns,
    rows,
    read: (column, row, width, height) => {
      const shifts = new Float64Array(2 * width * height);
      for (let r = 0; r < height; r++) {
        // The first column of the block is the last one of the file's.
        const first = (row + r) * columns + columns - column - width;
        const bytes = file.read(data + first * RECORD, width * RECORD);
        for (let c = 0; c < width; c++) {
          const at = (width - 1 - c) * RECORD;
          const latitude = isLittle ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
          const longitude = isLittle ? bytes.readFloatLE(at + 4) : bytes.readFloatBE(at + 4);
          const i = 2 * (r * width + c);
          shifts[i] = soundShift(-longitude * unit);
          shifts[i + 1] = soundShift(latitude * unit);
        }
      }
      return shifts;
    },
  };
  requireGrid(grid, file);
  return grid;
}

/** NaN where the step doesn't lead from the one to the other. */
function nodesBetween(from: number, to: number, step: number): number {
  const steps = (to - from) / step;
  // Limits and steps are rounded.
  return Math.abs(steps - Math.round(steps)) < 1e-2 ? Math.round(steps) + 1 : Number.NaN;
}

function textAt(bytes: Buffer, record: number): string {
  const text = bytes.toString('latin1', record * RECORD + 8, record * RECORD + 16);
  return text.replaceAll('\0', ' ').trim();
}
