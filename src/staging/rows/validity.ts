/**
 * Checks geometries while they are staged, counts what is wrong with them, and says what becomes of
 * those that are invalid.
 */

import { DropCounter, type DropJson } from '../../core/drops.ts';
import { TilewrightError } from '../../core/errors.ts';
import { FeatureBatch, HAS_Z, MULTI } from '../../geometry/batch.ts';
import { repairFeature } from '../../geometry/repair/repair.ts';
import { ValidityCheck } from '../../geometry/validity/check.ts';
import { bitOf, INVALID, INVALID_KINDS, type InvalidKind } from '../../geometry/validity/kinds.ts';
import type { InvalidMode } from '../configuration/config-schema.ts';
import { KINDS_OF_DROPS, type ValidityCount, type ValidityCounts } from './validity-counts.ts';

const ORIENTATION = bitOf('wrong orientation');

/** Where features are from. */
export interface WatchedInput {
  name: string;
  layer: string;
  /** Whether its format has shells clockwise. */
  clockwiseShells: boolean;
}

/** Watches over the features of an input, or of a slice of it. */
export class ValidityWatch {
  readonly mode: Exclude<InvalidMode, 'unchecked'>;
  readonly features = new DropCounter<ValidityCount>();
  readonly #kinds = new DropCounter<InvalidKind>();
  readonly #input: WatchedInput;
  readonly #check = new ValidityCheck();
  /** What is left of a batch, with repaired features. */
  readonly #left = new FeatureBatch();
  /** Of each feature of the batch: whether it is invalid, and kept. */
  #isKept = new Uint8Array(1 << 12);

  constructor(mode: Exclude<InvalidMode, 'unchecked'>, input: WatchedInput) {
    this.mode = mode;
    this.#input = input;
  }

  /**
   * Looks at features as they were read. Returns those that are to be staged: the batch itself, or
   * another one, until the next call.
   * @throws TilewrightError input-invalid
   */
  look(batch: FeatureBatch, drops: DropCounter): FeatureBatch {
    const count = batch.featureCount;
    if (count > this.#isKept.length) this.#isKept = new Uint8Array(2 * count);
    const right = this.#input.clockwiseShells ? ORIENTATION : 0;
    let left = batch;
    for (let i = 0; i < count; i++) {
      const bits = this.#check.of(batch, i);
      this.#isKept[i] = 0;
      if (bits === right) {
        if (left !== batch) left.appendFeature(batch, i);
        continue;
      }
      this.#count(bits, batch.positions[i]!);
      const isValid = (bits & INVALID) === 0;
      if (isValid) {
        if (left !== batch) left.appendFeature(batch, i);
      } else if (this.mode === 'keep') {
        this.#isKept[i] = 1;
      } else if (this.mode === 'fail') {
        throw this.refusal(batch, i, '');
      } else {
        if (left === batch) left = this.#before(batch, i);
        if (this.mode === 'drop') drops.add('invalid geometry', batch.positions[i]!);
        else this.repair(batch, i, left, drops);
      }
    }
    return left;
  }

  /** The features before i, in a batch of their own. */
  #before(batch: FeatureBatch, i: number): FeatureBatch {
    const left = this.#left;
    left.clear();
    for (let k = 0; k < i; k++) left.appendFeature(batch, k);
    return left;
  }

  #count(bits: number, position: number): void {
    // Where one fault is found others are not looked for, and directions mean nothing.
    const isInvalid = (bits & INVALID) !== 0;
    const remarks = isInvalid
      ? 0
      : (bits & ORIENTATION) ^ (this.#input.clockwiseShells ? ORIENTATION : 0);
    const told = (bits & INVALID) | remarks;
    if (isInvalid) this.features.add('invalid', position);
    for (let k = 0; told >> k !== 0; k++) {
      if ((told >> k) & 1) this.#kinds.add(INVALID_KINDS[k]!, position);
    }
  }

  /** Whether feature i of what `look` returned was invalid, and was kept. */
  isKept(i: number): boolean {
    return this.#isKept[i] === 1;
  }

  isValid(batch: FeatureBatch, i: number): boolean {
    return (this.#check.of(batch, i) & INVALID) === 0;
  }

  /** Appends the feature to `into`, repaired, or drops it. @returns whether anything is left */
  repair(batch: FeatureBatch, i: number, into: FeatureBatch, drops: DropCounter): boolean {
    const position = batch.positions[i]!;
    into.beginFeature(position, batch.flags[i]! & ~(MULTI | HAS_Z));
    if (!repairFeature(batch, i, into)) {
      into.dropFeature();
      drops.add('nothing left', position);
      return false;
    }
    into.copyRow(batch, i);
    into.endFeature();
    this.features.add('repaired', position);
    return true;
  }

  /** The error about an invalid feature. @param when - words, with a blank before them */
  refusal(batch: FeatureBatch, i: number, when: string): TilewrightError {
    const place = this.#check.explain(batch, i);
    const where = place === null ? '' : `: ${place.kind} at ${place.x}, ${place.y}`;
    return this.#error(batch.positions[i]!, `${when}${where}`);
  }

  /** @throws TilewrightError input-invalid where readers have dropped what is no ring */
  refuseDropped(drops: DropCounter): void {
    if (this.mode !== 'fail') return;
    const json = drops.toJSON();
    for (const [reason] of KINDS_OF_DROPS) {
      const position = json[reason]?.positions[0];
      if (position !== undefined) throw this.#error(position, `: ${reason}`);
    }
  }

  #error(position: number, what: string): TilewrightError {
    const { name, layer } = this.#input;
    return new TilewrightError(
      'input-invalid',
      `${name}: feature ${position} of layer ${layer} is invalid${what}. Mend it, or choose what becomes ` +
        'of such features: --invalid keep, repair or drop',
      { input: name, feature: position },
    );
  }

  /** All that was counted, with what readers have dropped. */
  counts(dropped: DropJson): ValidityCounts {
    const kinds = new DropCounter<string>();
    const features = new DropCounter<string>();
    kinds.merge(this.#kinds.toJSON());
    features.merge(this.features.toJSON());
    for (const [reason, kind] of KINDS_OF_DROPS) {
      const entry = dropped[reason];
      if (entry === undefined) continue;
      kinds.merge({ [kind]: entry });
      features.merge({ invalid: entry });
    }
    return { kinds: kinds.toJSON(), features: features.toJSON() };
  }
}
