/**
 * A process that kills itself at a chosen step of its work on files and databases:
 *
 *     die-at.ts STEP OPTIONS
 *
 * OPTIONS is JSON: `config` of the stager and `inputs`; without inputs the folder is cleaned, or with
 * `judges` judged by other rules; `regionRows` are those of tiles that are judged together, `formats` is
 * the URL of a module with formats of its own, `derives` says whether products are made, and `apart`
 * whether groups are staged as on workers that share no memory. A step is a call that changes files: the
 * process dies before it is done, or when half of a write is done. With more steps than there are, it
 * prints their number; if `apart` is given, after those that came before each phase.
 */

import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RunEvent } from '../../src/staging/telling/events.ts';

const [step, text] = process.argv.slice(2) as [string, string];
const { config, inputs, judges, regionRows, formats, derives, apart } = JSON.parse(text) as {
  config: object;
  inputs?: string[];
  judges?: boolean;
  regionRows?: number;
  formats?: string;
  derives?: boolean;
  apart?: boolean;
};
let steps = 0;

type Call = (this: unknown, ...args: unknown[]) => unknown;

/** Puts a count before the method, and death before the chosen one. */
function watch(owner: object, name: string, dying: (call: Call, args: unknown[]) => void): void {
  const methods = owner as Record<string, Call>;
  const real = methods[name]!;
  methods[name] = function (...args) {
    if (++steps === Number(step)) {
      dying(real, args);
      process.kill(process.pid, 'SIGKILL');
    }
    return real.apply(this, args);
  };
}

const nothing = (): void => undefined;
for (const name of [
  'openSync',
  'renameSync',
  'linkSync',
  'rmSync',
  'unlinkSync',
  'mkdirSync',
  'rmdirSync',
]) {
  watch(fs, name, nothing);
}
watch(fs, 'writeSync', (write, [fd, data, start = 0]) => {
  const bytes = Buffer.from(data as Uint8Array);
  const length = bytes.length - Number(start);
  write.call(fs, fd, bytes, start, length >> 1);
});
watch(promises, 'rm', nothing);
watch(DatabaseSync.prototype, 'exec', nothing);
watch(StatementSync.prototype, 'run', nothing);
syncBuiltinESMExports();

const { TileStager } = await import('../../src/staging/tile-stager.ts');
const { addFormatModule } = await import('../../src/staging/tasks/format-modules.ts');
if (formats !== undefined) await addFormatModule(formats);
const { AROUND, ROWS } = await import('../staging/counted-rows.ts');
const { CountingExecutor } = await import('../staging/counting-executor.ts');
const stager = new TileStager(config);
const executor = apart && { executor: new CountingExecutor(false) };
const regions = regionRows !== undefined && { regionRows };
const begun: number[] = [];
const onProgress = ({ type }: RunEvent): void => {
  if (type === 'phase-started') begun.push(steps);
};
if (judges) await stager.deduplicate({ onProgress, ...regions });
else if (inputs === undefined) await stager.clean();
else {
  const products = derives && { products: [ROWS, AROUND] };
  await stager.stageAll({ inputs, ...products, ...executor, ...regions, onProgress });
}
process.stdout.write(apart === undefined ? String(steps) : [...begun, steps].join(' '));
