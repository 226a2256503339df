/** A slice of a file → batches of features. */

import type { DropReason } from '../../core/drops.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { Where } from '../selection/read-selection.ts';
import type { ReadOptions, Slice } from '../source.ts';
import { type FeatureVisitor, FeatureWalk } from './feature-walk.ts';
import { GeometryReader } from './geometry.ts';
import type { JsonCursor } from './json-cursor.ts';
import { PropertyKeys } from './property-keys.ts';
import { PropertyRow } from './property-row.ts';
import { SKIM } from './skim.ts';
import { KnownPlaces } from './split-places.ts';
import type { GeoJsonLayer } from './survey.ts';
import { TextBuffer } from './text.ts';

/** Goes to the place before a record, and from there up to it. */
export function walkTo(cursor: JsonCursor, places: KnownPlaces, record: number): FeatureWalk {
  const i = places.before(record);
  const walk = new FeatureWalk(cursor, i < 0 ? undefined : places.at(i));
  while (walk.record < record - 1 && walk.next(SKIM));
  return walk;
}

export function* readFeatures(
  cursor: JsonCursor,
  layer: GeoJsonLayer,
  slice: Slice,
  batch: FeatureBatch,
  { maxFeatures, maxVertices, drops, notes, selection }: ReadOptions,
): Generator<FeatureBatch> {
  batch.clear();
  const first = Math.max(1, Math.ceil(slice.start));
  if (first >= slice.end) return;
  const walk = walkTo(cursor, new KnownPlaces(layer.places), first);
  const reader = new FeatureReader(layer, batch);
  while (walk.record + 1 < slice.end) {
    reader.record = walk.record + 1;
    if (!walk.next(reader)) break;
    const reason = reader.end(cursor, selection?.where ?? null);
    if (reason === 'not selected') continue;
    notes.rowsRead++;
    if (reason !== null) {
      drops.add(reason, walk.record);
      continue;
    }
    if (reader.droppedM) notes.droppedM++;
    if (batch.featureCount >= maxFeatures || batch.vertexCount >= maxVertices) {
      yield batch;
      batch.clear();
    }
  }
  if (batch.featureCount > 0) yield batch;
}

class FeatureReader implements FeatureVisitor {
  /** Number of the feature that is read next. */
  record = 0;
  readonly #batch: FeatureBatch;
  readonly #geometry = new GeometryReader();
  readonly #keys = new PropertyKeys();
  readonly #row: PropertyRow;
  readonly #text = new TextBuffer();
  readonly #ids: number;
  #column = 0;
  #reason: DropReason | null = null;

  constructor({ columns, keys, hasIdColumn }: GeoJsonLayer, batch: FeatureBatch) {
    this.#batch = batch;
    this.#row = new PropertyRow(columns);
    this.#ids = hasIdColumn ? 1 : 0;
    for (const key of keys) {
      const bytes = Buffer.from(key);
      this.#keys.add(bytes, 0, bytes.length);
    }
  }

  get droppedM(): boolean {
    return this.#geometry.droppedM;
  }

  begin(): void {
    this.#batch.dropFeature();
    this.#batch.beginFeature(this.record);
    this.#keys.restart();
    this.#row.clear();
    this.#reason = 'null geometry';
  }

  geometry(cursor: JsonCursor): void {
    this.#reason = this.#geometry.read(cursor, this.#batch);
  }

  key(cursor: JsonCursor, escaped: boolean): void {
    const text = this.#text;
    const { bytes, textStart, textEnd } = cursor;
    if (escaped) text.unescape(bytes, textStart, textEnd);
    const column = escaped
      ? this.#keys.find(text.bytes, 0, text.length)
      : this.#keys.find(bytes, textStart, textEnd);
    if (column < 0) throw cursor.damaged('has a property that it did not have before');
    this.#column = column + this.#ids;
  }

  property(cursor: JsonCursor, kind: number): void {
    this.#row.set(this.#column, cursor, kind);
  }

  id(cursor: JsonCursor, kind: number): void {
    if (this.#ids === 1) this.#row.set(0, cursor, kind);
  }

  readonly crs = SKIM.crs;
  readonly foreign = SKIM.foreign;

  /** Ends the feature; returns why it is none that can be staged, or none that counts. */
  end(cursor: JsonCursor, where: Where | null): DropReason | 'not selected' | null {
    const batch = this.#batch;
    if (where !== null) {
      this.#row.write(cursor);
      const { types, typesLength, body } = this.#row.writer;
      if (!where.isTrue(types, 0, typesLength, body, 0)) {
        batch.dropFeature();
        return 'not selected';
      }
    }
    if (this.#reason !== null) {
      batch.dropFeature();
      return this.#reason;
    }
    const { writer } = this.#row;
    if (this.#row.write(cursor)) batch.flags[batch.featureCount]! |= ODD_VALUES;
    batch.appendRow(writer.types, 0, writer.typesLength, writer.body, 0, writer.bodyLength);
    batch.endFeature();
    return null;
  }
}
