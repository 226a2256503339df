/** Writes tiles as newline-delimited GeoJSON. */

import { TilewrightError } from '../../../core/errors.ts';
import type { OutputFile } from '../../../core/files/output-file.ts';
import type { EncodedRow, EncodedValues } from '../../encoded-row.ts';
import { RowWriter } from '../../sqlite/record.ts';
import type { StagedLayer, StagedRows, StagedWriter } from '../../staged-format.ts';
import { refusal } from './crs.ts';
import { RowText } from './row-text.ts';
import { TileRows } from './tile-rows.ts';
import { addToSum, NO_FEATURES, sumText, trailerText } from './trailer.ts';

/** Written at a time. */
const BLOCK_BYTES = 1 << 20;
const NOTHING = new RowWriter();

export class GeoJsonTileWriter implements StagedWriter {
  rows = 0;
  readonly #output: OutputFile;
  readonly #layer: StagedLayer;
  readonly #rowText: RowText;
  readonly #extent: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  #sum = 0;

  /** @throws TilewrightError config-invalid for a CRS that GeoJSON has no way to be in */
  constructor(output: OutputFile, layer: StagedLayer) {
    const refused = refusal(layer.crs);
    if (refused !== null) throw new TilewrightError('config-invalid', refused);
    this.#output = output;
    this.#layer = layer;
    this.#rowText = new RowText(layer.columns);
  }

  add(row: EncodedRow, more: EncodedValues): void {
    this.#begin(row);
    this.#rowText.add(row, more);
  }

  copy(rows: StagedRows): void {
    const { row } = rows;
    this.#begin(row);
    if (rows instanceof TileRows) rows.copyText(this.#rowText.text);
    else this.#rowText.add(row, NOTHING);
  }

  finish(): void {
    const { text } = this.#rowText;
    const { name: layer, columns } = this.#layer;
    const { rows } = this;
    if (rows === 0) text.ascii(NO_FEATURES);
    const trailer = { layer, columns, rows, extent: rows === 0 ? null : this.#extent };
    const bytes = Buffer.from(trailerText(trailer));
    text.copy(bytes, 0, bytes.length);
    this.#flush();
    text.ascii(sumText(this.#sum));
    this.#flush();
  }

  /** Ends the row before. */
  #begin({ minX, minY, maxX, maxY }: EncodedRow): void {
    const { text } = this.#rowText;
    if (this.rows++ > 0) text.ascii('}\n');
    if (text.length >= BLOCK_BYTES) this.#flush();
    const extent = this.#extent;
    extent[0] = Math.min(extent[0], minX);
    extent[1] = Math.min(extent[1], minY);
    extent[2] = Math.max(extent[2], maxX);
    extent[3] = Math.max(extent[3], maxY);
  }

  #flush(): void {
    const { text } = this.#rowText;
    this.#output.write(text.bytes, text.length, this.#output.size);
    this.#sum = addToSum(this.#sum, text.bytes, text.length);
    text.length = 0;
  }
}
