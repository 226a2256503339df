/** What a run tells of the validity of features, when it has ended. */

import type { DropJson } from '../../core/drops.ts';
import { counted, countText } from '../../insight/units.ts';
import type { InputResult } from '../../staging/phases/run-result.ts';
import type { StageAllResult } from '../../staging/tile-stager.ts';
import { repeatedLines } from '../progress/repeats.ts';

/** It makes no feature invalid, and files have it for all features or none. */
const REMARK = 'wrong orientation';

/** How many features were invalid as they were read; empty if none was. */
export function invalidWords({ validity }: Pick<StageAllResult, 'validity'>): string {
  const invalid = validity?.features['invalid'];
  return invalid === undefined ? '' : `, ${countText(invalid.count)} invalid`;
}

/** @param mode - what was to become of them */
export function validityLines(
  { validity }: Pick<StageAllResult, 'validity'>,
  staged: readonly Pick<InputResult, 'name' | 'validity'>[],
  mode: string,
): string[] {
  if (mode === 'unchecked') return ['invalid    not checked'];
  if (validity === null) return [];
  const lines = faults(validity.kinds).map(([kind, { count, positions }]) => {
    return `invalid    ${countText(count)}: ${kind}${examples(positions)}`;
  });
  const perInput = staged.flatMap(({ name, validity: its }) => {
    const kinds = faults(its?.kinds ?? {}).map(
      ([kind, { count }]) => `${countText(count)} ${kind}`,
    );
    return kinds.length === 0 ? [] : [{ name, text: `${name}: ${kinds.join(', ')}` }];
  });
  lines.push(...repeatedLines(perInput, 'inputs').map((text) => `             ${text}`));
  const { features } = validity;
  const { repaired, 'simplified less': less, 'invalid after reprojection': after } = features;
  if (repaired) lines.push(`repaired   ${counted(repaired.count, 'feature')}`);
  if (less) {
    const keep = less.count === 1 ? 'keeps' : 'keep';
    lines.push(
      `note       ${counted(less.count, 'feature')} ${keep} more vertices than the tolerance asks for, so ` +
        `as to stay valid${examples(less.positions)}`,
    );
  }
  if (after) {
    const was = after.count === 1 ? 'was' : 'were';
    lines.push(
      `note       ${counted(after.count, 'feature')} ${was} valid, and ${was} not after reprojection` +
        examples(after.positions),
    );
  }
  const mendable = features['invalid'] !== undefined || after !== undefined;
  if (mode === 'keep' && mendable) {
    lines.push('note       Invalid features are staged as they are; --invalid repair mends them');
  }
  return lines;
}

function faults(kinds: DropJson): [string, DropJson[string]][] {
  return Object.entries(kinds).filter(([kind]) => kind !== REMARK);
}

function examples(positions: readonly number[]): string {
  return positions.length === 0 ? '' : `, for example feature ${positions.join(', ')}`;
}
