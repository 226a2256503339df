/** A selection of one layer's rows and columns. */

import type { Column } from '../../core/columns.ts';
import { DropCounter } from '../../core/drops.ts';
import { parseCrs } from '../../crs/parse.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import { keepFeatures } from '../../geometry/keep-features.ts';
import type { LayerInfo, ReadOptions, Slice, VectorSource } from '../source.ts';
import { ColumnRemover, keptColumns } from './kept-columns.ts';
import type { ReadSelection } from './read-selection.ts';
import { Region } from './region.ts';
import { BBOX_CRS, type Selection } from './selection.ts';
import { whereOf } from './where.ts';

export class LayerSelection {
  /** Those of the rows that `read` gives. */
  readonly columns: readonly Column[];
  /** What the reader is told. */
  readonly asked: ReadSelection;
  readonly #region: Region | null;
  readonly #remover: ColumnRemover | null;
  #isKept = new Uint8Array(0);

  /**
   * @param crs - of the layer's coordinates
   * @param input - its input's name, for errors
   * @throws TilewrightError config-invalid, crs-unknown, input-selection
   */
  constructor(selection: Selection, layer: LayerInfo, crs: Crs, input: string) {
    const { columns, extent } = layer;
    const { where: text, bbox } = selection;
    const where = text === undefined ? null : whereOf(text, layer, input);
    const kept = keptColumns(columns, selection);
    this.columns = kept === null ? columns : kept.map((i) => columns[i]!);
    this.#remover = kept === null ? null : new ColumnRemover(columns, kept);
    this.#region =
      bbox === undefined
        ? null
        : new Region([...bbox], resolveCrs(parseCrs(selection.bboxCrs ?? BBOX_CRS)), crs, extent);
    const needed = kept && [...new Set([...kept, ...(where?.columns ?? [])])];
    this.asked = {
      bbox: this.#region?.box ?? null,
      where,
      columns: needed?.sort((a, b) => a - b) ?? null,
    };
  }

  /**
   * Reads as the source does, what is selected. Without a region features that can't be staged are counted if
   * `where` is true for them; with one nobody can tell whether they are in it, and they are not.
   */
  async *read(
    source: VectorSource,
    layer: string,
    slice: Slice,
    batch: FeatureBatch,
    options: ReadOptions,
  ): AsyncGenerator<FeatureBatch> {
    const { notes } = options;
    const own = { rowsRead: 0, droppedM: 0, guessedText: notes.guessedText };
    const drops = new DropCounter();
    const asking = { ...options, drops, notes: own, selection: this.asked };
    const isCounted = this.#region === null;
    const before = { ...notes };
    let selected = 0;
    const tell = (): void => {
      notes.rowsRead = before.rowsRead + selected + (isCounted ? drops.total : 0);
      notes.droppedM = before.droppedM + own.droppedM;
      notes.guessedText = own.guessedText;
    };
    for await (const filled of source.read(layer, slice, batch, asking)) {
      this.#select(filled);
      selected += filled.featureCount;
      tell();
      if (filled.featureCount > 0) yield filled;
    }
    tell();
    if (isCounted) options.drops.merge(drops.toJSON());
  }

  /** Leaves in the batch what is selected. */
  #select(batch: FeatureBatch): void {
    const { where } = this.asked;
    const region = this.#region;
    const count = batch.featureCount;
    if (this.#isKept.length < count) this.#isKept = new Uint8Array(2 * count);
    const isKept = this.#isKept;
    for (let i = 0; i < count; i++) {
      const isTrue =
        where === null ||
        where.isTrue(
          batch.types,
          batch.typeOffsets[i]!,
          batch.typeOffsets[i + 1]!,
          batch.body,
          batch.bodyOffsets[i]!,
        );
      isKept[i] = isTrue && (region === null || region.holds(batch, i)) ? 1 : 0;
    }
    keepFeatures(batch, isKept);
    this.#remover?.remove(batch);
  }
}
