/** Features that are read but not staged, counted by reason: nothing is lost silently. */

/** Why a feature that was read is in no tile. */
export type DropReason =
  | 'null geometry'
  | 'empty geometry'
  | 'not a polygon'
  | 'curved polygon'
  | 'malformed geometry'
  | 'unclosed ring'
  | 'too few points'
  | 'invalid geometry'
  | 'nothing left'
  | 'non-finite coordinate'
  | 'outside the CRS'
  | 'outside the grid'
  | 'outside the TileMatrixSet'
  | 'too many tiles'
  | 'deleted row';

const DELETED: DropReason = 'deleted row';

/** How many positions are kept per reason, so that a user can find the features. */
const SAMPLES = 5;

/** Features that are in no tile, by reason, with the positions of the first few. */
export interface DropJson {
  [reason: string]: { count: number; positions: number[] };
}

/** @typeParam Reason - what is counted: reasons of drops, unless said */
export class DropCounter<Reason extends string = DropReason> {
  readonly #counts = new Map<string, { count: number; positions: number[] }>();

  /** @param position - the feature's position in its input (fid or record number) */
  add(reason: Reason, position: number): void {
    let entry = this.#counts.get(reason);
    if (entry === undefined) {
      entry = { count: 0, positions: [] };
      this.#counts.set(reason, entry);
    }
    entry.count++;
    if (entry.positions.length < SAMPLES) entry.positions.push(position);
  }

  get total(): number {
    let total = 0;
    for (const entry of this.#counts.values()) total += entry.count;
    return total;
  }

  /** Reasons in alphabetical order, so that the result does not depend on the order of slices. */
  toJSON(): DropJson {
    const entries = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([reason, { count, positions }]) => [
        reason,
        { count, positions: [...positions] },
      ]),
    );
  }

  /** Adds another counter's counts; its positions fill up what room is left. */
  merge(json: DropJson): void {
    for (const [reason, { count, positions }] of Object.entries(json)) {
      const entry = this.#counts.get(reason);
      if (entry === undefined) {
        this.#counts.set(reason, { count, positions: positions.slice(0, SAMPLES) });
      } else {
        entry.count += count;
        entry.positions = [...entry.positions, ...positions]
          .sort((a, b) => a - b)
          .slice(0, SAMPLES);
      }
    }
  }
}

/** Features that were dropped: a row that is marked as deleted is none. */
export function countDropped(drops: DropJson): number {
  let sum = 0;
  for (const [reason, { count }] of Object.entries(drops)) {
    if (reason !== DELETED) sum += count;
  }
  return sum;
}

/** Reasons in words, the commonest first: `20 not a polygon, 5 null geometry`. */
export function dropWords(drops: DropJson): string {
  return byCount(drops)
    .map(([reason, { count }]) => `${count.toLocaleString('en')} ${reason}`)
    .join(', ');
}

/** The reason that most features were dropped for; null if none was. */
export function commonestDrop(drops: DropJson): DropReason | null {
  return (byCount(drops)[0]?.[0] ?? null) as DropReason | null;
}

function byCount(drops: DropJson): [string, DropJson[string]][] {
  const entries = Object.entries(drops).filter(([reason]) => reason !== DELETED);
  return entries.sort(([a, { count: m }], [b, { count: n }]) => n - m || (a < b ? -1 : 1));
}
