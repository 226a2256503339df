/** Says of each path on standard input what becomes of it, a line of JSON each: for outcomes.ts. */

import { createInterface } from 'node:readline';
import { DropCounter } from '../../src/core/drops.ts';
import { toTilewrightError } from '../../src/core/errors.ts';
import { openSource } from '../../src/formats/open.ts';
import type { VectorSource } from '../../src/formats/source.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';

const LIMITS = { maxFeatures: 2048, maxVertices: 131_072 };
const cwd = process.cwd();

function words(caught: unknown): string {
  const { code, message } = toTilewrightError(caught);
  return `${code}: ${message.replaceAll(`${cwd}/`, '').replaceAll(/\s*\n/g, ' | ')}`;
}

async function layerLine(source: VectorSource, name: string): Promise<string> {
  const drops = new DropCounter();
  const notes = { rowsRead: 0, droppedM: 0 };
  let polygons = 0;
  try {
    await source.layer(name);
    for (const slice of await source.slices(name, 1 << 20)) {
      const options = { ...LIMITS, drops, notes };
      for await (const batch of source.read(name, slice, new FeatureBatch(), options)) {
        polygons += batch.featureCount;
      }
    }
  } catch (error) {
    return `${name}\t${words(error)}`;
  }
  const dropped = Object.entries(drops.toJSON()).map(([reason, { count }]) => `${count} ${reason}`);
  return [name, source.format, notes.rowsRead, polygons, dropped.join(', ')].join('\t');
}

async function linesOf(path: string): Promise<string[]> {
  try {
    const { inputs, missing } = findInputs([path], { extensions: [], cwd });
    if (inputs.length === 0) return [`\t${words(missing[0]!.error)}`];
    const source = await openSource(inputs[0]!.path);
    try {
      const lines: string[] = [];
      for (const name of source.layerNames()) lines.push(await layerLine(source, name));
      return lines.length === 0 ? ['\tno layers'] : lines;
    } finally {
      await source.close();
    }
  } catch (error) {
    return [`\t${words(error)}`];
  }
}

for await (const path of createInterface({ input: process.stdin })) {
  const lines = await linesOf(path);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ path, lines, megabytes })}\n`);
}
