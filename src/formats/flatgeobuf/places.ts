/** Where in a file its features begin, by their record numbers, from 1. */

import { TilewrightError } from '../../core/errors.ts';
import type { FileWindow } from '../file-window.ts';
import type { LayerInfo } from '../source.ts';
import { featureEnd } from './feature-bytes.ts';
import type { FlatHeader } from './header.ts';
import { PackedTree } from './packed-tree.ts';

/** What tasks get of a file, as JSON. */
export interface FlatLayer extends LayerInfo {
  /** Whether leaf i of the index is record i + 1; left out where that was not asked. */
  isInOrder?: boolean;
}

/** Read at a time of a level of the index. */
const NODES_BYTES = 1 << 16;

/** Called with each feature in order and its offset in the file; false ends the walk. */
type Visitor = (record: number, offset: number) => boolean;

export class FeaturePlaces {
  readonly #window: FileWindow;
  readonly #header: FlatHeader;
  readonly #tree: PackedTree | null;
  /** See FlatLayer; null before that was asked. */
  #isInOrder: boolean | null;
  #counted: number | null = null;
  /** The feature that was found last by going through lengths. */
  #record = 1;
  #offset: number;

  /** @param known - what the layer was found to be, if it was looked at before */
  constructor(window: FileWindow, header: FlatHeader, known: FlatLayer | undefined) {
    const { indexAt, featuresAt, featuresCount, indexNodeSize } = header;
    this.#window = window;
    this.#header = header;
    this.#offset = featuresAt;
    this.#counted = known?.featureCount ?? null;
    this.#isInOrder = known?.isInOrder ?? null;
    const open = (): FileWindow => window.beside(NODES_BYTES);
    this.#tree =
      indexNodeSize === 0 ? null : new PackedTree(open, indexAt, featuresCount, indexNodeSize);
  }

  /** The number of features; all are gone through where the header does not say it. */
  get count(): number {
    if (this.#header.featuresCount > 0) return this.#header.featuresCount;
    if (this.#counted === null) {
      let count = 0;
      this.#walkLengths(() => ++count > 0);
      this.#counted = count;
    }
    return this.#counted;
  }

  /**
   * The index, if its leaves are in the order of the features, as a format of others needs not have it:
   * their offsets ascend. All of them are looked at once, 40 bytes each.
   */
  get tree(): PackedTree | null {
    const tree = this.#tree;
    if (tree === null) return null;
    if (this.#isInOrder === null) {
      let before = -1;
      let i = 0;
      for (; i < tree.items && tree.offsetOf(i) > before; i++) before = tree.offsetOf(i);
      this.#isInOrder = i === tree.items && tree.offsetOf(0) === 0;
    }
    return this.#isInOrder ? tree : null;
  }

  /** Null before it was asked. */
  get isInOrder(): boolean | null {
    return this.#isInOrder;
  }

  /** Offset in the file at which a record begins, 1 ≤ record ≤ count + 1, if there are as many. */
  offsetOf(record: number): number {
    const { featuresAt, featuresCount } = this.#header;
    if (record === 1) return featuresAt;
    if (record > featuresCount && featuresCount > 0) return this.#window.size;
    const { tree } = this;
    if (tree !== null) return featuresAt + tree.offsetOf(record - 1);
    if (record < this.#record) [this.#record, this.#offset] = [1, featuresAt];
    while (this.#record < record && this.#offset < this.#window.size) {
      this.#offset = featureEnd(this.#window, this.#offset, this.#record);
      this.#record++;
    }
    return this.#offset;
  }

  /** Goes through all features: by the index, or by their lengths. */
  walk(visit: Visitor): void {
    const { tree } = this;
    if (tree === null) this.#walkLengths(visit);
    else {
      const { featuresAt } = this.#header;
      for (let i = 0; i < tree.items; i++) if (!visit(i + 1, featuresAt + tree.offsetOf(i))) return;
    }
  }

  #walkLengths(visit: Visitor): void {
    const { size } = this.#window;
    let offset = this.#header.featuresAt;
    for (let record = 1; offset < size && visit(record, offset); record++) {
      offset = featureEnd(this.#window, offset, record);
    }
  }

  /**
   * Looks whether what was read is all that there is: `record` is the one after the last that was read, and
   * `offset` where that one ended.
   * @throws TilewrightError input-truncated, input-corrupt
   */
  checkEnd(record: number, offset: number): void {
    const { path, size } = this.#window;
    const { featuresCount } = this.#header;
    if (featuresCount === 0) return;
    const count = featuresCount.toLocaleString('en');
    if (record <= featuresCount) {
      throw new TilewrightError(
        'input-truncated',
        `${path} is cut short: it says that it has ${count} features, and ends before feature ` +
          `${record}. Copy or download it again`,
        { input: path, feature: record },
      );
    }
    if (offset === size) return;
    throw new TilewrightError(
      'input-corrupt',
      `${path} says that it has ${count} features, and ${size - offset} bytes follow the last of them. ` +
        'Copy or download it again',
      { input: path },
    );
  }
}
