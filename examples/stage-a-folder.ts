/**
 * Stages the GeoPackages of a folder, first one, then all of them, and reads the summary: the
 * steps of the course notebook of the Python pipeline. `node examples/stage-a-folder.ts`
 */

import { readFileSync } from 'node:fs';
import { initializeStager } from '../src/index.ts';
import { enterSampleFolder } from './samples.ts';

enterSampleFolder();

const stager = initializeStager('input', 'staged');
const inputs = stager.tiles.getFilenamesFromDir('input');
console.log(`${inputs.length} inputs`);

// One input, for a first look. It is not staged again below: it has not changed.
const first = await stager.stage(inputs[0]!);
console.log(
  `${first.featuresStaged} features, ${first.rowsWritten} rows, ${first.seconds.toFixed(2)} s`,
);

// All of the folder. An input that fails does not stop the others.
const result = await stager.stageAll({
  onProgress: (event) => {
    if (event.type === 'input-failed') console.error(`${event.input}: ${event.error.message}`);
    if (event.type === 'phase-ended') console.error(`${event.at.toFixed(1)} s: ${event.phase}`);
  },
});
for (const input of result.inputs) {
  console.log(input.name, input.status, input.status === 'failed' ? input.error.message : '');
}
console.log(`${result.tiles.total} tiles`);

// Where the tiles are, and what is where.
for (const path of stager.tiles.getFilenamesFromDir('staged', { z: 13 }).slice(0, 3)) {
  const tile = stager.tiles.tileFromPath(path)!;
  console.log(path, stager.tiles.boundsOfTile(tile));
}

// The summary has a row for each input and tile. The configuration knows both spellings of a key.
const summary = readFileSync(stager.config.get('filename_staging_summary'), 'utf8');
const [header, ...rows] = summary.trim().split('\n');
console.log(`${header}\n${rows[0]}\n… ${rows.length} rows`);

// Once more: nothing to do. No folder has to be removed before, and nothing is there twice.
const again = await stager.stageAll();
console.log(`${again.inputs.filter((input) => input.status === 'unchanged').length} unchanged`);
