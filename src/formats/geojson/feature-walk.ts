/**
 * Goes from feature to feature of a file: JSON texts one after the other (RFC 8142, or on lines of their own, or a
 * single one), each a FeatureCollection, a Feature, or a geometry, which is a feature without properties.
 */

import { TilewrightError } from '../../core/errors.ts';
import { CURVED_TYPES, OTHER_TYPES } from './geometry.ts';
import {
  CLOSE_BRACKET,
  COMMA,
  ESCAPED,
  type JsonCursor,
  NULL,
  OPEN_BRACE,
  OPEN_BRACKET,
  STRING,
  UNDERFLOW,
} from './json-cursor.ts';
import * as member from './members.ts';

/** What becomes of the parts of a feature. The cursor is at the first byte of a value, and leaves it behind itself. */
export interface FeatureVisitor {
  /** An object begins that may be a feature, or the same one once more. */
  begin(): void;
  geometry(cursor: JsonCursor): void;
  /** The key of a property was read. */
  key(cursor: JsonCursor, escaped: boolean): void;
  /** And its value, of this kind. */
  property(cursor: JsonCursor, kind: number): void;
  /** The value of `id` was read. */
  id(cursor: JsonCursor, kind: number): void;
  /** The value of `crs` was read. */
  crs(cursor: JsonCursor): void;
  /** The key of a member was read that GeoJSON does not know. */
  foreign(cursor: JsonCursor): void;
}

/** Where a feature begins. */
export interface FeaturePlace {
  /** Its number in the file, from 1. */
  record: number;
  /** Byte of its first brace. */
  offset: number;
  /** Whether it is in the array of a FeatureCollection. */
  isElement: boolean;
}

const TEXT = 0;
const FIRST_ELEMENT = 1;
const ELEMENT = 2;
const BEHIND_ELEMENT = 3;
const BEHIND_FEATURES = 4;

const MORE = 0;
const FEATURE = 1;
const COLLECTION = 2;
const OVER = 3;

const START: FeaturePlace = { record: 1, offset: 0, isElement: false };
const FEATURE_TYPE = 'Feature';
const COLLECTION_TYPE = 'FeatureCollection';

export class FeatureWalk implements FeaturePlace {
  /** The feature that was read last. */
  record = 0;
  offset = 0;
  isElement = false;
  readonly #cursor: JsonCursor;
  #state: number;
  #hasText = false;
  #collectionType: string | null = null;

  /** @param place - of the feature that is read first; without it that is the file's first */
  constructor(cursor: JsonCursor, place: FeaturePlace = START) {
    this.#cursor = cursor;
    cursor.seek(place.offset);
    this.record = place.record - 1;
    this.#state = place.isElement ? ELEMENT : TEXT;
  }

  /** Whether a text has begun. */
  get hasText(): boolean {
    return this.#hasText;
  }

  /**
   * Reads the next feature, whose parts go to the visitor; false at the end of the file.
   * @throws TilewrightError input-corrupt, input-truncated, input-encoding, input-format, with the feature
   */
  next(visitor: FeatureVisitor): boolean {
    const cursor = this.#cursor;
    cursor.feature = this.record + 1;
    for (;;) {
      const mark = cursor.at;
      try {
        const step = this.#step(visitor);
        if (step === MORE) continue;
        return step === FEATURE;
      } catch (error) {
        if (error !== UNDERFLOW) throw error;
        cursor.refill(mark);
      }
    }
  }

