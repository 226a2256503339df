/** `tilewright duplicates`: which features overlap, by how much, and which stay. */

import { counted, countText } from '../../insight/units.ts';
import {
  type DuplicatesSummary,
  type FolderDuplicates,
  type OverlapPair,
  type PairedFeature,
  readDuplicates,
} from '../../staging/duplicates/duplicates.ts';
import {
  writeDuplicatesCsv,
  writeDuplicatesGeoJson,
} from '../../staging/duplicates/write-duplicates.ts';
import type { DuplicatesCommand } from '../arguments/duplicates-arguments.ts';
import { duplicateLines } from '../lines/duplicate-lines.ts';

const LIMIT = 50;

export function duplicatesCommand(command: DuplicatesCommand): number {
  const { folder, csv, geojson, json } = command;
  const all = command.pairs === 'all';
  const duplicates = readDuplicates(folder);
  const written: string[] = [];
  if (csv !== null) {
    const lines = writeDuplicatesCsv(duplicates, csv, { all });
    written.push(`${csv}: ${counted(lines, 'line')}`);
  }
  if (geojson !== null) {
    const features = writeDuplicatesGeoJson(duplicates, geojson, { all });
    written.push(`${geojson}: ${counted(features, 'feature')}`);
  }
  const toFile = written.length > 0;
  const limit = command.limit ?? (json ? Number.POSITIVE_INFINITY : toFile ? 0 : LIMIT);
  if (json) printJson(duplicates, all, limit);
  else {
    printTable(duplicates, all, limit);
    print([...summaryLines(duplicates.summary), ...written]);
  }
  return 0;
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
}

/** A pair a line, so that it may be long. */
function printJson(duplicates: FolderDuplicates, all: boolean, limit: number): void {
  const summary = JSON.stringify(duplicates.summary);
  process.stdout.write(`${summary.slice(0, -1)},"list":[`);
  let count = 0;
  for (const { batch: _, ...each } of listed(duplicates, all)) {
    if (count === limit) break;
    process.stdout.write(`${count++ === 0 ? '' : ','}\n${JSON.stringify(each)}`);
  }
  process.stdout.write('\n]}\n');
}

/** Pairs, then features that go by their footprints. */
function* listed(duplicates: FolderDuplicates, all: boolean) {
  for (const pair of duplicates.pairs(all)) yield { ...pair, batch: null };
  for (const { pair: _, ...feature } of duplicates.alone()) yield feature;
}

function printTable(duplicates: FolderDuplicates, all: boolean, limit: number): void {
  if (limit === 0) return;
  const { distanceUnit } = duplicates.summary;
  const longest = duplicates.inputs.reduce(
    (most, name) => Math.max(most, name.length),
    'input'.length,
  );
  const half = (name: string, position: string, verdict: string, overlap: string): string =>
    `${name.padEnd(longest)}  ${position.padStart(9)}  ${verdict.padEnd(5)}  ${overlap.padStart(7)}`;
  const feature = ({ input, position, stays, overlap }: PairedFeature): string =>
    half(input, String(position), stays ? 'stays' : 'goes', overlap.toFixed(4));
  const line = ({ cluster, preferred, other, distance, isDuplicate }: OverlapPair): string =>
    `${String(cluster ?? '').padStart(7)}  ${feature(preferred)}  ${feature(other)}  ` +
    `${distance.toFixed(2).padStart(9)}${isDuplicate ? '' : '  no duplicates'}`;
  const head = half('input', 'position', '', 'overlap');
  const lines = [`cluster  ${head}  ${head}  ${`distance`.padStart(9)} (${distanceUnit})`];
  let count = 0;
  for (const each of listed(duplicates, all)) {
    if (count++ === limit) break;
    if ('preferred' in each) lines.push(line(each));
    else {
      const { input, position, reason } = each;
      lines.push(`${''.padEnd(7)}  ${half(input, String(position), 'goes', '')}  ${reason}`);
    }
    if (lines.length === 1000) print(lines.splice(0));
  }
  print(lines);
  if (count > limit)
    print([`… more than ${counted(limit, 'line')}: list others with --limit N|all, or --csv FILE`]);
}

function summaryLines(summary: DuplicatesSummary): string[] {
  const { deduplication, pairs, duplicatePairs, clusters, distanceUnit } = summary;
  const lines = duplicateLines(summary);
  if (deduplication.method !== 'neighbor' || pairs === 0) return lines;
  return [
    ...lines,
    `pairs      ${countText(pairs)} overlap, ${countText(duplicatePairs)} of them duplicates, in ${counted(clusters, 'cluster')}`,
    'overlap    pairs of which both, or one, overlap by more than',
    ...summary.overlaps.map(({ above, both, one }) => {
      return `  ${above.toFixed(1).padStart(8)} ${countText(both).padStart(11)} ${countText(one).padStart(11)}`;
    }),
    `distance   pairs whose centroids are at most so far apart, in ${distanceUnit}`,
    ...summary.distances.map(({ within, pairs }) => {
      return `  ${countText(within).padStart(8)} ${countText(pairs).padStart(11)}`;
    }),
  ];
}
