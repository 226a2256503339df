/** The known word that somebody probably meant: for errors about options, keys and commands. */

/** Longer words are no typing errors, and the cost of comparing grows with the square. */
const LONGEST = 64;
/** In edits. */
const CUT_SHORT = 2;

/**
 * The word of `known` that is nearest to `word`, or null if none is near enough: a wrong guess is
 * worse than none. Case does not count, nor does the plural. A known word of several parts
 * (`simplify-tolerance`, `tms_id`, `dirInput`) is also near when a run of its parts is the word, or is
 * near to it and at least half of the whole: `tollerance` finds `simplify-tolerance`, `retrys` does not
 * find `shouldRetry`. The first of equally near words wins.
 */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = join(partsOf(word));
  if (wanted.length < 2 || wanted.length > LONGEST) return null;
  let best: string | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const cost = costOf(wanted, partsOf(candidate));
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

/** Infinite when the words are too far apart for one to be meant for the other. */
function costOf(wanted: string, parts: string[]): number {
  const whole = join(parts);
  let best = costBetween(wanted, whole);
  for (let start = 0; start < parts.length; start++) {
    for (let end = start + 1; end <= parts.length; end++) {
      const part = join(parts.slice(start, end));
      const mayDiffer = 2 * part.length >= whole.length - (parts.length - 1);
      if (part === wanted) best = Math.min(best, 0.5);
      else if (mayDiffer) best = Math.min(best, costBetween(wanted, part) + 0.5);
      else if (isCutShort(wanted, part)) best = Math.min(best, CUT_SHORT + 0.5);
    }
  }
  return best;
}

/** `Did you mean "x"?` with a space before it, or nothing if no word is near. */
export function didYouMean(word: string, known: Iterable<string>, prefix = ''): string {
  const found = nearest(word, known);
  return found === null ? '' : ` Did you mean ${prefix}${found}?`;
}

function partsOf(word: string): string[] {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_\s]+/)
    .filter((part) => part !== '');
}

function join(parts: string[]): string {
  return parts.join('-');
}

function costBetween(a: string, b: string): number {
  if (b.length > LONGEST) return Number.POSITIVE_INFINITY;
  if (singular(a) === singular(b)) return a === b ? 0 : 0.25;
  const shorter = Math.min(a.length, b.length);
  const distance = editDistance(a, b);
  if (distance <= Math.max(1, Math.floor(shorter / 3)) && distance < shorter) {
    // Of three letters, one that is another makes another word: `tmp` is not `tms`. Swapped ones do not.
    if (shorter > 3 || a.length !== b.length || isSwapped(a, b)) return distance;
  }
  const madeLonger = b.length >= 3 && 2 * b.length >= a.length && a.startsWith(b);
  return madeLonger || isCutShort(a, b) ? CUT_SHORT : Number.POSITIVE_INFINITY;
}

/** `--tol` for `--tolerance`. */
function isCutShort(word: string, known: string): boolean {
  return word.length >= 3 && known.startsWith(word);
}

function singular(word: string): string {
  return word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');
}

function isSwapped(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('');
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours
 * that turn `a` into `b`, where no place is edited twice. Unit: edits of UTF-16 code units.
 * Recurrence after Damerau 1964, "A technique for computer detection and correction of spelling
 * errors", restricted to one edit per place.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
