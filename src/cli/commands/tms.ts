/** `tilewright tms list` and `tilewright tms show`. */

import { resolveCrs } from '../../crs/resolve.ts';
import { getTileMatrixSet, tileMatrixSetNames } from '../../tms/registry.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';
import type { Command } from '../arguments/arguments.ts';

type TmsCommand = Extract<Command, { command: 'tms-list' | 'tms-show' }>;

export function tmsCommand(command: TmsCommand): number {
  if (command.command === 'tms-show') {
    const tms = getTileMatrixSet(command.tms);
    const text = command.json ? JSON.stringify(tms.definition, null, 2) : show(tms);
    process.stdout.write(`${text}\n`);
    return 0;
  }
  const sets = tileMatrixSetNames().map(getTileMatrixSet);
  if (command.json) {
    const rows = sets.map((tms) => ({
      id: tms.id,
      title: tms.title,
      ...range(tms),
      crs: crs(tms),
    }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  for (const tms of sets) {
    const { minZ, maxZ } = range(tms);
    process.stdout.write(
      `${tms.id.padEnd(28)} ${crs(tms).padEnd(12)} z ${minZ}–${maxZ}  ${tms.title}\n`,
    );
  }
  return 0;
}

function crs(tms: TileMatrixSet): string {
  return resolveCrs(tms.crs).id ?? resolveCrs(tms.crs).name;
}

function range(tms: TileMatrixSet): { minZ: number; maxZ: number } {
  return { minZ: tms.tileMatrices[0]!.z, maxZ: tms.tileMatrices.at(-1)!.z };
}

function show(tms: TileMatrixSet): string {
  const lines = [`${tms.id}  ${tms.title}`, `CRS ${crs(tms)}, ${resolveCrs(tms.crs).name}`, ''];
  lines.push('  z      columns ×         rows   tile width × height in units of the CRS');
  for (const matrix of tms.tileMatrices) {
    lines.push(
      `${String(matrix.z).padStart(3)} ${String(matrix.matrixWidth).padStart(12)} × ` +
        `${String(matrix.matrixHeight).padStart(12)}   ${matrix.spanX} × ${matrix.spanY}`,
    );
  }
  return lines.join('\n');
}
