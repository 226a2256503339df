/**
 * What deduplication costs: `npx node bench/judging.bench.ts [--polygons N] [--runs N]`. Stages two
 * scenes without rules, and with them, in turns: scenes half of which is in both, and scenes beside each
 * other.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CELL_AREA, writeScenes } from './scenes.ts';

const { values } = parseArgs({
  options: {
    polygons: { type: 'string', default: '500000' },
    runs: { type: 'string', default: '3' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'tilewright-judging-'));

interface Cost {
  cpu: number;
  wall: number;
  duplicates: number;
}

/** @param rules - values of the configuration */
function stage(scenes: string, rules: object): Cost {
  const out = join(folder, 'staged');
  const config = { dirInput: scenes, dirStaged: out, record: false, workers: 2, ...rules };
  const code = `
    const { TileStager } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    const stager = new TileStager(${JSON.stringify(config)});
    const started = performance.now();
    const { duplicates = {}, featuresStaged } = await stager.stageAll();
    if (featuresStaged === 0) throw new Error('Nothing was staged');
    const { user, system } = process.cpuUsage();
    const counts = Object.values(duplicates).flatMap((reasons) => Object.values(reasons));
    console.log(JSON.stringify({
      cpu: (user + system) / 1e6,
      wall: (performance.now() - started) / 1e3,
      duplicates: counts.reduce((sum, count) => sum + count, 0),
    }));`;
  const program = join(folder, 'stage.mjs');
  writeFileSync(program, code);
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  rmSync(out, { recursive: true });
  return JSON.parse(stdout) as Cost;
}

const RULES = {
  'with labels': { deduplicateMethod: 'neighbor' },
  'with removal': { deduplicateMethod: 'neighbor', duplicates: 'remove' },
};

try {
  for (const overlap of [0.5, 0]) {
    const scenes = join(folder, `overlap-${overlap}`);
    mkdirSync(scenes);
    const polygonsEach = Number(values.polygons);
    writeScenes(scenes, { seed: 7, count: 2, polygonsEach, overlap, cellArea: CELL_AREA });
    stage(scenes, {});
    for (let run = 0; run < Number(values.runs); run++) {
      const plain = stage(scenes, {});
      for (const [name, rules] of Object.entries(RULES)) {
        const judged = stage(scenes, rules);
        console.log(
          `2 × ${polygonsEach}, ${100 * overlap} % in both, ${judged.duplicates} duplicates, ${name}: ` +
            `CPU × ${(judged.cpu / plain.cpu).toFixed(2)}, time × ${(judged.wall / plain.wall).toFixed(2)} ` +
            `(${(judged.wall - plain.wall).toFixed(1)} s more than ${plain.wall.toFixed(1)} s)`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
