/**
 * The verdict on duplicates: a feature goes if a preferred duplicate of it stays. Taking features from
 * the most preferred to the least gives the same, but here no order over all is needed: what becomes of
 * a feature depends on its preferred duplicates alone, and nobody is preferred in a circle.
 */

/** What is not known yet, and what becomes of a feature. */
export const OPEN = 0;
const STAYS = 1;
export const GOES = 2;

/** Pairs of duplicates, as indices of features: `preferred[k]` is preferred to `other[k]`. */
export interface Duplicates {
  preferred: Uint32Array;
  other: Uint32Array;
}

/**
 * Judges as far as that is possible with these pairs.
 * @param states - of each feature: OPEN, or what is known already; filled
 * @param complete - of each feature: 1 if no other than these pairs have it
 */
export function judge(
  { preferred, other }: Duplicates,
  states: Uint8Array,
  complete: Uint8Array,
): void {
  const count = states.length;
  const starts = new Uint32Array(count + 1);
  /** Preferred duplicates that have not gone. */
  const rivals = new Uint32Array(count);
  for (let k = 0; k < preferred.length; k++) {
    starts[preferred[k]! + 1]!++;
    rivals[other[k]!]!++;
  }
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  const lesser = new Uint32Array(preferred.length);
  const filled = starts.slice(0, count);
  for (let k = 0; k < preferred.length; k++) lesser[filled[preferred[k]!]!++] = other[k]!;
  const settled = new Uint32Array(count);
  let end = 0;
  for (let i = 0; i < count; i++) {
    if (states[i] !== OPEN) settled[end++] = i;
    else if (rivals[i] === 0 && complete[i] === 1) {
      states[i] = STAYS;
      settled[end++] = i;
    }
  }
  for (let next = 0; next < end; next++) {
    const i = settled[next]!;
    const stays = states[i] === STAYS;
    for (let k = starts[i]!; k < starts[i + 1]!; k++) {
      const j = lesser[k]!;
      if (states[j] !== OPEN) continue;
      if (stays) states[j] = GOES;
      else if (--rivals[j]! > 0 || complete[j] !== 1) continue;
      else states[j] = STAYS;
      settled[end++] = j;
    }
  }
}