  /** Its changes come last: it is made again when the block has ended within it. */
  #step(visitor: FeatureVisitor): number {
    const cursor = this.#cursor;
    switch (this.#state) {
      case TEXT: {
        const c = cursor.separators();
        if (cursor.at >= cursor.end && cursor.isLast) return OVER;
        if (c !== OPEN_BRACE) cursor.unexpected('an object');
        const { offset } = cursor;
        this.#hasText = true;
        const step = this.#object(visitor, false);
        if (step === COLLECTION) {
          this.#state = FIRST_ELEMENT;
          return MORE;
        }
        return this.#feature(offset, false);
      }
      case FIRST_ELEMENT: {
        const c = cursor.space();
        if (c !== CLOSE_BRACKET && c !== OPEN_BRACE) cursor.unexpected('a Feature or "]"');
        if (c === CLOSE_BRACKET) cursor.at++;
        this.#state = c === CLOSE_BRACKET ? BEHIND_FEATURES : ELEMENT;
        return MORE;
      }
      case ELEMENT: {
        if (cursor.space() !== OPEN_BRACE) cursor.unexpected('a Feature');
        const { offset } = cursor;
        this.#object(visitor, true);
        this.#state = BEHIND_ELEMENT;
        return this.#feature(offset, true);
      }
      case BEHIND_ELEMENT: {
        const c = cursor.space();
        if (c !== COMMA && c !== CLOSE_BRACKET) cursor.unexpected('"," or "]"');
        cursor.at++;
        this.#state = c === COMMA ? ELEMENT : BEHIND_FEATURES;
        return MORE;
      }
      default:
        return this.#behindFeatures(visitor);
    }
  }

  #feature(offset: number, isElement: boolean): number {
    this.record++;
    this.offset = offset;
    this.isElement = isElement;
    return FEATURE;
  }

  /** Reads a member of a collection behind its features, or ends it. */
  #behindFeatures(visitor: FeatureVisitor): number {
    const cursor = this.#cursor;
    visitor.begin();
    if (cursor.nextMember()) {
      const name = member.memberOf(cursor, cursor.string());
      if (name === member.FOREIGN) visitor.foreign(cursor);
      cursor.colon();
      const kind = cursor.value();
      if (name === member.CRS) visitor.crs(cursor);
      if (name === member.TYPE) this.#collectionType = typeOf(cursor, kind);
      if (name === member.FEATURES) throw cursor.damaged('has "features" twice in one object');
      return MORE;
    }
    const type = this.#collectionType;
    if (type !== null && type !== COLLECTION_TYPE)
      throw this.#otherType(type, `ends at byte ${cursor.offset}`);
    this.#collectionType = null;
    this.#state = TEXT;
    return MORE;
  }

  /** Reads an object up to its end, or up to the features of a collection. */
  #object(visitor: FeatureVisitor, isElement: boolean): number {
    const cursor = this.#cursor;
    const { at } = cursor;
    visitor.begin();
    let type: string | null = null;
    let isFeature = false;
    for (let more = cursor.openObject(); more; more = cursor.nextMember()) {
      const name = member.memberOf(cursor, cursor.string());
      if (name === member.FOREIGN) visitor.foreign(cursor);
      const first = cursor.colon();
      if (name === member.GEOMETRY) {
        isFeature = true;
        visitor.geometry(cursor);
      } else if (name === member.PROPERTIES) this.#properties(visitor);
      else if (name === member.FEATURES && first === OPEN_BRACKET && type !== FEATURE_TYPE) {
        if (isElement)
          throw cursor.damaged(`has features within a feature at byte ${cursor.offset}`);
        cursor.at++;
        this.#collectionType = type;
        return COLLECTION;
      } else {
        const kind = cursor.value();
        if (name === member.TYPE) type = typeOf(cursor, kind);
        else if (name === member.ID) visitor.id(cursor, kind);
        else if (name === member.CRS) visitor.crs(cursor);
      }
    }
    // An element without a type is what it looks like.
    if (type === FEATURE_TYPE || (type === null && isElement && isFeature)) return FEATURE;
    if (type === null || !isGeometry(type)) {
      throw this.#otherType(type, `begins at byte ${cursor.base + at}`);
    }
    const end = cursor.at;
    cursor.at = at;
    visitor.begin();
    visitor.geometry(cursor);
    cursor.at = end;
    return FEATURE;
  }

  #properties(visitor: FeatureVisitor): void {
    const cursor = this.#cursor;
    const { offset } = cursor;
    if (cursor.bytes[cursor.at] !== OPEN_BRACE) {
      if (cursor.value() === NULL) return;
      throw cursor.damaged(`has "properties" that are no object at byte ${offset}`);
    }
    for (let more = cursor.openObject(); more; more = cursor.nextMember()) {
      visitor.key(cursor, cursor.string());
      cursor.colon();
      visitor.property(cursor, cursor.value());
    }
  }

  /** @param where - it begins or ends, as words */
  #otherType(type: string | null, where: string): TilewrightError {
    const { path, feature } = this.#cursor;
    const what =
      type === COLLECTION_TYPE
        ? 'a FeatureCollection without features'
        : `of the type ${JSON.stringify(type)}`;
    return new TilewrightError(
      'input-format',
      `${path} is no GeoJSON: what ${where} is ${type === null ? 'an object without a type' : what}`,
      { input: path, feature },
    );
  }
}

function typeOf(cursor: JsonCursor, kind: number): string {
  if (kind === STRING) {
    const { bytes, valueStart, valueEnd } = cursor;
    // The commonest is not made anew each time.
    if (valueEnd - valueStart === FEATURE_TYPE.length && cursor.textIs(FEATURE_BYTES))
      return FEATURE_TYPE;
    return bytes.toString('utf8', valueStart, valueEnd);
  }
  return kind === ESCAPED ? member.textOf(cursor) : 'no text';
}

const FEATURE_BYTES = Buffer.from(FEATURE_TYPE);

function isGeometry(type: string): boolean {
  const isPolygon = type === 'Polygon' || type === 'MultiPolygon';
  return isPolygon || OTHER_TYPES.has(type) || CURVED_TYPES.has(type);
}
