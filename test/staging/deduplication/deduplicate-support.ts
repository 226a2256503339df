/** What tests of deduplication share: runs of it, and a look at the labels that they leave. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { Executor } from '../../../src/parallel/executor.ts';
import type { ConfigInput } from '../../../src/staging/configuration/config-input.ts';
import { type StageAllResult, TileStager } from '../../../src/staging/tile-stager.ts';
import { readTiles, type TileRow } from '../support.ts';

export const MODES = ['label', 'remove'] as const;
export type Mode = (typeof MODES)[number];

/** Duplicates as the scenes of the benchmarks have them, which carry no scores. */
export const BY_DATE: ConfigInput = {
  deduplicateMethod: 'neighbor',
  deduplicateKeepRules: [
    ['Date', 'larger'],
    ['Length', 'larger'],
  ],
};

/** Stages into a folder that is emptied before, unless it is to go on there; no input may fail. */
export async function stageInto(
  dirStaged: string,
  config: ConfigInput,
  options: {
    inputs?: readonly string[];
    executor?: Executor;
    goOn?: boolean;
    regionRows?: number;
  } = {},
): Promise<StageAllResult> {
  const { goOn = false, ...given } = options;
  if (!goOn) rmSync(dirStaged, { recursive: true, force: true });
  const stager = new TileStager({ executor: 'inline', ...config, dirStaged });
  const result = await stager.stageAll(given);
  assert.deepEqual(result.missing, []);
  for (const input of result.inputs) {
    assert.notEqual(input.status, 'failed', JSON.stringify(input));
  }
  return result;
}

/** Name of the feature of a row: of its input and its position there. */
export function featureOf({ values }: TileRow): string {
  // An identifier ends with the position.
  const position = Number.parseInt(String(values['staging_identifier']).slice(-12), 16);
  return `${values['staging_filename']} ${position}`;
}

/**
 * By feature, whether it is labelled a duplicate: the same in all tiles that hold it, and neither null
 * nor missing.
 */
export function labelsOf(dirStaged: string): Map<string, boolean> {
  const labels = new Map<string, boolean>();
  for (const row of readTiles(dirStaged)) {
    const name = featureOf(row);
    const value = row.values['staging_duplicated'];
    assert.ok(value === 0 || value === 1, `${name} in ${row.tile} has the label ${value}`);
    const before = labels.get(name) ?? value === 1;
    assert.equal(value === 1, before, `${name} has another label in ${row.tile}`);
    labels.set(name, before);
  }
  return labels;
}

/** Feature and tile of each row, in order. */
export function placesOf(dirStaged: string): string[] {
  return readTiles(dirStaged).map((row) => `${row.tile} ${featureOf(row)}`);
}

/**
 * The tiles of a run hold the labels, and of the rows of a run without deduplication all, or in mode
 * `remove` those alone whose features stay.
 * @param plain - folder that is staged without deduplication
 */
export function assertJudged(
  dirStaged: string,
  mode: Mode,
  expected: ReadonlyMap<string, boolean>,
  plain: string,
): void {
  const all = readTiles(plain);
  if (mode === 'label') {
    const names = new Set(all.map(featureOf));
    assert.deepEqual(
      sorted(labelsOf(dirStaged)),
      sorted([...expected].filter(([name]) => names.has(name))),
    );
    assert.deepEqual(
      placesOf(dirStaged),
      all.map((row) => `${row.tile} ${featureOf(row)}`),
    );
    return;
  }
  const stays = all.filter((row) => expected.get(featureOf(row)) === false);
  assert.deepEqual(
    placesOf(dirStaged),
    stays.map((row) => `${row.tile} ${featureOf(row)}`),
  );
}

function sorted(labels: Iterable<[string, boolean]>): [string, boolean][] {
  return [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
}
