/** Duplicates in words. */

import type { FolderDuplicates } from '../../shared/messages.ts';
import { count, counted } from '../format.ts';

type Reasons = FolderDuplicates['counts'][string];

/** `34 duplicates`, of the whole folder. */
export function duplicatesText({ column, isJudged, counts }: FolderDuplicates): string {
  if (!isJudged) return 'duplicates not all judged yet';
  const sum = Object.values(counts)
    .flatMap((reasons) => Object.values(reasons))
    .reduce<number>((all, one) => all + (one ?? 0), 0);
  return counted(sum, 'duplicate') + (column === null ? ' left out' : '');
}

/** `30 duplicate of another, 4 outside its footprint`; empty if there are none. */
export function reasonsText(reasons: Reasons | undefined): string {
  return Object.entries(reasons ?? {})
    .flatMap(([reason, features = 0]) => (features > 0 ? `${count(features)} ${reason}` : []))
    .join(', ');
}
