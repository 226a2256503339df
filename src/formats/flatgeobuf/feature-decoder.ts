/** One feature of a FlatGeobuf: its geometry and the row of its attributes. */

import type { DropReason } from '../../core/drops.ts';
import { TilewrightError } from '../../core/errors.ts';
import { type FeatureBatch, ODD_VALUES } from '../../geometry/batch.ts';
import type { ReadSelection, Where } from '../selection/read-selection.ts';
import { RowWriter } from '../sqlite/record.ts';
import type { FeatureBytes } from './feature-bytes.ts';
import { FlatReader, MalformedTable } from './flat-table.ts';
import { GeometryDecoder } from './geometry.ts';
import { PropertyReader } from './properties.ts';
import { type FlatColumn, readColumns } from './schema.ts';

/** Fields of the table Feature. */
export const [GEOMETRY, PROPERTIES] = [0, 1] as const;
const COLUMNS = 2;

export class FeatureDecoder {
  readonly #path: string;
  readonly #columns: readonly FlatColumn[];
  readonly #geometryType: number;
  readonly #reader = new FlatReader();
  readonly #geometry = new GeometryDecoder();
  readonly #properties: PropertyReader;
  readonly #row = new RowWriter();
  /** By column, whether its values are asked for. */
  readonly #wanted: boolean[];
  #where: Where | null = null;

  /** @param geometryType - the header's */
  constructor(path: string, columns: readonly FlatColumn[], geometryType: number) {
    this.#path = path;
    this.#columns = columns;
    this.#geometryType = geometryType;
    this.#properties = new PropertyReader(columns);
    this.#wanted = columns.map(() => true);
  }

  /** Whether the feature that was decoded last had M values. */
  get droppedM(): boolean {
    return this.#geometry.droppedM;
  }

  /** Values of other columns than those that are asked for are left out. */
  select({ columns, where }: ReadSelection): void {
    this.#where = where;
    this.#wanted.fill(columns === null);
    for (const i of columns ?? []) this.#wanted[i] = true;
  }

  /**
   * Appends the current feature to the batch, or leaves it as it was and says why: `not selected` counts as
   * not there.
   * @throws TilewrightError input-corrupt, input-columns
   */
  decode(
    batch: FeatureBatch,
    features: FeatureBytes,
    record: number,
  ): DropReason | 'not selected' | null {
    const { bytes, view, start, end } = features;
    const reader = this.#reader;
    reader.open(bytes, view, start, end);
    try {
      reader.enterRoot();
      const geometry = reader.tableOf(GEOMETRY);
      const propertiesAt = reader.vectorOf(PROPERTIES, 1);
      const propertiesEnd = propertiesAt + reader.count;
      const columnsAt = reader.vectorOf(COLUMNS, 4);
      const own = reader.count === 0 ? null : readColumns(reader, columnsAt, end - start);
      const write = (): boolean => {
        this.#row.clear();
        return own === null
          ? this.#writeRow(features, propertiesAt, propertiesEnd)
          : this.#writeOwn(own, features, propertiesAt, propertiesEnd, record);
      };
      if (this.#where !== null) {
        write();
        const { types, typesLength, body } = this.#row;
        if (!this.#where.isTrue(types, 0, typesLength, body, 0)) return 'not selected';
      }
      if (geometry === 0) return 'null geometry';
      batch.beginFeature(record);
      const reason = this.#geometry.decode(
        batch,
        reader,
        geometry,
        this.#geometryType,
        end - start,
      );
      if (reason !== null) {
        batch.dropFeature();
        return reason;
      }
      if (write()) batch.flags[batch.featureCount]! |= ODD_VALUES;
      const { types, typesLength, body, bodyLength } = this.#row;
      batch.appendRow(types, 0, typesLength, body, 0, bodyLength);
      batch.endFeature();
      return null;
    } catch (error) {
      throw this.#named(error, record);
    }
  }

  /** The columns that the current feature has itself; none for most. @throws TilewrightError input-corrupt */
  ownColumns({ bytes, view, start, end }: FeatureBytes, record: number): FlatColumn[] {
    const reader = this.#reader;
    reader.open(bytes, view, start, end);
    try {
      reader.enterRoot();
      const at = reader.vectorOf(COLUMNS, 4);
      return at === 0 ? [] : readColumns(reader, at, end - start);
    } catch (error) {
      throw this.#named(error, record);
    }
  }

  #writeRow({ bytes, view }: FeatureBytes, start: number, end: number): boolean {
    const properties = this.#properties;
    const row = this.#row;
    properties.find(view, start, end);
    let odd = false;
    for (let i = 0; i < this.#wanted.length; i++) {
      if (!this.#wanted[i]) row.null();
      else if (properties.write(row, bytes, view, i)) odd = true;
    }
    return odd;
  }

  /** The same for a feature with columns of its own, which are the layer's by their names. */
  #writeOwn(
    own: readonly FlatColumn[],
    { bytes, view }: FeatureBytes,
    start: number,
    end: number,
    record: number,
  ): boolean {
    const places = new Map(own.map(({ name }, i) => [name, i]));
    const properties = new PropertyReader(own);
    properties.find(view, start, end);
    let odd = false;
    for (const [i, { name, type }] of this.#columns.entries()) {
      const place = places.get(name);
      places.delete(name);
      if (place === undefined || !this.#wanted[i]) this.#row.null();
      else if (properties.write(this.#row, bytes, view, place)) odd = true;
      if (place !== undefined && own[place]!.type !== type) odd = true;
    }
    const [other] = places.keys();
    if (other === undefined) return odd;
    throw new TilewrightError(
      'input-columns',
      `${this.#path}: feature ${record} has the column ${JSON.stringify(other)}, which the layer does not ` +
        'have: features with different columns are not read. Write it anew with all columns in its header',
      { input: this.#path, feature: record },
    );
  }

  #named(error: unknown, record: number): unknown {
    if (!(error instanceof MalformedTable)) return error;
    return new TilewrightError(
      'input-corrupt',
      `${this.#path}: feature ${record} is damaged: ${error.message}. Copy or download it again`,
      { input: this.#path, feature: record },
    );
  }
}
