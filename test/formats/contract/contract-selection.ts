/** What input formats promise of a selection: what is not selected is as if it were not in the file. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DropReason } from '../../../src/core/drops.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { LayerSelection } from '../../../src/formats/selection/layer-selection.ts';
import type { Selection } from '../../../src/formats/selection/selection.ts';
import type { VectorSource } from '../../../src/formats/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import type { ContractEntry, Described, Shape } from './contract-inputs.ts';
import { expected, readSlices, withSource } from './contract-reading.ts';

const WHERE = "(n >= 100 AND n < 300 AND name NOT LIKE '%7%') OR n IN (3, 5, 390)";
const isTrue = (n: number): boolean =>
  (n >= 100 && n < 300 && !`row ${n}`.includes('7')) || [3, 5, 390].includes(n);
const BBOX = [20, 15, 60.125, 50] as const;

/** Of squares along the axes. */
function meets(shape: Shape): boolean {
  const [west, south, east, north] = BBOX;
  if (typeof shape === 'string') return false;
  return shape.some(([shell]) => {
    const [x, y] = [0, 1].map((axis) => shell!.map((vertex) => vertex[axis]!));
    const isBeside = Math.max(...x!) < west || Math.min(...x!) > east;
    return !isBeside && Math.max(...y!) >= south && Math.min(...y!) <= north;
  });
}

export function testSelection(
  entry: ContractEntry,
  described: (seed: number, count: number, reasons: readonly DropReason[]) => Described,
  reasons: readonly DropReason[],
): void {
  const cases: [Selection, (feature: Described['features'][number]) => boolean, number[]][] = [
    [{ where: WHERE }, ({ values: [n] }) => isTrue(Number(n)), [0, 1]],
    [{ where: WHERE, columns: ['name'] }, ({ values: [n] }) => isTrue(Number(n)), [1]],
    [{ where: 'n < 0' }, () => false, [0, 1]],
    [{ bbox: BBOX, dropColumns: ['name'] }, ({ shape }) => meets(shape), [0]],
    [
      { bbox: BBOX, where: WHERE },
      ({ shape, values: [n] }) => meets(shape) && isTrue(Number(n)),
      [0, 1],
    ],
  ];
  test('of what is not selected nothing is read, dropped or counted', async (t) => {
    const input = described(21, 400, reasons);
    const path = entry.write(temporaryFolder(t), 'a', input);
    const crs = resolveCrs({ authority: 'EPSG', code: '4326' });
    for (const [selection, isSelected, kept] of cases) {
      const positions = new Set<number>();
      for (const [i, feature] of input.features.entries()) {
        // A row that is marked as deleted is none.
        if (feature.shape !== 'deleted row' && isSelected(feature)) positions.add(i + 1);
      }
      const { rows } = expected(input);
      const left = { ...input, features: input.features.filter((_, i) => positions.has(i + 1)) };
      const wanted = rows
        .filter(({ position }) => positions.has(position))
        .map((row) => ({ ...row, values: kept.map((k) => row.values[k]!) }));
      const counts = Object.entries(expected(left).drops).map(([reason, { count }]) => [
        reason,
        count,
      ]);
      await withSource(path, async (source, layer) => {
        const selected = new LayerSelection(selection, layer, crs, 'a');
        const picked = {
          layerNames: () => source.layerNames(),
          read: (...args: Parameters<VectorSource['read']>) => selected.read(source, ...args),
        } as unknown as VectorSource;
        for (const bytes of [2_000, 1e9]) {
          const slices = await source.slices(layer.name, bytes, selected.asked);
          const found = await readSlices(picked, slices);
          const what = JSON.stringify(selection);
          assert.deepEqual(found.rows, wanted, what);
          const dropped = Object.entries(found.drops).map(([reason, { count }]) => [reason, count]);
          assert.deepEqual(dropped, counts, what);
          assert.equal(found.rowsRead, positions.size, what);
        }
      });
    }
  });
}
