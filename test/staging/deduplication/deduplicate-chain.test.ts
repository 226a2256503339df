/** A cluster of 100,000 features, over many tiles, takes no more memory than others. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { polygonWkb } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';
import { labelsOf } from './deduplicate-support.ts';

const COUNT = 100_000;
const INPUTS = ['a.gpkg', 'b.gpkg', 'c.gpkg'];
const MEBIBYTE = 2 ** 20;
/** Stages in this process alone, and prints the most memory that it had, in bytes. */
const PROGRAM = `
  const [module, config] = process.argv.slice(1);
  const { TileStager } = await import(module);
  await new TileStager(JSON.parse(config)).stageAll();
  process.stdout.write(String(1024 * process.resourceUsage().maxRSS));
`;

suite(`a chain of ${COUNT} features, of which each overlaps the next`, () => {
  const folder = suiteFolder();
  const dirInput = join(folder, 'input');
  /** By name of the feature, its place in the chain. */
  const places = new Map<string, number>();

  before(() => {
    mkdirSync(dirInput);
    const random = new Random(6);
    const order = INPUTS.map(() => [] as number[]);
    for (let k = 0; k < COUNT; k++) order[k % INPUTS.length]!.push(k);
    for (const [i, name] of INPUTS.entries()) {
      // Keys tell nothing of the place.
      const shuffled = order[i]!.map((k) => ({ k, at: random.next() })).sort((a, b) => a.at - b.at);
      const rows = shuffled.map(({ k }, row) => {
        places.set(`${name} ${row + 1}`, k);
        return { wkb: polygonWkb([link(k)]), values: [k] };
      });
      const columns = [{ name: 'place', type: 'INTEGER' }];
      writeGeoPackage(join(dirInput, name), { layer: 'l', srsId: 4326, columns, rows });
    }
  });

  /** Along a parallel, 40 % of it in the next: tolerance 0.3, which only neighbours pass. */
  const link = (k: number): number[][] => {
    const [x, y, width, height] = [-60 + 1e-3 * k, 70.001, 1e-3 / 0.6, 1e-3];
    return [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
      [x, y],
    ];
  };

  for (const [z, keep] of [
    [11, 'larger'],
    [7, 'smaller'],
  ] as const) {
    test(`at z ${z}: every other one goes, in 512 MB`, (t) => {
      const dirStaged = join(folder, `staged ${z}`);
      const config = {
        ...{ dirInput, dirStaged, zRange: [0, z], executor: 'inline' },
        ...{ deduplicateMethod: 'neighbor', deduplicateKeepRules: [['place', keep]] },
        ...{ deduplicateOverlapTolerance: 0.3 },
      };
      const module = new URL('../../../src/index.ts', import.meta.url).href;
      const args = ['--input-type=module', '-e', PROGRAM, module, JSON.stringify(config)];
      const most = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
      const labels = labelsOf(dirStaged);
      assert.equal(labels.size, COUNT);
      for (const [name, isDuplicate] of labels) {
        const k = places.get(name)!;
        const steps = keep === 'larger' ? COUNT - 1 - k : k;
        assert.equal(isDuplicate, steps % 2 === 1, `link ${k}`);
      }
      t.diagnostic(`${Math.round(most / MEBIBYTE)} MiB at the most`);
      assert.ok(most < 512 * MEBIBYTE, `${most} bytes`);
    });
  }
});
