/** What results of staging and of checks tell alike, as lines for people. */

import { commonestDrop, type DropJson } from '../../core/drops.ts';
import { counted, countText } from '../../insight/units.ts';
import type { ResumedRun, RunResult } from '../../staging/phases/run-result.ts';
import { hanging } from '../output.ts';
import { repeatedLines, type Told } from '../progress/repeats.ts';

/** How many features were dropped, and mostly why; empty if none was. */
export function droppedWords({
  featuresDropped,
  drops,
}: Pick<ResumedRun, 'featuresDropped' | 'drops'>): string {
  const reason = commonestDrop(drops);
  if (reason === null) return '';
  const most = drops[reason]!.count;
  const share = most === featuresDropped ? '' : `${countText(most)} of them `;
  return `, ${countText(featuresDropped)} dropped (${share}${reason})`;
}

/**
 * Features that were dropped, of all inputs and of each, and what was left out or guessed of others.
 * @param staged - inputs of which some are staged
 */
export function dropLines(
  result: Pick<RunResult, 'drops' | 'droppedM' | 'guessedText'>,
  staged: readonly { name: string; status: string; drops?: DropJson }[],
): string[] {
  const out: string[] = [];
  for (const [reason, { count: dropped, positions }] of Object.entries(result.drops)) {
    const examples = positions.length === 0 ? '' : `, for example feature ${positions.join(', ')}`;
    out.push(`dropped    ${countText(dropped)}: ${reason}${examples}`);
  }
  const dropped = staged.flatMap((input): Told[] => {
    const drops = Object.entries(input.drops ?? {});
    if (input.status === 'failed' || drops.length === 0) return [];
    const reasons = drops.map(([reason, d]) => `${d.count} ${reason}`);
    return [{ name: input.name, text: `${input.name}: ${reasons.join(', ')}` }];
  });
  out.push(...repeatedLines(dropped, 'inputs').map((text) => `             ${text}`));
  if (result.droppedM > 0) {
    out.push(`note       M values of ${countText(result.droppedM)} features were left out`);
  }
  if (result.guessedText !== null) {
    const { count: n, input, feature, column } = result.guessedText;
    out.push(
      `note       ${counted(n, 'feature')} ${n === 1 ? 'has' : 'have'} text whose encoding had to be ` +
        `guessed, for example feature ${feature} of ${input}, column ${column}. Write the right ` +
        'one into a .cpg beside the shapefile',
    );
  }
  return out;
}

/** Most warnings begin with the name of the input that they are about. */
export function noteLines({
  warnings,
  inputs,
}: {
  warnings: readonly string[];
  inputs: readonly { name: string }[];
}): string[] {
  const names = new Set(inputs.map(({ name }) => name));
  const all = warnings.map((warning): Told => {
    const name = warning.split(': ', 1)[0]!;
    const text = hanging(warning);
    return names.has(name) ? { name, text } : { name: '', text };
  });
  return repeatedLines(all, 'inputs').map((text) => `note       ${text}`);
}
