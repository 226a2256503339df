/**
 * Draws a map of what is staged, as the course notebook of the Python pipeline does, in several
 * colourings. `node examples/plot-tiles.ts`
 */

import { initializeStager, plotTiles } from '../src/index.ts';
import { enterSampleFolder } from './samples.ts';

enterSampleFolder();

const stager = initializeStager('input', 'staged');
await stager.stageAll();

// The first 92 tiles, each in a random colour. A notebook shows the result as a picture.
const map = await plotTiles(stager, { output: 'tiles.png' });
console.log(`${map.title}: ${map.width} × ${map.height} pixels`);

// All tiles, by the number of polygons in each; no file, but the picture's bytes.
const counts = await plotTiles(stager, { format: 'svg', color: 'count', tiles: Infinity });
console.log(`${counts.image.length} bytes of ${counts.format}`);
