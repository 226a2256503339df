/** Tables of simulated runs. */

import { spreadOf } from '../measure.ts';
import type { Simulated } from './simulate.ts';

export interface ScalingRow {
  workers: number;
  disk: string;
  engine: string;
  /** One for each seed. */
  runs: Simulated[];
}

export function printScaling(rows: readonly ScalingRow[], json: boolean): void {
  if (json) {
    console.log(JSON.stringify(rows.map(summarized), null, 1));
    return;
  }
  printTable([
    [
      'disk',
      'workers',
      'engine',
      'plan',
      'stage',
      'merge',
      'finalize',
      'pack',
      'total (range)',
    ].concat(['efficiency', 'binds']),
    ...rows.map((row) => {
      const { plan, stage, merge, finalize, pack, total, efficiency, binds } = summarized(row);
      const range = `${duration(total.median)} (${duration(total.min)} – ${duration(total.max)})`;
      return [
        row.disk,
        String(row.workers),
        row.engine,
        duration(plan.median),
        duration(stage.median),
        duration(merge.median),
        duration(finalize.median),
        duration(pack.median),
        range,
        `${(100 * efficiency.median).toFixed(efficiency.median < 0.1 ? 1 : 0)} %`,
        binds,
      ];
    }),
  ]);
}

function summarized({ runs, ...row }: ScalingRow) {
  const of = (pick: (run: Simulated) => number) => spreadOf(runs.map(pick));
  return {
    ...row,
    plan: of((run) => run.plan),
    stage: of((run) => run.stage),
    merge: of((run) => run.merge),
    finalize: of((run) => run.finalize),
    pack: of((run) => run.pack),
    total: of((run) => run.total),
    efficiency: of((run) => run.efficiency),
    binds: mostCommon(runs.map((run) => run.binds)),
    givenUp: runs.reduce((sum, run) => sum + run.givenUp, 0),
  };
}

function mostCommon(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

/** `35 s`, `12 min`, `1.8 h`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${seconds.toFixed(0)} s`;
  if (seconds < 5940) return `${(seconds / 60).toFixed(seconds < 597 ? 1 : 0)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows) {
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    );
  }
}
