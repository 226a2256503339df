/** What input formats promise of slices: whoever reads one does not go through what comes before it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { LocalFile } from '../../../src/formats/bytes/random-access.ts';
import { LayerSelection } from '../../../src/formats/selection/layer-selection.ts';
import type { LayerInfo, Slice } from '../../../src/formats/source.ts';
import { temporaryFolder } from '../../staging/support.ts';
import { square } from '../shapefile/shapefile-fixture.ts';
import type { ContractEntry, Described } from './contract-inputs.ts';
import { readSlices, withSource } from './contract-reading.ts';

const FEATURES = 40_000;
/** Of each file, to find out what it is, and where the layer's parts are. */
const HEADS = 2 ** 19;

const INPUT: Described = {
  columns: [{ name: 'n', type: 'integer' }],
  crs: 4326,
  features: Array.from({ length: FEATURES }, (_, i) => ({
    shape: [[square((i % 400) / 4, Math.floor(i / 400) / 4, 0.2)]],
    values: [i],
  })),
};

export function testPlaces(entry: ContractEntry): void {
  test('the last slice is read, with what is known, without what lies before it', async (t) => {
    const path = entry.write(temporaryFolder(t), 'a', INPUT);
    let [layer, last]: [LayerInfo | null, Slice | null] = [null, null];
    await withSource(path, async (source, info) => {
      layer = info;
      last = (await source.slices(info.name, info.bytes / 20)).at(-1)!;
    });
    const { start, end } = last!;
    // What is compressed as a whole is one slice.
    if (start <= 1) return;
    // As JSON has it: so a task gets it.
    const known = [JSON.parse(JSON.stringify(layer)) as LayerInfo];
    const name = known[0]!.name;
    const before = new Map<string, number>();
    const { read } = LocalFile.prototype;
    t.mock.method(LocalFile.prototype, 'read', function (this: LocalFile, ...args: Range) {
      const [, , length, position] = args;
      const early = Math.min(position + length, this.size / 2) - position;
      if (early > 0) before.set(this.path, (before.get(this.path) ?? 0) + early);
      return read.apply(this, args);
    });
    const crs = resolveCrs({ authority: 'EPSG', code: '4326' });
    for (const selection of [null, { bbox: [0, 0, 101, 101] as const }]) {
      before.clear();
      await withSource(
        path,
        async (source) => {
          const select = selection && new LayerSelection(selection, known[0]!, crs, 'a');
          const picked = {
            layerNames: () => [name],
            read: (...args: Parameters<typeof source.read>) =>
              select === null ? source.read(...args) : select.read(source, ...args),
          } as unknown as typeof source;
          const { rows } = await readSlices(picked, [last!]);
          assert.deepEqual(
            rows.map(({ values }) => values[0]),
            Array.from({ length: Math.min(end, FEATURES + 1) - start }, (_, i) => start - 1 + i),
          );
        },
        { known },
      );
      for (const [file, bytes] of before) {
        assert.ok(bytes < HEADS, `${file}: ${bytes} bytes of its first half, ${String(selection)}`);
      }
    }
  });
}

type Range = Parameters<LocalFile['read']>;
