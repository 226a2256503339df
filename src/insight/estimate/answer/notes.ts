/** What an estimate takes for granted, and what it warns of. */

import type { ConfigValues } from '../../../staging/configuration/config-schema.ts';
import type { Deduplication } from '../../../staging/configuration/deduplication.ts';
import { tooManyTiles } from '../../../staging/folder/room.ts';
import type { EstimateRow } from '../estimate-types.ts';
import type { Engine } from '../model/engines.ts';
import type { MachineFacts } from '../model/machine-facts.ts';
import type { Sample } from '../sample/sample.ts';
import { size } from './words.ts';

/** Below this, it does not change anything that can be seen. */
const NOTABLE_BUSY = 0.05;
const NOTABLE_FRESH = 1.5;

export function assumptionsOf(
  executor: ConfigValues['executor'],
  cached: number,
  { pages, disk }: MachineFacts,
  rules?: Pick<Deduplication, 'method' | 'duplicates'>,
): string[] {
  const notes = [
    'All inputs are staged anew, into a folder where there are no tiles yet.',
    'More files of their kind are as large as these on average, and lie in areas of their own, so ' +
      'that tiles grow in number as files do. Nobody has read them yet: they come from the disk.',
    cached > 0.9
      ? 'These inputs are in memory already, as the sample has shown; read from the disk they ' +
        'would take longer.'
      : `${Math.round((1 - cached) * 100)} % of these inputs have to be read from the disk.`,
  ];
  if (rules !== undefined) {
    notes.push(
      'Judging overlaps is not in it: a sample does not tell how much of the inputs overlaps. ' +
        (rules.method === 'neighbor'
          ? 'Where half of two inputs does, it takes about twice as long as staging on top; ' +
            'without overlaps, a tenth of it. '
          : '') +
        (rules.duplicates === 'remove'
          ? 'Tiles with duplicates are kept whole besides: up to twice the disk space.'
          : ''),
    );
  }
  if (disk.read === null)
    notes.push('How fast the disk reads could not be measured: not reckoned.');
  if (disk.write === null)
    notes.push('How fast the disk writes could not be measured: not reckoned.');
  if (pages !== null && pages.fresh > NOTABLE_FRESH * pages.hot) {
    notes.push(
      `Memory that was not used lately costs ${pages.fresh.toFixed(1)} ms a megabyte to write to, ` +
        `instead of ${pages.hot.toFixed(1)}: this is a virtual machine. A run right after another ` +
        'one is faster for that.',
    );
  }
  if (executor !== 'threads' && executor !== 'inline') {
    notes.push(
      `What ${executor} adds to threads was measured elsewhere (docs/PERFORMANCE.md). Time in a ` +
        "scheduler's queue is not in it, and other machines are taken to be like this one.",
    );
  }
  return notes;
}

/** @param files - that the disk has room for; null where that is not known */
export function warningsOf(
  rows: readonly EstimateRow[],
  machine: MachineFacts,
  sample: Sample,
  engine: Engine,
  files: number | null,
): string[] {
  const warnings: string[] = [];
  const { free, mountPoint } = machine.fileSystem;
  const tooBig = rows.find(({ disk }) => disk.peak.about > free);
  const tight = rows.find(({ disk }) => disk.peak.high > free);
  if (tooBig !== undefined) {
    warnings.push(
      `For ${tooBig.label} the disk is too small: ${size(tooBig.disk.peak.about)} are needed, ` +
        `${mountPoint} has ${size(free)} free.`,
    );
  } else if (tight !== undefined) {
    warnings.push(
      `For ${tight.label} the disk may be too small: ${mountPoint} has ${size(free)} free.`,
    );
  }
  for (const { label, tiles } of rows) {
    const tooMany = tooManyTiles(Math.round(tiles), files);
    if (tooMany === null) continue;
    warnings.push(`For ${label} there would be some ${tooMany}`);
    break;
  }
  const { memoryAvailable } = machine;
  for (const row of engine.here ? rows : []) {
    const heavy = row.time.find(({ memory }) => memory.about > memoryAvailable);
    if (heavy === undefined) continue;
    warnings.push(
      `${heavy.workers} workers need ${size(heavy.memory.about)} of memory; there are ` +
        `${size(memoryAvailable)}.`,
    );
    break;
  }
  const waited = Math.max(sample.busy, 1 - 1 / sample.pace.one.slowdown);
  if (waited > NOTABLE_BUSY) {
    warnings.push(
      `Other programs use this machine: a worker waited ${Math.round(waited * 100)} % of its time ` +
        'for a core. The estimate takes it that they go on.',
    );
  }
  return warnings;
}
