/**
 * Stages into a TileMatrixSet of one's own: squares of 1 km in EPSG:3413, from a JSON file in the
 * form of OGC 17-083r4. `node examples/own-tms.ts`
 */

import { join } from 'node:path';
import { TileStager } from '../src/index.ts';
import { enterSampleFolder } from './samples.ts';

const file = join(import.meta.dirname, 'arctic-squares.json');
enterSampleFolder();

const stager = new TileStager({
  dirInput: 'input',
  dirStaged: 'squares',
  tmsId: file,
  z: 1,
});
const { tms } = stager.tiles;
const { matrixWidth, matrixHeight, spanX, spanY } = tms.matrix(1);
console.log(`${tms.id}: ${matrixWidth} × ${matrixHeight} tiles of ${spanX} m × ${spanY} m`);

const result = await stager.stageAll();
console.log(`${result.featuresStaged} features in ${result.tiles.total} tiles`);

const [path] = stager.tiles.getFilenamesFromDir('staged');
const tile = stager.tiles.tileFromPath(path!)!;
const [minX, minY, maxX, maxY] = stager.tiles.boundsOfTile(tile);
console.log(`${path} covers ${minX} … ${maxX} east, ${minY} … ${maxY} north`);
