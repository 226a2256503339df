/** Seeded grids, and files of the old formats written as their descriptions say. */

import { Random } from '../../../src/core/random.ts';
import type { TestGrid } from './proj.ts';

/** A grid whose shifts are smooth but for noise; every value is a float32. */
export function sampleGrid(
  seed: number,
  [west, south]: [number, number],
  step: number,
  [columns, rows]: [number, number],
  name = '',
  parent = '',
): TestGrid {
  const random = new Random(seed);
  const shifts: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const wave = Math.sin((west + c * step) / 3) * Math.cos((south + r * step) / 2);
      shifts.push(Math.fround(-3.5 + 2 * wave + 0.4 * random.next()));
      shifts.push(Math.fround(5.25 + wave + 0.4 * random.next()));
    }
  }
  return { name, parent, west, south, step, columns, rows, shifts };
}

/** A coarse grid, a finer one in it, and a finer one in that; and one beside them, across 180°. */
export function sampleFamily(): TestGrid[] {
  return [
    sampleGrid(1, [10, 40], 0.5, [21, 17], 'COARSE'),
    sampleGrid(2, [12, 42], 0.1, [31, 21], 'FINE', 'COARSE'),
    sampleGrid(3, [16, 44], 0.25, [9, 9], 'OTHER', 'COARSE'),
    sampleGrid(4, [13, 42.5], 0.025, [41, 21], 'FINEST', 'FINE'),
    sampleGrid(5, [175, -20], 0.5, [21, 9], 'PACIFIC'),
  ];
}

/** Points in and around the grids: within, on nodes, on edges, and outside. */
export function pointsAround(grids: readonly TestGrid[], count: number, seed = 7): number[] {
  const random = new Random(seed);
  const points: number[] = [];
  for (const { west, south, step, columns, rows } of grids) {
    const width = (columns - 1) * step;
    const height = (rows - 1) * step;
    for (let n = 0; n < count; n++) {
      points.push(
        west + width * (1.2 * random.next() - 0.1),
        south + height * (1.2 * random.next() - 0.1),
      );
    }
    for (let n = 0; n < count / 10; n++) {
      points.push(
        west + step * Math.floor(columns * random.next()),
        south + step * Math.floor(rows * random.next()),
      );
    }
    points.push(west, south, west + width, south + height);
  }
  return points;
}

/** NTv2 as its guide describes it. */
export function ntv2(grids: readonly TestGrid[], isLittle: boolean): Buffer {
  const records: Buffer[] = [];
  const record = (name: string, value: string | number, isInteger = false): void => {
    const bytes = Buffer.alloc(16);
    bytes.write(name.padEnd(8), 0, 'latin1');
    if (typeof value === 'string') bytes.write(value.padEnd(8), 8, 'latin1');
    else if (isInteger && isLittle) bytes.writeInt32LE(value, 8);
    else if (isInteger) bytes.writeInt32BE(value, 8);
    else if (isLittle) bytes.writeDoubleLE(value, 8);
    else bytes.writeDoubleBE(value, 8);
    records.push(bytes);
  };
  record('NUM_OREC', 11, true);
  record('NUM_SREC', 11, true);
  record('NUM_FILE', grids.length, true);
  record('GS_TYPE', 'SECONDS');
  record('VERSION', 'TEST');
  record('SYSTEM_F', 'FROM');
  record('SYSTEM_T', 'TO');
  for (const name of ['MAJOR_F', 'MINOR_F', 'MAJOR_T', 'MINOR_T']) record(name, 6378137);
  for (const { name, parent, west, south, step, columns, rows, shifts } of grids) {
    record('SUB_NAME', name);
    record('PARENT', parent || 'NONE');
    record('CREATED', '20260101');
    record('UPDATED', '20260101');
    record('S_LAT', south * 3600);
    record('N_LAT', (south + (rows - 1) * step) * 3600);
    record('E_LONG', -(west + (columns - 1) * step) * 3600);
    record('W_LONG', -west * 3600);
    record('LAT_INC', step * 3600);
    record('LONG_INC', step * 3600);
    record('GS_COUNT', columns * rows, true);
    for (let r = 0; r < rows; r++) {
      for (let c = columns - 1; c >= 0; c--) {
        const i = 2 * (r * columns + c);
        records.push(floats([shifts[i + 1]!, -shifts[i]!, 0.5, 9999], isLittle));
      }
    }
  }
  record('END', 3.33e32);
  return Buffer.concat(records);
}

/** A pair of NADCON files: .las, .los. */
export function nadcon(grid: TestGrid, isLittle: boolean): [Buffer, Buffer] {
  const { west, south, step, columns, rows, shifts } = grid;
  return [1, 0].map((axis) => {
    const head = Buffer.alloc(Math.max(96, (columns + 1) * 4));
    head.write('NADCON EXTRACTED REGION', 0, 'latin1');
    head.write('NADGRD', 56, 'latin1');
    integers([columns, rows, 1], isLittle).copy(head, 64);
    floats([west, step, south, step, 0], isLittle).copy(head, 76);
    const lines: Buffer[] = [head];
    for (let r = 0; r < rows; r++) {
      const line = Array.from({ length: columns }, (_, c) => shifts[2 * (r * columns + c) + axis]!);
      lines.push(floats([r, ...line.map((value) => (axis === 0 ? -value : value))], isLittle));
    }
    return Buffer.concat(lines);
  }) as [Buffer, Buffer];
}

function floats(values: readonly number[], isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    if (isLittle) bytes.writeFloatLE(value, i * 4);
    else bytes.writeFloatBE(value, i * 4);
  });
  return bytes;
}

function integers(values: readonly number[], isLittle: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    if (isLittle) bytes.writeInt32LE(value, i * 4);
    else bytes.writeInt32BE(value, i * 4);
  });
  return bytes;
}
