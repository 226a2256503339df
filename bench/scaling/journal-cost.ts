/** What the real journal and summary take for a job's rows: commit, summary, sizes. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Journal,
  type PendingRun,
  type TileInput,
} from '../../src/staging/folder/journal/journal.ts';
import { writeSummary } from '../../src/staging/folder/summary.ts';
import type { Plan } from '../../src/staging/planning/plan.ts';
import { FOLDER_SETTINGS } from './folder-settings.ts';
import type { GroundCover } from './ground-cover.ts';

export interface JournalCost {
  inputs: number;
  /** Rows of the table tile_input: pairs of an input and a tile. */
  rows: number;
  pendingBytes: number;
  setPendingSeconds: number;
  readPendingSeconds: number;
  commitSeconds: number;
  journalBytes: number;
  summarySeconds: number;
  summaryBytes: number;
  /** Reading all committed inputs and counting the tiles, as every run does. */
  reportSeconds: number;
}

export function journalCost(plan: Plan, cover: GroundCover): JournalCost {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-scaling-'));
  const path = join(folder, 'journal.sqlite');
  const journal = new Journal(path);
  try {
    journal.adoptSettings(FOLDER_SETTINGS);
    const run = pendingRun(plan);
    const rows = tileInputs(run, cover);
    const setPendingSeconds = seconds(() => journal.setPending(run));
    const readPendingSeconds = seconds(() => journal.pending());
    const commitSeconds = seconds(() => journal.commit(run, rows, []));
    const summary = join(folder, 'summary.csv');
    const summarySeconds = seconds(() => writeSummary(journal, FOLDER_SETTINGS, summary, folder));
    const reportSeconds = seconds(() => {
      journal.inputs();
      journal.countTiles();
    });
    return {
      inputs: run.inputs.length,
      rows: rows.length,
      pendingBytes: JSON.stringify(run).length,
      setPendingSeconds,
      readPendingSeconds,
      commitSeconds,
      journalBytes: statSync(path).size,
      summarySeconds,
      summaryBytes: statSync(summary).size,
      reportSeconds,
    };
  } finally {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function pendingRun(plan: Plan): PendingRun {
  const stagedAt = new Date(0).toISOString();
  return {
    runId: '00000000-0000-4000-8000-000000000000',
    removed: [],
    records: [`${'0'.repeat(32)}.record`],
    inputs: plan.planned.map((input): PendingRun['inputs'][number] => {
      const { name, file, path, root, selection, layers, fingerprint, crsOrigin, featureCount } =
        input;
      return {
        ...{ name, file, path, root, selection, layers, fingerprint, crsOrigin, stagedAt },
        recordColumns: input.columns,
        columns: input.columns,
        statistics: {
          rowsRead: featureCount,
          featuresStaged: featureCount,
          rows: featureCount,
          droppedM: 0,
          drops: {},
        },
        slices: input.slices.map((_, i) => [0, i]),
      };
    }),
  };
}

/** In the order in which merge tasks end: tile by tile. */
function tileInputs({ inputs }: PendingRun, cover: GroundCover): TileInput[] {
  return cover.byInput
    .map(({ input, tile, rows }) => {
      const { x, y, partition } = cover.tiles[tile]!;
      const { name } = inputs[input]!;
      const area = rows * 1.234567e-7;
      return { partition, x, y, input: name, rows: Math.round(rows), area, geometry: 5 };
    })
    .sort((a, b) => a.partition - b.partition || a.y - b.y || a.x - b.x);
}

function seconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
