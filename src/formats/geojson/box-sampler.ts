/** Boxes of features here and there: an estimate, which reads little. */

import { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import type { FileWindow } from '../file-window.ts';
import type { BoxNear } from '../sampled-extent.ts';
import { GeometryReader } from './geometry.ts';
import { JsonCursor, OPEN_BRACKET } from './json-cursor.ts';
import { readNumber } from './number.ts';
import { walkTo } from './read-features.ts';
import { SKIM } from './skim.ts';
import { KnownPlaces } from './split-places.ts';
import type { GeoJsonLayer } from './survey.ts';

/** Read at a time. */
const SAMPLE_BYTES = 1 << 13;
/** So far from a known place features are gone through one by one, and so far coordinates are looked for. */
const NEAR_BYTES = 1 << 18;
const COORDINATES = Buffer.from('"coordinates"');

export class BoxSampler {
  readonly #cursor: JsonCursor;
  readonly #places: KnownPlaces;
  readonly #count: number;
  readonly #bytes: number;
  readonly #batch = new FeatureBatch();
  readonly #geometry = new GeometryReader();
  readonly #xy = new Float64Array(2);

  constructor(window: FileWindow, { places, featureCount, bytes }: GeoJsonLayer) {
    this.#cursor = new JsonCursor(window, window.path, SAMPLE_BYTES);
    this.#places = new KnownPlaces(places);
    this.#count = featureCount;
    this.#bytes = bytes;
  }

  readonly boxNear: BoxNear = (position, box) => {
    const places = this.#places;
    const record = Math.min(Math.max(1, Math.ceil(position)), this.#count);
    const i = places.before(record);
    if (i < 0) return Number.NaN;
    const start = places.at(i);
    const next = i + 1 < places.count ? places.at(i + 1) : null;
    const [endRecord, endOffset] =
      next === null ? [this.#count + 1, this.#bytes] : [next.record, next.offset];
    if (endOffset - start.offset <= NEAR_BYTES || record === start.record)
      return this.#exactly(record, box);
    const share = (record - start.record) / (endRecord - start.record);
    return this.#anywhere(start.offset + Math.floor(share * (endOffset - start.offset)), box)
      ? record
      : Number.NaN;
  };

  /** Reads the feature of this number. */
  #exactly(record: number, box: Float64Array): number {
    const batch = this.#batch;
    batch.clear();
    const walk = walkTo(this.#cursor, this.#places, record);
    let reason: string | null = null;
    const visitor = {
      ...SKIM,
      begin: () => {
        batch.dropFeature();
        batch.beginFeature(record);
        reason = 'null geometry';
      },
      geometry: (cursor: JsonCursor) => {
        reason = this.#geometry.read(cursor, batch);
      },
    };
    if (!walk.next(visitor) || reason !== null) return Number.NaN;
    batch.endFeature();
    featureBounds(batch, 0, box, 0);
    return record;
  }

  /** Reads positions that follow the next coordinates behind a byte of the file, as many as are at hand. */
  #anywhere(offset: number, box: Float64Array): boolean {
    const cursor = this.#cursor;
    const xy = this.#xy;
    cursor.seek(offset);
    let found = cursor.bytes.indexOf(COORDINATES);
    while ((found < 0 || found >= cursor.end) && cursor.end < NEAR_BYTES && !cursor.isLast) {
      cursor.refill(0);
      found = cursor.bytes.indexOf(COORDINATES);
    }
    if (found < 0 || found >= cursor.end) return false;
    cursor.at = found + COORDINATES.length;
    box.fill(Number.POSITIVE_INFINITY, 0, 2);
    box.fill(Number.NEGATIVE_INFINITY, 2, 4);
    try {
      let c = cursor.colon();
      for (;;) {
        while (c === OPEN_BRACKET) {
          cursor.at++;
          c = cursor.space();
        }
        if (!readNumber(cursor, xy, 0)) break;
        cursor.space();
        cursor.at++;
        cursor.space();
        if (!readNumber(cursor, xy, 1)) break;
        extend(box, xy[0]!, xy[1]!);
        // To the next position of the ring.
        while (cursor.bytes[cursor.at]! !== 0x5d && cursor.at < cursor.end) cursor.at++;
        cursor.at++;
        if (cursor.space() !== 0x2c) break;
        cursor.at++;
        c = cursor.space();
      }
    } catch {
      // The block ends, or these are no coordinates: what was read is enough.
    }
    return box[0]! <= box[2]!;
  }
}

function extend(box: Float64Array, x: number, y: number): void {
  if (x < box[0]!) box[0] = x;
  if (y < box[1]!) box[1] = y;
  if (x > box[2]!) box[2] = x;
  if (y > box[3]!) box[3] = y;
}
