/** How commands that judge tell of what goes. */

import { counted, countText } from '../../insight/units.ts';
import type { Deduplication } from '../../staging/configuration/deduplication.ts';
import { type DuplicateCounts, GONE_REASONS } from '../../staging/folder/journal/journal-rows.ts';
import type { DeduplicationResult } from '../../staging/phases/run-result.ts';

/** Inputs that are listed. */
const LISTED = 20;

type Judged = Partial<Pick<DeduplicationResult, 'duplicates' | 'deduplication' | 'pairs'>>;

/** Nothing where none are looked for. */
export function duplicateLines({ duplicates, deduplication, pairs = 0 }: Judged): string[] {
  if (!duplicates || !deduplication) return [];
  const total = sumOf(duplicates);
  const goes = features(total);
  const found = goes === 0 ? 'none' : `${goneText(goes, deduplication)}: ${reasons(total)}`;
  const overlaps = deduplication.method === 'neighbor' ? `; ${counted(pairs, 'pair')} overlap` : '';
  const inputs = Object.entries(duplicates)
    .filter(([, own]) => features(own) > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    `duplicates ${found}${overlaps}`,
    ...inputs.slice(0, LISTED).map(([name, own]) => `             ${name}: ${reasons(own)}`),
  ];
  const more = inputs.length - LISTED;
  if (more > 0) lines.push(`             and ${counted(more, 'input')} more; --json lists all`);
  return lines;
}

/** How many go, to be added to other words; empty where none are looked for. */
export function duplicateWords({ duplicates, deduplication }: Judged): string {
  if (!duplicates || !deduplication) return '';
  return `, ${goneText(features(sumOf(duplicates)), deduplication)} as duplicates`;
}

function goneText(goes: number, { duplicates }: Deduplication): string {
  return `${counted(goes, 'feature')} ${duplicates === 'label' ? 'labelled' : 'left out'}`;
}

function sumOf(duplicates: DuplicateCounts): DuplicateCounts[string] {
  const total: DuplicateCounts[string] = {};
  for (const own of Object.values(duplicates)) {
    for (const reason of GONE_REASONS) total[reason] = (total[reason] ?? 0) + (own[reason] ?? 0);
  }
  return total;
}

function reasons(own: DuplicateCounts[string]): string {
  const found = GONE_REASONS.filter((reason) => (own[reason] ?? 0) > 0);
  return found.map((reason) => `${countText(own[reason]!)} ${reason}`).join(', ');
}

function features(own: DuplicateCounts[string]): number {
  return Object.values(own).reduce((sum, count) => sum + count, 0);
}
