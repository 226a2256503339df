/** The report of a check, made of what was found out about slices. */

import { commonestDrop, countDropped } from '../../core/drops.ts';
import { filesOfInput, inputFormatOf } from '../../formats/input-formats.ts';
import { allDropped, guessedIn, inputNotes, placingNotes, totals } from '../pipeline/result.ts';
import type { Plan, PlannedInput } from '../planning/plan.ts';
import { type StagedColumn, stagedColumn } from '../rows/schema-union.ts';
import type { SliceStatistics } from '../rows/slice-statistics.ts';
import { checkColumns } from './check-columns.ts';
import type { CheckedInput, CheckResult, CrsOrigin, InputDescription } from './check-result.ts';

/** What was found out about the slices of each input that can be read. */
export type Checked = Map<PlannedInput, { statistics: SliceStatistics }[]>;

type Summary = Omit<CheckResult, 'tms' | 'z' | 'missing' | 'unread' | 'seconds'>;

export function summariseCheck(plan: Plan, outcomes: Checked): Summary {
  const inputs: CheckedInput[] = [];
  const warnings: string[] = [];
  const schemas = new Map<string, StagedColumn[]>();
  for (const [input, slices] of outcomes) {
    const { name, path } = input;
    const statistics = totals(slices, input);
    const description = { ...describe(input), ...statistics };
    const error = allDropped(name, statistics);
    const common = { name, path, format: formatOf(path) };
    if (error !== null) {
      inputs.push({ ...common, status: 'failed', error: error.toJSON(), ...description });
    } else {
      const partly = countDropped(statistics.drops) > 0 && 'partly';
      const status = partly || (statistics.featuresStaged > 0 ? 'fine' : 'empty');
      inputs.push({ ...common, status, ...description });
    }
    const columns = neededColumns(input, slices);
    schemas.set(name, columns);
    warnings.push(...inputNotes(input, slices, statistics, columns));
  }
  for (const { name, path, error } of plan.failed) {
    inputs.push({ name, path, format: formatOf(path), status: 'failed', error: error.toJSON() });
  }
  const byName = <T extends { name: string }>(a: T, b: T): number => (a.name < b.name ? -1 : 1);
  inputs.sort(byName);
  warnings.push(...placingNotes([...outcomes.keys()]));
  const sums = totals([...outcomes.values()].flat());
  const { rowsRead, featuresStaged, rows, droppedM, drops } = sums;
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    fine: isFine(inputs),
    ...{ inputs, featuresRead: rowsRead, featuresStaged, rows, droppedM },
    guessedText: guessedIn(inputs),
    featuresDropped: countDropped(drops),
    drops,
    commonestDrop: commonestDrop(drops),
    validity: sums.validity ?? null,
    columns: checkColumns(new Map(sorted)),
    warnings,
  };
}

/** Inputs without features are fine beside others; as in staging, nothing but such is not. */
function isFine(inputs: readonly CheckedInput[]): boolean {
  const some = (status: CheckedInput['status']): boolean =>
    inputs.some((input) => input.status === status);
  return some('fine') && !some('partly') && !some('failed');
}

function formatOf(path: string): string | null {
  return inputFormatOf(path)?.name ?? null;
}

function describe({ path, layer, columns, placing, crsOrigin }: PlannedInput): InputDescription {
  const { name, geometryType } = layer;
  const crs = placing && {
    ...{ id: placing.crs.id, name: placing.crs.name },
    origin: originOf(crsOrigin, path),
  };
  return { layer: name, geometryType, columns, crs };
}

function originOf(origin: string, path: string): CrsOrigin {
  if (origin.startsWith('override:')) return 'overrideCrs';
  if (origin.startsWith('input:')) return 'inputCrs';
  // As it was found when the check was planned, however long ago that is: no server is asked again.
  const beside = filesOfInput(path, Infinity).some(
    (file) => file.namesCrs === true && file.path !== null,
  );
  return beside ? 'sidecar' : 'file';
}

/** As the journal of a staged folder would have them. */
function neededColumns(
  { columns }: PlannedInput,
  slices: readonly { statistics: SliceStatistics }[],
): StagedColumn[] {
  return columns.map((column, i) => {
    const classes = slices.reduce((all, { statistics }) => all | statistics.oddClasses[i]!, 0);
    return stagedColumn(column, classes);
  });
}
