/**
 * What happens to inputs that can't be staged: they are reported, with a code for programs and a
 * message for people, and the others are staged all the same. `node examples/errors.ts`
 */

import { copyFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TileStager, TilewrightError } from '../src/index.ts';
import { enterSampleFolder } from './samples.ts';

enterSampleFolder();
const [scene] = readdirSync('input');
copyFileSync(join('input', scene!), join('input', 'cut-short.gpkg'));
truncateSync(join('input', 'cut-short.gpkg'), 100_000);
writeFileSync(join('input', 'notes.gpkg'), 'This is not a GeoPackage.');

// In a run over several inputs, failures are part of the result.
const stager = new TileStager({ dirInput: 'input', dirStaged: 'staged' });
const result = await stager.stageAll({ inputs: ['input', 'no-such-file.gpkg'] });
for (const input of result.inputs) {
  if (input.status === 'failed') console.log(input.name, input.error.code, input.error.message);
  else console.log(input.name, input.status, input.featuresStaged, 'of', input.rowsRead);
}
for (const { argument, error } of result.missing) console.log(argument, error.code);

// For a single input, and for what is wrong before a run begins, an error is thrown.
try {
  await stager.stage(join('input', 'notes.gpkg'));
} catch (error) {
  if (!(error instanceof TilewrightError)) throw error;
  console.log('stage:', error.code, error.retryable ? '(trying again can help)' : '');
}
try {
  // @ts-expect-error a key that is not known: in TypeScript it does not compile
  new TileStager({ dirInput: 'input', simplifyTolerence: 1 });
} catch (error) {
  if (!(error instanceof TilewrightError)) throw error;
  console.log('configuration:', error.message);
}
