/** What does finding a polygon's tiles cost a polygon, at z 13 and where most span tiles? */

import { featureBounds } from '../../src/geometry/measure.ts';
import { coverFeature } from '../../src/tms/cover.ts';
import { TileList } from '../../src/tms/tile-list.ts';
import { TileMatrix } from '../../src/tms/tile-matrix.ts';
import { geographicBatch } from './sample.ts';
import { timeKernel } from './time.ts';

const batch = geographicBatch(4, 20_000);
const bounds: Float64Array[] = [];
for (let i = 0; i < batch.featureCount; i++) {
  bounds.push(new Float64Array(4));
  featureBounds(batch, i, bounds[i]!, 0);
}

/** WGS1984Quad: two tiles of 180 degrees at z 0, each quartered from z to z. */
function worldMatrix(z: number): TileMatrix {
  const cellSize = 180 / 256 / 2 ** z;
  return new TileMatrix({
    z,
    id: String(z),
    scaleDenominator: (cellSize * 111_319.49079327358) / 0.00028,
    cellSize,
    originX: -180,
    originY: 90,
    cornerOfOrigin: 'topLeft',
    tileWidth: 256,
    tileHeight: 256,
    matrixWidth: 2 ** (z + 1),
    matrixHeight: 2 ** z,
  });
}

for (const z of [13, 19, 21]) {
  const matrix = worldMatrix(z);
  const tiles = new TileList();
  let total = 0;
  const run = (): void => {
    total = 0;
    for (let i = 0; i < batch.featureCount; i++) {
      coverFeature(batch, i, bounds[i]!, matrix, tiles);
      total += tiles.length;
    }
  };
  timeKernel(`cover at z ${z}`, 'polygon', batch.featureCount, run, {
    outcome: () => `${(total / batch.featureCount).toFixed(3)} tiles a polygon`,
  });
}
